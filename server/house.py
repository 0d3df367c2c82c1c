"""What the wired studio is: who stands behind each port, and everything that is opened and closed."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from aiohttp import web

from agent.ports import ChatModel
from server.auth import Keys
from server.drivers.in_process import InProcessDriver
from server.http.files import Files
from server.http.site import Check
from server.http.uploads import ImageIntake
from server.http.webhooks import Verify
from server.memory.database import Database
from server.memory.journal import Journal
from server.settings import Settings
from server.socket.announcer import Announcer
from server.metrics import Metrics
from server.socket.strict import StrictServer
from server.turns import Turns
from tools.catalogue.catalogue import Catalogue
from tools.rendering.ports import (
    FilmEditor,
    FilmPress,
    ImageFetcher,
    Places,
    Refiner,
    Storage,
    VideoProvider,
)


class MediaStorage(Storage, Protocol):
    """A storage that can be asked how it is, and to let go of what is old."""

    async def check(self) -> None:
        """Raises StorageUnavailable."""
        ...

    async def forget_before(self, prefix: str, moment: datetime) -> int:
        """Delete what was stored under `prefix` before then, where the storage has no rule for it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    size_bytes: int
    pixels: int
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """What stands behind each port. Tests put a scripted model or a quicker provider here."""

    chat_model: ChatModel
    starters: tuple[str, ...]
    refiner: Refiner
    providers: Mapping[str, VideoProvider]
    places: Mapping[str, Places]
    """How many films each provider makes at once."""
    press: FilmPress
    editor: FilmEditor
    storage: MediaStorage
    files: Files
    """How what is stored reaches a browser."""
    media_hosts: tuple[str, ...] = ()
    """Where else than from us a browser loads it."""
    intake: ImageIntake
    upload_limits: UploadLimits
    fetcher: ImageFetcher
    published_keys: Keys | None = None
    """What tokens are signed with, where an issuer publishes it; None: with a secret of ours."""
    verify_webhook: Verify | None = None
    services: tuple[AbstractAsyncContextManager[object], ...] = ()
    """What is opened with the house and closed with it, in this order."""
    checks: Mapping[str, Check] = field(default_factory=dict)
    """What else `/readyz` looks at, by the name of the part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that is opened and closed (`server.lifecycle`), and the doors."""

    settings: Settings
    adapters: Adapters
    database: Database
    journal: Journal
    announcer: Announcer
    catalogue: Catalogue
    turns: Turns
    driver: InProcessDriver
    socket: StrictServer
    app: web.Application
    work: Path
    metrics: Metrics
