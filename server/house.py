"""What the wired studio is: who stands behind each port, and everything that is opened and closed."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from aiohttp import web

from agent.ports import ChatModel
from server.auth import Doorkeeper, Keys, TokenMaker
from server.desk import Desk
from server.drivers.in_process import InProcessDriver
from server.http.files import Files
from server.http.results import Results
from server.http.site import Check
from server.http.uploads import ImageIntake
from server.http.webhooks import Verify
from server.memory.database import Database
from server.memory.journal import Journal
from server.metrics import Metrics
from server.settings import Settings
from server.socket.announcer import Announcer
from server.socket.strict import StrictServer
from server.turns import Turns
from tools.catalogue.catalogue import Catalogue
from tools.contract import AnyTool
from tools.domain.identity import MintId
from tools.rendering.ports import (
    FilmEditor,
    FilmPress,
    ImageFetcher,
    Places,
    Refiner,
    Storage,
    VideoProvider,
)
from tools.rendering.studio import Studio


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
    makers: tuple[AbstractAsyncContextManager[object], ...] = ()
    """What is open only where films are made: in one of the processes that share the data folder."""
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
    metrics: Metrics
    doorkeeper: Doorkeeper
    tokens: TokenMaker
    desk: Desk
    studio: Studio
    tools: tuple[AnyTool, ...]
    results: Results
    mint: MintId
    public_url: str
    work: Path
    shift: Path
    """Where processes that share the data folder agree on who makes the films."""
