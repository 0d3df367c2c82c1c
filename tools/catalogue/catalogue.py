"""Which model makes a film, and at what price: the published list, its dead, and who stands in."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from tools.domain.failures import Notice
from tools.domain.models import ModelOffer, VideoModel
from tools.domain.plans import plan_clips, quote_lines
from tools.domain.videos import Quote, VideoRequest
from tools.errors import DurationOutOfRange, InvalidPayload, ModelUnavailable, UnknownVideoModel

Substitution = Literal["auto", "refuse"]


class Catalogue:
    """The video models as they can be had here and now.

    `missing`: why a provider cannot be used, in words for people, by its name. `refuse`: no model
    ever stands in for another one.
    """

    def __init__(
        self,
        *,
        models: Iterable[VideoModel],
        missing: Mapping[str, str],
        substitution: Substitution,
        default_model: str,
    ) -> None:
        self._models = {model.key: model for model in models}
        self._missing = dict(missing)
        self._substitution = substitution
        self.default_model = self.model(default_model).key
        self._sells_films = any(
            model.provider not in missing for model in self._models.values() if not model.is_draft
        )

    def model(self, key: str) -> VideoModel:
        """Raises UnknownVideoModel."""
        if key not in self._models:
            raise UnknownVideoModel(asked=key, known=tuple(self._models))
        return self._models[key]

    def offers(self) -> tuple[ModelOffer, ...]:
        return tuple(
            ModelOffer(model=model, unavailable_reason=self._reason(model))
            for model in self._models.values()
        )

    def model_for_length(self, length_s: int) -> str:
        """The key of the model for a film for which none was named.

        The default if its published range holds the length, else the first that can be had here.
        Raises DurationOutOfRange with the range of all that can be had.
        """
        # Somebody who pays for films gets a draft only when they name it.
        ready = [
            offer.model
            for offer in self.offers()
            if offer.is_available and not (offer.model.is_draft and self._sells_films)
        ]
        if length_s in self.model(self.default_model).lengths or not ready:
            return self.default_model
        for model in ready:
            if length_s in model.lengths:
                return model.key
        raise DurationOutOfRange(
            model_key=None,
            wanted_s=length_s,
            low_s=min(model.lengths.low_s for model in ready),
            high_s=max(model.lengths.high_s for model in ready),
        )

    def choose(self, request: VideoRequest) -> Quote:
        """Who makes this film, of which clips, at what price.

        Raises UnknownVideoModel, DurationOutOfRange (by the *asked* model's published range),
        InvalidPayload (a shape it does not make), ModelUnavailable.
        """
        asked = self.model(request.model_key)
        if request.length_s not in asked.lengths:
            raise DurationOutOfRange(
                model_key=asked.key,
                wanted_s=request.length_s,
                low_s=asked.lengths.low_s,
                high_s=asked.lengths.high_s,
            )
        maker = self._maker(asked, request)
        return Quote(
            model_key=maker.key,
            requested_key=None if maker is asked else asked.key,
            lines=quote_lines(maker, plan_clips(maker, request.length_s)),
            warnings=tuple(_unused_references(maker, len(request.references))),
        )

    def _maker(self, asked: VideoModel, request: VideoRequest) -> VideoModel:
        if self._why_not(asked) is None:
            if request.aspect_ratio not in asked.aspect_ratios:
                raise InvalidPayload(
                    f"{asked.name} makes {', '.join(asked.aspect_ratios)}, "
                    f"not {request.aspect_ratio}.",
                    field="aspectRatio",
                )
            return asked
        able = [model for model in self._stand_ins(asked) if _can_make(model, request)]
        wanted = len(request.references)
        for model in able:
            if model.max_reference_images >= wanted:
                return model
        if able:
            return able[0]  # references never stop a film: it comes without them, and says so
        raise ModelUnavailable(self._apology(asked, request), field="model")

    def _stand_ins(self, asked: VideoModel) -> Iterator[VideoModel]:
        """Those that could take over here, in the order they should be tried."""
        if self._substitution == "refuse":
            return
        for key in asked.lifecycle.replacements:
            if self._why_not(self._models[key]) is None and not self._models[key].is_draft:
                yield self._models[key]
        # Somebody who pays for films is never handed an animatic instead of one.
        if not self._sells_films:
            yield from (
                model
                for model in self._models.values()
                if model.is_draft and self._why_not(model) is None
            )

    def _why_not(self, model: VideoModel) -> str | None:
        """Why it cannot be had here, as a sentence without its full stop; None when it can."""
        if model.is_retired:
            day = model.lifecycle.retired_on
            return f"It was retired on {day.day} {day:%b %Y}" if day else "It was retired"
        missing = self._missing.get(model.provider)
        return missing.rstrip(".") if missing is not None else None

    def _reason(self, model: VideoModel) -> str | None:
        """Why not, and who makes its films meanwhile."""
        reason = self._why_not(model)
        if reason is None:
            return None
        stand_in = next(self._stand_ins(model), None)
        return f"{reason}. {stand_in.name} stands in for it." if stand_in else f"{reason}."

    def _apology(self, asked: VideoModel, request: VideoRequest) -> str:
        opening = f"{asked.name} is not available here. {self._why_not(asked)}."
        if self._substitution == "refuse":
            return f"{opening} No other model may stand in for it (MODEL_SUBSTITUTION=refuse)."
        replacements = (self._models[key] for key in asked.lifecycle.replacements)
        blocked = {
            self._why_not(model): None for model in replacements if _can_make(model, request)
        }
        reasons = [reason for reason in blocked if reason]
        if reasons:
            return f"{opening} What could stand in for it is not either: {'; '.join(reasons)}."
        return (
            f"{opening} Nothing that may stand in for it makes {request.length_s} seconds "
            f"in {request.aspect_ratio}."
        )


def _can_make(model: VideoModel, request: VideoRequest) -> bool:
    return request.aspect_ratio in model.aspect_ratios and bool(plan_clips(model, request.length_s))


def _unused_references(model: VideoModel, given: int) -> Iterator[Notice]:
    """What to say of reference images beyond those the model takes: they are left out."""
    taken = model.max_reference_images
    if given <= taken:
        return
    left_out = given - taken
    images = "image was" if left_out == 1 else "images were"
    takes = f"takes {taken} at most" if taken else "takes none"
    yield Notice(
        code="references_not_supported",
        message=f"{left_out} reference {images} left out: {model.name} {takes}.",
    )
