"""What the storage behind boto3 says, in words for a person.

Nothing of a stranger's text goes on: it can hold an address with a signature in it. The log is told
the operation, the status and the code.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from tools.errors import NotFound, StorageUnavailable

logger = logging.getLogger(__name__)

_AGAIN_MS = 1_000
_MISSING = frozenset(("NoSuchKey", "404", "NotFound"))
_WORDS = {
    "NoSuchBucket": "The storage has no bucket of the name that is set. The operator has to look.",
    "RequestTimeTooSkewed": "The clock of this machine is wrong, so the storage refuses it. "
    "The operator has to set it.",
}
_KEYS = "The storage does not accept this studio's keys. The operator has to look at them."
_BUSY = "The storage is busy just now. Please try again in a moment."
_LATER = "The storage does not answer properly just now. Please try again."
_UNREACHED = "The storage could not be reached. Please try again."
_FILE = "The studio could not {what} the file: its own disk refuses. Please try again."
_BAD_KEYS = frozenset((401, 403))
_TOO_MANY = 429


@contextmanager
def storage_errors(what: str) -> Iterator[None]:
    """Turns what boto3 and the disk raise into NotFound and StorageUnavailable.

    `what` is the verb: store, read, remove, check. The only place that knows their errors.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  costs 0.3 s

    try:
        yield
    except ClientError as error:
        # Not chained: its text is the storage's own, and would stand in a traceback.
        raise _refused(what, error) from None
    except BotoCoreError as error:
        log_refusal(what, error)
        raise StorageUnavailable(_UNREACHED) from None
    except OSError as error:
        raise StorageUnavailable(_FILE.format(what=what)) from error


def code_of(error: Exception) -> str:
    """The storage's own word for it; "" for one that is no word."""
    answer = getattr(error, "response", {}).get("Error", {})
    code = str(answer.get("Code", ""))
    return code if re.fullmatch(r"[A-Za-z0-9]{1,40}", code) else ""


def status_of(error: Exception) -> int:
    answer = getattr(error, "response", {}).get("ResponseMetadata", {})
    return int(answer.get("HTTPStatusCode", 0))


def log_refusal(what: str, error: Exception) -> None:
    """The operation, the status and the code: nothing that could hold an address or a key."""
    said = f"{status_of(error)} {code_of(error)}" if status_of(error) else type(error).__name__
    logger.warning("Storage: could not %s: %s", what, said)


def _refused(what: str, error: Exception) -> NotFound | StorageUnavailable:
    code, status = code_of(error), status_of(error)
    if code in _MISSING and what == "read":
        return NotFound("That file")
    log_refusal(what, error)
    if code in _WORDS:
        return StorageUnavailable(_WORDS[code])
    if status in _BAD_KEYS:
        return StorageUnavailable(_KEYS)
    if status == _TOO_MANY:
        return StorageUnavailable(_BUSY, retry_after_ms=_AGAIN_MS)
    return StorageUnavailable(_LATER)
