"""The studio is put together: each part is given what it needs, and nothing more."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from agent.asking import request_for
from agent.ports import ChatModel, ChatRequest, Scribe
from agent.toolbox import Toolbox
from agent.turn import TurnResult, answer
from server.addresses import Addresses
from server.auth import GUEST, Doorkeeper, SharedSecret, TokenMaker, own_secret
from server.desk import Defaults, Desk, Welcome
from server.drivers.in_process import InProcessDriver
from server.drivers.shift import SHIFT, leave_word
from server.house import Adapters, House
from server.http.app import web_app
from server.http.campaigns import Campaigns
from server.http.doors import Reception
from server.http.examples import Examples
from server.http.metrics import MetricsDoor, counted
from server.http.openapi import ApiDocument
from server.http.orders import Orders
from server.http.results import Results
from server.http.sessions import Sessions
from server.http.site import Site, remembered
from server.http.uploads import UploadDoor
from server.http.videos import Videos
from server.http.webhooks import Webhooks
from server.measured import Measured
from server.memory import timeline
from server.memory.database import Database
from server.memory.journal import Journal
from server.memory.records import Jobs, Uploads
from server.memory.timeline import Entry
from server.metrics import Metrics
from server.rates import Kind, Rate, Rates
from server.settings import Settings
from server.shelves import catalogue_for, library_for
from server.socket.announcer import Announcer
from server.socket.commands import Commands
from server.socket.gateway import Gateway
from server.socket.strict import StrictServer
from server.turns import QUEUE_PLACES, Answer, Facts, Turns
from server.wire.answers import Limits
from server.wire.bodies import MESSAGE_CHARS
from tools.apply_template import ApplyTemplate
from tools.catalogue.catalogue import Catalogue
from tools.contract import ToolContext
from tools.domain.hosts import refused_at_the_door
from tools.domain.identity import JobId, MintId, PredictionId
from tools.domain.jobs import VideoJob
from tools.domain.videos import MAX_REFERENCES
from tools.errors import NotFound
from tools.generate_video import GenerateVideo
from tools.list_models import ListModels
from tools.refine_prompt import RefinePrompt
from tools.rendering.advance import Advance
from tools.rendering.finishing import FilmPaths
from tools.rendering.floor import Clocks, Hands, advance_for
from tools.rendering.ports import (
    JobRecords,
)
from tools.rendering.studio import Consent, Studio

FRAME_BYTES = 262_144
STORAGE_LIFE_S = 15.0
TOOLS = (ListModels.name, RefinePrompt.name, ApplyTemplate.name, GenerateVideo.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What every part is given: where it writes, when it is, how things are named."""

    settings: Settings
    journal: Journal
    addresses: Addresses
    announcer: Announcer
    metrics: Metrics
    rates: Rates
    clock: Callable[[], datetime]
    mint: MintId
    work: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """The making of films: asked for at the studio, moved on by the driver."""

    catalogue: Catalogue
    records: JobRecords
    studio: Studio
    advance: Advance
    driver: InProcessDriver


def build(
    settings: Settings,
    adapters: Adapters,
    *,
    public_url: str,
    clock: Callable[[], datetime],
    mint: MintId,
) -> House:
    """Raises SettingsError for data files that cannot be used."""
    secret = settings.jwt_secret or own_secret(settings.data_dir)
    named = {"audience": settings.jwt_audience, "issuer": settings.jwt_issuer}
    doorkeeper = Doorkeeper(adapters.published_keys or SharedSecret(secret), **named, clock=clock)
    tokens = TokenMaker(secret, **named, clock=clock)
    addresses = Addresses(
        public_url=public_url, secret=secret, clock=clock, public_media=settings.r2_public_url
    )
    database = Database(settings.database_file)
    metrics = Metrics(tools=TOOLS)
    rates = _rates_for(settings, metrics)

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

    def told(entries: Sequence[Entry]) -> None:
        announcer.announce(entries)
        for entry in entries:
            metrics.told(entry.event)

    journal = Journal(database, clock=clock, announce=told)
    means = Means(
        settings=settings,
        journal=journal,
        addresses=addresses,
        announcer=announcer,
        metrics=metrics,
        rates=rates,
        clock=clock,
        mint=mint,
        work=settings.data_dir / "work",
    )
    making = _making(means, adapters)
    uploads = Uploads(journal)
    defaults = Defaults(
        model_key=settings.default_video_model, length_s=settings.default_duration_s
    )
    desk = Desk(
        journal=journal,
        addresses=addresses,
        refused_at_the_door=refused_at_the_door,
        clock=clock,
        mint=mint,
        welcome=Welcome(text=lambda: adapters.chat_model.greeting, starters=adapters.starters),
        defaults=defaults,
    )
    library = library_for(settings, making.catalogue)
    tools = (
        ListModels(making.catalogue),
        RefinePrompt(adapters.refiner),
        ApplyTemplate(library),
        GenerateVideo(
            studio=making.studio,
            uploads=uploads,
            references=desk,
            models=making.catalogue,
            default_length_s=defaults.length_s,
        ),
    )
    turns = Turns(
        journal=journal,
        live=announcer,
        answer=_agent(adapters.chat_model, Toolbox(tools)),
        request_for=request_for,
        facts=Facts(offers=making.catalogue.offers, budget=settings.campaign_budget, clock=clock),
        mint=mint,
    )
    socket = _socket(means, adapters, doorkeeper, desk=desk, turns=turns, studio=making.studio)
    reception = Reception(doorkeeper)
    results = Results(
        addresses=addresses, models=making.catalogue, progress_of=announcer.progress_of_job
    )
    orders = Orders(
        desk=desk,
        studio=making.studio,
        records=making.records,
        journal=journal,
        announcer=announcer,
        results=results,
        rates=rates,
        wait_s=settings.generate_wait_s,
    )
    app = web_app(
        (
            Videos(
                reception=reception,
                desk=desk,
                studio=making.studio,
                catalogue=making.catalogue,
                orders=orders,
                results=results,
                journal=journal,
            ),
            Examples(reception=reception, orders=orders, library=library),
            UploadDoor(
                reception=reception,
                desk=desk,
                journal=journal,
                intake=adapters.intake,
                fetcher=adapters.fetcher,
                storage=adapters.storage,
                addresses=addresses,
                rates=rates,
                mint=mint,
                clock=clock,
                work=means.work / "uploads",
                references=settings.reference_image_storage_path,
                limit_bytes=adapters.upload_limits.size_bytes,
            ),
            Sessions(reception=reception, desk=desk, addresses=addresses),
            Campaigns(
                reception=reception,
                journal=journal,
                addresses=addresses,
                budget=settings.campaign_budget,
            ),
            MetricsDoor(
                reception=reception,
                journal=journal,
                metrics=metrics,
                is_open=settings.is_loopback,
            ),
            Webhooks(journal=journal, verify=adapters.verify_webhook, heard=_heard(making)),
            ApiDocument(url=public_url),
            Site(
                reception=reception,
                journal=journal,
                files=adapters.files,
                media_hosts=adapters.media_hosts,
                addresses=addresses,
                guest_token=(lambda: tokens.make_token(GUEST)) if settings.has_guests else None,
                checks={
                    "database": desk.check,
                    # A bucket counts what it is asked, and this door is open to everyone.
                    "storage": remembered(adapters.storage.check, life_s=STORAGE_LIFE_S),
                    **adapters.checks,
                },
            ),
        ),
        origins=settings.allowed_origins,
        has_guests=settings.has_guests,
        first=(counted(metrics.answered),),
    )
    _watch(metrics, socket=socket, announcer=announcer, turns=turns)
    socket.attach(app, socketio_path="socket.io")
    return House(
        settings=settings,
        adapters=adapters,
        database=database,
        journal=journal,
        announcer=announcer,
        catalogue=making.catalogue,
        turns=turns,
        driver=making.driver,
        socket=socket,
        app=app,
        metrics=metrics,
        doorkeeper=doorkeeper,
        tokens=tokens,
        desk=desk,
        studio=making.studio,
        tools=tools,
        results=results,
        mint=mint,
        public_url=public_url,
        work=means.work,
        shift=settings.data_dir / SHIFT,
    )


def _rates_for(settings: Settings, metrics: Metrics) -> Rates:
    """How often each may be asked for; 0 in the settings is as often as they like."""

    def rate(per_min: int) -> Rate:
        times = settings.rate_tenant_times
        return Rate(of_user=per_min or None, of_tenant=per_min * times or None)

    return Rates(
        {
            Kind.MESSAGES: rate(settings.rate_messages_per_min),
            Kind.UPLOADS: rate(settings.rate_uploads_per_min),
            Kind.GENERATIONS: rate(settings.rate_generations_per_min),
        },
        refused=metrics.rate_limited,
    )


def _watch(metrics: Metrics, *, socket: StrictServer, announcer: Announcer, turns: Turns) -> None:
    """Numbers that are known here without being counted."""
    metrics.watch("sockets_open", "Browsers that are connected.", lambda: len(socket.eio.sockets))
    metrics.watch(
        "sessions_open", "Sessions that a browser listens to.", lambda: announcer.open_sessions
    )
    metrics.watch("turns_running", "Turns that are being answered.", lambda: turns.running)


def _making(means: Means, adapters: Adapters) -> Making:
    settings = means.settings
    catalogue = catalogue_for(settings)

    def may_ask(job: VideoJob) -> None:
        means.rates.take(Kind.GENERATIONS, job.tenant_id, job.user_id)

    records = Jobs(
        means.journal,
        budget=settings.campaign_budget,
        user_limit=settings.user_daily_limit,
        asked=may_ask,
        over=means.metrics.film_over,
    )
    proposal_life = timedelta(hours=settings.proposal_life_h)
    studio = Studio(
        catalogue=catalogue,
        records=records,
        consent=Consent(below=settings.auto_approve_below, waits_for=proposal_life),
        wake=lambda job_id: driver.wake(job_id),  # noqa: PLW0108  made below
        mint=means.mint,
        clock=means.clock,
    )
    advance = advance_for(
        hands=Hands(
            providers={
                name: Measured(provider, answered=means.metrics.provider_answered)
                for name, provider in adapters.providers.items()
            },
            places=adapters.places,
            refiner=adapters.refiner,
            storage=adapters.storage,
            fetcher=adapters.fetcher,
            intake=adapters.intake,
            editor=adapters.editor,
            press=adapters.press,
        ),
        records=records,
        models=catalogue,
        work=means.work / "jobs",
        paths=FilmPaths(
            videos=settings.video_storage_path, references=settings.reference_image_storage_path
        ),
        proposal_life=proposal_life,
        mint=means.mint,
        clocks=Clocks(now=means.clock),
        report=means.announcer.progress,
    )
    driver = InProcessDriver(
        records=records,
        step=advance.step,
        tidy=advance.sweep,
        pass_on=partial(leave_word, settings.data_dir / SHIFT),
    )
    return Making(
        catalogue=catalogue, records=records, studio=studio, advance=advance, driver=driver
    )


def _heard(making: Making) -> Callable[[JobId, int, PredictionId], Awaitable[None]]:
    """What a webhook hints at: the order is written down, or dropped, and its job looks sooner."""

    async def heard(job_id: JobId, clip: int, prediction_id: PredictionId) -> None:
        try:
            if await making.advance.heard(job_id, clip, prediction_id):
                making.driver.wake(job_id)
        except NotFound:
            return

    return heard


def _socket(
    means: Means,
    adapters: Adapters,
    doorkeeper: Doorkeeper,
    *,
    desk: Desk,
    turns: Turns,
    studio: Studio,
) -> StrictServer:
    socket = StrictServer(
        async_mode="aiohttp",
        transports=["websocket"],
        # Origins are checked in the gateway, where a refusal has words; `*` would reflect any of them.
        cors_allowed_origins=[],
        max_http_buffer_size=FRAME_BYTES,
        ping_interval=20,
        ping_timeout=20,
        logger=False,
        engineio_logger=False,
    )
    limits = adapters.upload_limits
    Gateway(
        server=socket,
        doorkeeper=doorkeeper,
        commands=Commands(
            desk=desk,
            turns=turns,
            studio=studio,
            journal=means.journal,
            announcer=means.announcer,
            rates=means.rates,
            limits=Limits(
                message_chars=MESSAGE_CHARS,
                upload_bytes=limits.size_bytes,
                upload_pixels=limits.pixels,
                upload_types=list(limits.types),
                frame_bytes=FRAME_BYTES,
                references=MAX_REFERENCES,
                queued=QUEUE_PLACES,
            ),
        ),
        announcer=means.announcer,
        origins=means.settings.allowed_origins,
        clock=means.clock,
    )
    return socket


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
