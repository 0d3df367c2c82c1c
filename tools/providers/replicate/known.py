"""What this life knows of predictions: since when, their status, where the film lies.

It saves questions and tells the log each change once; nothing depends on it that must be true.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tools.domain.identity import PredictionId
from tools.providers.replicate.endings import ending_of
from tools.providers.replicate.prediction import RENDERING, WAITING, Film, Prediction, film_in
from tools.rendering.ports import Rendered, RenderFailed

logger = logging.getLogger("reelroom.ReplicateClient")

_STATUS_CHARS = 40


@dataclass(slots=True)
class _Seen:
    since: datetime
    status: str | None = None
    film: Film | None = None


class Known:
    """`young_s`: for so long a prediction that was just created may be denied by the provider."""

    def __init__(self, *, young_s: float, clock: Callable[[], datetime]) -> None:
        self._young_s = young_s
        self._clock = clock
        self._seen: dict[PredictionId, _Seen] = {}

    def meet(self, prediction_id: PredictionId) -> None:
        """It may have been created just now."""
        self._seen.setdefault(prediction_id, _Seen(self._clock()))

    def forget(self, prediction_id: PredictionId) -> None:
        self._seen.pop(prediction_id, None)

    def is_young(self, prediction_id: PredictionId) -> bool:
        self.meet(prediction_id)
        known_s = (self._clock() - self._seen[prediction_id].since).total_seconds()
        return known_s < self._young_s

    def film(self, prediction_id: PredictionId) -> Film | None:
        """Where it lay when it was last asked about."""
        seen = self._seen.get(prediction_id)
        return None if seen is None else seen.film

    def follow(self, prediction: Prediction) -> None:
        """Remember where the film lies; tell a change of status."""
        self.meet(prediction.id)
        seen = self._seen[prediction.id]
        seen.film = film_in(prediction.output) if prediction.is_over else None
        if prediction.status == seen.status:
            return
        seen.status = prediction.status
        facts = {"prediction_id": prediction.id, "status": prediction.status[:_STATUS_CHARS]}
        logger.info("a prediction moved", extra=facts)
        if prediction.is_over:
            self._tell_end(prediction, seen.film)
        elif prediction.status not in {WAITING, RENDERING}:
            logger.warning("an unknown status is taken for work", extra=facts)

    def _tell_end(self, prediction: Prediction, film: Film | None) -> None:
        facts: dict[str, object] = {
            "prediction_id": prediction.id,
            "took_s": prediction.took_s,
            "film_s": prediction.film_s,
            "output": None if film is None else film.told_as,
        }
        match ending_of(prediction, self._clock()):
            case Rendered():
                logger.info("a clip is rendered", extra=facts)
            case RenderFailed(failure=failure, charged=charged, remedy=remedy):
                facts |= {"code": failure.code, "charged": charged, "remedy": remedy.value}
                logger.warning("a clip came to nothing", extra=facts)
