"""Replicate behind the studio's port: orders placed once, watched, fetched, and told how they ended.

    submit ─ one POST ─┬─ an id ──── poll, poll … ── collect (from its film host, without a token)
                       ├─ refused ── nothing was bought
                       └─ in doubt ─ find ── the id, or nothing was bought

A prediction lives at Replicate. What is remembered here of one (since when it is known, where its
film lies) only saves questions: another process goes on from the id alone.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from replicate import APIError

from tools.domain.events import Charged
from tools.domain.identity import JobId, PredictionId
from tools.domain.models import VideoModel
from tools.errors import OutputLost, ProviderRefused, ProviderUnavailable
from tools.providers.replicate.client import UNREACHABLE, Limits, NotKnown, ReplicateClient
from tools.providers.replicate.collecting import FilmCollector
from tools.providers.replicate.endings import ending_of, not_known, was_charged
from tools.providers.replicate.examining import examine
from tools.providers.replicate.finding import IsFree, Search, find_order
from tools.providers.replicate.handing import Lend, handed_over
from tools.providers.replicate.inputs import input_of
from tools.providers.replicate.known import Known
from tools.providers.replicate.prediction import (
    WAITING,
    Film,
    Prediction,
    Unreadable,
    is_id,
)
from tools.providers.replicate.refusals import answered
from tools.rendering.ports import (
    Image,
    Order,
    OrderInDoubt,
    RenderFailed,
    Rendering,
    RenderStatus,
    Window,
)

logger = logging.getLogger("reelroom.ReplicateClient")

OUTPUT_HOSTS = ("replicate.delivery",)
CANCEL_AFTER = "35m"
"""Replicate lets a prediction run for 30 minutes; the rest is for its queue."""
_CADENCE = ((20.0, 2.0), (120.0, 5.0))
_SLOW_S = 10.0
_JITTER = 0.2
_CANCEL_TRIES = 4


class ReplicateProvider:
    """Implements `tools.rendering.ports.VideoProvider`. Opened and closed by its owner.

    `base_url` with its `/v1`. `lend`: see Storage. `webhook`: the address that a job's clip reports
    to, None where nothing can reach us. `output_hosts`: see FilmCollector.
    """

    name = "replicate"

    def __init__(
        self,
        *,
        token: str,
        base_url: str,
        lend: Lend,
        webhook: Callable[[JobId, int], str] | None = None,
        output_hosts: tuple[str, ...] = OUTPUT_HOSTS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        limits: Limits = Limits(),  # noqa: B008  # immutable
        log_prompts: bool = False,
    ) -> None:
        self.grace_s = limits.order_s + limits.list_lag_s + 1
        self._client = ReplicateClient(token=token, base_url=base_url, limits=limits)
        self._collector = FilmCollector(hosts=output_hosts, limits=limits)
        self._lend = lend
        self._webhook = webhook
        self._clock = clock
        self._limits = limits
        self._logs_prompts = log_prompts
        self._known = Known(young_s=limits.young_s, clock=clock)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            await opening.enter_async_context(self._client)
            await opening.enter_async_context(self._collector)
            self._open = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def pause_s(self, watched_s: float) -> float:
        pause_s = next((each for until, each in _CADENCE if watched_s < until), _SLOW_S)
        return pause_s * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  # spreads the polls

    async def hand_over(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        return tuple([await handed_over(self._client, self._lend, image) for image in images])

    # -- ordering ----------------------------------------------------------------------------------

    async def submit(self, order: Order) -> PredictionId:
        slug, given = order.model.slug, input_of(order)
        if slug is None:
            message = f"{order.model.key} has no name at the provider"
            raise ValueError(message)
        logger.info("ordering a clip", extra=self._facts(order))
        try:
            made = await self._client.create(
                slug, given, webhook=self._hook(order), cancel_after=CANCEL_AFTER
            )
        except APIError as error:
            # Not chained: a traceback would print what they say, a page to pay money in included.
            raise answered(error, order.model, self._clock()) from None
        except (TimeoutError, Unreadable) as error:
            raise OrderInDoubt from error
        self._known.meet(made.id)
        facts = {"job_id": order.job_id, "clip": order.clip, "prediction_id": made.id}
        logger.info("a clip is ordered", extra=facts)
        return made.id

    async def find(self, order: Order, window: Window, is_free: IsFree) -> PredictionId | None:
        search = Search(order=order, window=window, hook=self._hook(order), limits=self._limits)
        try:
            found = await find_order(self._client, search, is_free)
        except NotKnown as error:
            raise ProviderUnavailable(UNREACHABLE) from error
        facts = {"job_id": order.job_id, "clip": order.clip, "prediction_id": found}
        logger.info("looked for an order", extra=facts)
        if found is not None:
            self._known.meet(found)
        return found

    def _hook(self, order: Order) -> str | None:
        return None if self._webhook is None else self._webhook(order.job_id, order.clip)

    def _facts(self, order: Order) -> dict[str, object]:
        prompt = {"prompt": order.sent_prompt} if self._logs_prompts else {}
        return {
            "job_id": order.job_id,
            "clip": order.clip,
            "model": order.model.slug,
            "clip_s": order.length_s,
            "aspect_ratio": order.aspect_ratio.value,
            "sound": order.sound,
            "references": len(order.images),
            **prompt,
        }

    # -- watching ----------------------------------------------------------------------------------

    async def poll(self, prediction_id: PredictionId) -> RenderStatus:
        """Raises ProviderUnavailable, ProviderRefused."""
        if not is_id(prediction_id):
            return not_known()
        prediction = await self._asked(prediction_id)
        if prediction is None:
            if self._known.is_young(prediction_id):
                return Rendering(is_waiting=True)
            logger.error("a prediction is denied", extra={"prediction_id": prediction_id})
            return not_known()
        if not prediction.is_over:
            return Rendering(is_waiting=prediction.status == WAITING)
        return ending_of(prediction, self._clock())

    async def _asked(self, prediction_id: PredictionId) -> Prediction | None:
        """None: Replicate does not know it, or not yet."""
        self._known.meet(prediction_id)
        try:
            prediction = await self._client.get(prediction_id)
        except NotKnown:
            return None
        self._known.follow(prediction)
        return prediction

    # -- stopping ----------------------------------------------------------------------------------

    async def cancel(self, prediction_id: PredictionId) -> Charged:
        """Asked for again while it may only be too new to be known: it goes on costing otherwise."""
        if not is_id(prediction_id):
            return "unknown"
        prediction = None
        try:
            async with asyncio.timeout(self._limits.stop_s):
                prediction = await self._stopped_for_certain(prediction_id)
        except TimeoutError:
            logger.warning("a prediction could not be stopped in time")
        charged: Charged = "unknown"
        if prediction is not None and prediction.is_over:
            charged = was_charged(prediction, self._clock())
        facts = {"prediction_id": prediction_id, "charged": charged}
        logger.info("told a prediction to stop", extra=facts)
        return charged

    async def _stopped_for_certain(self, prediction_id: PredictionId) -> Prediction | None:
        """The last that was heard of it."""
        prediction = None
        for left in reversed(range(_CANCEL_TRIES)):
            try:
                prediction = await self._stopped(prediction_id)
            except (ProviderRefused, ProviderUnavailable):
                logger.warning("nobody stopped a prediction", extra={"tries_left": left})
            else:
                if prediction is None and not self._known.is_young(prediction_id):
                    return None
                if prediction is not None and prediction.is_over:
                    return prediction
            if left:
                await asyncio.sleep(self._limits.again_s)
        return prediction

    async def _stopped(self, prediction_id: PredictionId) -> Prediction | None:
        """What has become of it after it was told to stop. Raises ProviderUnavailable."""
        try:
            await self._client.cancel(prediction_id)
        except (NotKnown, ProviderRefused):
            # One that is over cannot be stopped: what became of it is asked next.
            logger.info("a cancellation was refused", extra={"prediction_id": prediction_id})
        return await self._asked(prediction_id)

    # -- fetching ----------------------------------------------------------------------------------

    async def collect(self, prediction_id: PredictionId, into: Path) -> Path:
        film = await self._film(prediction_id)
        fetched = await self._collector.fetch(film.url, prediction_id, into)
        facts = {
            "prediction_id": prediction_id,
            "output": film.told_as,
            "size_bytes": fetched.size_bytes,
            "seconds": fetched.seconds,
        }
        logger.info("a clip is fetched", extra=facts)
        return fetched.file

    async def _film(self, prediction_id: PredictionId) -> Film:
        """Where its film lies. Raises OutputLost, ProviderUnavailable, ProviderRefused."""
        try:
            status = await self.poll(prediction_id)
        except ProviderUnavailable:
            # The films are on another host: one whose place is known can be fetched all the same.
            film = self._known.film(prediction_id)
            if film is None:
                raise
            return film
        if isinstance(status, RenderFailed):
            raise OutputLost(status.failure.message)
        film = self._known.film(prediction_id)
        if film is None:
            raise ProviderUnavailable("The film is not made yet.")
        return film

    async def discard(self, prediction_id: PredictionId) -> None:
        """Nothing is kept but what Replicate keeps for an hour."""
        self._known.forget(prediction_id)

    # -- for whoever runs the studio ---------------------------------------------------------------

    async def check_token(self) -> str:
        """The name of the account. Raises ProviderRefused for a bad key, ProviderUnavailable."""
        return await self._told(self._client.account())

    async def fetch_secret(self) -> str:
        """What webhooks are signed with. Raises ProviderRefused, ProviderUnavailable."""
        return await self._told(self._client.fetch_secret())

    async def examine(self, models: Iterable[VideoModel]) -> dict[str, str | None]:
        """By key: why a model cannot be ordered as the catalogue says, None where it can.

        One whose schema could not be read now is left out. Raises ProviderRefused for a bad key.
        """
        return await examine(self._client, [each for each in models if each.provider == self.name])

    @staticmethod
    async def _told(asked: Awaitable[str]) -> str:
        try:
            return await asked
        except NotKnown as error:
            # A base URL that is not of their API.
            raise ProviderRefused(
                "There is no video provider at the configured address."
            ) from error
