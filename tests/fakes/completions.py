"""A chat-completions endpoint on this machine that answers whole: what the refiner's wire speaks to."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Asked = dict[str, Any]
"""The body of a request."""
Says = Callable[[Asked], object]


@dataclass
class Completions:
    """Answers with `says`, one for each request, the last for all that follow."""

    says: list[Says] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def model_was_told(self) -> str:
        """The system message of the last request."""
        return str(self.asked[-1]["messages"][0]["content"])

    @property
    def person_said(self) -> str:
        """The user message of the last request."""
        return str(self.asked[-1]["messages"][1]["content"])

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        self.headers.append(dict(request.headers))
        said = self.says[min(len(self.asked), len(self.says)) - 1](body)
        if asyncio.iscoroutine(said):
            said = await said
        return said if isinstance(said, web.StreamResponse) else web.json_response(_whole(said))


def _whole(text: object) -> dict[str, object]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1774577724,
        "model": "GPT-4o",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": "stop",
            }
        ],
    }


def text(words: object) -> Says:
    """The model says these words; anything but words is said as JSON."""
    said = words if isinstance(words, str) or words is None else json.dumps(words)
    return lambda _: said


def status(code: int, kind: str = "error", **headers: str) -> Says:
    return lambda _: web.json_response(
        {"error": {"type": kind, "code": code, "message": "secret words of the provider"}},
        status=code,
        headers=headers,
    )


def silence() -> Says:
    """Takes the request, and never answers."""
    return lambda _: asyncio.Event().wait()


def raw(body: bytes, content_type: str = "application/json") -> Says:
    return lambda _: web.Response(body=body, content_type=content_type)


@asynccontextmanager
async def completions() -> AsyncIterator[Completions]:
    fake = Completions()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", fake.answer)
    async with TestServer(app, shutdown_timeout=0) as server:
        fake.url = str(server.make_url("/v1"))
        yield fake
