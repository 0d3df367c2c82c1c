"""What can go wrong in the studio, each with a code, words for a person, and who should act.

StudioError
├─ RefusedRequest          the asker can fix it; the agent is told how                     400 / 422
│  ├─ InvalidPayload, UnknownVideoModel, DurationOutOfRange, UnknownTemplate,
│  │  MissingPlaceholder, ContentRejected, ReferenceUnreachable, IdempotencyMismatch
│  ├─ TooLarge, UnsupportedMedia                                                            413 / 415
│  ├─ BudgetExceeded                                                                        402
│  ├─ Busy, AlreadyFinal, ApprovalRequired                                                  409
│  └─ RateLimited                                                                           429
├─ NotFound                not there, or somebody else's: the same answer                   404
├─ Unauthenticated         no token, a bad one (TokenExpired: an old one)                   401
├─ Forbidden               a good token that may not do this (OriginDenied)                 403
├─ ProviderRefused         the provider said no: do not repeat it unchanged                 502
├─ OutputLost              it was made, and its file is gone or broken                      502
├─ ModelUnavailable        nothing that could make this film is available here              503
├─ ProviderUnavailable     try later                                                        503
├─ StorageUnavailable      the film exists, but could not be stored                         503
│  └─ ReferencesNotStored  an image could not be kept: its film has not begun
├─ Interrupted             the server stopped in the middle                                 503
└─ Internal                ours: the log knows more than the user is told                   500

Codes are public (contract section 3) and never change; statuses live in `server.replies`.
"""

from collections.abc import Mapping
from typing import ClassVar


class StudioError(Exception):
    """A failure with words for a person. `retryable`: the same thing may work later, unchanged."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        retry_after_ms: int | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.retry_after_ms = retry_after_ms
        self.details = dict(details) if details else None


class RefusedRequest(StudioError):
    """The asker can put it right."""

    code = "invalid_payload"


class InvalidPayload(RefusedRequest):
    """A body, a command or an argument of the wrong shape."""


class UnknownVideoModel(RefusedRequest):
    code = "unknown_model"

    def __init__(self, *, asked: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no video model called {asked[:80]!r}. Choose one of {', '.join(known)}.",
            field="model",
            details={"known": list(known)},
        )


class DurationOutOfRange(RefusedRequest):
    code = "duration_out_of_range"

    def __init__(self, *, model_key: str | None, wanted_s: int, low_s: int, high_s: int) -> None:
        """`model_key` is None where no model was named: the range is then of all that can be had."""
        makes = "those that can be had here make" if model_key is None else f"{model_key} makes"
        named = {} if model_key is None else {"model": model_key}
        super().__init__(
            f"Duration out of range for model: {makes} {low_s} to {high_s} seconds, "
            f"not {wanted_s}.",
            field="duration",
            details={**named, "min": low_s, "max": high_s},
        )


class UnknownTemplate(RefusedRequest):
    code = "unknown_template"

    def __init__(self, *, asked: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no template called {asked[:80]!r}. Choose one of {', '.join(known)}.",
            field="template",
            details={"known": list(known)},
        )


class MissingPlaceholder(RefusedRequest):
    code = "missing_placeholder"


class ContentRejected(RefusedRequest):
    code = "content_rejected"


class ReferenceUnreachable(RefusedRequest):
    code = "reference_unreachable"


class IdempotencyMismatch(RefusedRequest):
    code = "idempotency_mismatch"

    def __init__(self, *, field: str = "clientId") -> None:
        super().__init__(
            "This key was already used for something else. Use a new one.", field=field
        )


class TooLarge(RefusedRequest):
    code = "too_large"


class UnsupportedMedia(RefusedRequest):
    code = "unsupported_media"


class BudgetExceeded(RefusedRequest):
    code = "budget_exceeded"


class Busy(RefusedRequest):
    """Something else has to end first."""

    code = "busy"
    retryable = True


class RateLimited(RefusedRequest):
    """Asked for too often: nothing was done, and it may be asked for again later."""

    code = "rate_limited"
    retryable = True


class AlreadyFinal(RefusedRequest):
    code = "already_final"


class ApprovalRequired(RefusedRequest):
    """Only a person's own yes makes this happen."""

    code = "approval_required"


class NotFound(StudioError):
    code = "not_found"

    def __init__(self, what: str = "That") -> None:
        super().__init__(f"{what} was not found.")


class Unauthenticated(StudioError):
    code = "unauthenticated"


class TokenExpired(Unauthenticated):
    code = "token_expired"


class Forbidden(StudioError):
    code = "forbidden"


class OriginDenied(Forbidden):
    code = "origin_denied"


class ProviderRefused(StudioError):
    code = "provider_refused"


class OutputLost(StudioError):
    code = "output_lost"
    retryable = True


class ModelUnavailable(StudioError):
    code = "model_unavailable"
    retryable = True


class ProviderUnavailable(StudioError):
    code = "provider_unavailable"
    retryable = True


class StorageUnavailable(StudioError):
    code = "storage_unavailable"
    retryable = True


class ReferencesNotStored(StorageUnavailable):
    """The images of a film could not be kept, or read again: the film has not begun."""

    def __init__(self, cause: StorageUnavailable) -> None:
        why = cause.message[:1].lower() + cause.message[1:]
        super().__init__(
            f"Reference images failed to upload: {why}", retry_after_ms=cause.retry_after_ms
        )


class Interrupted(StudioError):
    code = "interrupted"
    retryable = True


class Internal(StudioError):
    """A bug of ours. Its cause goes to the log, never to a wire."""

    code = "internal"
    retryable = True

    def __init__(self) -> None:
        super().__init__("Something went wrong on our side. It has been noted; please try again.")
