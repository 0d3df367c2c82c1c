"""Which model makes a film, and at what price: the published list, its dead, and who stands in."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from tools.catalogue.notices import about_images
from tools.domain.frames import AspectRatio
from tools.domain.models import ModelOffer, Span, VideoModel
from tools.domain.plans import plan_clips, quote_lines
from tools.domain.references import plan_images
from tools.domain.videos import Quote, VideoRequest
from tools.errors import DurationOutOfRange, InvalidPayload, ModelUnavailable, UnknownVideoModel

Substitution = Literal["auto", "refuse"]

NEVER_READ = "Its live schema has not been read yet: run `reelroom doctor`"


class Catalogue:
    """The video models as they can be had here and now.

    `missing`: why a provider cannot be used, in words for people, by its name; empty where all can.
    `refuse`: no model ever stands in for another one.
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
        self._findings: dict[str, str | None] = {}
        self._typical: dict[str, Span] = {}
        self._learnt = 0
        """How often something was marked or learnt."""
        self._offered: tuple[int, tuple[ModelOffer, ...]] | None = None
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
        # Every turn asks. With the count it was made at: other threads ask while something is learnt.
        learnt = self._learnt
        if self._offered is None or self._offered[0] != learnt:
            self._offered = (learnt, self._offers())
        return self._offered[1]

    def _offers(self) -> tuple[ModelOffer, ...]:
        return tuple(self._offer(model) for model in self._models.values())

    def _offer(self, model: VideoModel) -> ModelOffer:
        typical = self._typical.get(model.key)
        why_not = self._why_not(model)
        if why_not is None:
            return ModelOffer(model=model, typical=typical)
        stand_in = next(self._stand_ins(model), None)
        meanwhile = f" {stand_in.name} stands in for it." if stand_in else ""
        return ModelOffer(
            model=model,
            unavailable_reason=f"{why_not}.{meanwhile}",
            stand_in_key=stand_in.key if stand_in else None,
            typical=typical,
        )

    def mark(self, findings: Mapping[str, str | None]) -> None:
        """What was found out about the models' live schemas, by key.

        A reason, in words for people, makes a model unavailable; None makes it available, also one
        whose schema nobody had read. Models that are not named stay as they are, and neither a
        missing key of the provider nor a retirement is undone. Raises UnknownVideoModel.
        """
        for key in findings:
            self.model(key)
        self._findings.update(findings)
        self._learnt += 1

    def learn(self, typical: Mapping[str, Span]) -> None:
        """How long a clip really took here lately, by key, in the place of the estimate."""
        self._typical.update(typical)
        self._learnt += 1

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
        clips = plan_clips(maker, request.length_s)
        return Quote(
            model_key=maker.key,
            requested_key=None if maker is asked else asked.key,
            lines=quote_lines(maker, clips),
            warnings=tuple(about_images(maker, request, clips[0])),
        )

    def stand_in(
        self,
        quote: Quote,
        *,
        aspect_ratio: AspectRatio,
        remaining_s: int,
        failed: frozenset[str],
        goes_on: bool,
    ) -> VideoModel | None:
        """Who makes what is still to be made of a film whose model cannot be had any more.

        The replacements of the asked model, then of those that failed. Never a draft: half a film
        would be none. `goes_on`: clips are there already, so it has to take their last picture.
        None where nobody can, or may (`refuse`).
        """
        if self._substitution == "refuse":
            return None
        asked = quote.requested_key or quote.model_key
        gone = {quote.model_key, *failed}
        keys = (asked, *(key for key in self._models if key in gone))
        for model in self._replacements(keys):
            can_go_on = model.continues is not None or not goes_on
            if model.key not in failed and can_go_on and _makes(model, aspect_ratio, remaining_s):
                return model
        return None

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
        for model in able:
            if _uses_all_images(model, request):
                return model
        if able:
            return able[0]  # references never stop a film: it comes without them, and says so
        raise ModelUnavailable(self._apology(asked, request), field="model")

    def _stand_ins(self, asked: VideoModel) -> Iterator[VideoModel]:
        """Those that could take over here, in the order they should be tried."""
        if self._substitution == "refuse":
            return
        default = self._models[self.default_model]
        yield from self._replacements((asked.key,))
        if self._why_not(default) is None and not default.is_draft:
            yield default
        yield from self._replacements((default.key,))
        # Somebody who pays for films is never handed an animatic instead of one.
        if not self._sells_films:
            yield from (
                model
                for model in self._models.values()
                if model.is_draft and self._why_not(model) is None
            )

    def _replacements(self, keys: Iterable[str]) -> Iterator[VideoModel]:
        """Those of each model in turn that can be had here; no drafts."""
        named = dict.fromkeys(
            replacement
            for key in keys
            if key in self._models
            for replacement in self._models[key].lifecycle.replacements
        )
        for key in named:
            model = self._models[key]
            if self._why_not(model) is None and not model.is_draft:
                yield model

    def _why_not(self, model: VideoModel) -> str | None:
        """Why it cannot be had here, as a sentence without its full stop; None when it can."""
        if model.is_retired:
            day = model.lifecycle.retired_on
            return f"It was retired on {day.day} {day:%b %Y}" if day else "It was retired"
        if model.provider in self._missing:
            return self._missing[model.provider].rstrip(".")
        if model.key in self._findings:
            found = self._findings[model.key]
            return None if found is None else found.rstrip(".")
        if model.slug is not None and model.schema_read_on is None:
            return NEVER_READ
        return None

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


def _makes(model: VideoModel, aspect_ratio: AspectRatio, length_s: int) -> bool:
    return aspect_ratio in model.sizes and bool(plan_clips(model, length_s))


def _can_make(model: VideoModel, request: VideoRequest) -> bool:
    return _makes(model, request.aspect_ratio, request.length_s)


def _uses_all_images(model: VideoModel, request: VideoRequest) -> bool:
    """In its first clip: the others only take the picture that they go on from."""
    first_s = plan_clips(model, request.length_s)[0]
    plan = plan_images(model, request.references, aspect_ratio=request.aspect_ratio, clip_s=first_s)
    return len(plan.used) == len(request.references)
