"""How a prediction ended: a table of what providers say, and what that means for a person.

Their own words never go further than this module. `charged`: Replicate bills these models by the
seconds of film that came out, a canceled prediction of a public model too, and one that never began
not at all (its changelog, 16 Oct 2025). Of failures its pages say nothing: so "no" stands only where
the work was never begun, "unknown" elsewhere, and its own measure of film made goes before both.
"""

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.domain.clips import Outcome
from tools.domain.events import Charged
from tools.domain.failures import Failure
from tools.providers.replicate.prediction import (
    ABORTED,
    CANCELED,
    FAILED,
    SUCCEEDED,
    Prediction,
    film_in,
)
from tools.rendering.ports import Remedy, Rendered, RenderFailed

logger = logging.getLogger("reelroom.ReplicateClient")

KEPT = timedelta(hours=1)
"""How long Replicate keeps what a prediction made (its page on data retention)."""

_REJECTED = (
    "The video provider's safety filter stopped this film. Describe the scene in other words, "
    "leave out brands and real people, or take out a reference image; then ask again."
)
_DOWN = "The video provider cannot make films with this model right now. Another model may."
_CROWDED = "The video provider is too busy to make this film right now. Please try again later."


@dataclass(frozen=True, slots=True)
class _Ending:
    """What a failure says (a pattern), and what it means."""

    said: re.Pattern[str]
    code: str
    words: str
    charged: Charged
    remedy: Remedy
    is_our_bug: bool = False


def _said(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# The first that fits counts: a maker's own text before Replicate's code for it.
_ENDINGS = (
    _Ending(
        _said(r"issue with the audio"),
        "content_rejected",
        "The video provider's filter for sound stopped this film. It often passes the second "
        "time, and without sound.",
        "unknown",
        Remedy.WITHOUT_SOUND,
    ),
    _Ending(
        _said(r"inpaint image must match"),
        "provider_refused",
        "An image did not reach the video provider in the size that its model wants. That is a "
        "mistake of ours; ask without the reference image, or with another model.",
        "unknown",
        Remedy.STOP,
        is_our_bug=True,
    ),
    _Ending(
        _said(r"human face|\bfaces?\b|real people|real person|public figure|likeness"),
        "content_rejected",
        "The video provider takes no images or descriptions of real people. Take out the image "
        "that shows a face, or describe a person who does not exist; then ask again.",
        "unknown",
        Remedy.STOP,
    ),
    _Ending(_said(r"sentinel_block"), "content_rejected", _REJECTED, "unknown", Remedy.STOP),
    _Ending(
        _said(r"moderation_blocked|moderation system"),
        "content_rejected",
        _REJECTED,
        "unknown",
        Remedy.STOP,
    ),
    _Ending(_said(r"\(E005\)"), "content_rejected", _REJECTED, "unknown", Remedy.STOP),
    # Replicate's own bill or key at the maker behind it: not the studio's account.
    _Ending(_said(r"\(E00[12]\)"), "model_unavailable", _DOWN, "no", Remedy.ANOTHER_MODEL),
    _Ending(_said(r"\(E00[34]\)"), "provider_unavailable", _CROWDED, "no", Remedy.AGAIN),
    _Ending(_said(r"\bE6716\b"), "provider_unavailable", _CROWDED, "no", Remedy.AGAIN),
    _Ending(
        _said(r"flagged|sensitive|moderation|safety|nsfw|content polic|prohibited|copyright"),
        "content_rejected",
        _REJECTED,
        "unknown",
        Remedy.STOP,
    ),
)
_MODERATED = _ENDINGS[-1].said
_UNKNOWN = _Ending(
    _said(r""),
    "provider_refused",
    "The video provider could not make this film and did not say why. Try other words, a shorter "
    "film or another model.",
    "unknown",
    Remedy.STOP,
)


def ending_of(prediction: Prediction, now: datetime) -> Rendered | RenderFailed:
    """Of a prediction that is over. `now`: where it does not say itself when it ended."""
    match prediction.status:
        case status if status == SUCCEEDED:
            return _of_success(prediction, now)
        case status if status == FAILED:
            return _of_failure(prediction)
        case status if status == CANCELED:
            return _of_cancellation(prediction)
        case status if status == ABORTED:
            # The deadline passed in the queue. For public models that costs nothing.
            words = "The video provider was too busy to begin with this film."
            return _failed("provider_unavailable", words, "no", Remedy.AGAIN)
    message = f"{prediction.status} is no end"
    raise ValueError(message)


def was_charged(prediction: Prediction, now: datetime) -> Charged:
    """Of a prediction that is over."""
    ending = ending_of(prediction, now)
    return "yes" if isinstance(ending, Rendered) else ending.charged


def not_known() -> RenderFailed:
    """It was ordered, and the provider denies it."""
    words = "The video provider no longer knows this film. It may have been charged for."
    return _failed("output_lost", words, "unknown", Remedy.STOP)


def _of_success(prediction: Prediction, now: datetime) -> Rendered | RenderFailed:
    if film_in(prediction.output) is not None:
        return Rendered(
            billed_s=prediction.film_s,
            took_s=prediction.took_s,
            loses_it_at=(prediction.completed_at or now) + KEPT,
        )
    if prediction.is_removed:
        words = (
            "The film was made, but it was not fetched within the hour that the video provider "
            "keeps it."
        )
        return _failed("output_lost", words, "yes", Remedy.STOP)
    charged = _measured(prediction) or "unknown"
    if _MODERATED.search(prediction.logs):
        return _failed("content_rejected", _REJECTED, charged, Remedy.STOP)
    words = (
        "The video provider says that it is done, but gave no film. Its filter may have stopped "
        "it: try other words."
    )
    return _failed("output_lost", words, charged, Remedy.STOP)


def _of_failure(prediction: Prediction) -> RenderFailed:
    fitting = (each for each in _ENDINGS if each.said.search(prediction.error))
    ending = next(fitting, _UNKNOWN)
    if ending.is_our_bug:
        logger.error("the provider refused what we sent", extra={"model": prediction.model})
    if ending is _UNKNOWN:
        # An operator can read the text at the provider's own page of this prediction.
        logger.warning("an unknown way to fail", extra={"prediction_id": prediction.id})
    charged = _measured(prediction) or ending.charged
    return _failed(ending.code, ending.words, charged, ending.remedy)


def _of_cancellation(prediction: Prediction) -> RenderFailed:
    """By us, by somebody at the provider, or by its deadline."""
    words = "The film was stopped at the video provider before it was done."
    charged: Charged = "no" if prediction.started_at is None else "yes"
    failed = _failed("provider_unavailable", words, charged, Remedy.STOP)
    return RenderFailed(
        failure=failed.failure,
        charged=charged,
        remedy=Remedy.STOP,
        outcome=Outcome.CANCELLED,
    )


def _measured(prediction: Prediction) -> Charged | None:
    """By the provider's own measure of the film that came out, where it gives one."""
    if prediction.film_s is None:
        return None
    return "yes" if prediction.film_s > 0 else "no"


def _failed(code: str, words: str, charged: Charged, remedy: Remedy) -> RenderFailed:
    retryable = code in {"provider_unavailable", "model_unavailable", "output_lost"}
    failure = Failure(code=code, message=words, retryable=retryable)
    return RenderFailed(failure=failure, charged=charged, remedy=remedy)
