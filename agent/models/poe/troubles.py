"""What can go wrong between us and a language model, by what it means and not by who noticed it."""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    BAD_REQUEST = "bad request"
    UNAUTHENTICATED = "key refused"
    NO_CREDIT = "no credit"
    MODERATED = "moderated"
    FORBIDDEN = "not allowed"
    NOT_FOUND = "not found"
    SLOW_START = "did not start"
    TOO_LARGE = "too large"
    BUSY = "rate limited"
    BROKEN = "server error"
    OVERLOADED = "overloaded"
    UNREACHABLE = "unreachable"
    DROPPED = "dropped before the answer"
    STALLED = "stalled"
    CUT_OFF = "cut off"
    EMPTY = "empty answer"


_BY_STATUS = {
    400: Kind.BAD_REQUEST,
    401: Kind.UNAUTHENTICATED,
    402: Kind.NO_CREDIT,
    403: Kind.FORBIDDEN,
    404: Kind.NOT_FOUND,
    405: Kind.NOT_FOUND,
    408: Kind.SLOW_START,
    409: Kind.BUSY,
    413: Kind.TOO_LARGE,
    422: Kind.BAD_REQUEST,
    429: Kind.BUSY,
    502: Kind.OVERLOADED,
    503: Kind.OVERLOADED,
    504: Kind.OVERLOADED,
    529: Kind.OVERLOADED,
}
_BY_TYPE = {
    "invalid_request_error": Kind.BAD_REQUEST,
    "authentication_error": Kind.UNAUTHENTICATED,
    "insufficient_credits": Kind.NO_CREDIT,
    "insufficient_quota": Kind.NO_CREDIT,
    "moderation_error": Kind.MODERATED,
    "content_filter": Kind.MODERATED,
    "content_policy_violation": Kind.MODERATED,
    "permission_error": Kind.FORBIDDEN,
    "not_found_error": Kind.NOT_FOUND,
    "timeout_error": Kind.SLOW_START,
    "request_too_large": Kind.TOO_LARGE,
    "context_length_exceeded": Kind.TOO_LARGE,
    "rate_limit_error": Kind.BUSY,
    "provider_error": Kind.BROKEN,
    "upstream_error": Kind.OVERLOADED,
    "overloaded_error": Kind.OVERLOADED,
}
_REFUSAL, _SERVER_ERROR = 400, 500


class Trouble(Exception):
    """One request did not come to an answer.

    `message`, `param` and `code` are the provider's own words: read to choose a reaction, never told,
    never logged. So they are not in this exception's text.
    """

    def __init__(
        self,
        kind: Kind,
        *,
        message: str = "",
        param: str = "",
        code: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.message = message
        self.param = param
        self.code = code
        self.retry_after_s = retry_after_s


def trouble_from(
    error: object, *, status: int | None = None, retry_after_s: float | None = None
) -> Trouble:
    """From an error as the API tells it: `{"type", "code", "message", "param"}`, or as others do.

    `status` is None for an error in the middle of a stream. The code may be a number, a word or
    absent, and the whole may be a sentence, HTML or nothing.
    """
    told: Mapping[str, object] = error if isinstance(error, Mapping) else {"message": error}
    kind_word, code = str(told.get("type") or ""), str(told.get("code") or "")
    if status is None and code.isdecimal() and len(code) == len("500"):
        status = int(code)
    return Trouble(
        _kind(status, kind_word, code),
        message=str(told.get("message") or ""),
        param=str(told.get("param") or ""),
        code=code,
        retry_after_s=retry_after_s,
    )


def _kind(status: int | None, kind_word: str, code: str) -> Kind:
    by_word = _BY_TYPE.get(kind_word) or _BY_TYPE.get(code)
    if status is None:
        return by_word or Kind.BROKEN
    # A status says more than "invalid_request_error", which many servers put into everything.
    by_status = _BY_STATUS.get(status)
    if by_status in {Kind.FORBIDDEN, Kind.BAD_REQUEST, Kind.BUSY}:
        return by_word if by_word in {Kind.MODERATED, Kind.TOO_LARGE, Kind.NO_CREDIT} else by_status
    if by_status is not None:
        return by_status
    if status < _REFUSAL:  # a redirect: the API is somewhere else than POE_API_URL says
        return Kind.NOT_FOUND
    return Kind.BAD_REQUEST if status < _SERVER_ERROR else Kind.BROKEN
