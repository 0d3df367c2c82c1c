"""Each door that takes an address uses the guard: nobody is led to a private place, by whatever spelling.

What the guard itself knows is told in tests/tools/media and tests/tools/domain. Here: that no field
goes past it. The fields are read off the bodies, so that a new one cannot be forgotten.
"""

import types
import typing
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import pydantic
import pytest

from server.wire import bodies
from server.wire.base import WireModel
from tests.fakes.belongings import CAMPAIGN, TENANT, USER, propose
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.image_host import PUBLIC, ImageHost, Internet, image_host
from tests.fakes.scripted_model import Call, Say, ScriptedModel, in_turn
from tests.fakes.visitor import Visitor
from tools.domain.identity import SessionId
from tools.media.fetching import GuardedFetcher

INWARD = (
    "http://127.0.0.1/a.png",
    "http://127.0.0.1:8080/a.png",
    "http://127.1/a.png",
    "http://2130706433/a.png",
    "http://0x7f000001/a.png",
    "http://0177.0.0.1/a.png",
    "http://0/a.png",
    "http://10.0.0.1/a.png",
    "http://192.168.1.1/a.png",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/a.png",
    "http://[::ffff:127.0.0.1]/a.png",
    "http://[64:ff9b::169.254.169.254]/a.png",
    "http://[fd00:ec2::254]/a.png",
    "http://[fe80::1]/a.png",
    "http://localhost/a.png",
    "http://metadata.google.internal/a.png",
    "http://１２７.０.０.１/a.png",
    "http://ada:secret@images.example.com/a.png",
)
NO_ADDRESS = (
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "ftp://images.example.com/a.png",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "//127.0.0.1/a.png",
    "/etc/passwd",
    "http://",
    "http://\u0000/a.png",
    "http://images.example.com\r\nHost: evil.example/a.png",
    "http://" + "a" * 3000 + ".example/",
    "",
    7,
    None,
    {"url": "http://127.0.0.1/"},
    ["http://127.0.0.1/"],
)
FILM = {"prompt": "A lamp", "model": "draft", "duration": 4}


@dataclass(frozen=True, slots=True)
class Door:
    """A route, its body around an address, and the field that holds it."""

    method: str
    path: str
    body: Callable[[Any], dict[str, Any]]
    field: str
    shape: type[WireModel]


def _list(url: Any) -> dict[str, Any]:
    return {"referenceImageUrls": [url]}


EXAMPLES = "/api/video/examples"
DOORS = (
    Door(
        "POST",
        "/api/video/generate",
        lambda url: {**FILM, **_list(url)},
        "referenceImageUrls",
        bodies.GenerateVideoBody,
    ),
    Door(
        "POST",
        "/api/video/quote",
        lambda url: {**FILM, **_list(url)},
        "referenceImageUrls",
        bodies.GenerateVideoBody,
    ),
    Door(
        "POST",
        f"{EXAMPLES}/brand-animation",
        lambda url: {"productName": "Lamp", "brandLogoUrl": url},
        "brandLogoUrl",
        bodies.BrandAnimationBody,
    ),
    Door(
        "POST",
        f"{EXAMPLES}/product-showcase",
        lambda url: {"productName": "Lamp", "productDescription": "Warm", **_list(url)},
        "referenceImageUrls",
        bodies.ProductShowcaseBody,
    ),
    Door(
        "POST",
        f"{EXAMPLES}/social-media",
        lambda url: {"concept": "A lamp", "platform": "tiktok", "brandImages": [url]},
        "brandImages",
        bodies.SocialMediaBody,
    ),
    Door("POST", "/api/storage/upload", lambda url: {"url": url}, "url", bodies.UploadByUrlBody),
)
COMMANDS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "video.request": lambda url: {"request": {**FILM, **_list(url)}},
    "job.approve": lambda url: {"request": {**FILM, **_list(url)}},
}


# -- that nothing is missing above -------------------------------------------------------------


def _addresses_in(shape: type[WireModel]) -> Iterator[str]:
    """Names of fields, at any depth, that are checked as addresses or called like one."""
    for name, field in shape.model_fields.items():
        inner = [each for each in _parts(field.annotation) if _is_shape(each)]
        for each in inner:
            yield from _addresses_in(each)
        is_text = str in set(_parts(field.annotation))
        if is_text and any(word in name for word in ("url", "image", "link", "href", "src")):
            yield shape.model_fields[name].alias or name


def _is_shape(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, pydantic.BaseModel)


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for each in typing.get_args(annotation):
        if isinstance(each, type | types.GenericAlias) or typing.get_origin(each):
            yield from _parts(each)


def test_every_body_with_an_address_is_at_a_door_above():
    every = {
        (shape, field)
        for shape in vars(bodies).values()
        if isinstance(shape, type) and issubclass(shape, WireModel)
        for field in _addresses_in(shape)
    }
    known = {(door.shape, door.field) for door in DOORS}
    commands = {(bodies.COMMANDS[name], "referenceImageUrls") for name in COMMANDS}
    parts = {(bodies.VideoAsk, "referenceImageUrls")}
    assert every == known | commands | parts


# -- a studio on an internet of one server -----------------------------------------------------


@pytest.fixture(scope="module")
async def host() -> AsyncIterator[ImageHost]:
    async with image_host() as opened:
        for status, place in product(
            (301, 302, 307, 308), ("127.0.0.1", "[::1]", "169.254.169.254")
        ):
            opened.says(f"/to/{status}/{place}", status, Location=f"http://{place}/logo.png")
        opened.says("/to/file", 302, Location="file:///etc/passwd")
        opened.says("/to/rebound", 302, Location="http://rebound.example.com/logo.png")
        opened.says("/to/itself", 302, Location="/to/itself")
        yield opened


@pytest.fixture(scope="module")
def internet(host: ImageHost) -> Internet:
    """Whoever is let through to a private address finds the server there too."""
    names = {
        "images.example.com": [[PUBLIC]],
        "rebound.example.com": [["127.0.0.1"]],
        "half.example.com": [[PUBLIC, "10.0.0.1"]],
        "mapped.example.com": [["::ffff:169.254.169.254"]],
    }
    places = ("127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "::1", PUBLIC)
    return Internet(names=names, places={(each, 80): host.port for each in places})


@pytest.fixture
def nobody_was_led_astray(internet: Internet, host: ImageHost) -> Iterator[None]:
    internet.connected.clear()
    yield
    assert set(internet.connected) <= {PUBLIC}


# -- the doors ---------------------------------------------------------------------------------

AT_EACH = [(door, url) for door in DOORS for url in INWARD]
NONE_AT_EACH = [
    (door, given)
    for door in DOORS
    for given in NO_ADDRESS
    if given is not None or door.field != "brandLogoUrl"  # which may be left out
]
IDS = [f"{door.path.rpartition('/')[2]} {url[:40]!r}" for door, url in AT_EACH]


@pytest.mark.parametrize(("door", "url"), AT_EACH, ids=IDS)
@pytest.mark.usefixtures("nobody_was_led_astray")
async def test_a_private_address_is_refused_at_the_door_naming_its_field(
    studio: OpenHouse, internet: Internet, door: Door, url: str
):
    async with studio.http() as http:
        async with http.request(door.method, door.path, json=door.body(url)) as answer:
            error = (await answer.json())["error"]
        async with http.get("/api/sessions") as listed:
            assert (await listed.json())["sessions"] == []
    assert (answer.status, error["code"]) == (422, "reference_unreachable")
    assert error["field"] == door.field
    assert "secret" not in error["message"]
    assert internet.connected == []


@pytest.mark.parametrize(
    ("door", "given"),
    NONE_AT_EACH,
    ids=[f"{door.path.rpartition('/')[2]} {given!r:.40}" for door, given in NONE_AT_EACH],
)
@pytest.mark.usefixtures("nobody_was_led_astray")
async def test_what_is_no_address_is_refused_at_the_door(
    studio: OpenHouse, internet: Internet, door: Door, given: object
):
    async with (
        studio.http() as http,
        http.request(door.method, door.path, json=door.body(given)) as answer,
    ):
        error = (await answer.json())["error"]
    assert (answer.status, error["code"]) in {
        (400, "invalid_payload"),
        (422, "reference_unreachable"),
    }
    assert error["field"].startswith(door.field)
    assert internet.connected == []


FETCHED = (
    "http://rebound.example.com/logo.png",
    "http://half.example.com/logo.png",
    "http://mapped.example.com/logo.png",
    "http://images.example.com/to/302/127.0.0.1",
    "http://images.example.com/to/301/[::1]",
    "http://images.example.com/to/307/169.254.169.254",
    "http://images.example.com/to/308/169.254.169.254",
    "http://images.example.com/to/file",
    "http://images.example.com/to/rebound",
    "http://images.example.com/to/itself",
)
MAKING = [door for door in DOORS if door.path != "/api/video/quote"]


@pytest.mark.parametrize("url", FETCHED)
@pytest.mark.parametrize("door", MAKING, ids=lambda door: door.path.rpartition("/")[2])
@pytest.mark.usefixtures("nobody_was_led_astray")
async def test_a_name_or_a_redirect_that_leads_inward_is_refused_when_it_is_fetched(
    studio: OpenHouse, door: Door, url: str
):
    """A film's reference is fetched when the film is made: its job ends with the same error."""
    user = f"ada-{MAKING.index(door)}-{FETCHED.index(url)}"
    async with (
        studio.http(user) as http,
        http.request(door.method, door.path, json=door.body(url)) as answer,
    ):
        error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == (422, "reference_unreachable")
    assert error["message"].startswith("Reference images failed to upload")


# -- the commands ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def ada(studio: OpenHouse) -> AsyncIterator[Visitor]:
    async with studio.visitor(USER, tenant=TENANT) as visitor:
        await visitor.open(campaignId=CAMPAIGN)
        await propose(studio, SessionId(visitor.session_id))
        yield visitor


@pytest.mark.parametrize("url", [*INWARD, *NO_ADDRESS], ids=lambda url: repr(url)[:40])
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.usefixtures("nobody_was_led_astray")
async def test_a_command_refuses_it_too(ada: Visitor, internet: Internet, name: str, url: Any):
    fields = {"sessionId": ada.session_id, "clientId": ada.client_id(), **COMMANDS[name](url)}
    if name == "job.approve":
        fields["jobId"] = PROPOSED
    answer = await ada.command(name, **fields)
    assert not answer["ok"]
    assert answer["error"]["code"] in {"invalid_payload", "reference_unreachable"}
    assert "referenceImageUrls" in answer["error"]["field"]
    assert ada.of_type("video.queued") == []
    assert internet.connected == []


PROPOSED = "job-9f8e7d6c5b4a39281706f5e4"


# -- the agent ---------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [*INWARD, FETCHED[0], FETCHED[3]])
@pytest.mark.usefixtures("nobody_was_led_astray")
async def test_the_agents_own_tool_is_refused_it_too(tmp_path: Path, internet: Internet, url: str):
    """A model that was talked into naming one."""
    call = Call("generate-video", {**FILM, "referenceImageUrls": [url]})
    model = ScriptedModel(in_turn([call], [Say("I could not.")], [Say("It failed.")]))
    fetcher = GuardedFetcher(network=internet, total_s=5, idle_s=2)
    async with (
        open_studio(
            tmp_path,
            adapters=lambda given: replace(given, chat_model=model, fetcher=fetcher),
        ) as studio,
        studio.visitor() as ada,
    ):
        await ada.open()
        entries = await ada.ask("Please use the picture from our wiki")
        told = next(each["data"] for each in entries if each["type"] == "tool.finished")
        if url in FETCHED:
            failed = await ada.until_entry("video.failed")
            assert failed["data"]["error"]["code"] == "reference_unreachable"
        else:
            assert (told["ok"], told["error"]["code"]) == (False, "reference_unreachable")
