"""An issuer's tokens at the real doors: HTTP, the socket and its refresh; also when the issuer is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest

from tests.fakes.house import SECRET, OpenHouse, open_studio, studio_process
from tests.fakes.issuer import Issuer, issuer, signed
from tests.fakes.visitor import Visitor, refusal
from tests.patience import IN_THE_END_S


@pytest.fixture
async def acme() -> AsyncIterator[Issuer]:
    async with issuer() as opened:
        yield opened


@pytest.fixture
async def studio(tmp_path: Path, acme: Issuer) -> AsyncIterator[OpenHouse]:
    """One that takes the issuer's tokens, and no other."""
    async with open_studio(
        tmp_path / "data", jwt_secret=None, jwt_jwks_url=acme.url, jwt_audience="reelroom"
    ) as house:
        yield house


def token(user: str = "ada", **claims: Any) -> str:
    return signed(**{"sub": user, "aud": "reelroom", **claims})


async def sessions(
    studio: OpenHouse, bearer: str | None
) -> tuple[int, dict[str, Any], dict[str, str]]:
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    async with (
        aiohttp.ClientSession(studio.url) as http,
        http.get("/api/sessions", headers=headers) as answer,
    ):
        return answer.status, await answer.json(), dict(answer.headers)


async def refused(studio: OpenHouse, bearer: str) -> dict[str, Any]:
    error = await refusal(studio.url, {"token": bearer, "protocol": 1})
    assert error is not None
    return error


async def test_an_issuers_token_opens_both_doors(studio: OpenHouse):
    status, body, _ = await sessions(studio, token())
    assert (status, body) == (200, {"sessions": []})
    async with Visitor.connected(studio.url, token()) as ada:
        await ada.open()
        assert (await ada.ask("hello"))[-1]["data"]["outcome"] == "answered"
        assert (await ada.done("auth.refresh", token=token()))["expiresAt"]


FORGED = {
    "another audience": lambda: token(aud="another app"),
    "a shared secret": lambda: jwt.encode(
        {"sub": "ada", "aud": "reelroom", "exp": 4e9}, SECRET, algorithm="HS256"
    ),
    "no algorithm": lambda: jwt.encode(
        {"sub": "ada", "aud": "reelroom", "exp": 4e9}, "", algorithm="none"
    ),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
async def test_what_it_did_not_sign_for_us_opens_neither(studio: OpenHouse, forged: Any):
    status, body, _ = await sessions(studio, forged())
    assert (status, body["error"]["code"]) == (401, "unauthenticated")
    assert (await refused(studio, forged()))["code"] == "unauthenticated"
    async with Visitor.connected(studio.url, token()) as ada:
        answer = await ada.command("auth.refresh", token=forged())
    assert answer["error"]["code"] == "unauthenticated"


async def test_the_secret_in_the_data_folder_signs_addresses_and_lets_nobody_in(
    studio: OpenHouse, tmp_path: Path
):
    own = (tmp_path / "data" / "secret").read_text()
    forged = jwt.encode({"sub": "a", "aud": "reelroom", "exp": 4e9}, own, algorithm="HS256")
    assert (await sessions(studio, forged))[0] == 401


async def test_the_page_gives_no_guest_a_token(studio: OpenHouse):
    async with aiohttp.ClientSession(studio.url) as http, http.get("/") as answer:
        assert "eyJ" not in await answer.text()


async def test_without_the_issuer_both_doors_ask_to_come_back(studio: OpenHouse, acme: Issuer):
    acme.answers("", status=503)
    status, body, headers = await sessions(studio, token())
    assert (status, body["error"]["code"]) == (503, "provider_unavailable")
    assert body["error"]["retryable"]
    assert 0 < int(headers["Retry-After"]) <= 30
    error = await refused(studio, token())
    assert (error["code"], error["retryable"]) == ("provider_unavailable", True)
    assert (await sessions(studio, None))[0] == 401


async def test_readiness_names_sign_ins_among_the_parts(studio: OpenHouse, acme: Issuer):
    acme.answers("", status=503)
    async with aiohttp.ClientSession(studio.url) as http, http.get("/readyz") as answer:
        told = await answer.json()
    assert (answer.status, told["parts"]["auth"]) == (503, "down")


@asynccontextmanager
async def introduced(studio: OpenHouse) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A socket whose token is being looked at."""
    address = f"{studio.url}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as http, http.ws_connect(address) as socket:
        await socket.receive()
        await socket.send_str(f'40{{"token":"{token()}","protocol":1}}')
        yield socket


async def test_who_leaves_while_the_issuer_is_asked_is_forgotten(studio: OpenHouse, acme: Issuer):
    acme.holds.clear()
    async with introduced(studio) as socket, asyncio.timeout(IN_THE_END_S):
        while acme.asked == 0:  # noqa: ASYNC110  the issuer is in another task
            await asyncio.sleep(0.01)
        await socket.close()
        acme.holds.set()
        while studio.house.socket.eio.sockets:  # noqa: ASYNC110  a library that tells nobody
            await asyncio.sleep(0.01)
    handlers: Any = studio.house.socket.handlers
    gateway = handlers["/"]["connect"].__self__
    assert gateway._visitors == {}


async def test_a_process_of_its_own_can_check_an_issuers_tokens(tmp_path: Path, acme: Issuer):
    """`serve` leaves cryptography out where nobody needs it: here it is needed."""
    async with studio_process(tmp_path, JWT_SECRET="", JWT_JWKS_URL=acme.url) as process:
        headers = {"Authorization": f"Bearer {token()}"}
        async with (
            aiohttp.ClientSession(process.url, headers=headers) as http,
            http.get("/api/sessions") as answer,
        ):
            assert answer.status == 200
