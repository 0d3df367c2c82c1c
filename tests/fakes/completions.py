"""The fake Poe as the refiner meets it: one system message, one user message, one whole answer."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.poe import Brain, FakePoe, Reply, Silence, Status, Whole, fake_poe, refused, whole

Asked = Mapping[str, Any]
"""The body of a request."""


@dataclass
class Completions:
    """Answers with `says`, one for each request, the last for all that follow."""

    says: list[Brain] = field(default_factory=list)
    server: FakePoe = field(init=False)

    @property
    def url(self) -> str:
        return f"{self.server.url}/v1"

    @property
    def asked(self) -> list[dict[str, Any]]:
        return self.server.requests

    @property
    def model_was_told(self) -> str:
        """The system message of the last request."""
        return str(self.server.talk[0]["content"])

    @property
    def person_said(self) -> str:
        """The user message of the last request."""
        return str(self.server.talk[1]["content"])

    def answer(self, body: Asked) -> Reply:
        return self.says[min(len(self.asked), len(self.says)) - 1](body)


def text(words: object) -> Brain:
    """The model says these words; anything but words is said as JSON."""
    return lambda _: whole(words if isinstance(words, str) else json.dumps(words))


def status(code: int, kind: str = "error", **headers: str) -> Brain:
    return lambda _: Status(code, refused(kind, "secret words of the provider"), headers)


def silence() -> Brain:
    return lambda _: Silence()


def document(content: Any) -> Brain:
    """JSON that need not be an answer."""
    return lambda _: Whole(content)


def page(content: str) -> Brain:
    """What something in between says."""
    return lambda _: Status(200, content)


@asynccontextmanager
async def completions() -> AsyncIterator[Completions]:
    fake = Completions()
    async with fake_poe(fake.answer) as fake.server:
        yield fake
        assert fake.server.faults == []
