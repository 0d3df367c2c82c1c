"""Pages elsewhere: those on the list may, to the letter; nobody is let in for having asked."""

import json
from typing import Any

import aiohttp
import pytest

from tests.fakes.house import OpenHouse
from tests.fakes.raw_http import RawAnswer, request, sent
from tests.fakes.visitor import refusal

LISTED = "https://campaigns.example"
OTHERS = (
    "https://evil.example",
    "null",
    "https://campaigns.example.evil.example",
    "https://evil-campaigns.example",
    "https://campaigns.example:8443",
    "https://campaigns.example:443",
    "http://campaigns.example",
    "HTTPS://CAMPAIGNS.EXAMPLE",
    "https://Campaigns.example",
    "https://campaigns.example/",
    "https://campaigns.example.",
    "https://sub.campaigns.example",
    "https://campaigns.example, https://evil.example",
    "https://evil.example https://campaigns.example",
    "*",
    "https://*.example",
    "campaigns.example",
    "//campaigns.example",
    "file://",
    "",
    "https://campaigns.example\x0bhttps://evil.example",
    "https://campaigns.еxample",
)
WANTED = "authorization, content-type, prefer, idempotency-key"


def routes_of(studio: OpenHouse) -> list[tuple[str, str]]:
    found = {
        (route.method, route.resource.canonical)
        for route in studio.house.app.router.routes()
        if route.resource is not None and not route.resource.canonical.startswith("/socket.io")
    }
    return sorted(found)


def allows(answer: RawAnswer) -> list[str]:
    return [name for name in answer.headers if name.startswith("access-control-")]


async def asked(studio: OpenHouse, origin: str, *, method: str = "GET", path: str) -> RawAnswer:
    token = f"Authorization: Bearer {studio.token()}"
    return await sent(studio.url, request(method, path, f"Origin: {origin}", token))


async def asked_before(studio: OpenHouse, origin: str, method: str, path: str) -> RawAnswer:
    headers = (
        f"Origin: {origin}",
        f"Access-Control-Request-Method: {method}",
        f"Access-Control-Request-Headers: {WANTED}",
    )
    return await sent(studio.url, request("OPTIONS", path, *headers))


async def test_a_listed_page_may_ask_before_each_route_with_all_its_headers(studio: OpenHouse):
    for method, path in routes_of(studio):
        answer = await asked_before(studio, LISTED, method, path.replace("{", "").replace("}", ""))
        assert (answer.status, answer.body) == (204, b"")
        assert answer.one("access-control-allow-origin") == LISTED
        methods = (answer.one("access-control-allow-methods") or "").split(", ")
        assert method in {*methods, "HEAD"}  # HEAD needs no leave
        headers = (answer.one("access-control-allow-headers") or "").lower()
        assert set(WANTED.split(", ")) <= set(headers.split(", "))
        assert "origin" in (answer.one("vary") or "").lower()


@pytest.mark.parametrize("origin", OTHERS)
async def test_another_page_is_told_nothing_before_it_asks(studio: OpenHouse, origin: str):
    for method, path in (("PATCH", "/api/creatives/x"), ("POST", "/api/video/generate")):
        answer = await asked_before(studio, origin, method, path)
        assert allows(answer) == []
        assert answer.status >= 400


@pytest.mark.parametrize("origin", OTHERS)
async def test_another_page_may_read_no_answer_and_no_error(studio: OpenHouse, origin: str):
    for path in ("/api/sessions", "/api/sessions/none/entries", "/healthz", "/nowhere"):
        answer = await asked(studio, origin, path=path)
        assert allows(answer) == []


async def test_a_listed_page_may_read_answers_and_errors(studio: OpenHouse):
    for path, status in (("/api/sessions", 200), ("/api/sessions/none/entries", 404), ("/no", 404)):
        answer = await asked(studio, LISTED, path=path)
        assert answer.status == status
        assert answer.one("access-control-allow-origin") == LISTED


async def test_no_page_may_send_cookies(studio: OpenHouse):
    """There are none; and so a browser need never be told that it may."""
    answer = await asked_before(studio, LISTED, "POST", "/api/video/generate")
    assert answer.one("access-control-allow-credentials") is None
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("origin", [LISTED, "https://evil.example", None])
@pytest.mark.parametrize("path", ["/campaign-chat.js", "/campaign-chat.de.json"])
async def test_a_kept_answer_is_not_shown_to_another_page(
    studio: OpenHouse, origin: str | None, path: str
):
    """A browser's cache must tell answers to one page from answers to another."""
    headers = [] if origin is None else [f"Origin: {origin}"]
    answer = await sent(studio.url, request("GET", path, *headers))
    assert "Origin" in (answer.one("vary") or "")


async def test_two_origins_are_none(studio: OpenHouse):
    raw = request("GET", "/api/sessions", f"Origin: {LISTED}", "Origin: https://evil.example")
    answer = await sent(studio.url, raw)
    assert "evil" not in json.dumps(answer.headers)


# -- the socket --------------------------------------------------------------------------------


async def refused(studio: OpenHouse, **headers: str) -> dict[str, Any] | None:
    return await refusal(studio.url, {"token": studio.token(), "protocol": 1}, **headers)


@pytest.mark.parametrize(
    "origin", [each for each in OTHERS if each.isascii() and "\x0b" not in each]
)
async def test_the_socket_refuses_another_page_in_words(studio: OpenHouse, origin: str):
    error = await refused(studio, Origin=origin)
    assert error is not None
    assert error["code"] == "origin_denied"


async def test_the_socket_lets_a_listed_page_in_and_its_own(studio: OpenHouse):
    assert await refused(studio, Origin=LISTED) is None
    assert await refused(studio, Origin=studio.url) is None
    assert await refused(studio) is None


@pytest.mark.parametrize("transport", ["polling", "websocket", "", "smoke"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_what_stands_at_the_sockets_door_reflects_nobody(
    studio: OpenHouse, method: str, transport: str
):
    path = f"/socket.io/?EIO=4&transport={transport}"
    answer = await asked(studio, "https://evil.example", method=method, path=path)
    assert allows(answer) == []
    assert b"evil" not in answer.body


async def test_a_forwarded_host_makes_nobody_our_own_page(studio: OpenHouse):
    headers = {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}
    error = await refused(studio, **headers)
    assert error is not None
    assert error["code"] == "origin_denied"


async def test_a_browser_is_told_which_page_may_embed_ours(studio: OpenHouse):
    async with aiohttp.ClientSession(studio.url) as http, http.get("/") as answer:
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
