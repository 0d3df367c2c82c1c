"""A Poe on a port of this machine, at the level of the wire: it can misbehave in every way we know of.

    async with fake_poe() as poe:
        poe.will(Stream(said("Hel"), said("lo"), finished(), DONE))
        poe.will(Status(429, rate_limit(), {"Retry-After": "1"}), Stream(said("Later"), finished()))

Without an order it answers by a few rules (`brain`), so that a whole conversation can be had. Every
request is judged by `poe_rules`, recorded, and refused as a strict server refuses when it is not good.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.poe_rules import faults_of

KEY = "poe-key-of-the-tests-hush-hush"
LEAD, SECOND, TOOLLESS = "claude-sonnet-4.6", "gpt-5.4-mini", "kimi-k2.5-fw"
Chunk = dict[str, Any]

DONE = "data: [DONE]\n\n"
KEEP_ALIVE = ": keep-alive\n\n"


@dataclass(frozen=True)
class Stall:
    """Say nothing more, and keep the connection; `with_keep_alives`: only comments."""

    with_keep_alives: bool = False


@dataclass(frozen=True)
class Cut:
    """Reset the connection."""


@dataclass(frozen=True)
class Pause:
    """Wait until the test sets `gate`; `reached` tells the test that it is here."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)


Act = Chunk | str | bytes | Stall | Cut | Pause


class Stream:
    """A stream of chunks (dicts), of raw text or bytes, and of what goes wrong between them."""

    def __init__(self, *acts: Act, content_type: str = "text/event-stream") -> None:
        self.acts = acts
        self.content_type = content_type


@dataclass(frozen=True)
class Status:
    """A refusal. `error` is put under `"error"`; a text is sent as it is, as edges do."""

    status: int
    error: Mapping[str, Any] | str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Whole:
    """A completion in one document."""

    document: Mapping[str, Any]


@dataclass(frozen=True)
class Silence:
    """Take the request and never answer."""


Reply = Stream | Status | Whole | Silence
Brain = Callable[[Mapping[str, Any]], Reply]


# -- chunks ---------------------------------------------------------------------------------------


def chunk(delta: Mapping[str, Any], finish: str | None = None) -> Chunk:
    choice = {"index": 0, "delta": dict(delta), "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1774577724,
        "model": LEAD,
        "choices": [choice],
    }


def said(text: str) -> Chunk:
    return chunk({"role": "assistant", "content": text})


def finished(reason: str | None = "stop") -> Chunk:
    return chunk({}, reason)


def called(*entries: Mapping[str, Any]) -> Chunk:
    return chunk({"tool_calls": [dict(entry) for entry in entries]})


def entry(
    name: str | None = None,
    arguments: str | None = None,
    *,
    index: int | None = 0,
    call_id: str | None = None,
    **unknown: Any,
) -> dict[str, Any]:
    """An entry of `tool_calls`; what is None is left out."""
    function = {"name": name, "arguments": arguments}
    call = {"index": index, "id": call_id, "type": "function"}
    return {
        **{key: value for key, value in call.items() if value is not None},
        "function": {key: value for key, value in function.items() if value is not None},
        **unknown,
    }


def usage() -> Chunk:
    return {**chunk({}), "choices": [], "usage": {"prompt_tokens": 14, "completion_tokens": 0}}


def whole(text: str = "", *entries: Mapping[str, Any], finish: str | None = "stop") -> Whole:
    calls = [{key: value for key, value in each.items() if key != "index"} for each in entries]
    message = {"role": "assistant", "content": text, **({"tool_calls": calls} if calls else {})}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return Whole({"id": "chatcmpl-2", "object": "chat.completion", "choices": [choice]})


def refused(kind: str, message: str = "the provider's own words", **more: Any) -> dict[str, Any]:
    """An error object as the API tells it."""
    return {"type": kind, "message": message, **more}


NO_TOOLS = Status(
    400,
    refused(
        "invalid_request_error",
        "Model kimi-k2.5-fw does not support tool calling. Use a tool-capable model or remove tools "
        "from the request.",
        param="model",
        code="unsupported_feature_for_model",
    ),
)


def listed(model: str, *, tools: bool = True, context: int = 200_000) -> dict[str, Any]:
    """A row of `GET /v1/models` as recorded."""
    return {
        "id": model,
        "object": "model",
        "owned_by": "Anthropic",
        "supported_features": ["tools", "web_search"] if tools else ["web_search"],
        "supported_endpoints": ["/v1/chat/completions"],
        "pricing": None,
        "context_window": {"context_length": context, "max_output_tokens": 8192},
    }


MODELS = (listed(LEAD), listed(SECOND, context=128_000), listed(TOOLLESS, tools=False))


# -- the server -----------------------------------------------------------------------------------


class FakePoe:
    def __init__(self, brain: Brain) -> None:
        self._brain = brain
        self._orders: deque[Reply] = deque()
        self.url = ""
        """Without `/v1`, as operators write it."""
        self.models: Reply = Whole({"object": "list", "data": list(MODELS)})
        self.requests: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.faults: list[str] = []
        self.listings = 0
        self.peers: set[object] = set()
        """The other ends of the connections."""
        self.is_asked = asyncio.Event()
        self.is_left = asyncio.Event()
        """Somebody closed a connection in the middle of an answer."""

    def will(self, *replies: Reply) -> None:
        """Answer the next requests with these, in order."""
        self._orders.extend(replies)

    def forget_orders(self) -> None:
        self._orders.clear()

    @property
    def asked(self) -> list[str]:
        """The models of the requests, in order."""
        return [request["model"] for request in self.requests]

    @property
    def talk(self) -> list[dict[str, Any]]:
        """The messages of the last request."""
        talk: list[dict[str, Any]] = self.requests[-1]["messages"]
        return talk

    async def list_models(self, request: web.Request) -> web.StreamResponse:
        self.listings += 1
        return await self._answer(request, self.models)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            error = refused("authentication_error", code=401)
            return await self._answer(request, Status(401, error))
        body = await request.json()
        self.requests.append(body)
        self.is_asked.set()
        self.headers.append(request.headers)
        assert request.transport is not None
        self.peers.add(request.transport.get_extra_info("peername"))
        faults = faults_of(body)
        self.faults += faults
        if faults:
            error = refused("invalid_request_error", "; ".join(faults))
            return await self._answer(request, Status(400, error))
        reply = self._orders.popleft() if self._orders else self._brain(body)
        if isinstance(reply, Stream) and not body.get("stream"):
            reply = _joined(reply)
        return await self._answer(request, reply)

    async def _answer(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        match reply:
            case Status(status=status, error=error, headers=headers):
                if isinstance(error, str):
                    return web.Response(
                        status=status, text=error, content_type="text/html", headers=headers
                    )
                return web.json_response({"error": error}, status=status, headers=headers)
            case Whole(document=document):
                return web.json_response(document)
            case Silence():
                await self._wait_for_leaving()
                raise AssertionError
            case Stream():
                return await self._stream(request, reply)

    async def _stream(self, request: web.Request, reply: Stream) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": reply.content_type})
        await response.prepare(request)
        for act in reply.acts:
            match act:
                case Stall(with_keep_alives=True):
                    while True:
                        await self._send(response, KEEP_ALIVE.encode())
                        await self._wait_for_leaving(0.02)
                case Stall():
                    await self._wait_for_leaving()
                case Cut():
                    assert request.transport is not None
                    request.transport.abort()
                    return response
                case Pause(gate=gate, reached=reached):
                    reached.set()
                    await self._until_left(gate.wait())
                case _:
                    await self._send(response, _encoded(act))
        return response

    async def _send(self, response: web.StreamResponse, piece: bytes) -> None:
        try:
            await response.write(piece)
        except ConnectionError:
            self.is_left.set()
            raise
        await asyncio.sleep(0)  # each piece is a packet of its own

    async def _wait_for_leaving(self, limit_s: float = 30.0) -> None:
        await self._until_left(asyncio.sleep(limit_s))

    async def _until_left(self, wait: Any) -> None:
        try:
            await wait
        except asyncio.CancelledError:  # aiohttp cancels the handler of a connection that is gone
            self.is_left.set()
            raise


def _encoded(act: Any) -> bytes:
    if isinstance(act, bytes):
        return act
    return act.encode() if isinstance(act, str) else f"data: {json.dumps(act)}\n\n".encode()


def _joined(reply: Stream) -> Whole:
    """The same answer for a client that does not want a stream: text and calls of a well-formed one."""
    deltas = [
        act["choices"][0]["delta"] for act in reply.acts if isinstance(act, dict) and act["choices"]
    ]
    calls = [call for delta in deltas for call in delta.get("tool_calls", [])]
    return whole("".join(delta.get("content") or "" for delta in deltas), *calls)


@asynccontextmanager
async def fake_poe(brain: Brain | None = None) -> AsyncIterator[FakePoe]:
    poe = FakePoe(brain or simple_brain)
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_get("/v1/models", poe.list_models)
    app.router.add_post("/v1/chat/completions", poe.complete)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    poe.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield poe
    finally:
        await runner.cleanup()


# -- a few rules to talk by -----------------------------------------------------------------------


def simple_brain(body: Mapping[str, Any]) -> Reply:
    """Lists models when asked for them, refines and then orders a film, and talks otherwise."""
    last = body["messages"][-1]
    if last["role"] == "tool":
        return _after_tools(body)
    words = last["content"].lower()
    offered = {tool["function"]["name"] for tool in body.get("tools", [])}
    if "list-models" in offered and "what models" in words:
        return _calls("list-models", {})
    if "refine-prompt" in offered and ("teaser" in words or "film" in words):
        return _calls("refine-prompt", {"prompt": last["content"][:200]})
    return Stream(said("Hello! "), said("What shall "), said("we film?"), finished(), DONE)


def _after_tools(body: Mapping[str, Any]) -> Reply:
    messages = body["messages"]
    caller = next(each for each in reversed(messages) if each.get("tool_calls"))
    output = json.loads(messages[-1]["content"])
    if caller["tool_calls"][0]["function"]["name"] == "refine-prompt" and output.get("ok"):
        asked = next(each["content"] for each in reversed(messages) if each["role"] == "user")
        order: dict[str, Any] = {"prompt": asked[:200], "duration": 6, "aspectRatio": "9:16"}
        uploads = _uploads_in(messages[0]["content"])
        if uploads and "logo" in asked:
            order["uploadIds"] = uploads
        return _calls("generate-video", order)
    return Stream(said("That is "), said("under way."), finished(), DONE)


def _uploads_in(facts: str) -> list[str]:
    lines = [json.loads(line) for line in facts.splitlines() if line.startswith('{"uploadId"')]
    return [line["uploadId"] for line in lines]


def _calls(tool: str, arguments: Mapping[str, Any]) -> Stream:
    """As Poe streams a call: the name once, the arguments in pieces."""
    written = json.dumps(arguments)
    pieces = [written[at : at + 9] for at in range(0, len(written), 9)]
    return Stream(
        called(entry(tool, "", call_id="call_31618866")),
        *(called(entry(None, piece)) for piece in pieces),
        finished("tool_calls"),
        usage(),
        DONE,
    )
