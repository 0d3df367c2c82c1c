"""What the fake Replicate knows of each prediction, file and request, and how it tells of them."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.replicate_acts import Download, Fate, Succeeds
from tests.fakes.replicate_films import FilmSpec
from tests.fakes.replicate_schema import Model

TERMINAL = frozenset({"succeeded", "failed", "canceled", "aborted"})
_ALPHABET = "abcdefghjkmnpqrstvwxyz0123456789"


def new_id() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(26))


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seconds_in(duration: str) -> float:
    """`1h30m45s`, `5m`, `30`. Raises ValueError."""
    found = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?", duration)
    if not duration or found is None:
        raise ValueError(duration)
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return hours * 3600 + minutes * 60 + seconds


@dataclass(frozen=True, kw_only=True)
class SeenImage:
    """An image that a prediction was given, as it was when Replicate fetched it."""

    name: str
    """The input's name."""
    address: str
    body: bytes
    content_type: str
    size: tuple[int, int]
    level: int
    """The luma of its mean grey, 16 to 235."""


@dataclass(eq=False, kw_only=True)
class Made:
    """A prediction that was created, and so will be paid for when it succeeds."""

    id: str
    number: int
    """Counted from 0 in the order of creation."""
    model: Model
    given: dict[str, Any]
    webhook: str | None
    events: tuple[str, ...]
    cancel_after: str | None
    at: datetime
    fate: Fate = field(default_factory=Succeeds)
    status: str = "starting"
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error: str | None = None
    output: object = None
    logs: str = ""
    metrics: dict[str, Any] = field(default_factory=dict)
    images: list[SeenImage] = field(default_factory=list)
    polls: int = 0
    downloads: int = 0
    download: Download | list[Download] | None = None
    film: FilmSpec | None = None
    forgets_at: datetime | None = None
    hidden_polls: int = 0
    task: asyncio.Task[None] | None = None
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    """Released by the test for each step of a prediction that waits to be stepped."""

    @property
    def slug(self) -> str:
        return self.model.slug

    @property
    def input(self) -> dict[str, Any]:
        """As it was sent."""
        return self.given

    @property
    def is_over(self) -> bool:
        return self.status in TERMINAL

    @property
    def cost(self) -> int:
        """Micro-dollars: for a film made, and for one canceled after it had started."""
        if self.status == "succeeded" and self.film is not None:
            seconds = self.film.seconds
        elif self.status == "canceled" and self.started_at is not None:
            seconds = float(self.model.filled(self.given)[self.model.length])
        else:
            return 0
        return round(seconds * self.model.price(self.model.filled(self.given)))

    def is_forgotten(self, now: datetime) -> bool:
        return self.forgets_at is not None and self.forgets_at <= now

    def keep_for(self, seconds: float) -> None:
        assert self.completed_at is not None
        self.forgets_at = self.completed_at + timedelta(seconds=seconds)

    def told(self, url: str, now: datetime) -> dict[str, Any]:
        """The prediction object; after its retention without input, output and logs."""
        gone = self.is_forgotten(now)
        here = f"{url}/predictions/{self.id}"
        told: dict[str, Any] = {
            "id": self.id,
            "model": self.model.slug,
            "version": "hidden",
            "input": {} if gone else self.given,
            "logs": "" if gone else self.logs,
            "output": None if gone else self.output,
            "data_removed": gone,
            "error": self.error,
            "source": "api",
            "status": self.status,
            "created_at": stamp(self.at),
            "urls": {
                "cancel": f"{here}/cancel",
                "get": here,
                "web": f"https://replicate.com/p/{self.id}",
            },
        }
        if self.started_at:
            told["started_at"] = stamp(self.started_at)
        if self.completed_at:
            told["completed_at"] = stamp(self.completed_at)
            told["metrics"] = self.metrics
        if self.cancel_after:
            told["deadline"] = stamp(self.at + timedelta(seconds=seconds_in(self.cancel_after)))
        return told


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A file uploaded to Replicate."""

    id: str
    name: str
    content_type: str
    body: bytes
    metadata: Mapping[str, Any]
    at: datetime

    def told(self, url: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "content_type": self.content_type,
            "size": len(self.body),
            "etag": hashlib.md5(self.body, usedforsecurity=False).hexdigest(),
            "checksums": {"sha256": hashlib.sha256(self.body).hexdigest()},
            "metadata": dict(self.metadata),
            "created_at": stamp(self.at),
            "expires_at": stamp(self.at + timedelta(hours=24)),
            "urls": {"get": f"{url}/files/{self.id}"},
        }


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request as it came in, to the API or to the host of the films."""

    method: str
    path: str
    query: Mapping[str, str]
    has_authorization: bool
    is_authorized: bool
    headers: Mapping[str, str]
    """Names in lower case, without `authorization`."""
    at: datetime
