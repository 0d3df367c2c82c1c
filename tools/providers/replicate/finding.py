"""Looking for an order whose answer was not heard, among all the predictions of the account.

By the address it reports to, where the list shows that; else by model and input, the earliest first
that is nobody's: among identical orders any one is as good as another, but none may be taken twice.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from tools.domain.identity import PredictionId
from tools.errors import OutputLost, ProviderUnavailable
from tools.providers.replicate.client import UNREACHABLE, Limits, ReplicateClient, list_query
from tools.providers.replicate.inputs import is_input_of
from tools.providers.replicate.prediction import Prediction
from tools.rendering.ports import Order, Window

logger = logging.getLogger("reelroom.ReplicateClient")

IsFree = Callable[[PredictionId], Awaitable[bool]]
_BEFORE = timedelta(seconds=2)
"""How far the provider's clock may be behind ours."""
_PAGES = 50
_CANNOT_BE_TOLD = (
    "A film was ordered from the video provider just before the studio was interrupted, and it can "
    "no longer be told which one it is. It may have been charged for; nothing was ordered again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One order that is looked for. `hook`: the address it was to report to."""

    order: Order
    window: Window
    hook: str | None
    limits: Limits

    @property
    def since(self) -> datetime:
        return self.window.since - _BEFORE

    @property
    def until(self) -> datetime:
        """Later than this nothing can have been created that was placed in the window."""
        late_s = self.limits.order_s + self.limits.list_lag_s
        return self.window.until + timedelta(seconds=late_s)


async def find_order(
    client: ReplicateClient, search: Search, is_free: IsFree
) -> PredictionId | None:
    """Raises ProviderUnavailable, ProviderRefused; OutputLost where one of several cannot be told."""
    candidates = [each async for each in _created_in(client, search)]
    candidates.sort(key=lambda each: each.created_at or datetime.max.replace(tzinfo=UTC))
    reporting = [each for each in candidates if _reports_to(each, search.hook)]
    if (found := await _first_free(reporting, is_free)) is not None:
        return found
    others = [each for each in candidates if _may_be(each, search)]
    alike = [each for each in others if is_input_of(search.order, each.input)]
    if (found := await _first_free(alike, is_free)) is not None:
        return found
    if await _first_free((each for each in others if each.is_removed), is_free) is not None:
        logger.error("an order cannot be told", extra={"job_id": search.order.job_id})
        raise OutputLost(_CANNOT_BE_TOLD)
    return None


async def _created_in(client: ReplicateClient, search: Search) -> AsyncIterator[Prediction]:
    """Everything that the account ordered in the time. Raises ProviderUnavailable where there is no end.

    A list that was not read to its end proves nothing: what is missing there would be bought again.
    """
    query = list_query(after=search.since, before=search.until)
    for _ in range(_PAGES):
        page = await client.page(query)
        for each in page.predictions:
            if each.created_at is None or search.since <= each.created_at <= search.until:
                yield each
        if page.following is None:
            return
        query = dict(page.following)
    logger.error("the list of predictions does not end", extra={"pages": _PAGES})
    raise ProviderUnavailable(UNREACHABLE)


async def _first_free(predictions: Iterable[Prediction], is_free: IsFree) -> PredictionId | None:
    for each in predictions:
        if await is_free(each.id):
            return each.id
    return None


def _may_be(prediction: Prediction, search: Search) -> bool:
    """By its model; one that reports to another of our addresses is another clip's."""
    if prediction.model is not None and prediction.model != search.order.model.slug:
        return False
    return prediction.webhook is None or search.hook is None


def _reports_to(prediction: Prediction, hook: str | None) -> bool:
    """The same question at the end of the address: the host may have been moved since."""
    if hook is None or prediction.webhook is None:
        return False
    asked, theirs = urlsplit(hook), urlsplit(prediction.webhook)
    if not asked.query:
        return hook == prediction.webhook
    return sorted(parse_qsl(asked.query)) == sorted(parse_qsl(theirs.query))
