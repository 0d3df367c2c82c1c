"""A stranger's image is brought in whole, from public places only, and nothing else ever is."""

import asyncio
import gzip
import inspect
import logging
from itertools import product

import httpcore
import pytest

from tests.fakes.certificates import authority
from tests.fakes.image_host import OTHER_PUBLIC, PUBLIC, Internet, image_host
from tests.fakes.pictures import logo_png
from tests.patience import IN_THE_END_S
from tools.errors import ReferenceUnreachable, TooLarge, UnsupportedMedia
from tools.media.fetching import GuardedFetcher

HOST = "images.example.com"
URL = f"https://{HOST}/logo.png"
WRONG = "wrong.example.com"
METADATA = "169.254.169.254"


@pytest.fixture(scope="module")
def ca():
    return authority()


@pytest.fixture
async def host(ca, tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    async with image_host(ca.server(folder, HOST, "other.example.com")) as opened:
        yield opened


@pytest.fixture
async def plain_host():
    async with image_host() as opened:
        yield opened


@pytest.fixture
def internet(host, plain_host):
    return Internet(
        names={HOST: [[PUBLIC]], "other.example.com": [[PUBLIC]], WRONG: [[PUBLIC]]},
        places={(PUBLIC, 443): host.port, (PUBLIC, 80): plain_host.port},
    )


@pytest.fixture
def into(tmp_path):
    folder = tmp_path / "into"
    folder.mkdir()
    yield folder
    assert [file.name for file in folder.iterdir() if not file.name.startswith("reference-")] == []


@pytest.fixture
def fetcher(internet, ca):
    return GuardedFetcher(
        network=internet, certificates=ca.believed(), total_s=IN_THE_END_S, idle_s=IN_THE_END_S
    )


async def refused(fetcher, url, into, error=ReferenceUnreachable) -> str:
    """The words it was refused with; nothing is left of it."""
    with pytest.raises(error) as raised:
        await fetcher.fetch(url, into)
    assert list(into.iterdir()) == []
    assert raised.value.field == "referenceImageUrls"
    return str(raised.value.message)


class TestBringing:
    async def test_an_image_comes_byte_for_byte(self, fetcher, into):
        file = await fetcher.fetch(URL, into)

        assert file.parent == into
        assert file.read_bytes() == logo_png(600)

    async def test_one_without_tls_too(self, fetcher, into):
        assert (await fetcher.fetch(f"http://{HOST}/logo.png", into)).read_bytes() == logo_png(600)

    async def test_two_at_once_are_two_files(self, fetcher, into):
        files = await asyncio.gather(fetcher.fetch(URL, into), fetcher.fetch(URL, into))

        assert len(set(files)) == 2

    @pytest.mark.parametrize(
        "body",
        [
            b"\xff\xd8\xff\xe0 a jpeg",
            b"RIFF\x10\0\0\0WEBPVP8 ",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"\xef\xbb\xbf \n<?xml version='1.0'?><svg/>",
        ],
    )
    async def test_every_kind_that_is_taken_is_brought(self, fetcher, host, into, body):
        host.gives("/image", body)

        assert (await fetcher.fetch(f"https://{HOST}/image", into)).read_bytes() == body

    async def test_it_takes_along_nothing_of_ours(self, fetcher, host, into):
        await fetcher.fetch(URL, into)

        (asked,) = host.asked
        assert dict(asked.headers) == {
            "Host": HOST,
            "User-Agent": "Reelroom/1 (reference images)",
            "Accept": "image/png,image/jpeg,image/webp,image/svg+xml",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }

    async def test_a_cookie_is_not_brought_back(self, fetcher, host, into):
        host.says("/set", 302, Location="/logo.png", Set_Cookie="id=1")
        await fetcher.fetch(f"https://{HOST}/set", into)

        assert "Cookie" not in host.asked[-1].headers

    async def test_it_goes_on_to_the_next_address_when_one_is_dead(self, fetcher, internet, into):
        internet.names[HOST] = [[OTHER_PUBLIC, PUBLIC]]

        await fetcher.fetch(URL, into)
        assert internet.connected == [OTHER_PUBLIC, PUBLIC]

    async def test_the_log_names_the_host_and_not_the_url(self, fetcher, host, into, caplog):
        host.gives("/secret-campaign.png", logo_png(100))
        with caplog.at_level(logging.INFO):
            await fetcher.fetch(f"https://{HOST}/secret-campaign.png?token=abc", into)

        assert HOST in caplog.text
        assert "secret" not in caplog.text
        assert "token" not in caplog.text


class TestInward:
    @pytest.mark.parametrize(
        "address",
        ["127.0.0.1", METADATA, "10.1.2.3", "::1", "fd00:ec2::254", f"::ffff:{METADATA}",
         "64:ff9b::a9fe:a9fe", "0.0.0.0", "fe80::1%eth0", "100.64.0.1"],
    )  # fmt: skip
    async def test_a_name_that_leads_inside_is_not_followed(self, fetcher, internet, into, address):
        internet.names[HOST] = [[address]]

        assert "public" in await refused(fetcher, URL, into)
        assert internet.connected == []

    async def test_one_inward_address_among_good_ones_is_enough(self, fetcher, internet, into):
        internet.names[HOST] = [[PUBLIC, "10.0.0.1"]]

        await refused(fetcher, URL, into)
        assert internet.connected == []

    @pytest.mark.parametrize(
        "url",
        ["http://127.0.0.1/", "http://0x7f.1/", "https://[::ffff:a9fe:a9fe]/", "http://redis/"],
    )
    async def test_a_literal_address_inside_is_not_followed(self, fetcher, internet, into, url):
        await refused(fetcher, url, into)

        assert (internet.connected, internet.resolved) == ([], [])

    async def test_a_name_that_changes_its_mind_is_not_asked_twice(self, fetcher, internet, into):
        internet.names[HOST] = [[PUBLIC], [METADATA]]

        await fetcher.fetch(URL, into)
        assert internet.connected == [PUBLIC]
        assert internet.resolved == [HOST]

    async def test_a_name_that_changes_its_mind_on_a_redirect_is_caught(
        self, fetcher, internet, host, into
    ):
        host.says("/again", 302, Location="/logo.png")
        internet.names[HOST] = [[PUBLIC], [METADATA]]

        await refused(fetcher, f"https://{HOST}/again", into)
        assert internet.connected == [PUBLIC]

    @pytest.fixture(
        params=product(
            (301, 302, 303, 307, 308), (f"http://{METADATA}/", "//127.1/", "https://localhost/x")
        ),
        ids=lambda param: f"{param[0]} {param[1]}",
    )
    def redirect(self, request, plain_host):
        status, place = request.param
        plain_host.says("/go", status, Location=place)

    async def test_a_redirect_inside_is_not_followed(self, fetcher, internet, into, redirect):
        await refused(fetcher, f"http://{HOST}/go", into)

        assert internet.connected == [PUBLIC]

    async def test_the_check_cannot_be_switched_off(self):
        """Whoever adds a way around it has to remove this test first."""
        offered = set(inspect.signature(GuardedFetcher).parameters)

        assert offered == {"network", "certificates", "max_bytes", "total_s", "idle_s"}

    async def test_the_real_network_is_held_to_the_same_rule(self, plain_host, into):
        url = f"http://localtest.invalid:{plain_host.port}/logo.png"
        await refused(GuardedFetcher(), url, into)
        await refused(GuardedFetcher(), f"http://127.0.0.1:{plain_host.port}/logo.png", into)

        assert plain_host.asked == []


class TestRedirects:
    async def test_a_redirect_to_a_public_place_is_followed(self, fetcher, host, into):
        host.says("/go", 302, Location="https://other.example.com/logo.png")

        file = await fetcher.fetch(f"https://{HOST}/go", into)
        assert file.read_bytes() == logo_png(600)

    async def test_up_to_secure_is_followed(self, fetcher, plain_host, into):
        plain_host.says("/logo.png", 301, Location=URL)

        await fetcher.fetch(f"http://{HOST}/logo.png", into)

    async def test_down_to_insecure_is_not(self, fetcher, host, plain_host, into):
        host.says("/go", 302, Location=f"http://{HOST}/logo.png")

        assert "secure" in await refused(fetcher, f"https://{HOST}/go", into)
        assert plain_host.asked == []

    async def test_a_circle_ends(self, fetcher, host, into):
        host.says("/round", 302, Location="/round")

        assert "from one address to the next" in await refused(
            fetcher, f"https://{HOST}/round", into
        )
        assert len(host.asked) == 6

    async def test_five_in_a_row_are_followed(self, fetcher, host, into):
        for number in range(5):
            host.says(f"/{number}", 302, Location=f"/{number + 1}")
        host.gives("/5", logo_png(100))

        await fetcher.fetch(f"https://{HOST}/0", into)


class TestBadAnswers:
    async def test_a_declared_size_over_the_limit_is_refused_before_it_comes(
        self, internet, ca, host, into
    ):
        small = GuardedFetcher(network=internet, certificates=ca.believed(), max_bytes=1000)

        await refused(small, URL, into, TooLarge)

    async def test_an_undeclared_size_is_counted_while_it_comes(self, internet, ca, host, into):
        host.trickles("/endless", logo_png(100), b"x" * 10_000, every_s=0.001)
        small = GuardedFetcher(network=internet, certificates=ca.believed(), max_bytes=100_000)

        await refused(small, f"https://{HOST}/endless", into, TooLarge)

    async def test_the_limit_is_25_mb(self, fetcher, host, into):
        host.gives("/exactly.png", logo_png(100).ljust(25 * 1024 * 1024, b"\0"))
        host.gives("/more.png", logo_png(100).ljust(25 * 1024 * 1024 + 1, b"\0"))

        file = await fetcher.fetch(f"https://{HOST}/exactly.png", into)
        file.unlink()
        assert "25 MB" in await refused(fetcher, f"https://{HOST}/more.png", into, TooLarge)

    async def test_a_drip_ends_when_its_time_is_over(self, internet, ca, host, into):
        host.trickles("/drip", logo_png(100), b"x", every_s=0.05)
        hasty = GuardedFetcher(
            network=internet, certificates=ca.believed(), total_s=0.5, idle_s=IN_THE_END_S
        )

        async with asyncio.timeout(IN_THE_END_S):
            assert "too long" in await refused(hasty, f"https://{HOST}/drip", into)

    async def test_a_silence_ends_earlier(self, internet, ca, host, into):
        host.trickles("/silence", logo_png(100), every_s=10 * IN_THE_END_S)
        hasty = GuardedFetcher(
            network=internet, certificates=ca.believed(), total_s=10 * IN_THE_END_S, idle_s=0.2
        )

        async with asyncio.timeout(IN_THE_END_S):
            assert "too long" in await refused(hasty, f"https://{HOST}/silence", into)

    async def test_cancelling_leaves_nothing(self, fetcher, host, into):
        host.trickles("/drip", logo_png(100), b"x", every_s=0.05)
        fetching = asyncio.create_task(fetcher.fetch(f"https://{HOST}/drip", into))
        await host.trickling.wait()
        fetching.cancel()
        await asyncio.wait({fetching})

        assert fetching.cancelled()
        assert list(into.iterdir()) == []

    @pytest.mark.parametrize(
        "body",
        [b"", b"<!DOCTYPE html><html></html>", b"GIF89a", b"%PDF-1.7", b"\0" * 5_000, b"RIFF"],
        ids=["nothing", "page", "gif", "pdf", "zeros", "riff"],
    )
    async def test_what_is_no_image_is_refused_by_its_first_bytes(self, fetcher, host, into, body):
        host.gives("/logo.png", body, Content_Type="image/png")

        await refused(fetcher, URL, into, UnsupportedMedia)

    async def test_an_endless_page_is_not_read_to_its_end(self, fetcher, host, into):
        host.trickles("/page", b"<html>" + b" " * 2_000, every_s=10 * IN_THE_END_S)

        await refused(fetcher, f"https://{HOST}/page", into, UnsupportedMedia)

    async def test_a_compressed_answer_is_not_unpacked(self, fetcher, host, into):
        bomb = gzip.compress(b"\x89PNG\r\n\x1a\n" + b"\0" * 50_000_000)
        host.gives("/logo.png", bomb, Content_Encoding="gzip")

        assert "compressed" in await refused(fetcher, URL, into)

    async def test_an_answer_that_breaks_off_is_not_kept(self, fetcher, host, into):
        host.breaks_off("/half.png", logo_png(100))

        await refused(fetcher, f"https://{HOST}/half.png", into)

    @pytest.mark.parametrize("status", [204, 206, 401, 403, 404, 429, 500, 503])
    async def test_anything_but_ok_is_told_by_its_number(self, fetcher, host, into, status):
        host.says("/logo.png", status)

        words = await refused(fetcher, URL, into)
        assert words.startswith("Reference images failed to upload: ")
        assert str(status) in words

    async def test_what_speaks_no_http_is_told(self, fetcher, internet, into):
        async def nonsense(_reader, writer):
            writer.write(b"220 mail.example.com ESMTP\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
        async with server:
            internet.places[PUBLIC, 80] = server.sockets[0].getsockname()[1]
            await refused(fetcher, f"http://{HOST}/", into)


class TestIdentity:
    async def test_a_certificate_of_another_name_is_refused(self, fetcher, host, into):
        assert "certificate" in await refused(fetcher, f"https://{WRONG}/logo.png", into)
        assert host.asked == []

    async def test_a_certificate_that_nobody_vouches_for_is_refused(self, internet, host, into):
        believing_others = GuardedFetcher(
            network=internet, certificates=authority().believed(), total_s=IN_THE_END_S
        )

        assert "certificate" in await refused(believing_others, URL, into)

    async def test_the_systems_authorities_do_not_know_ours(self, internet, host, into):
        assert "certificate" in await refused(GuardedFetcher(network=internet), URL, into)

    async def test_a_name_that_is_not_there_is_told(self, fetcher, into):
        assert "no such name" in await refused(fetcher, "https://nowhere.example.com/", into)

    async def test_nobody_at_the_address_is_told(self, fetcher, internet, into):
        internet.names[HOST] = [[OTHER_PUBLIC]]

        assert "nobody answers" in await refused(fetcher, URL, into)


async def test_the_field_is_the_askers(fetcher, into):
    with pytest.raises(ReferenceUnreachable) as raised:
        await fetcher.fetch("http://127.0.0.1/", into, field="brandLogoUrl")

    assert raised.value.field == "brandLogoUrl"


FAILURES = [
    kind
    for kind in vars(httpcore).values()
    if isinstance(kind, type) and issubclass(kind, Exception)
]


@pytest.mark.parametrize("kind", FAILURES)
async def test_everything_httpcore_raises_has_words(internet, ca, into, kind):
    class Failing(Internet):
        async def connect(self, address, port, *, limit_s):
            raise kind

    # The pool asks again for ever where a connection is "not available": then it is the time.
    fetcher = GuardedFetcher(
        network=Failing(names=internet.names), certificates=ca.believed(), total_s=0.3
    )
    await refused(fetcher, URL, into)
