"""A session without a server: a chat model, the real turn and the studio's real verbs.

The studio behind generate-video is the real one too, its records in memory; nobody drives its jobs,
so nothing is made. Every turn's history is folded anew from the events written down, as the server
does it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from agent.asking import request_for
from agent.instructions import INSTRUCTIONS
from agent.ports import Briefing, ChatMessage, ChatModel, ChatRequest
from agent.toolbox import Toolbox
from agent.turn import TurnResult, answer
from tests.fakes.scribe import WritingScribe
from tests.fakes.studio import JobsInMemory
from tools.apply_template import ApplyTemplate
from tools.catalogue.catalogue import Catalogue
from tools.catalogue.reading import read_models
from tools.contract import AnyTool, ToolContext
from tools.domain.creatives import Creative, ReviewStatus
from tools.domain.events import (
    MessageAdded,
    SessionEvent,
    ToolFinished,
    ToolStarted,
    TurnFinished,
    TurnOutcome,
    TurnStarted,
)
from tools.domain.frames import FULL_HD
from tools.domain.identity import (
    CampaignId,
    CreativeId,
    JobId,
    MessageId,
    SessionId,
    TenantId,
    TurnId,
    UploadId,
    UserId,
)
from tools.domain.jobs import Stage, VideoJob
from tools.domain.money import Money
from tools.domain.uploads import ReferenceRole, Upload
from tools.domain.videos import Film, Reference, VideoRequest
from tools.errors import ReferenceUnreachable
from tools.generate_video import GenerateVideo
from tools.library.library import Library
from tools.library.reading import read_templates
from tools.list_models import ListModels
from tools.providers.refining import AnatomyRefiner
from tools.refine_prompt import RefinePrompt
from tools.rendering.studio import Consent, Studio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BETWEEN_MESSAGES = timedelta(seconds=20)
BUDGET = Money.usd("25")
CONTEXT = ToolContext(
    tenant_id=TenantId("acme"),
    user_id=UserId("ada"),
    campaign_id=CampaignId("spring"),
    session_id=SessionId("session-1"),
)


def upload(name: str, role: ReferenceRole | None = None, *, width: int = 1024) -> Upload:
    return Upload(
        id=UploadId(name),
        tenant_id=CONTEXT.tenant_id,
        user_id=CONTEXT.user_id,
        session_id=CONTEXT.session_id,
        role=role,
        path=f"videos/references/{name}.png",
        content_type="image/png",
        size_bytes=1000,
        width=width,
        height=1024,
        uploaded_at=NOW,
    )


def finished_film(job_id: JobId, request: VideoRequest) -> Creative:
    film = Film(
        path="videos/generated/video-1.mp4",
        poster_path="videos/generated/video-1.jpg",
        preview_path="videos/generated/video-1-small.mp4",
        size_bytes=1000,
        frame=FULL_HD[request.aspect_ratio],
        length_s=request.length_s,
        provider="local",
        generated_at=NOW,
    )
    return Creative(
        id=CreativeId(f"video-{job_id}"),
        tenant_id=CONTEXT.tenant_id,
        session_id=CONTEXT.session_id,
        campaign_id=CONTEXT.campaign_id,
        job_id=job_id,
        status=ReviewStatus.NEEDS_REVIEW,
        request=request,
        refined_prompt=request.refined_prompt,
        model_key="draft",
        requested_key=request.model_key,
        film=film,
        cost=Money(),
        warnings=(),
        created_at=NOW,
        updated_at=NOW,
    )


LOGO = upload("logo-1", ReferenceRole.LOGO)
PRODUCT = upload("product-1", ReferenceRole.PRODUCT)


@dataclass(frozen=True)
class Heard:
    """One answer: what was said, message by message, and (tool, arguments, ok) of each call."""

    said: tuple[str, ...]
    calls: tuple[tuple[str, Mapping[str, Any], bool], ...]
    result: TurnResult
    states: tuple[str, ...] = ()
    """Of each film that was asked for and taken: queued, or proposed."""

    @property
    def text(self) -> str:
        return "\n".join(self.said)

    @property
    def tools(self) -> tuple[str, ...]:
        return tuple(tool for tool, _, _ in self.calls)

    @property
    def film(self) -> Mapping[str, Any]:
        """The arguments of the generate-video call."""
        return next(given for tool, given, _ in self.calls if tool == "generate-video")


def catalogue(*, paid: bool = False) -> Catalogue:
    """The real models, with or without their provider's key."""
    return Catalogue(
        models=read_models(),
        missing={} if paid else {"replicate": "REPLICATE_API_KEY is not set"},
        substitution="auto",
        default_model="sora-2-pro",
    )


class StudioInMemory:
    """The real studio over records in memory, and what a test wants to know of it.

    `paid`: the provider's key is set. `below`: what goes on without a person's yes.
    """

    def __init__(self, *, paid: bool = False, below: Money = Money()) -> None:  # noqa: B008  frozen
        numbers = count(1)
        self.models = catalogue(paid=paid)
        self.records = JobsInMemory(budget=BUDGET)
        self.now = NOW
        self.desk = Studio(
            catalogue=self.models,
            records=self.records,
            consent=Consent(below=below),
            wake=lambda _job_id: None,
            mint=lambda kind: f"{kind}-{next(numbers)}",
            clock=self._clock,
        )

    @property
    def jobs(self) -> tuple[VideoJob, ...]:
        return tuple(self.records.jobs.values())

    @property
    def unfinished(self) -> tuple[VideoJob, ...]:
        return tuple(job for job in self.jobs if not job.stage.is_final)

    @property
    def proposals(self) -> tuple[VideoJob, ...]:
        return tuple(job for job in self.jobs if job.stage is Stage.PROPOSED)

    @property
    def bought(self) -> tuple[VideoJob, ...]:
        """The films that nobody has to be asked about any more."""
        return tuple(job for job in self.jobs if job.stage in {Stage.QUEUED, Stage.FINISHED})

    @property
    def requests(self) -> list[VideoRequest]:
        return [job.request for job in self.bought]

    @property
    def left(self) -> Money:
        return BUDGET - self.records.used()

    def finish(self, job_id: JobId) -> None:
        job = self.records.jobs[job_id]
        self.records.jobs[job_id] = replace(job, stage=Stage.FINISHED)

    def _clock(self) -> datetime:
        """Time passes with every look: of two jobs one is the newer."""
        self.now += timedelta(milliseconds=1)
        return self.now


@dataclass
class Dialogue:
    model: ChatModel
    tools: Sequence[AnyTool] | None = None
    uploads: list[Upload] = field(default_factory=list)
    events: list[SessionEvent] = field(default_factory=list)
    creatives: list[Creative] = field(default_factory=list)
    ids: int = 0
    studio: StudioInMemory = field(default_factory=StudioInMemory)

    def mint(self, kind: str) -> str:
        self.ids += 1
        return f"{kind}-{self.ids:04d}"

    async def says(self, text: str, *given: Upload) -> Heard:
        """The user sends `text`, with images just dropped; the answer that comes back."""
        self.uploads += [image for image in given if image not in self.uploads]
        message_id, turn_id = MessageId(self.mint("msg")), TurnId(self.mint("turn"))
        self.events += [
            MessageAdded(
                turn_id=turn_id, message_id=message_id, sender="user", text=text, uploads=given
            ),
            TurnStarted(turn_id=turn_id, message_id=message_id),
        ]
        briefing = Briefing(
            today=self.studio.now.date(),
            uploads=tuple(self.uploads),
            creatives=tuple(self.creatives),
            jobs=self.studio.unfinished,
            models=self.studio.models.offers(),
            budget_left=self.studio.left,
        )
        scribe = WritingScribe(turn_id)
        self.studio.now += BETWEEN_MESSAGES
        result = await answer(
            request_for(self.events, message_id, briefing),
            model=self.model,
            toolbox=Toolbox(self.tools or studio_tools(self.uploads, self.studio)),
            scribe=scribe,
            context=replace(CONTEXT, turn_id=turn_id),
            mint=self.mint,
        )
        self.events += scribe.events
        self.events.append(
            TurnFinished(turn_id=turn_id, outcome=TurnOutcome(result.outcome), error=result.error)
        )
        return _heard(scribe.events, result)

    async def hears(self, *texts: str) -> Heard:
        """Several messages one after the other; the last answer."""
        heard = None
        for text in texts:
            heard = await self.says(text)
        assert heard is not None
        return heard

    async def approves(self) -> VideoJob:
        """The person presses Approve on the card of the newest proposal."""
        return await self.studio.desk.approve(self.studio.proposals[-1].id, context=CONTEXT)

    async def declines(self) -> VideoJob:
        return await self.studio.desk.decline(self.studio.proposals[-1].id, context=CONTEXT)

    def announces(self, number: int = -1) -> None:
        """A film that was agreed to is ready, the newest if nothing is said."""
        job = self.studio.bought[number]
        self.studio.finish(job.id)
        self.creatives.append(finished_film(job.id, job.request))
        text = "✅ Video generated and added to creatives! Model: draft, Duration: 6s"
        self.events.append(
            MessageAdded(
                message_id=MessageId(self.mint("msg")),
                sender="system",
                text=text,
                code="video.ready",
            )
        )


def _heard(events: Sequence[SessionEvent], result: TurnResult) -> Heard:
    ok = {event.call_id: event.ok for event in events if isinstance(event, ToolFinished)}
    return Heard(
        said=tuple(event.text for event in events if isinstance(event, MessageAdded)),
        calls=tuple(
            (event.tool, event.arguments, ok[event.call_id])
            for event in events
            if isinstance(event, ToolStarted)
        ),
        result=result,
        states=tuple(
            str(event.result["state"])
            for event in events
            if isinstance(event, ToolFinished) and event.result and "jobId" in event.result
        ),
    )


def studio_tools(
    uploads: Sequence[Upload] = (), studio: StudioInMemory | None = None
) -> tuple[AnyTool, ...]:
    """The four verbs over the real catalogue, templates, refiner and studio."""
    studio = studio or StudioInMemory()
    return (
        ListModels(studio.models),
        RefinePrompt(AnatomyRefiner()),
        ApplyTemplate(Library(read_templates(default_model="sora-2-pro"))),
        GenerateVideo(
            studio=studio.desk,
            uploads=_Uploads(uploads),
            references=_NoReferences(),
            models=studio.models,
            default_length_s=6,
        ),
    )


class _Uploads:
    def __init__(self, uploads: Sequence[Upload]) -> None:
        self._uploads = {image.id: image for image in uploads}

    async def find(self, upload_id: UploadId) -> Upload | None:
        return self._uploads.get(upload_id)


class _NoReferences:
    async def reference_for(self, url: str, *, context: ToolContext) -> Reference:
        raise ReferenceUnreachable("That address cannot be used here.")


def question(*messages: ChatMessage, tools: bool = True) -> ChatRequest:
    """A request about a session with a logo, offering the studio's verbs or none."""
    return ChatRequest(
        instructions=INSTRUCTIONS,
        briefing=Briefing(today=NOW.date(), uploads=(LOGO,)),
        messages=messages,
        tools=Toolbox(studio_tools([LOGO])).specs() if tools else (),
    )
