"""What several routes have in common, as the document says it."""

from pydantic import TypeAdapter

from server.wire import samples
from server.wire.answers import GenerationResult, JobAccepted
from server.wire.base import Id
from server.wire.bodies import CampaignName
from server.wire.described import Answer, Header, Link, Parameter, json_of
from tools.errors import (
    AlreadyFinal,
    BudgetExceeded,
    Busy,
    ContentRejected,
    DurationOutOfRange,
    IdempotencyMismatch,
    Interrupted,
    InvalidPayload,
    ModelUnavailable,
    NotFound,
    OutputLost,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    ReferenceUnreachable,
    StorageUnavailable,
    StudioError,
    TooLarge,
    UnknownVideoModel,
    UnsupportedMedia,
)

TEXT = {"type": "string"}
ID = TypeAdapter(Id).json_schema()
CAMPAIGN = TypeAdapter(CampaignName).json_schema()
A_BODY: tuple[type[StudioError], ...] = (InvalidPayload, TooLarge, UnsupportedMedia)
"""What any door with a body may answer."""


def path_id(what: str, sample: str, *, name: str = "id") -> Parameter:
    return Parameter(name=name, where="path", text=f"The {what}'s id.", shape=ID, sample=sample)


CAMPAIGN_IN_PATH = Parameter(
    name="campaign_id",
    where="path",
    text="What your own system calls the campaign.",
    shape=CAMPAIGN,
    sample="spring-26",
)
PREFER = Parameter(
    name="Prefer",
    where="header",
    text="`respond-async`: the short answer at once. `wait=60`: wait for the film so many seconds "
    "at most (RFC 7240).",
    shape=TEXT,
    sample="respond-async",
)
IDEMPOTENCY_KEY = Parameter(
    name="Idempotency-Key",
    where="header",
    text="The same key with the same body gives the same film, for 25 hours, also when the first "
    "answer was lost. With another body it is refused. A UUID is a good one.",
    shape={"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!#-\[\]-~]+$"},
)
ORDERED_WITH = (PREFER, IDEMPOTENCY_KEY)
"""What may stand above an order of a film."""
LOCATION = Header(
    name="Location",
    text="Where the job tells how far it is: `statusUrl`.",
    shape={"type": "string", "format": "uri"},
    is_certain=True,
)
PREFERENCE_APPLIED = Header(
    name="Preference-Applied", text="The preferences that were kept to.", shape=TEXT
)
ABOUT_MODEL = (
    Header(
        name="Deprecation",
        text="Since when the model that was asked for is gone (RFC 9745); absent while it lives.",
        shape={"type": "string", "pattern": "^@[0-9]+$"},
    ),
    Header(name="Sunset", text="The same day, as RFC 8594 writes it.", shape=TEXT),
    Header(
        name="Link",
        text="For a model that is gone: where the models are listed, and who takes over.",
        shape=TEXT,
    ),
)
FILM_ANSWERS = (
    Answer(
        status=202,
        text="The whole result when the film is stored; or the short answer: at once with "
        "`Prefer: respond-async`, else when the waiting has an end before the film has.",
        contents=json_of(
            GenerationResult,
            JobAccepted,
            The_film_is_stored=samples.RESULT,
            Another_model_stood_in=samples.STOOD_IN,
            The_short_answer=samples.ACCEPTED,
        ),
        headers=(LOCATION, PREFERENCE_APPLIED, *ABOUT_MODEL),
        links=(
            Link(name="job", to="getJob", parameters={"id": "$response.body#/jobId"}),
            Link(name="cancel", to="cancelJob", parameters={"id": "$response.body#/jobId"}),
            Link(
                name="review", to="reviewCreative", parameters={"id": "$response.body#/creativeId"}
            ),
        ),
    ),
)
QUOTE_REFUSALS: tuple[type[StudioError], ...] = (
    *A_BODY,
    NotFound,
    UnknownVideoModel,
    DurationOutOfRange,
    ReferenceUnreachable,
    ModelUnavailable,
)
FILM_REFUSALS: tuple[type[StudioError], ...] = (
    *QUOTE_REFUSALS,
    IdempotencyMismatch,
    BudgetExceeded,
    AlreadyFinal,
    Busy,
    RateLimited,
    ContentRejected,
    ProviderRefused,
    OutputLost,
    ProviderUnavailable,
    StorageUnavailable,
    Interrupted,
)
"""Also what the film ended with: a failed job answers with its error's status."""
