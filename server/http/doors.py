"""What stands before every route: who may come in at all, and how an error goes out."""

import asyncio
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlsplit

import orjson
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict

from server.auth import Doorkeeper, Principal
from server.given import LOOPBACK_HOSTS
from server.http.strict_json import check_type, object_in
from server.replies import STATUS, error_json
from server.wire.base import WireModel
from tools.errors import (
    Forbidden,
    InvalidPayload,
    NotFound,
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
)

logger = logging.getLogger("reelroom.http")

BODY_BYTES = 1_000_000
BODY_LIMIT_S = 30.0
READABLE = "Location, Retry-After, Preference-Applied, Deprecation, Sunset, Link"
"""Headers of ours that a page elsewhere may read; a browser hides all but a few."""
M = TypeVar("M", bound=WireModel)


def json_response(
    body: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=orjson.dumps(body),
        status=status,
        headers={"X-Content-Type-Options": "nosniff", **(headers or {})},
        content_type="application/json",
    )


def error_response(error: BaseException, *, status: int | None = None) -> web.Response:
    body = error_json(error)
    status = status or STATUS.get(body["code"], 500)
    headers = {}
    if "retryAfterMs" in body:
        headers["Retry-After"] = str(-(-int(body["retryAfterMs"]) // 1000))
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return json_response({"error": body}, status=status, headers=headers)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure is an answer in the contract's shape, never a traceback."""
    try:
        return await handler(request)
    except web.HTTPRequestEntityTooLarge:
        return error_response(TooLarge("That is more than this door takes."))
    except web.HTTPNotFound:
        return error_response(NotFound("That page"))
    except web.HTTPException as error:
        refusal = error_response(InvalidPayload(f"{error.reason}."), status=error.status)
        if "Allow" in error.headers:
            refusal.headers["Allow"] = error.headers["Allow"]
        return refusal
    except (ConnectionResetError, asyncio.CancelledError):
        raise
    except Exception as error:  # noqa: BLE001  told as an error, logged in error_json if it is a bug
        return error_response(error)


def check_host(allowed: frozenset[str] = LOOPBACK_HOSTS) -> Middleware:
    """With guests, only names of this machine: a page elsewhere that rebinds its name here is refused."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if _name_in(request.headers.get("Host", "")) not in allowed:
            return error_response(Forbidden("This server only answers on this machine."))
        return await handler(request)

    return middleware


def _name_in(host: str) -> str | None:
    """The name in a `Host` header, without its port; None for what is no address at all."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def cross_origin(allowed: Sequence[str]) -> Middleware:
    """CORS by an exact list, never by reflection."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not allowed or request.path.startswith("/socket.io"):
            return await handler(request)
        origin = request.headers.get("Origin")
        is_listed = origin is not None and origin in allowed
        is_preflight = is_listed and request.method == "OPTIONS"
        response = web.Response(status=204) if is_preflight else await handler(request)
        if response.prepared:
            return response
        # Also on what nobody else's page may read: a browser would keep it, and show it to one that may.
        response.headers.add("Vary", "Origin")
        if origin is None or not is_listed:
            return response
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = READABLE
        if is_preflight:
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PATCH, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = (
                "Authorization, Content-Type, Prefer, Idempotency-Key"
            )
            response.headers["Access-Control-Max-Age"] = "600"
        return response

    return middleware


@web.middleware
async def refuse_packed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A megabyte can be packed into a kilobyte: bodies are taken as they are (see `listening`)."""
    packing = request.headers.get("Content-Encoding", "identity").strip().lower()
    if packing != "identity" and request.body_exists:
        raise UnsupportedMedia("Send the body as it is, without a Content-Encoding.")
    return await handler(request)


@web.middleware
async def without_deflate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """permessage-deflate costs 90 KB an idle browser and gains nothing on chat frames."""
    if "Sec-WebSocket-Extensions" in request.headers:
        headers = CIMultiDict(request.headers)
        headers.popall("Sec-WebSocket-Extensions")
        request = request.clone(headers=headers)
    return await handler(request)


async def read_raw(request: web.Request) -> bytes:
    """The body as it came, up to BODY_BYTES. Raises InvalidPayload; aiohttp's own for a larger one."""
    try:
        async with asyncio.timeout(BODY_LIMIT_S):
            return await request.read()
    except TimeoutError as error:
        raise InvalidPayload("The request's body did not arrive in time.") from error
    except (BadHttpMessage, web.RequestPayloadError) as error:
        # The library's word for chunks that are none.
        raise InvalidPayload("The request's body is damaged or incomplete.") from error


async def read_json(request: web.Request, shape: type[M]) -> M:
    """The body, checked; pydantic's errors are told by the door.

    Raises InvalidPayload, UnsupportedMedia, TooLarge.
    """
    check_type(request)
    body = object_in(await read_raw(request))
    return shape.model_validate(body, by_alias=True, by_name=False)


class Reception:
    """Who is asking, over HTTP."""

    def __init__(self, doorkeeper: Doorkeeper) -> None:
        self._doorkeeper = doorkeeper

    async def principal(self, request: web.Request) -> Principal:
        """Raises Unauthenticated, TokenExpired, and ProviderUnavailable when keys cannot be had."""
        return await self._doorkeeper.admit_bearer(request.headers.get("Authorization"))

    async def principal_or_none(self, request: web.Request) -> Principal | None:
        """None for a stranger. Raises ProviderUnavailable."""
        try:
            return await self.principal(request)
        except Unauthenticated:
            return None
