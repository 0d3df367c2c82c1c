"""One request to the API and the chunks of its answer, as dicts; the only place that knows the SDK.

The SDK makes the request, names its errors and times it; the body is split and read here. Its chunk
objects cost thirty times as much as the dicts, and its streaming helper breaks on what many servers
send (accumulator). Nothing is retried by the SDK: what to do about a trouble is decided in one place
(reactions), and it would wait out a `Retry-After` of two minutes without a word.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from time import monotonic
from types import MappingProxyType

import aiohttp
import httpx2
import orjson
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    DefaultAioHttpClient,
)

from agent.models.poe.client import Client
from agent.models.poe.patience import Patience
from agent.models.poe.sse import LONGEST_EVENT_BYTES, Events, EventTooLong
from agent.models.poe.troubles import Kind, Trouble, trouble_from

Chunk = Mapping[str, object]

DONE: Chunk = MappingProxyType({})
"""Stands for `[DONE]`, and for the end of a message that was no stream."""
_PLAIN = {"Accept-Encoding": "identity"}
"""A compressed stream is held back by whoever compresses it."""
_JSON = {**_PLAIN, "Content-Type": "application/json"}
_LONGEST_WAIT_S = 24 * 3600.0


class Wire:
    def __init__(self, *, base_url: str, api_key: str, patience: Patience) -> None:
        self._patience = patience
        self._client = Client(
            api_key=api_key,
            base_url=base_url,
            max_retries=0,
            timeout=self._timeout(patience.stall_s),
            # A redirect would take the key and the talk to an address that nobody configured.
            http_client=DefaultAioHttpClient(follow_redirects=False),
        )
        # Read by the SDK from the environment of this machine; not meant for this server.
        self._client.organization = self._client.project = None

    async def close(self) -> None:
        await self._client.close()

    async def models(self) -> object:
        """The document of `GET /models`. Raises Trouble."""
        try:
            async with asyncio.timeout(self._patience.list_s):
                response = await self._client.get(
                    "/models", cast_to=httpx2.Response, options={"headers": _PLAIN}
                )
        except TimeoutError:
            raise Trouble(Kind.STALLED) from None
        except APIError as error:
            raise _trouble(error) from None
        return _parsed(response.content)

    async def chunks(
        self, body: Mapping[str, object], *, is_complete: Callable[[], bool]
    ) -> AsyncGenerator[Sequence[Chunk], None]:
        """What the answer brings, as it comes; closing it aborts the request at once.

        `is_complete` is asked while waiting for more: whether the answer is whole without it.
        Raises Trouble, also for an error in the middle of the stream.
        """
        is_streamed = body.get("stream") is True
        read_s = self._patience.stall_s if is_streamed else self._patience.whole_s
        response = await self._post(body, read_s)
        try:
            if _is_message(response, is_streamed=is_streamed):
                yield [_checked(_parsed(await self._all_of(response))), DONE]
                return
            async with aclosing(self._events(response, is_complete)) as batches:
                async for batch in batches:
                    yield batch
        except httpx2.ReadTimeout:
            raise Trouble(Kind.STALLED) from None
        except (httpx2.HTTPError, EventTooLong, aiohttp.ClientError):
            raise Trouble(Kind.CUT_OFF) from None
        finally:
            await response.aclose()

    # -- within -------------------------------------------------------------------------------

    async def _post(self, body: Mapping[str, object], read_s: float) -> httpx2.Response:
        try:
            return await self._client.post(
                "/chat/completions",
                cast_to=httpx2.Response,
                content=_written(body),
                stream=True,  # of the SDK's: hand it over before it is read
                options={"headers": _JSON, "timeout": self._timeout(read_s)},
            )
        except APIError as error:
            raise _trouble(error) from None

    async def _events(
        self, response: httpx2.Response, is_complete: Callable[[], bool]
    ) -> AsyncGenerator[Sequence[Chunk], None]:
        events = Events()
        spoke_at = monotonic()
        async with aclosing(_pieces(response)) as pieces:
            while True:
                piece = await self._next(pieces, is_complete)
                batch, trouble = _read(events.end() if piece is None else events.feed(piece))
                if batch:
                    spoke_at = monotonic()
                    yield batch
                elif monotonic() - spoke_at > self._patience.stall_s:
                    # Keep-alives reset the timer of the connection; they are no answer.
                    trouble = trouble or Trouble(Kind.STALLED)
                if trouble is not None:
                    raise trouble
                if piece is None:
                    return
                if batch and batch[-1] is DONE:
                    await self._drain(pieces)
                    return

    async def _next(
        self, pieces: AsyncIterator[bytes], is_complete: Callable[[], bool]
    ) -> bytes | None:
        """The next bytes; None at the end, or when nothing more has to come and nothing does."""
        try:
            if not is_complete():
                return await anext(pieces)
            async with asyncio.timeout(self._patience.ending_s):
                return await anext(pieces)
        except (StopAsyncIteration, TimeoutError):
            return None
        except httpx2.HTTPError:
            if is_complete():
                return None
            raise

    async def _drain(self, pieces: AsyncIterator[bytes]) -> None:
        """Read to the end of the body, which is due now: only then can the connection be used again."""
        with suppress(TimeoutError, httpx2.HTTPError):
            async with asyncio.timeout(self._patience.ending_s / 10):
                async for _ in pieces:
                    pass

    async def _all_of(self, response: httpx2.Response) -> bytes:
        body = bytearray()
        try:
            async with (
                asyncio.timeout(self._patience.whole_s),
                aclosing(_pieces(response)) as pieces,
            ):
                async for piece in pieces:
                    body += piece
                    if len(body) > LONGEST_EVENT_BYTES:
                        raise EventTooLong
        except TimeoutError:
            raise Trouble(Kind.STALLED) from None
        return bytes(body)

    def _timeout(self, read_s: float) -> httpx2.Timeout:
        return httpx2.Timeout(connect=self._patience.connect_s, read=read_s, write=30.0, pool=10.0)


def _written(body: Mapping[str, object]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:
        # Half a character in what a model wants back as it was: orjson refuses those.
        return json.dumps(body).encode()


def _is_message(response: httpx2.Response, *, is_streamed: bool) -> bool:
    """Whether one JSON document comes instead of a stream. Raises Trouble for a web page."""
    kind = response.headers.get("content-type", "").lower()
    if "html" in kind:
        raise Trouble(Kind.NOT_FOUND)
    return "event-stream" not in kind and ("json" in kind or not is_streamed)


def _pieces(response: httpx2.Response) -> AsyncGenerator[bytes, None]:
    # Unpacking and cutting anew cost as much as a parser, for a body that is not packed.
    if "content-encoding" in response.headers:
        return _closable(response.aiter_bytes())
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    return _closable(aiter(response.stream))


def _closable(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """As they are: generators, though the library does not promise that."""
    assert isinstance(pieces, AsyncGenerator)
    return pieces


def _read(events: Sequence[bytes]) -> tuple[list[Chunk], Trouble | None]:
    """The chunks up to the first trouble, and that.

    What came in one packet with an error was said before it: it is shown and kept all the same.
    """
    batch: list[Chunk] = []
    try:
        for data in events:
            _add_chunks(batch, data)
    except Trouble as trouble:
        return batch, trouble
    return batch, None


def _add_chunks(batch: list[Chunk], data: bytes) -> None:
    """Usually one. Servers that forget the empty line between two events give them as one of two lines."""
    if data.startswith(b"[DONE]"):
        batch.append(DONE)
        return
    try:
        batch.append(_checked(_parsed(data)))
    except Trouble as trouble:
        if trouble.kind is not Kind.CUT_OFF or b"\n" not in data:
            raise
        for line in data.split(b"\n"):
            if line.strip():
                _add_chunks(batch, line)


def _parsed(data: bytes) -> object:
    """Raises Trouble: what cannot be read may have been any part of the answer."""
    try:
        return orjson.loads(data)
    except ValueError:
        pass
    try:
        # Half a character, escaped: servers in JavaScript send those, and orjson refuses them.
        return json.loads(data)
    except (ValueError, RecursionError):
        raise Trouble(Kind.CUT_OFF) from None


def _checked(chunk: object) -> Chunk:
    """Raises Trouble for an error inside the answer, or for what is no chunk."""
    if not isinstance(chunk, dict):  # parsed JSON; `Mapping` is slow to ask for
        raise Trouble(Kind.CUT_OFF)
    if error := chunk.get("error"):
        raise trouble_from(error)
    return chunk


def _trouble(error: APIError) -> Trouble:
    if isinstance(error, APIStatusError):
        body = error.body
        inner = body.get("error", body) if isinstance(body, Mapping) else body
        retry_after_s = _retry_after_s(error.response.headers)
        return trouble_from(inner, status=error.status_code, retry_after_s=retry_after_s)
    if isinstance(error, APIConnectionError):
        return Trouble(_connection_kind(error))
    return Trouble(Kind.BROKEN)


def _connection_kind(error: BaseException) -> Kind:
    """The SDK calls every one of these a timeout; what it was stands in the causes."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            return Kind.UNREACHABLE
        if isinstance(cause, httpx2.ReadTimeout):
            return Kind.STALLED
        if isinstance(cause, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError):
            return Kind.DROPPED
        cause = cause.__cause__
    return Kind.UNREACHABLE


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) * unit_s
        except (KeyError, ValueError):  # a date: nobody's clock is that right
            continue
        if 0 <= seconds <= _LONGEST_WAIT_S:
            return seconds
    return None
