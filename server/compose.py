"""Settings become wired objects. The only place that names adapters; no choice is made anywhere else."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from aiohttp import web

from agent.asking import request_for
from agent.models.offline import STARTERS, OfflineModel
from agent.models.poe.endpoint import base_url
from agent.models.poe.patience import Patience
from agent.ports import ChatModel, ChatRequest, Scribe
from agent.toolbox import Toolbox
from agent.turn import TurnResult, answer
from server.addresses import Addresses
from server.auth import GUEST, Doorkeeper, own_secret
from server.clocks import mint, utc_now
from server.desk import Defaults, Desk, Welcome
from server.drivers.in_process import InProcessDriver
from server.http.app import web_app
from server.http.doors import Reception
from server.http.sessions import Sessions
from server.http.site import Check, Site
from server.http.uploads import UploadDoor
from server.http.videos import Videos
from server.memory import timeline
from server.memory.database import Database
from server.memory.journal import Journal
from server.memory.records import Jobs, Uploads
from server.settings import Settings, SettingsError
from server.shelves import catalogue_for, library_for
from server.socket.announcer import Announcer
from server.socket.commands import Commands
from server.socket.gateway import Gateway
from server.socket.strict import StrictServer
from server.turns import QUEUE_PLACES, Answer, Facts, Turns
from server.wire.answers import Limits
from server.wire.bodies import MESSAGE_CHARS
from tools.apply_template import ApplyTemplate
from tools.contract import ToolContext
from tools.domain.identity import MintId
from tools.domain.videos import MAX_REFERENCES
from tools.generate_video import GenerateVideo
from tools.list_models import ListModels
from tools.media.images import MAX_BYTES, MAX_PIXELS, TAKEN_TYPES, ImageIntake
from tools.media.press import Press
from tools.providers.draft import DraftProvider
from tools.providers.refining import AnatomyRefiner
from tools.providers.refining_chat import ChatRefiner
from tools.refine_prompt import RefinePrompt
from tools.rendering.advance import Advance, FilmPaths
from tools.rendering.ports import FilmPress, Refiner, VideoProvider
from tools.rendering.studio import Studio
from tools.storage.folder import FolderStorage

FRAME_BYTES = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """What stands behind each port. Tests put a scripted model or a faster renderer here."""

    chat_model: ChatModel
    starters: tuple[str, ...]
    refiner: Refiner
    draft: DraftProvider
    press: FilmPress
    storage: FolderStorage
    intake: ImageIntake
    services: tuple[AbstractAsyncContextManager[object], ...] = ()
    """What else is opened with the house and closed with it."""
    checks: Mapping[str, Check] = field(default_factory=dict)
    """What else `/readyz` looks at, by the name of the part."""

    @property
    def opened_parts(self) -> tuple[AbstractAsyncContextManager[object], ...]:
        return (self.draft, *self.services)

    @property
    def providers(self) -> Mapping[str, VideoProvider]:
        return {self.draft.name: self.draft}


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that is opened and closed (`server.lifecycle`), and the doors."""

    settings: Settings
    adapters: Adapters
    database: Database
    journal: Journal
    announcer: Announcer
    turns: Turns
    driver: InProcessDriver
    socket: StrictServer
    app: web.Application
    work: Path


def adapters_for(settings: Settings) -> Adapters:
    """The embedded default, and in its places what a key was given for. Raises SettingsError."""
    adapters = _embedded(settings)
    if settings.poe_api_key is not None:
        adapters = _with_language_model(adapters, settings, settings.poe_api_key)
    return adapters


def _embedded(settings: Settings) -> Adapters:
    """No key, no service."""
    work = settings.data_dir / "work"
    return Adapters(
        chat_model=OfflineModel(),
        starters=STARTERS,
        refiner=AnatomyRefiner(),
        draft=DraftProvider(work=work / "drafts"),
        press=Press(),
        storage=FolderStorage(settings.data_dir / "media"),
        intake=ImageIntake(),
    )


def _with_language_model(adapters: Adapters, settings: Settings, api_key: str) -> Adapters:
    # openai takes 0.3 s to import: only with a key
    from agent.models.poe.model import PoeModel  # noqa: PLC0415
    from tools.providers.poe_completion import PoeCompletion  # noqa: PLC0415

    try:
        url = base_url(settings.poe_api_url)
    except ValueError as error:
        message = f"POE_API_URL: {error}."
        raise SettingsError(message) from None
    model = PoeModel(
        base_url=url,
        api_key=api_key,
        models=(settings.poe_model, *settings.poe_fallback_models),
        patience=Patience(stall_s=settings.poe_stall_s),
    )
    completion = PoeCompletion(base_url=url, api_key=api_key, model=settings.poe_refine_model)
    return replace(
        adapters,
        chat_model=model,
        refiner=ChatRefiner(completion, name=settings.poe_refine_model),
        services=(*adapters.services, model, completion),
        checks={**adapters.checks, "chat": model.check},
    )


def compose(
    settings: Settings,
    *,
    public_url: str,
    adapters: Adapters | None = None,
    clock: Callable[[], datetime] = utc_now,
    mint_id: MintId = mint,
) -> House:
    """Raises SettingsError for data files that cannot be used."""
    adapters = adapters or adapters_for(settings)
    secret = settings.jwt_secret or own_secret(settings.data_dir)
    doorkeeper = Doorkeeper(
        secret, audience=settings.jwt_audience, issuer=settings.jwt_issuer, clock=clock
    )
    addresses = Addresses(public_url=public_url, secret=secret, clock=clock)
    database = Database(settings.database_file)

    # The announcer hears of commits, the turns speak through it: its questions to both come later.
    announcer = Announcer(
        address=addresses.of,
        read_after=lambda session_id, after: journal.read(
            lambda tables: timeline.read(tables, session_id, after=after).entries
        ),
        read_heads=lambda session_ids: journal.read(
            lambda tables: timeline.heads(tables, session_ids)
        ),
        active_turn=lambda session_id: turns.active_turn(session_id),  # noqa: PLW0108  made below
    )
    journal = Journal(database, clock=clock, announce=announcer.announce)
    uploads = Uploads(journal)
    records = Jobs(journal, budget=settings.campaign_budget)
    catalogue = catalogue_for(settings)
    library = library_for(settings, catalogue)
    defaults = Defaults(
        model_key=settings.default_video_model, length_s=settings.default_duration_s
    )
    studio = Studio(
        catalogue=catalogue,
        records=records,
        wake=lambda job_id: driver.wake(job_id),  # noqa: PLW0108  made below
        mint=mint_id,
        clock=clock,
    )
    work = settings.data_dir / "work"
    advance = Advance(
        records=records,
        providers=adapters.providers,
        refiner=adapters.refiner,
        storage=adapters.storage,
        press=adapters.press,
        work=work / "jobs",
        paths=FilmPaths(videos=settings.video_storage_path),
        mint=mint_id,
        clock=clock,
        report=announcer.progress,
    )
    driver = InProcessDriver(records=records, step=advance.step, tidy=advance.sweep)
    desk = Desk(
        journal=journal,
        uploads=uploads,
        addresses=addresses,
        mint=mint_id,
        welcome=Welcome(text=lambda: adapters.chat_model.greeting, starters=adapters.starters),
        defaults=defaults,
    )
    toolbox = Toolbox(
        (
            ListModels(catalogue),
            RefinePrompt(adapters.refiner),
            ApplyTemplate(library),
            GenerateVideo(
                studio=studio,
                jobs=records,
                uploads=uploads,
                references=desk,
                models=catalogue,
                default_length_s=defaults.length_s,
                clock=clock,
            ),
        )
    )
    turns = Turns(
        journal=journal,
        live=announcer,
        answer=_agent(adapters.chat_model, toolbox),
        request_for=request_for,
        facts=Facts(offers=catalogue.offers, budget=settings.campaign_budget, clock=clock),
        mint=mint_id,
    )
    socket = StrictServer(
        async_mode="aiohttp",
        transports=["websocket"],
        # Origins are checked in the gateway, where a refusal has words.
        cors_allowed_origins="*",
        max_http_buffer_size=FRAME_BYTES,
        ping_interval=20,
        ping_timeout=20,
        logger=False,
        engineio_logger=False,
    )
    Gateway(
        server=socket,
        doorkeeper=doorkeeper,
        commands=Commands(
            desk=desk,
            turns=turns,
            studio=studio,
            journal=journal,
            announcer=announcer,
            limits=LIMITS,
        ),
        announcer=announcer,
        origins=settings.allowed_origins,
        clock=clock,
    )
    reception = Reception(doorkeeper)
    videos = Videos(
        reception=reception,
        desk=desk,
        studio=studio,
        catalogue=catalogue,
        records=records,
        journal=journal,
        announcer=announcer,
        addresses=addresses,
        wait_s=settings.generate_wait_s,
    )
    upload_door = UploadDoor(
        reception=reception,
        desk=desk,
        journal=journal,
        intake=adapters.intake,
        storage=adapters.storage,
        addresses=addresses,
        mint=mint_id,
        clock=clock,
        work=work / "uploads",
        references=settings.reference_image_storage_path,
        limit_bytes=MAX_BYTES,
    )
    site = Site(
        reception=reception,
        journal=journal,
        storage=adapters.storage,
        addresses=addresses,
        guest_token=(lambda: doorkeeper.make_token(GUEST)) if settings.has_guests else None,
        checks={
            "database": desk.check,
            "storage": adapters.storage.check,
            "chat": _always_up,
            **adapters.checks,
        },
    )
    sessions = Sessions(reception=reception, desk=desk, addresses=addresses)
    app = web_app(
        (videos, upload_door, sessions, site),
        origins=settings.allowed_origins,
        has_guests=settings.has_guests,
    )
    socket.attach(app, socketio_path="socket.io")
    return House(
        settings=settings,
        adapters=adapters,
        database=database,
        journal=journal,
        announcer=announcer,
        turns=turns,
        driver=driver,
        socket=socket,
        app=app,
        work=work,
    )


LIMITS = Limits(
    message_chars=MESSAGE_CHARS,
    upload_bytes=MAX_BYTES,
    upload_pixels=MAX_PIXELS,
    upload_types=list(TAKEN_TYPES),
    frame_bytes=FRAME_BYTES,
    references=MAX_REFERENCES,
    queued=QUEUE_PLACES,
)


async def _always_up() -> None:
    """The check of a part that is in this process and asks nobody."""


def _agent(model: ChatModel, toolbox: Toolbox) -> Answer:
    async def agent(
        request: ChatRequest, scribe: Scribe, context: ToolContext, mint_id: MintId
    ) -> TurnResult:
        return await answer(
            request,
            model=model,
            toolbox=toolbox,
            scribe=scribe,
            context=context,
            mint=mint_id,
        )

    return agent
