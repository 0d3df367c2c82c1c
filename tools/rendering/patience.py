"""How often a step that failed is tried again, and what is said of the order when it is given up."""

from tools.domain.clips import Outcome
from tools.domain.events import Charged
from tools.domain.jobs import OrderEnd, VideoJob
from tools.errors import (
    Internal,
    OutputLost,
    ReferencesNotStored,
    RefusedRequest,
    StorageUnavailable,
    StudioError,
)

ATTEMPTS = 5
STORE_ATTEMPTS = 40
"""The film exists: a full disk has half an hour to be noticed before it is given up."""
PAID_STORE_ATTEMPTS = 1_440
"""And a day, where somebody has paid for it: it lies in the studio's own folder, and waits."""
PAID_ATTEMPTS = 100
"""Something was bought: a provider that cannot be reached has an hour and a half to come back.

That is longer than it works on a film and keeps it.
"""
BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 60.0


def attempts(job: VideoJob, error: StudioError) -> int:
    """How often a step may fail with this error, one time after the other."""
    if isinstance(error, ReferencesNotStored) and not job.may_have_bought:
        # Nothing is lost with it, and somebody waits to hear that the storage is not set up.
        return ATTEMPTS
    is_paid = job.may_have_bought and job.clip is not None and bool(job.clip.price)
    if isinstance(error, StorageUnavailable):
        return PAID_STORE_ATTEMPTS if is_paid or job.spent else STORE_ATTEMPTS
    if is_paid and not isinstance(error, OutputLost | RefusedRequest):
        # Also a key that was refused: it may be exchanged at this moment.
        return PAID_ATTEMPTS
    return ATTEMPTS if error.retryable else 1


def backoff_s(tried: int) -> float:
    doublings = min(tried - 1, 10)  # of which six are felt; a thousand are no number any more
    return min(BACKOFF_S * 2.0**doublings, LONGEST_BACKOFF_S)


def told_of(error: Exception) -> StudioError:
    """The error in words for a person."""
    if isinstance(error, StudioError):
        return error
    if isinstance(error, OSError):
        return StorageUnavailable("The studio's disk is full or gone. Please try again later.")
    return Internal()


def given_up(job: VideoJob, error: StudioError) -> OrderEnd | None:
    """What became of the running clip's order when its job is given up; None: there was none."""
    clip = job.clip
    if clip is None or not job.may_have_bought:
        return None
    charged: Charged = "yes" if isinstance(error, OutputLost) and clip.prediction_id else "unknown"
    return OrderEnd(
        outcome=Outcome.FAILED, charged=charged if clip.price else "no", cost=clip.price
    )
