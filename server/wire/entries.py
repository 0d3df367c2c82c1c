"""Entries of the timeline as the world sees them: one data shape for each event, URLs made here."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, assert_never

from pydantic import Field

from server.wire.base import ErrorOut, Moment, MoneyOut, NoticeOut, WireModel, iso_utc
from tools.domain import events
from tools.domain.creatives import Creative, ReviewStatus
from tools.domain.events import SessionEvent
from tools.domain.uploads import ReferenceRole, Upload
from tools.domain.videos import Quote, Reference, VideoRequest

Address = Callable[[str], str]
"""Makes the URL of a stored path. Made when it is read: rows and entries keep paths."""


class UploadNamed(WireModel):
    upload_id: str
    role: ReferenceRole | None = None


class MessageAddedData(WireModel):
    message_id: str
    sender: events.Sender
    text: str
    uploads: list[UploadNamed]
    client_id: str | None = None
    replaces: str | None = None
    step: str | None = None
    code: str | None = None
    suggestions: list[str] | None = None


class TurnStartedData(WireModel):
    turn_id: str
    message_id: str


class TurnFinishedData(WireModel):
    turn_id: str
    outcome: events.TurnOutcome
    error: ErrorOut | None = None


class ToolStartedData(WireModel):
    call_id: str
    tool: str
    title: str
    arguments: dict[str, Any]


class ToolFinishedData(WireModel):
    call_id: str
    tool: str
    ok: bool
    result: dict[str, Any] | None = None
    error: ErrorOut | None = None


class UploadAddedData(WireModel):
    upload_id: str
    role: ReferenceRole | None = None
    url: str
    path: str
    content_type: str
    size: int
    width: int
    height: int


class ReferenceImage(WireModel):
    url: str
    uploaded_at: Moment


class RequestOut(WireModel):
    """The request as it was asked for: `prompt` is the person's own words."""

    prompt: str
    model: str
    duration: int
    aspect_ratio: str
    reference_images: list[ReferenceImage]
    refinement_prompt: str | None = None
    refined_prompt: str | None = None


class QuoteLineOut(WireModel):
    description: str
    seconds: int
    amount: MoneyOut


class QuoteOut(WireModel):
    """What it costs. `requestedModel` only where another model stands in for it."""

    model: str
    requested_model: str | None = None
    total: MoneyOut
    lines: list[QuoteLineOut]
    warnings: list[NoticeOut]


class VideoProposedData(WireModel):
    """Waits for a person's yes until `expiresAt`; a later one of the same job replaces it."""

    request: RequestOut
    model: str
    requested_model: str | None = None
    quote: QuoteOut
    reason: events.ProposalReason
    expires_at: Moment


class VideoQueuedData(WireModel):
    request: RequestOut
    model: str
    requested_model: str | None = None
    quote: QuoteOut


class VideoChangedData(WireModel):
    """`model`: only where another model takes over from here on."""

    stage: str
    model: str | None = None
    clip: int | None = None
    clips: int | None = None
    eta_seconds: int | None = None


class VideoFailedData(WireModel):
    error: ErrorOut
    charged: events.Charged
    cost: MoneyOut | None = None


class VideoCancelledData(WireModel):
    reason: Literal["cancelled", "declined", "expired"]
    charged: events.Charged
    cost: MoneyOut | None = None


class CreativeVisual(WireModel):
    prompt: str
    url: str
    refined_prompt: str | None = None
    model: str
    duration: int
    reference_images: list[ReferenceImage]
    poster_url: str | None = None
    preview_url: str | None = None
    aspect_ratio: str
    requested_model: str | None = None


class CreativeMetadata(WireModel):
    generated_at: Moment
    provider: str
    resolution: str | None = None
    note: str | None = None
    cost: MoneyOut | None = None
    """What it came to; absent for one that was free."""


class CreativeOut(WireModel):
    """The seed's creative, field for field."""

    creative_id: str = Field(serialization_alias="_id")
    type: Literal["video"] = "video"
    campaign_id: str
    status: ReviewStatus
    visual: CreativeVisual
    metadata: CreativeMetadata
    created_at: Moment
    updated_at: Moment


class CreativeData(WireModel):
    creative: CreativeOut


ENTRY_DATA: dict[str, type[WireModel]] = {
    events.MessageAdded.name: MessageAddedData,
    events.TurnStarted.name: TurnStartedData,
    events.TurnFinished.name: TurnFinishedData,
    events.ToolStarted.name: ToolStartedData,
    events.ToolFinished.name: ToolFinishedData,
    events.UploadAdded.name: UploadAddedData,
    events.VideoProposed.name: VideoProposedData,
    events.VideoQueued.name: VideoQueuedData,
    events.VideoChanged.name: VideoChangedData,
    events.VideoFailed.name: VideoFailedData,
    events.VideoCancelled.name: VideoCancelledData,
    events.CreativeAdded.name: CreativeData,
    events.CreativeUpdated.name: CreativeData,
}


def reference_out(reference: Reference, address: Address) -> ReferenceImage:
    return ReferenceImage(
        url=reference.given_url or address(reference.path or ""), uploaded_at=reference.uploaded_at
    )


def request_out(request: VideoRequest, address: Address) -> RequestOut:
    return RequestOut(
        prompt=request.prompt,
        model=request.model_key,
        duration=request.length_s,
        aspect_ratio=request.aspect_ratio.value,
        reference_images=[reference_out(each, address) for each in request.references],
        refinement_prompt=request.refinement_prompt,
        refined_prompt=request.refined_prompt,
    )


def quote_out(quote: Quote) -> QuoteOut:
    return QuoteOut(
        model=quote.model_key,
        requested_model=quote.requested_key,
        total=MoneyOut.of(quote.total),
        lines=[
            QuoteLineOut(
                description=line.description, seconds=line.seconds, amount=MoneyOut.of(line.amount)
            )
            for line in quote.lines
        ],
        warnings=[NoticeOut(code=each.code, message=each.message) for each in quote.warnings],
    )


def creative_out(creative: Creative, address: Address) -> CreativeOut:
    film = creative.film
    return CreativeOut(
        creative_id=creative.id,
        campaign_id=creative.campaign_id,
        status=creative.status,
        visual=CreativeVisual(
            prompt=creative.request.prompt,
            url=address(film.path),
            refined_prompt=creative.refined_prompt,
            model=creative.model_key,
            duration=film.length_s,
            reference_images=[reference_out(each, address) for each in creative.request.references],
            poster_url=address(film.poster_path),
            preview_url=address(film.preview_path),
            aspect_ratio=creative.request.aspect_ratio.value,
            requested_model=creative.requested_key,
        ),
        metadata=CreativeMetadata(
            generated_at=film.generated_at,
            provider=film.provider,
            resolution=str(film.frame),
            note=creative.note,
            cost=MoneyOut.of(creative.cost) if creative.cost else None,
        ),
        created_at=creative.created_at,
        updated_at=creative.updated_at,
    )


def upload_out(upload: Upload, address: Address) -> UploadAddedData:
    return UploadAddedData(
        upload_id=upload.id,
        role=upload.role,
        url=address(upload.path),
        path=upload.path,
        content_type=upload.content_type,
        size=upload.size_bytes,
        width=upload.width,
        height=upload.height,
    )


def data_for(event: SessionEvent, address: Address) -> WireModel:  # noqa: C901, PLR0911, PLR0912  one case a member
    """The public data of an event. A new event fails the type check here, not a browser."""
    match event:
        case events.MessageAdded():
            return MessageAddedData(
                message_id=event.message_id,
                sender=event.sender,
                text=event.text,
                uploads=[UploadNamed(upload_id=each.id, role=each.role) for each in event.uploads],
                client_id=event.client_id,
                replaces=event.replaces,
                step=event.step,
                code=event.code,
                suggestions=list(event.suggestions) or None,
            )
        case events.TurnStarted():
            return TurnStartedData(turn_id=event.turn_id or "", message_id=event.message_id)
        case events.TurnFinished():
            return TurnFinishedData(
                turn_id=event.turn_id or "",
                outcome=event.outcome,
                error=ErrorOut.of(event.error) if event.error else None,
            )
        case events.ToolStarted():
            return ToolStartedData(
                call_id=event.call_id,
                tool=event.tool,
                title=event.title,
                arguments=dict(event.arguments),
            )
        case events.ToolFinished():
            return ToolFinishedData(
                call_id=event.call_id,
                tool=event.tool,
                ok=event.ok,
                result=dict(event.result) if event.result is not None else None,
                error=ErrorOut.of(event.error) if event.error else None,
            )
        case events.UploadAdded():
            return upload_out(event.upload, address)
        case events.VideoProposed():
            return VideoProposedData(
                request=request_out(event.request, address),
                model=event.quote.model_key,
                requested_model=event.quote.requested_key,
                quote=quote_out(event.quote),
                reason=event.reason,
                expires_at=event.expires_at,
            )
        case events.VideoQueued():
            return VideoQueuedData(
                request=request_out(event.request, address),
                model=event.quote.model_key,
                requested_model=event.quote.requested_key,
                quote=quote_out(event.quote),
            )
        case events.VideoChanged():
            return VideoChangedData(
                stage=event.stage,
                model=event.model_key,
                clip=event.clip,
                clips=event.clips,
                eta_seconds=event.eta_s,
            )
        case events.VideoFailed():
            return VideoFailedData(
                error=ErrorOut.of(event.error),
                charged=event.charged,
                cost=MoneyOut.of(event.cost) if event.cost else None,
            )
        case events.VideoCancelled():
            return VideoCancelledData(
                reason=event.reason,
                charged=event.charged,
                cost=MoneyOut.of(event.cost) if event.cost else None,
            )
        case events.CreativeAdded() | events.CreativeUpdated():
            return CreativeData(creative=creative_out(event.creative, address))
        case _:
            assert_never(event)


def entry_json(
    session_id: str, seq: int, at: datetime, event: SessionEvent, address: Address
) -> dict[str, Any]:
    """`{sessionId, seq, at, type, turnId?, jobId?, data}`."""
    entry: dict[str, Any] = {
        "sessionId": session_id,
        "seq": seq,
        "at": iso_utc(at),
        "type": event.name,
        "data": data_for(event, address).json_ready(),
    }
    if event.turn_id is not None:
        entry["turnId"] = event.turn_id
    if event.job_id is not None:
        entry["jobId"] = event.job_id
    return entry
