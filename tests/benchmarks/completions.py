"""The language model of the benchmark: a completions server in a process of its own.

    python -m tests.benchmarks.completions

Both servers ask it, each in its own way. It speaks HTTP by hand, so that it costs the machine little:
a paced answer puts every token into a packet of its own, a whole one is a single write. The chunks
have the keys that OpenAI-compatible servers send.
"""

import asyncio
import json
import socket
import time
from typing import Any, cast

import uvloop

from tests.benchmarks.children import obey
from tests.benchmarks.script import answer_to
from tests.benchmarks.vitals import used

KEY = "a-key-of-the-benchmark"
MODEL = "claude-sonnet-4.6"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_LAST = b"0\r\n\r\n"
_USAGE = {"prompt_tokens": 900, "completion_tokens": 200, "total_tokens": 1_100}
_MODELS = {
    "object": "list",
    "data": [
        {"id": MODEL, "object": "model", "owned_by": "bench", "supported_features": ["tools"]}
    ],
}
_REFUSAL = {"error": {"message": "only streams, and only chat", "type": "not_found_error"}}


class Connection(asyncio.Protocol):
    """One kept-alive connection: a request, its answer, the next request."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asked with isinstance: uvloop's are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        request, *fields = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)
        }
        size_bytes = int(headers.get("content-length", "0"))
        if len(rest) < size_bytes:
            return
        self._buffer = rest[size_bytes:]
        self._answer(request, json.loads(rest[:size_bytes] or b"{}"))

    def connection_lost(self, _error: Exception | None) -> None:
        if self._answering is not None:
            self._answering.cancel()

    def _answer(self, request: str, body: dict[str, Any]) -> None:
        if request.startswith("GET /v1/models "):
            self._document(200, _MODELS)
        elif request.startswith("POST /v1/chat/completions ") and body.get("stream") is True:
            self._answering = asyncio.create_task(self._stream(body))
        else:
            self._document(404, _REFUSAL)

    def _document(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        head = (
            f"HTTP/1.1 {status} .\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        )
        self._transport.write(f"{head}\r\n\r\n".encode() + body)

    async def _stream(self, body: dict[str, Any]) -> None:
        asked: str = body["messages"][-1]["content"]
        with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        before, after = _around(body["model"])
        begin, end = (
            _HEAD + _event(_chunk(body["model"], {"role": "assistant", "content": ""})),
            b"",
        )
        end += _event(_chunk(body["model"], {}, finish="stop"))
        if with_usage:
            end += _event({**_chunk(body["model"], {}), "choices": [], "usage": _USAGE})
        end += _framed(b"data: [DONE]\n\n") + _LAST
        if asked.startswith("whole"):
            pieces = [_framed(before + each.encode() + after) async for each in answer_to(asked)]
            self._transport.write(begin + b"".join(pieces) + end)
            return
        self._transport.write(begin)
        async for each in answer_to(asked):
            self._transport.write(_framed(before + each.encode() + after))
        self._transport.write(end)


def _chunk(model: str, delta: dict[str, str], *, finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-9f0c1b7e5d",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def _around(model: str) -> tuple[bytes, bytes]:
    """What stands before a token and after it in the event that brings it; tokens need no escapes."""
    before, after = json.dumps(_chunk(model, {"content": "|"})).split("|")
    return f"data: {before}".encode(), f"{after}\n\n".encode()


def _event(chunk: dict[str, Any]) -> bytes:
    return _framed(f"data: {json.dumps(chunk)}\n\n".encode())


def _framed(data: bytes) -> bytes:
    """One piece of a body whose length is not known at its beginning."""
    return b"%x\r\n%b\r\n" % (len(data), data)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(
        Connection, "127.0.0.1", 0, backlog=1_024
    )
    port = server.sockets[0].getsockname()[1]

    async def where(_asked: object) -> dict[str, str]:
        return {"url": f"http://127.0.0.1:{port}"}

    await obey({"where": where, "used": used})


if __name__ == "__main__":
    uvloop.run(main())
