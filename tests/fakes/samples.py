"""One of everything the studio keeps: a session, a job, a creative, an upload, every event."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from server.memory import conversations
from server.memory.conversations import Session
from server.memory.journal import Transaction
from tests.patience import IN_THE_END_S
from tools.domain.clips import Clip, Purchase
from tools.domain.creatives import Creative, ReviewStatus
from tools.domain.events import (
    CreativeAdded,
    CreativeUpdated,
    MessageAdded,
    SessionEvent,
    ToolFinished,
    ToolStarted,
    TurnFinished,
    TurnOutcome,
    TurnStarted,
    UploadAdded,
    VideoCancelled,
    VideoChanged,
    VideoFailed,
    VideoProposed,
    VideoQueued,
)
from tools.domain.failures import Failure, Notice
from tools.domain.frames import AspectRatio, Frame
from tools.domain.identity import (
    CallId,
    CampaignId,
    CreativeId,
    JobId,
    MessageId,
    PredictionId,
    SessionId,
    TenantId,
    TurnId,
    UploadId,
    UserId,
)
from tools.domain.jobs import VideoJob
from tools.domain.money import Money
from tools.domain.uploads import ReferenceRole, Upload
from tools.domain.videos import Film, Quote, QuoteLine, Reference, VideoRequest

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
TENANT, USER, CAMPAIGN = TenantId("acme"), UserId("ada"), CampaignId("spring")
SESSION = SessionId("session-1")


def a_session(session_id: SessionId = SESSION, **facts: object) -> Session:
    session = Session(
        id=session_id,
        tenant_id=TENANT,
        campaign_id=CAMPAIGN,
        user_id=USER,
        title="",
        head=0,
        updated_at=NOW,
    )
    return replace(session, **facts)  # type: ignore[arg-type]  # names are checked by replace


def keep_session(connection: sa.Connection, session_id: SessionId = SESSION) -> None:
    conversations.add_session(Transaction(connection=connection, now=NOW), a_session(session_id))


def said(text: str, *, number: int = 1) -> MessageAdded:
    return MessageAdded(message_id=MessageId(f"msg-{number}"), sender="user", text=text)


UPLOAD = Upload(
    id=UploadId("upload-1"),
    tenant_id=TENANT,
    user_id=USER,
    session_id=SESSION,
    role=ReferenceRole.LOGO,
    path="videos/references/upload-1.png",
    content_type="image/png",
    size_bytes=12_345,
    width=400,
    height=300,
    uploaded_at=NOW,
    warnings=(Notice(code="small_image", message="It is smaller than 512 pixels."),),
)
REFERENCE = Reference(
    upload_id=UPLOAD.id,
    path=UPLOAD.path,
    role=UPLOAD.role,
    uploaded_at=NOW,
    given_url="https://studio.example/media/videos/references/upload-1.png",
)


def a_request(**facts: object) -> VideoRequest:
    request = VideoRequest(prompt="Oat drink, 晴れ ☀️", model_key="sora-2-pro", length_s=6)
    return replace(request, **facts)  # type: ignore[arg-type]  # names are checked by replace


def a_quote(price: str = "0") -> Quote:
    line = QuoteLine(description="6 s with Draft", seconds=6, amount=Money.usd(price))
    return Quote(model_key="draft", requested_key="sora-2-pro", lines=(line,))


def a_chained_quote(price: str, *, clips: int) -> Quote:
    """So many clips of 6 seconds, each at this price."""
    one = a_quote(price)
    return replace(one, lines=one.lines * clips)


def clips_of(quote: Quote, *, provider: str = "local") -> tuple[Clip, ...]:
    """The quote's plan as clips to be made."""
    return tuple(
        Clip(
            number=number,
            seconds=line.seconds,
            model_key=quote.model_key,
            provider=provider,
            sound=False,
            price=line.amount,
        )
        for number, line in enumerate(quote.lines, start=1)
    )


def a_purchase(prediction_id: str = "p-1", **facts: object) -> Purchase:
    purchase = Purchase(
        prediction_id=PredictionId(prediction_id),
        job_id=JobId("job-1"),
        clip=1,
        provider="local",
        model_key="draft",
        seconds=6,
        sound=False,
        bought_at=NOW,
    )
    return replace(purchase, **facts)  # type: ignore[arg-type]  # names are checked by replace


def a_job(job_id: str = "job-1", *, price: str = "0", **facts: object) -> VideoJob:
    """Its clips are those of its quote, unless others are given."""
    job = _a_job_without_clips(job_id, price, **facts)
    return (
        job if "clips" in facts else replace(job, clips=clips_of(job.quote, provider=job.provider))
    )


def _a_job_without_clips(job_id: str, price: str, **facts: object) -> VideoJob:
    job = VideoJob(
        id=JobId(job_id),
        tenant_id=TENANT,
        user_id=USER,
        session_id=SESSION,
        campaign_id=CAMPAIGN,
        turn_id=TurnId("turn-1"),
        request=a_request(),
        quote=a_quote(price),
        provider="local",
        created_at=NOW,
    )
    return replace(job, **facts)  # type: ignore[arg-type]  # names are checked by replace


def a_creative(job: VideoJob, creative_id: str = "video-1") -> Creative:
    return Creative(
        id=CreativeId(creative_id),
        tenant_id=job.tenant_id,
        session_id=job.session_id,
        campaign_id=job.campaign_id,
        job_id=job.id,
        status=ReviewStatus.NEEDS_REVIEW,
        request=replace(job.request, references=(REFERENCE,)),
        refined_prompt="Subject: oat drink",
        model_key="draft",
        requested_key="sora-2-pro",
        film=Film(
            path="videos/generated/video-1.mp4",
            poster_path="videos/generated/video-1.jpg",
            preview_path="videos/generated/video-1-preview.mp4",
            size_bytes=1_000_000,
            frame=Frame(1080, 1920),
            length_s=6,
            provider="local",
            generated_at=NOW,
        ),
        cost=job.quote.total,
        warnings=(Notice(code="references_not_supported", message="The logo was left out."),),
        created_at=NOW,
        updated_at=NOW,
        note="warmer, please",
    )


FAILURE = Failure(
    code="provider_unavailable",
    message="Please try again.",
    retryable=True,
    field="model",
    retry_after_ms=1500,
    details={"known": ["draft"], "nested": {"deep": [1, 2.5, None, True]}},
)
_JOB_ID, _TURN_ID, _CALL_ID = JobId("job-1"), TurnId("turn-1"), CallId("call-1")

EVERY_EVENT: tuple[SessionEvent, ...] = (
    MessageAdded(
        turn_id=_TURN_ID,
        message_id=MessageId("msg-1"),
        sender="user",
        text="Nul \0, emoji 👩‍👩‍👧, right-to-left שלום, a line\nbreak and a quote \"'\\",
        uploads=(UPLOAD,),
        client_id="client-1",
        replaces=MessageId("msg-0"),
    ),
    MessageAdded(
        job_id=_JOB_ID,
        message_id=MessageId("msg-2"),
        sender="system",
        text="✅",
        step="assetGeneration",
        code="video.ready",
        suggestions=("Again but shorter", "Try another hook"),
    ),
    TurnStarted(turn_id=_TURN_ID, message_id=MessageId("msg-1")),
    TurnFinished(turn_id=_TURN_ID, outcome=TurnOutcome.FAILED, error=FAILURE),
    TurnFinished(turn_id=_TURN_ID, outcome=TurnOutcome.ANSWERED),
    ToolStarted(
        turn_id=_TURN_ID,
        call_id=_CALL_ID,
        tool="generate-video",
        title="Asking for a film",
        arguments={"prompt": "a", "duration": 6, "deep": {"list": [1, "two", None]}},
    ),
    ToolFinished(
        turn_id=_TURN_ID, call_id=_CALL_ID, tool="list-models", ok=True, result={"models": []}
    ),
    ToolFinished(turn_id=_TURN_ID, call_id=_CALL_ID, tool="x", ok=False, error=FAILURE),
    UploadAdded(upload=UPLOAD),
    VideoQueued(
        job_id=_JOB_ID,
        request=a_request(
            references=(REFERENCE,), aspect_ratio=AspectRatio.TALL, refinement_prompt="warmer"
        ),
        quote=a_quote("0.48"),
    ),
    VideoProposed(
        job_id=_JOB_ID,
        request=a_request(),
        quote=a_quote("12.48"),
        reason="price",
        expires_at=NOW + timedelta(hours=24),
    ),
    VideoChanged(job_id=_JOB_ID, stage="rendering", clip=1, clips=2, eta_s=40),
    VideoFailed(job_id=_JOB_ID, error=FAILURE, charged="unknown", cost=Money.usd("0.48")),
    VideoCancelled(job_id=_JOB_ID, reason="cancelled", charged="yes", cost=Money.usd("0.10")),
    CreativeAdded(job_id=_JOB_ID, creative=a_creative(a_job(price="0.48"))),
    CreativeUpdated(job_id=_JOB_ID, creative=replace(a_creative(a_job()), note=None)),
)
"""At least one of each member of the union, every optional field filled in somewhere."""


def waits_for_locks(tables: sa.Connection) -> None:
    """From now on as long as a slow disk takes. SQLite's line is none: a writer may lose ten times in a row."""
    tables.exec_driver_sql(f"pragma busy_timeout={1000 * IN_THE_END_S:.0f}").close()
