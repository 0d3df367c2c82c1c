"""Who answers: the configured models in their order, without those that cannot, or that rest."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

logger = logging.getLogger("reelroom.chat")

UNKNOWN_CONTEXT_TOKENS = 100_000
"""What every model worth talking with reads; the list of many servers does not say."""
_NAMED_MODELS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model as the provider lists it. None: the list does not say."""

    id: str
    has_tools: bool | None = None
    context_tokens: int | None = None


def read_offers(document: object) -> Mapping[str, Offer]:
    """From the document of `GET /models`, by lower-case id; rows of another shape are passed over."""
    rows = document.get("data") if isinstance(document, Mapping) else document
    offers = (_offer(row) for row in rows) if isinstance(rows, list) else ()
    return {offer.id.lower(): offer for offer in offers if offer is not None}


def _offer(row: object) -> Offer | None:
    if not isinstance(row, Mapping) or not isinstance(row.get("id"), str) or not row["id"]:
        return None
    features = row.get("supported_features")
    window = row.get("context_window")
    tokens = window.get("context_length") if isinstance(window, Mapping) else window
    is_count = isinstance(tokens, int) and not isinstance(tokens, bool) and tokens > 0
    return Offer(
        id=row["id"],
        has_tools="tools" in features if isinstance(features, list) else None,
        context_tokens=tokens if is_count else None,
    )


class Lineup:
    """`models`: the first is the one that should answer. `now`: seconds that only go forward."""

    def __init__(self, models: Sequence[str], *, now: Callable[[], float]) -> None:
        named: dict[str, str] = {}
        for name in models:
            named.setdefault(name.lower(), name)
        self._models = tuple(named.values())
        self._now = now
        self._offers: Mapping[str, Offer] = {}
        self._rest_until: dict[str, float] = {}
        self._told: tuple[str, ...] = ()

    def take_offers(self, offers: Mapping[str, Offer]) -> None:
        """What the provider offers now. Says once, in the log, what that means for the models set up."""
        self._offers = offers
        warnings = self.objections
        if warnings != self._told:
            self._told = warnings
            for warning in warnings:
                logger.warning(warning)
            if warnings and self._objection(self._models[0]):
                self._warn_of_the_stand_in()

    @property
    def objections(self) -> tuple[str, ...]:
        """Why models that were set up will not be asked, a sentence each."""
        return tuple(filter(None, map(self._objection, self._models)))

    def is_offered(self, name: str) -> bool:
        """Whether the provider lists it; one that lists nothing may know it all the same."""
        return not self._offers or name.lower() in self._offers

    @property
    def lead(self) -> str:
        """Who answers when nobody rests."""
        return self._usable()[0]

    @property
    def context_tokens(self) -> int:
        """The smallest context of those who may have to answer: any may be the next."""
        offers = (self._offers.get(name.lower()) for name in self._usable())
        known = (offer.context_tokens if offer else None for offer in offers)
        return min(tokens or UNKNOWN_CONTEXT_TOKENS for tokens in known)

    def order(self, current: str | None = None) -> tuple[str, ...]:
        """Whom to ask, in order. `current`: who answers this turn already, and goes on if it can."""
        usable = self._usable()
        if current in usable:
            usable = (current, *(name for name in usable if name != current))
        rested = [name for name in usable if self._rest_until.get(name, 0.0) <= self._now()]
        return (*rested, *(name for name in usable if name not in rested))

    def rest(self, model: str, seconds: float) -> None:
        if seconds > 0:
            self._rest_until[model] = self._now() + seconds

    def _usable(self) -> tuple[str, ...]:
        """As the provider writes them. All, when it offers none: it may know more than it lists."""
        usable = tuple(name for name in self._models if self._objection(name) is None)
        return tuple(
            self._offers[name.lower()].id if name.lower() in self._offers else name
            for name in usable or self._models
        )

    def _objection(self, name: str) -> str | None:
        offer = self._offers.get(name.lower())
        if self._offers and offer is None:
            return (
                f"The language model {name} is not offered by this provider; it will not be asked."
            )
        if offer is not None and offer.has_tools is False:
            return f"The language model {name} cannot use tools; it will not be asked."
        return None

    def _warn_of_the_stand_in(self) -> None:
        if any(self._objection(name) is None for name in self._models):
            logger.warning("%s answers instead of %s.", self.lead, self._models[0])
            return
        able = [offer.id for offer in self._offers.values() if offer.has_tools is not False]
        logger.warning(
            "None of the language models set up can answer. Set POE_MODEL, for example to one of: %s.",
            ", ".join(able[:_NAMED_MODELS]),
        )
