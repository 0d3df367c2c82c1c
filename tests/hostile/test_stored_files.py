"""Stored files: who holds a good address sees the file, and nobody bends an address into another."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest

from server.addresses import Addresses
from server.clocks import utc_now
from tests.fakes.house import SECRET, OpenHouse, open_studio
from tests.fakes.raw_http import RawAnswer, request, sent

FILM, OTHER, IMAGE = "videos/generated/video-1.mp4", "videos/generated/video-2.mp4", "a/b.png"
CONTENT = bytes(range(256)) * 40
WEEK_S = 7 * 24 * 3600


@pytest.fixture(scope="module")
async def studio(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenHouse]:
    """With files in its folder, and files beside it that are nobody's business."""
    folder = tmp_path_factory.mktemp("studio")
    for path in (FILM, OTHER, IMAGE):
        keep(folder, path)
    (folder / "secret.png").write_bytes(b"a secret beside the films")
    (folder / "media-but-not.mp4").write_bytes(b"a neighbour of the folder")
    async with open_studio(folder) as house:
        yield house


def keep(folder: Path, path: str) -> None:
    file = folder / "media" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(CONTENT)


def signed(studio: OpenHouse, path: str) -> str:
    """Path and query."""
    addresses = Addresses(public_url=studio.url, secret=SECRET, clock=utc_now)
    return addresses.of(path).removeprefix(studio.url)


async def got(studio: OpenHouse, target: str, *headers: str, method: str = "GET") -> RawAnswer:
    return await sent(studio.url, request(method, target, *headers))


# -- signatures --------------------------------------------------------------------------------


async def test_a_good_address_needs_no_token(studio: OpenHouse):
    answer = await got(studio, signed(studio, FILM))
    assert (answer.status, answer.body) == (200, CONTENT)


def bent(target: str) -> dict[str, str]:
    path, query = target.split("?")
    expires, signature = (each.split("=")[1] for each in query.split("&"))
    return {
        "no signature": path,
        "no expiry": f"{path}?signature={signature}",
        "an empty signature": f"{path}?expires={expires}&signature=",
        "a later expiry": f"{path}?expires={int(expires) + 1}&signature={signature}",
        "an expiry in other figures": f"{path}?expires=0{expires}&signature={signature}x",
        "another path": f"/media/{OTHER}?{query}",
        "capital letters": f"{path}?expires={expires}&signature={signature.upper()}",
        "one letter more": f"{path}?{query}0",
        "one letter less": f"{path}?{query[:-1]}",
        "another signature first": f"{path}?expires={expires}&signature=0&signature={signature}",
        "a long one": f"{path}?expires={expires}&signature={'0' * 4000}",
        "letters that are none": f"{path}?expires={expires}&signature=%ff%fe",
        "a number that is none": f"{path}?expires=%D9%A1&signature={signature}",
    }


@pytest.mark.parametrize("how", sorted(bent("/?expires=1&signature=2")))
async def test_a_bent_address_leads_nowhere(studio: OpenHouse, how: str):
    answer = await got(studio, bent(signed(studio, FILM))[how])
    assert (answer.status, answer.error["code"]) == (404, "not_found")


async def test_an_old_address_leads_nowhere(studio: OpenHouse):
    last_year = Addresses(
        public_url=studio.url, secret=SECRET, clock=lambda: utc_now().replace(year=2020)
    )
    answer = await got(studio, last_year.of(FILM).removeprefix(studio.url))
    assert answer.status == 404


# -- paths -------------------------------------------------------------------------------------

TRAVERSALS = (
    "../secret.png",
    "..%2fsecret.png",
    "%2e%2e/secret.png",
    "%2e%2e%2fsecret.png",
    "%252e%252e%252fsecret.png",
    "..\\secret.png",
    "..%5csecret.png",
    "....//secret.png",
    "videos/../../secret.png",
    "videos/%2e%2e/%2e%2e/secret.png",
    "videos/generated/video-1.mp4/../../../../secret.png",
    "/secret.png",
    "//secret.png",
    "%2fetc%2fpasswd%00.png",
    "%00.png",
    "video%00.mp4",
    "..%c0%afsecret.png",
    "%c0%ae%c0%ae/secret.png",
    "..%ef%bc%8fsecret.png",
    "..;/secret.png",
    "../media-but-not.mp4",
    "%2e%2e/media-but-not.mp4",
    ".../secret.png",
    "C:%5Csecret.png",
    "~/secret.png",
    "videos/generated/" + "a" * 3000 + ".mp4",
    "a/" * 1000 + "b.png",
    "videos/generated/.mp4",
    "videos/generated/",
    "videos/generated/*.mp4",
)


@pytest.mark.parametrize("path", TRAVERSALS, ids=lambda path: path[:40])
async def test_no_spelling_leads_out_of_the_folder(studio: OpenHouse, path: str):
    """Unsigned, with a token; and signed, as if our own secret had been talked into it."""
    token = f"Authorization: Bearer {studio.token()}"
    decoded = path.replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\")
    expires_and_signature = signed(studio, decoded).partition("?")[2]
    for target in (f"/media/{path}", f"/media/{path}?{expires_and_signature}"):
        answer = await got(studio, target, token)
        assert answer.status in {400, 404}
        assert b"secret" not in answer.body
        assert b"neighbour" not in answer.body


@pytest.mark.parametrize("path", TRAVERSALS, ids=lambda path: path[:40])
async def test_nor_does_one_that_we_signed_ourselves(studio: OpenHouse, path: str):
    answer = await got(studio, signed(studio, path))
    assert answer.status in {400, 404}
    assert b"beside" not in answer.body


@pytest.mark.parametrize(
    "ending",
    ["html", "svg", "js", "xml", "pdf", "MP4", "mp4.html", "png/", "", "exe", "swf", "part"],
)
async def test_only_films_and_pictures_are_ever_served(
    studio: OpenHouse, ending: str, tmp_path: Path
):
    path = f"videos/generated/page.{ending}"
    if not ending.endswith("/"):
        keep(studio.house.settings.data_dir, path)
    answer = await got(studio, signed(studio, path))
    assert answer.status == 404


# -- how it is served --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind", "life"),
    [
        (FILM, "video/mp4", f"private, max-age={52 * WEEK_S}, immutable"),
        (IMAGE, "image/png", f"private, max-age={WEEK_S}"),
    ],
)
async def test_a_file_is_what_it_is_and_nothing_that_runs(
    studio: OpenHouse, path: str, kind: str, life: str
):
    answer = await got(studio, signed(studio, path))
    assert answer.one("content-type") == kind
    assert answer.one("x-content-type-options") == "nosniff"
    assert answer.one("content-security-policy") == "default-src 'none'; sandbox"
    assert answer.one("cache-control") == life
    assert answer.one("content-disposition") == f'inline; filename="{Path(path).name}"'


async def test_what_was_said_about_its_type_counts_for_nothing(studio: OpenHouse):
    """Neither a wish in the query nor one in a header makes a page of a film."""
    target = signed(studio, FILM) + "&type=text/html&response-content-type=text/html"
    answer = await got(studio, target, "Accept: text/html")
    assert answer.one("content-type") == "video/mp4"


HOSTILE_NAMES = ('a"; filename="b.html', "a\\", "a;b", "晴れ", "a%22b", "a'b", "\u202egpm", " a ")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("download", [False, True])
async def test_a_name_stays_in_its_header(studio: OpenHouse, name: str, download: bool):
    path = f"videos/generated/{name}.mp4"
    keep(studio.house.settings.data_dir, path)
    answer = await got(studio, signed(studio, path) + ("&download=1" if download else ""))
    assert answer.status == 200
    told = answer.one("content-disposition")
    assert told is not None
    how, _, rest = told.partition("; ")
    assert how == ("attachment" if download else "inline")
    quoted, _, extended = rest.removeprefix('filename="').partition('"')
    assert "\\" not in quoted
    assert quoted.isascii()
    assert extended in {"", f"; filename*=UTF-8''{quote(name + '.mp4', safe='')}"}


# -- parts -------------------------------------------------------------------------------------

SIZE = len(CONTENT)
PARTS = {
    "bytes=0-9": CONTENT[:10],
    "bytes=10-": CONTENT[10:],
    "bytes=-5": CONTENT[-5:],
    "bytes=0-0": CONTENT[:1],
    f"bytes={SIZE - 1}-{SIZE + 100}": CONTENT[-1:],
    f"bytes=-{SIZE + 100}": CONTENT,
}
NO_PARTS = (
    "bytes=0-1,5-9",
    "bytes=" + ",".join(f"{n}-{n}" for n in range(500)),
    "bytes=5-2",
    "bytes=a-b",
    "bytes=",
    "bytes=-",
    "bytes=-0",
    "bytes=--5",
    "bytes 0-9",
    "items=0-9",
    "bytes=٠-٩",
    "bytes=0x0-0x9",
    "bytes=0-" + "9" * 5000,
    "none",
)


@pytest.mark.parametrize("wanted", PARTS)
async def test_a_part_is_served_as_one(studio: OpenHouse, wanted: str):
    answer = await got(studio, signed(studio, FILM), f"Range: {wanted}")
    assert (answer.status, answer.body) == (206, PARTS[wanted])
    assert (answer.one("content-range") or "").endswith(f"/{SIZE}")
    assert answer.one("content-length") == str(len(answer.body))


@pytest.mark.parametrize("wanted", NO_PARTS, ids=lambda wanted: wanted[:30])
async def test_what_is_no_plain_part_is_the_whole_file(studio: OpenHouse, wanted: str):
    answer = await got(studio, signed(studio, FILM), f"Range: {wanted}")
    assert (answer.status, answer.body) == (200, CONTENT)


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}"])
async def test_a_part_behind_the_end_is_told_to_be_none(studio: OpenHouse, wanted: str):
    answer = await got(studio, signed(studio, FILM), f"Range: {wanted}")
    assert answer.status == 416
    assert answer.one("content-range") == f"bytes */{SIZE}"


async def test_two_ranges_are_none(studio: OpenHouse):
    answer = await got(studio, signed(studio, FILM), "Range: bytes=0-1", "Range: bytes=5-9")
    assert (answer.status, answer.body) == (200, CONTENT)


async def test_the_head_of_a_file_is_its_head_alone(studio: OpenHouse):
    answer = await got(studio, signed(studio, FILM), method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.one("content-length") == str(SIZE)


async def test_a_file_that_is_known_is_not_sent_again(studio: OpenHouse):
    first = await got(studio, signed(studio, FILM))
    again = await got(studio, signed(studio, FILM), f"If-None-Match: {first.one('etag')}")
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "PATCH"])
async def test_a_file_is_only_ever_read(studio: OpenHouse, method: str):
    answer = await got(studio, signed(studio, FILM), method=method)
    assert answer.status == 405
