"""What HTTP and the socket may ask for: shapes only. Whether it can be done is the studio's to say."""

import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from server.wire.base import ClientId, Id, MoneyOut, Token, WireModel
from tools.domain.frames import AspectRatio
from tools.domain.uploads import ReferenceRole
from tools.domain.videos import MAX_REFERENCES, PROMPT_CHARS

_URL = TypeAdapter(HttpUrl)
_URL_CHARS = 2083
_ABSOLUTE = r"^[Hh][Tt][Tt][Pp][Ss]?://\S+$"
"""Browsers would also read `http:x.example`, and an address with a line's end in it."""


def _is_url(given: str) -> str:
    """Checked, and kept as it was written: answers show the address as given."""
    _URL.validate_python(given)
    if not re.fullmatch(_ABSOLUTE, given):
        raise PydanticCustomError("url", "no address that begins with https:// or http://")
    return given


def _without_nul(given: object) -> object:
    """Not every database can keep it, and nobody can see it."""
    return given.replace("\0", "") if isinstance(given, str) else given


Seen = BeforeValidator(_without_nul)
WebAddress = Annotated[
    str,
    StringConstraints(max_length=_URL_CHARS),
    AfterValidator(_is_url),
    WithJsonSchema(
        {"type": "string", "format": "uri", "pattern": _ABSOLUTE, "maxLength": _URL_CHARS}
    ),
]
CampaignName = Annotated[str, StringConstraints(min_length=1, max_length=128)]


def _whole(given: object) -> object:
    """In JSON 6.0 is the same number as 6: some programs know no other way to write it."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


Seconds = Annotated[
    int, BeforeValidator(_whole), Field(strict=True, json_schema_extra={"format": "int32"})
]
MESSAGE_CHARS = 8_000
MAX_UPLOADS_PER_MESSAGE = 10
MAX_ENTRY_NUMBER = 10**12
"""No timeline gets there; a number that the database cannot hold is refused at the door."""


Words = Annotated[
    str,
    StringConstraints(min_length=1, max_length=PROMPT_CHARS, strip_whitespace=True),
    Field(json_schema_extra={"pattern": r"[^\s\x00]"}),
    # Last, because it comes first: what is left without it is measured.
    Seen,
]
"""Not of blanks alone. Parameters of a template may be held shorter by it."""


class VideoAsk(WireModel):
    """A film as it is asked for: the seed's request body."""

    prompt: Words = Field(description="What is to be seen.")
    model: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = Field(
        default=None,
        description="A key of the list of models; `sora-2-pro` when absent. Where a model is gone, "
        "the next that can do the work makes the film, and says so.",
    )
    duration: Seconds | None = Field(
        default=None,
        description="Whole seconds, within the range of the model that is asked for; 6 when absent.",
    )
    aspect_ratio: AspectRatio | None = Field(default=None, description="`16:9` when absent.")
    reference_image_urls: list[WebAddress] = Field(
        default_factory=list,
        max_length=MAX_REFERENCES,
        description="Logos, products, styles. An address that the upload gave is read, others are "
        "fetched. A model that takes no images leaves them out, with a warning.",
    )
    refinement_prompt: Annotated[str, StringConstraints(max_length=2000), Seen] | None = Field(
        default=None,
        description="How a language model shall rewrite the prompt. When absent, it is sent as it "
        "stands.",
    )


class GenerateVideoBody(VideoAsk):
    """`POST /api/video/generate` and `/quote`."""

    campaign_id: CampaignName | None = None
    session_id: Id | None = None


class ExampleBody(WireModel):
    """What the three examples have in common: where the film belongs."""

    campaign_id: CampaignName | None = None
    session_id: Id | None = None


class BrandAnimationBody(ExampleBody):
    """`POST /api/video/examples/brand-animation`."""

    brand_logo_url: WebAddress | None = None
    product_name: Words
    tagline: Annotated[str, StringConstraints(max_length=PROMPT_CHARS), Seen] | None = None


class ProductShowcaseBody(ExampleBody):
    """`POST /api/video/examples/product-showcase`."""

    product_name: Words
    product_description: Words
    reference_image_urls: list[WebAddress] = Field(default_factory=list, max_length=MAX_REFERENCES)


class SocialMediaBody(ExampleBody):
    """`POST /api/video/examples/social-media`."""

    concept: Words
    platform: Literal["instagram", "tiktok", "youtube", "facebook"]
    brand_images: list[WebAddress] = Field(default_factory=list, max_length=MAX_REFERENCES)


class UploadByUrlBody(WireModel):
    url: WebAddress
    session_id: Id | None = None
    role: ReferenceRole | None = None


class ReviewBody(WireModel):
    """`PATCH /api/creatives/{id}`."""

    status: Literal["needsReview", "approved", "rejected"]
    note: Annotated[str, StringConstraints(max_length=1000)] | None = None


class Handshake(WireModel):
    """`auth` of the socket's handshake."""

    token: Token
    protocol: int


class SessionOpen(WireModel):
    campaign_id: CampaignName | None = None
    session_id: Id | None = None
    new: bool = False
    after: int = Field(default=0, ge=0, le=MAX_ENTRY_NUMBER)
    epoch: Annotated[str, StringConstraints(max_length=64)] | None = None


class MessageSend(WireModel):
    session_id: Id
    client_id: ClientId
    text: Annotated[str, StringConstraints(max_length=MESSAGE_CHARS)]
    uploads: list[Id] = Field(default_factory=list, max_length=MAX_UPLOADS_PER_MESSAGE)
    replaces: Id | None = None


class TurnStop(WireModel):
    session_id: Id
    client_id: ClientId
    turn_id: Id


class TurnRetry(WireModel):
    session_id: Id
    client_id: ClientId
    turn_id: Id


class VideoRequestCommand(WireModel):
    session_id: Id
    client_id: ClientId
    request: VideoAsk
    max_cost: MoneyOut | None = None


class JobApprove(WireModel):
    """A person's yes to the job's newest quote; with `request`, an edit that is quoted again instead.

    `max_cost`: the price that was on the card. A quote that is higher by now stays a question.
    """

    session_id: Id
    client_id: ClientId
    job_id: Id
    request: VideoAsk | None = None
    max_cost: MoneyOut | None = None


class JobDecline(WireModel):
    session_id: Id
    client_id: ClientId
    job_id: Id


class JobCancel(WireModel):
    session_id: Id
    client_id: ClientId
    job_id: Id


class CreativeReview(ReviewBody):
    session_id: Id
    client_id: ClientId
    creative_id: Id


class SessionList(WireModel):
    campaign_id: CampaignName | None = None


class AuthRefresh(WireModel):
    token: Token


COMMANDS: dict[str, type[WireModel]] = {
    "session.open": SessionOpen,
    "message.send": MessageSend,
    "turn.stop": TurnStop,
    "turn.retry": TurnRetry,
    "video.request": VideoRequestCommand,
    "job.approve": JobApprove,
    "job.decline": JobDecline,
    "job.cancel": JobCancel,
    "creative.review": CreativeReview,
    "session.list": SessionList,
    "auth.refresh": AuthRefresh,
}
"""Every socket command by its name on the wire."""
