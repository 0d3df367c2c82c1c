"""What is somebody else's answers like what is not there, at every route and every command.

The routes are read off the application and the commands off the wire: one without a row here fails.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Literal

import aiohttp
import pytest

from server.wire.bodies import COMMANDS
from tests.fakes.belongings import SECRET_WORDS, Ids, belongings, everything, nobodys
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.pictures import logo_png, upload_form
from tests.fakes.visitor import Visitor

FILM = {"prompt": "A lamp", "model": "draft", "duration": 4}
REVIEW = {"status": "approved"}


Askers = Literal["everybody", "its tenant", "other tenants"]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, about ids of any owner."""

    path: Callable[[Ids], str]
    json: Callable[[Ids], Any] | None = None
    form: Callable[[Ids], aiohttp.FormData] | None = None
    asked_by: Askers = "everybody"
    """A campaign's name may be another tenant's too; what is of no campaign is all of its tenant's."""


def at(path: str) -> Call:
    return Call(path=lambda ids: path.format(ids=ids))


def to(path: str, body: Callable[[Ids], Any], asked_by: Askers = "everybody") -> Call:
    return replace(at(path), json=body, asked_by=asked_by)


def films(path: str, images: Callable[[str], dict[str, Any]], **body: Any) -> tuple[Call, ...]:
    """What every door for films is asked: into whose session, from whose image, for which campaign."""
    return (
        to(path, lambda ids: {**body, "sessionId": ids.session}),
        to(path, lambda ids: {**body, **images(ids.image_url)}),
        to(path, lambda ids: {**body, **images(ids.shared_url)}, asked_by="other tenants"),
        to(
            path,
            lambda ids: {**body, "sessionId": ids.session, **images(ids.image_url)},
        ),
        to(path, lambda ids: {**body, "campaignId": ids.campaign}, asked_by="its tenant"),
    )


def _list(url: str) -> dict[str, Any]:
    return {"referenceImageUrls": [url]}


MEDIA = tuple(
    at(f"/media/{{ids.{kind}}}{query}")
    for kind in ("film", "poster", "preview", "image")
    for query in ("", "?download=1", "?expires=99999999999&signature=" + "0" * 40)
)
TELLS_NOTHING: tuple[Call, ...] = ()
"""It is asked about nobody's anything; that it tells nothing of anybody is looked at."""
NO_TENANTS: tuple[Call, ...] = ()
"""Not a tenant's door: a provider's webhooks are known by their signature, the socket by its commands."""

ROUTES: dict[tuple[str, str], tuple[Call, ...]] = {
    ("GET", "/"): TELLS_NOTHING,
    ("GET", "/campaign-chat.js"): TELLS_NOTHING,
    ("GET", "/campaign-chat.ar.json"): TELLS_NOTHING,
    ("GET", "/campaign-chat.de.json"): TELLS_NOTHING,
    ("GET", "/campaign-chat.es.json"): TELLS_NOTHING,
    ("GET", "/demo.js"): TELLS_NOTHING,
    ("GET", "/demo.css"): TELLS_NOTHING,
    ("GET", "/favicon.svg"): TELLS_NOTHING,
    ("GET", "/healthz"): TELLS_NOTHING,
    ("GET", "/readyz"): TELLS_NOTHING,
    ("GET", "/metrics"): TELLS_NOTHING,
    ("GET", "/api/openapi.json"): TELLS_NOTHING,
    ("GET", "/api/docs"): TELLS_NOTHING,
    ("GET", "/api/docs.css"): TELLS_NOTHING,
    ("GET", "/api/video/models"): TELLS_NOTHING,
    ("GET", "/socket.io/"): NO_TENANTS,
    ("POST", "/socket.io/"): NO_TENANTS,
    ("OPTIONS", "/socket.io/"): NO_TENANTS,
    ("POST", "/api/webhooks/replicate"): NO_TENANTS,
    ("POST", "/api/video/quote"): films("/api/video/quote", _list, **FILM),
    ("POST", "/api/video/generate"): films("/api/video/generate", _list, **FILM),
    ("POST", "/api/video/examples/brand-animation"): films(
        "/api/video/examples/brand-animation",
        lambda url: {"brandLogoUrl": url},
        productName="Lamp",
    ),
    ("POST", "/api/video/examples/product-showcase"): films(
        "/api/video/examples/product-showcase",
        _list,
        productName="Lamp",
        productDescription="It is warm",
    ),
    ("POST", "/api/video/examples/social-media"): films(
        "/api/video/examples/social-media",
        lambda url: {"brandImages": [url]},
        concept="A lamp",
        platform="tiktok",
    ),
    ("GET", "/api/video/jobs/{id}"): (
        at("/api/video/jobs/{ids.job}"),
        at("/api/video/jobs/{ids.proposal}"),
    ),
    ("POST", "/api/video/jobs/{id}/cancel"): (
        to("/api/video/jobs/{ids.job}/cancel", lambda _: {}),
        to("/api/video/jobs/{ids.proposal}/cancel", lambda _: {}),
    ),
    ("POST", "/api/storage/upload"): (
        Call(
            path=lambda _: "/api/storage/upload",
            form=lambda ids: upload_form(logo_png(600), sessionId=ids.session),
        ),
        to("/api/storage/upload", lambda ids: {"url": ids.image_url}),
        to("/api/storage/upload", lambda ids: {"url": ids.shared_url}, asked_by="other tenants"),
        to(
            "/api/storage/upload",
            lambda ids: {"url": "https://images.example.com/a.png", "sessionId": ids.session},
        ),
    ),
    ("GET", "/api/sessions"): (at("/api/sessions"), at("/api/sessions?campaignId={ids.campaign}")),
    ("GET", "/api/sessions/{id}/entries"): (
        at("/api/sessions/{ids.session}/entries"),
        at("/api/sessions/{ids.session}/entries?after=0"),
        at("/api/sessions/{ids.session}/entries?after=x"),
    ),
    ("GET", "/api/sessions/{id}/creatives"): (at("/api/sessions/{ids.session}/creatives"),),
    ("PATCH", "/api/creatives/{id}"): (to("/api/creatives/{ids.creative}", lambda _: REVIEW),),
    ("GET", "/api/campaigns/{campaign_id}/usage"): (at("/api/campaigns/{ids.campaign}/usage"),),
    ("GET", "/api/campaigns/{campaign_id}/creatives"): (
        at("/api/campaigns/{ids.campaign}/creatives"),
    ),
    ("GET", "/media/{path}"): (
        *MEDIA,
        Call(path=lambda ids: f"/media/{ids.shared}", asked_by="other tenants"),
    ),
}

Payload = Callable[[Ids, str], dict[str, Any]]
"""A command's fields, but for `clientId`: about ids of any owner, from a session of the asker's own."""


def _both(fields: Callable[[Ids], dict[str, Any]]) -> tuple[Payload, ...]:
    """In their session, and from a session of one's own."""
    return (
        lambda ids, _: {"sessionId": ids.session, **fields(ids)},
        lambda ids, own: {"sessionId": own, **fields(ids)},
    )


FROM_THEIRS = {"request": {**FILM}}
TOKENS: tuple[Payload, ...] = ()
"""It takes a token and no id; whose token it may be is told in test_commands."""

COMMAND_ROWS: dict[str, tuple[Payload, ...]] = {
    "session.open": (
        lambda ids, _: {"sessionId": ids.session},
        lambda ids, _: {"sessionId": ids.session, "campaignId": "default"},
        lambda ids, _: {"sessionId": ids.session, "after": 3, "epoch": "x"},
    ),
    "message.send": (
        lambda ids, _: {"sessionId": ids.session, "text": "I am Ada"},
        *_both(lambda ids: {"text": "See", "uploads": [ids.upload]}),
        *_both(lambda ids: {"text": "Better", "replaces": ids.message}),
    ),
    "turn.stop": _both(lambda ids: {"turnId": ids.turn}),
    "turn.retry": _both(lambda ids: {"turnId": ids.turn}),
    "video.request": (
        lambda ids, _: {"sessionId": ids.session, "request": FILM},
        *_both(lambda ids: {"request": {**FILM, "referenceImageUrls": [ids.image_url]}}),
    ),
    "job.approve": (
        *_both(lambda ids: {"jobId": ids.job}),
        *_both(lambda ids: {"jobId": ids.proposal}),
        *_both(lambda ids: {"jobId": ids.proposal, "request": FILM}),
    ),
    "job.decline": (
        *_both(lambda ids: {"jobId": ids.job}),
        *_both(lambda ids: {"jobId": ids.proposal}),
    ),
    "job.cancel": (
        *_both(lambda ids: {"jobId": ids.job}),
        *_both(lambda ids: {"jobId": ids.proposal}),
    ),
    "creative.review": _both(lambda ids: {"creativeId": ids.creative, **REVIEW}),
    "session.list": (lambda ids, _: {"campaignId": ids.campaign},),
    "auth.refresh": TOKENS,
}


# -- who asks ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    user: str
    claims: dict[str, Any]
    campaign: str

    def is_asked(self, call: Call) -> bool:
        kind = "its tenant" if "campaigns" in self.claims else "other tenants"
        return call.asked_by in {"everybody", kind}


_numbers = count(1)


def strangers() -> Iterator[Stranger]:
    """New ones each time: how often one may ask is another test's matter."""
    number = next(_numbers)
    yield Stranger(user="ada", claims={"tenant": f"rivals-{number}"}, campaign="summer")
    claims = {"tenant": "acme", "campaigns": ["autumn"]}
    yield Stranger(user=f"eve-{number}", claims=claims, campaign="autumn")
    claims = {"tenant": "acme", "campaigns": []}
    yield Stranger(user=f"zoe-{number}", claims=claims, campaign="")


@pytest.fixture(scope="module")
async def studio(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenHouse]:
    async with open_studio(tmp_path_factory.mktemp("studio")) as house:
        yield house


@pytest.fixture(scope="module")
async def theirs(studio: OpenHouse) -> Ids:
    return await belongings(studio)


@pytest.fixture(scope="module")
def of_nobody(studio: OpenHouse, theirs: Ids) -> Ids:
    return nobodys(theirs, studio.url)


@asynccontextmanager
async def nothing_changes(studio: OpenHouse) -> AsyncIterator[None]:
    before = await everything(studio)
    yield
    assert await everything(studio) == before


# -- routes ------------------------------------------------------------------------------------


def routes_of(studio: OpenHouse) -> set[tuple[str, str]]:
    """HEAD is its GET's: it is asked with it."""
    found = {
        (route.method, route.resource.canonical)
        for route in studio.house.app.router.routes()
        if route.resource is not None
    }
    return {(method, path) for method, path in found if method != "HEAD"}


async def test_every_route_has_a_row(studio: OpenHouse):
    assert routes_of(studio) == set(ROUTES)


async def asked(
    http: aiohttp.ClientSession, method: str, call: Call, ids: Ids
) -> tuple[int, bytes, dict[str, str]]:
    json = call.json(ids) if call.json else None
    form = call.form(ids) if call.form else None
    async with http.request(method, call.path(ids), json=json, data=form) as answer:
        headers = {
            name: value for name, value in answer.headers.items() if name not in {"Date", "Age"}
        }
        return answer.status, await answer.read(), headers


CALLS = [
    pytest.param(method, call, id=f"{method} {path} {number}")
    for (method, path), calls in ROUTES.items()
    for number, call in enumerate(calls)
]


@pytest.mark.parametrize(("method", "call"), CALLS)
async def test_at_a_route_theirs_is_like_nobodys(
    studio: OpenHouse, theirs: Ids, of_nobody: Ids, method: str, call: Call
):
    async with nothing_changes(studio):
        for stranger in filter(lambda each: each.is_asked(call), strangers()):
            async with studio.http(stranger.user, **stranger.claims) as http:
                of_theirs = await asked(http, method, call, theirs)
                assert of_theirs == await asked(http, method, call, of_nobody)
                assert of_theirs[0] >= 400 or method == "GET"
                assert not any(each.encode() in of_theirs[1] for each in theirs.all())
                if method == "GET":
                    head = await asked(http, "HEAD", call, theirs)
                    assert head == await asked(http, "HEAD", call, of_nobody)


@pytest.mark.parametrize(("method", "call"), CALLS)
async def test_at_a_route_nobody_without_a_token_is_told_anything(
    studio: OpenHouse, theirs: Ids, of_nobody: Ids, method: str, call: Call
):
    async with nothing_changes(studio), studio.http(user=None) as http:
        of_theirs = await asked(http, method, call, theirs)
        assert of_theirs == await asked(http, method, call, of_nobody)
    assert of_theirs[0] == (404 if "/media/" in call.path(theirs) else 401)


@pytest.mark.parametrize("path", [path for (_, path), calls in ROUTES.items() if not calls])
async def test_what_is_asked_about_nobody_tells_of_nobody(
    studio: OpenHouse, theirs: Ids, path: str
):
    for stranger in strangers():
        async with (
            studio.http(stranger.user, **stranger.claims) as http,
            http.get(path) as answer,
        ):
            told = await answer.text()
        assert not any(each in told for each in (*theirs.all(), SECRET_WORDS))


async def test_the_rows_can_tell(studio: OpenHouse, theirs: Ids):
    """Their owner is answered otherwise at each: a row that could not fail would prove nothing."""
    alike = []
    of_nobody = nobodys(theirs, studio.url)
    async with studio.http("ada", tenant="acme") as http:
        for (method, path), calls in ROUTES.items():
            if method == "GET":
                alike += [
                    path
                    for call in calls
                    if await asked(http, method, call, theirs)
                    == await asked(http, method, call, of_nobody)
                    and "after=x" not in call.path(theirs)
                    and call.path(theirs) != "/api/sessions"
                ]
    assert alike == []


# -- commands ----------------------------------------------------------------------------------


async def test_every_command_has_a_row():
    assert set(COMMANDS) == set(COMMAND_ROWS)


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        pytest.param(name, payload, id=f"{name} {number}")
        for name, payloads in COMMAND_ROWS.items()
        for number, payload in enumerate(payloads)
    ],
)
async def test_in_a_command_theirs_is_like_nobodys(
    studio: OpenHouse, theirs: Ids, of_nobody: Ids, name: str, payload: Payload
):
    for stranger in strangers():
        async with studio.visitor(stranger.user, **stranger.claims) as visitor:
            own = await a_session_of(visitor, stranger)
            async with nothing_changes(studio):
                of_theirs = await commanded(visitor, name, payload(theirs, own))
                assert of_theirs == await commanded(visitor, name, payload(of_nobody, own))
            assert of_theirs["ok"] is (
                name == "session.list" and "campaigns" not in stranger.claims
            )
            assert [each for each in visitor.live if each["type"] != "beat"] == []


async def a_session_of(visitor: Visitor, stranger: Stranger) -> str:
    if not stranger.campaign:
        return "session-that-nobody-gave"
    await visitor.open(campaignId=stranger.campaign)
    return visitor.session_id


async def commanded(visitor: Visitor, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    takes_id = "client_id" in COMMANDS[name].model_fields
    own = {"clientId": visitor.client_id()} if takes_id else {}
    return await visitor.command(name, **fields, **own)


async def test_a_session_that_is_not_theirs_is_not_heard(studio: OpenHouse, theirs: Ids):
    """Being refused at the door leaves no ear behind it."""
    for stranger in strangers():
        async with studio.visitor(stranger.user, **stranger.claims) as visitor:
            await visitor.command("session.open", sessionId=theirs.session)
            async with studio.visitor("ada", tenant="acme") as ada:
                await ada.open(sessionId=theirs.session)
                await ada.ask("hello again")
            assert (visitor.entries, visitor.live) == ({}, [])


# -- a name may be used by two -----------------------------------------------------------------


async def test_the_same_campaign_of_two_tenants_is_two_campaigns(studio: OpenHouse, theirs: Ids):
    async with studio.http("ada", tenant="others") as http:
        async with http.post(
            "/api/video/generate",
            json={**FILM, "campaignId": theirs.campaign},
            headers={"Prefer": "respond-async", "Idempotency-Key": "the-same-for-both"},
        ) as answer:
            job = (await answer.json())["jobId"]
        async with http.get("/api/sessions") as answer:
            (own,) = (await answer.json())["sessions"]
        async with http.post(f"/api/video/jobs/{job}/cancel") as answer:
            assert answer.status == 200
    assert own["sessionId"] != theirs.session
    async with studio.http("ada", tenant="acme") as http, http.get("/api/sessions") as answer:
        assert own["sessionId"] not in await answer.text()
