"""A session without a server: a chat model, the real turn and the studio's real verbs.

Only the studio behind generate-video is made up: it quotes from the real catalogue and makes
nothing. Every turn's history is folded anew from the events written down, as the server does it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.asking import request_for
from agent.instructions import INSTRUCTIONS
from agent.ports import Briefing, ChatMessage, ChatModel, ChatRequest
from agent.toolbox import Toolbox
from agent.turn import TurnResult, answer
from tests.fakes.scribe import WritingScribe
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

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BETWEEN_MESSAGES = timedelta(seconds=20)
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


@dataclass
class Dialogue:
    model: ChatModel
    tools: Sequence[AnyTool] | None = None
    uploads: list[Upload] = field(default_factory=list)
    events: list[SessionEvent] = field(default_factory=list)
    creatives: list[Creative] = field(default_factory=list)
    ids: int = 0
    studio: "QuotingStudio" = field(default_factory=lambda: QuotingStudio(catalogue()))

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
            models=catalogue().offers(),
            budget_left=Money.usd("25"),
        )
        scribe = WritingScribe(turn_id)
        self.studio.now += BETWEEN_MESSAGES
        asked_at = self.studio.now
        self.studio.now += timedelta(seconds=1)
        result = await answer(
            request_for(self.events, message_id, briefing),
            model=self.model,
            toolbox=Toolbox(self.tools or studio_tools(self.uploads, self.studio)),
            scribe=scribe,
            context=replace(CONTEXT, turn_id=turn_id, asked_at=asked_at),
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

    def announces(self, number: int = -1) -> None:
        """A film that was asked for is ready, the newest if nothing is said."""
        jobs = [
            str(event.result["jobId"])
            for event in self.events
            if isinstance(event, ToolFinished) and event.result and "jobId" in event.result
        ]
        self.studio.finish(JobId(jobs[number]))
        self.creatives.append(finished_film(JobId(jobs[number]), self.studio.requests[number]))
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
    )


def catalogue() -> Catalogue:
    """The real models, without any provider's key."""
    return Catalogue(
        models=read_models(),
        missing={"replicate": "REPLICATE_API_KEY is not set"},
        substitution="auto",
        default_model="sora-2-pro",
    )


class QuotingStudio:
    """Quotes like the real one, and makes nothing."""

    def __init__(self, models: Catalogue) -> None:
        self._models = models
        self.requests: list[VideoRequest] = []
        self.jobs: dict[JobId, VideoJob] = {}
        self.now = NOW

    async def request(
        self, *, context: ToolContext, request: VideoRequest, key: str | None
    ) -> VideoJob:
        quote = self._models.choose(request)
        self.requests.append(request)
        job = VideoJob(
            id=JobId(f"job-{key}"),
            tenant_id=context.tenant_id,
            user_id=context.user_id,
            session_id=context.session_id,
            campaign_id=context.campaign_id,
            turn_id=context.turn_id,
            request=request,
            quote=quote,
            provider="local",
            created_at=self.now,
        )
        self.jobs[job.id] = job
        return job

    async def asked_since(self, session_id: SessionId, since: datetime) -> tuple[VideoJob, ...]:
        return tuple(
            job
            for job in self.jobs.values()
            if job.session_id == session_id and job.created_at >= since
        )

    def finish(self, job_id: JobId) -> None:
        self.jobs[job_id] = replace(self.jobs[job_id], stage=Stage.FINISHED)


def studio_tools(
    uploads: Sequence[Upload] = (), studio: QuotingStudio | None = None
) -> tuple[AnyTool, ...]:
    """The four verbs over the real catalogue, templates and refiner."""
    models = catalogue()
    studio = studio or QuotingStudio(models)
    return (
        ListModels(models),
        RefinePrompt(AnatomyRefiner()),
        ApplyTemplate(Library(read_templates(default_model="sora-2-pro"))),
        GenerateVideo(
            studio=studio,
            jobs=studio,
            uploads=_Uploads(uploads),
            references=_NoReferences(),
            models=models,
            default_length_s=6,
            clock=lambda: studio.now,
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
