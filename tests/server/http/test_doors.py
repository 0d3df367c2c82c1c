"""What stands before every route, asked by raw HTTP: a client library would mend what we send."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from server.http.doors import answer_errors, check_host, cross_origin
from tests.patience import IN_THE_END_S
from tools.errors import ProviderUnavailable, Unauthenticated

ORIGIN = "https://campaigns.example"


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def bug(request: web.Request) -> web.Response:
        raise LookupError("secret")

    async def busy(request: web.Request) -> web.Response:
        raise ProviderUnavailable("Later.", retry_after_ms=1_200)

    async def private(request: web.Request) -> web.Response:
        raise Unauthenticated("Please sign in.")

    app = web.Application(middlewares=[check_host(), cross_origin([ORIGIN]), answer_errors])
    app.router.add_get("/", hello)
    app.router.add_get("/bug", bug)
    app.router.add_get("/busy", busy)
    app.router.add_get("/private", private)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def ask(
    port: int, *, host: str = "127.0.0.1", path: str = "/", method: str = "GET", more: str = ""
) -> tuple[int, dict[str, str], str]:
    """Status, headers in lower case, body."""
    async with asyncio.timeout(IN_THE_END_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n"
        writer.write(head.encode())
        raw = (await reader.read()).decode()
        writer.close()
    start, _, body = raw.partition("\r\n\r\n")
    first, *lines = start.split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, body


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "LOCALHOST", "[::1]:8080"]
)
async def test_this_machines_own_names_are_answered(port, host):
    assert (await ask(port, host=host))[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8080",
        "evil.example:127.0.0.1",
        "",
        "[",
        "[::1",
        "192.168.1.4",
    ],
)
async def test_a_name_that_was_rebound_to_this_machine_is_refused(port, host):
    status, _, body = await ask(port, host=host)

    assert status == 403
    assert json.loads(body)["error"]["code"] == "forbidden"


async def test_a_bug_is_answered_without_its_text(port):
    status, _, body = await ask(port, path="/bug")

    assert (status, json.loads(body)["error"]["code"]) == (500, "internal")
    assert "secret" not in body


async def test_a_page_that_is_not_there_is_answered_in_the_same_shape(port):
    status, _, body = await ask(port, path="/nowhere")

    assert (status, json.loads(body)["error"]["code"]) == (404, "not_found")


async def test_a_method_that_is_not_allowed_is_answered_in_the_same_shape(port):
    status, _, body = await ask(port, method="DELETE")

    assert status == 405
    assert json.loads(body)["error"]["message"]


async def test_when_to_come_back_is_said_in_whole_seconds_too(port):
    status, headers, _ = await ask(port, path="/busy")

    assert (status, headers["retry-after"]) == (503, "2")


async def test_a_listed_origin_may_read_the_answer(port):
    _, headers, _ = await ask(port, more=f"Origin: {ORIGIN}\r\n")

    assert headers["access-control-allow-origin"] == ORIGIN
    assert headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://evil.example", f"{ORIGIN}.evil.example", "null"])
async def test_no_other_origin_may(port, origin):
    _, headers, _ = await ask(port, more=f"Origin: {origin}\r\n")

    assert "access-control-allow-origin" not in headers


async def test_a_listed_origin_may_ask_beforehand(port):
    status, headers, _ = await ask(port, method="OPTIONS", more=f"Origin: {ORIGIN}\r\n")

    assert status == 204
    assert "Authorization" in headers["access-control-allow-headers"]


async def test_an_error_may_be_read_by_a_listed_origin_too(port):
    _, headers, _ = await ask(port, path="/busy", more=f"Origin: {ORIGIN}\r\n")

    assert headers["access-control-allow-origin"] == ORIGIN


async def test_a_method_that_is_not_allowed_is_told_which_are(port):
    _, headers, _ = await ask(port, method="DELETE")

    assert headers["allow"] == "GET,HEAD"


async def test_who_has_to_sign_in_is_told_how(port):
    status, headers, _ = await ask(port, path="/private")

    assert (status, headers["www-authenticate"]) == (401, "Bearer")


async def test_a_page_elsewhere_may_read_our_headers(port):
    _, headers, _ = await ask(port, more=f"Origin: {ORIGIN}\r\n")

    assert {"Location", "Retry-After", "Deprecation"} <= set(
        headers["access-control-expose-headers"].split(", ")
    )
