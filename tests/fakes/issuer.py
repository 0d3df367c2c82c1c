"""Somebody who signs tokens and publishes the keys, as an identity provider does; also a broken one."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def private_key(name: str, kind: str = "RS256", *, bits: int = 2048) -> Private:
    """The same for a name, all the time: making them is slow."""
    del name
    if kind == "RS256":
        return rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return ec.generate_private_key(ec.SECP256R1() if kind == "ES256" else ec.SECP384R1())


def as_jwk(key: Private, kid: str | None, **more: Any) -> dict[str, Any]:
    """Its public half."""
    algorithm: Any = (
        jwt.algorithms.RSAAlgorithm
        if isinstance(key, rsa.RSAPrivateKey)
        else jwt.algorithms.ECAlgorithm
    )
    jwk = json.loads(algorithm.to_jwk(key.public_key()))
    jwk.pop("key_ops", None)
    return {**jwk, **({} if kid is None else {"kid": kid}), **more}


@dataclass
class Issuer:
    """`keys`: what is published now. `asked`: how often. `answering`: something else than the set."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    answering: Answering | None = None
    holds: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared, an answer waits until it is set."""

    def publishes(self, *kids: str, kind: str = "RS256") -> None:
        self.keys = [as_jwk(private_key(kid, kind), kid, use="sig", alg=kind) for kid in kids]

    def answers(self, body: bytes | str, *, status: int = 200, **headers: str) -> None:
        async def answering(_request: web.Request) -> web.StreamResponse:
            raw = body.encode() if isinstance(body, str) else body
            return web.Response(body=raw, status=status, headers=headers)

        self.answering = answering

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        await self.holds.wait()
        if self.answering is not None:
            return await self.answering(request)
        return web.json_response({"keys": self.keys})


def signed(
    kid: str | None = "one",
    *,
    kind: str = "RS256",
    key: Any = None,
    header: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    """A token of the key `kid`; a claim that is None is left out."""
    whole = {"sub": "ada", "exp": datetime.now(UTC) + timedelta(hours=1), **claims}
    return jwt.encode(
        {name: value for name, value in whole.items() if value is not None},
        key if key is not None else private_key(kid or "one", kind),
        algorithm=kind,
        headers={**({} if kid is None else {"kid": kid}), **(header or {})},
    )


@asynccontextmanager
async def issuer() -> AsyncIterator[Issuer]:
    """Publishes the key "one"."""
    opened = Issuer()
    opened.holds.set()
    opened.publishes("one")
    app = web.Application()
    app.router.add_get("/{path:.*}", opened.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        opened.url = f"http://127.0.0.1:{runner.addresses[0][1]}/keys.json"
        yield opened
    finally:
        opened.holds.set()
        await runner.cleanup()
