"""Who makes a film, and what it costs (contract section 4)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tools.catalogue.catalogue import Catalogue, Substitution
from tools.catalogue.reading import read_models
from tools.domain.frames import AspectRatio
from tools.domain.identity import UploadId
from tools.domain.models import Span, VideoModel
from tools.domain.money import Money
from tools.domain.videos import Reference, VideoRequest
from tools.errors import DurationOutOfRange, InvalidPayload, ModelUnavailable, UnknownVideoModel

NO_KEY = {"replicate": "REPLICATE_API_KEY is not set"}
REQUEST = VideoRequest(prompt="oat drink", model_key="sora-2-pro", length_s=6)


def catalogue(
    missing: Mapping[str, str] = NO_KEY,
    substitution: Substitution = "auto",
    models: tuple[VideoModel, ...] | None = None,
) -> Catalogue:
    return Catalogue(
        models=read_models() if models is None else models,
        missing=missing,
        substitution=substitution,
        default_model="sora-2-pro",
    )


def images(count: int) -> tuple[Reference, ...]:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return tuple(
        Reference(upload_id=UploadId(f"upload-{n}"), path=f"r/{n}.png", role=None, uploaded_at=at)
        for n in range(count)
    )


def test_a_film_for_which_no_model_was_named_goes_to_the_default() -> None:
    assert catalogue().model_for_length(6) == "sora-2-pro"


@pytest.mark.parametrize(("missing", "key"), [(NO_KEY, "draft"), ({}, "veo-3.1")])
def test_a_length_the_default_does_not_make_goes_to_the_first_that_can_be_had(
    missing: Mapping[str, str], key: str
) -> None:
    assert catalogue(missing).model_for_length(4) == key


def test_a_draft_is_not_chosen_for_somebody_who_pays_for_films() -> None:
    only_long = tuple(
        replace(model, lengths=Span(low_s=6, high_s=8)) if model.key == "veo-3.1" else model
        for model in read_models()
    )

    with pytest.raises(DurationOutOfRange, match="6 to 8 seconds, not 4"):
        catalogue({}, models=only_long).model_for_length(4)


@pytest.mark.parametrize("length_s", [3, 61])
def test_a_length_nobody_makes_is_refused_with_the_range_that_can_be_had_here(
    length_s: int,
) -> None:
    with pytest.raises(DurationOutOfRange) as refused:
        catalogue().model_for_length(length_s)

    assert str(refused.value) == (
        "Duration out of range for model: those that can be had here make 4 to 60 seconds, "
        f"not {length_s}."
    )
    assert refused.value.details == {"min": 4, "max": 60}


def test_where_nothing_can_be_had_the_default_says_why() -> None:
    nothing = tuple(model for model in read_models() if not model.is_draft)

    assert catalogue(models=nothing).model_for_length(4) == "sora-2-pro"


@pytest.mark.parametrize("key", ["sora-2-pro", "veo-3.1", "runway-gen3", "runway-gen2"])
def test_without_any_key_the_draft_stands_in_for_every_model(key: str) -> None:
    quote = catalogue().choose(replace(REQUEST, model_key=key))

    assert (quote.model_key, quote.requested_key, quote.total) == ("draft", key, Money())


def test_the_draft_asked_for_stands_in_for_nobody() -> None:
    quote = catalogue().choose(replace(REQUEST, model_key="draft"))

    assert (quote.model_key, quote.requested_key) == ("draft", None)


def test_with_a_key_a_retired_model_goes_to_its_replacement_at_its_price() -> None:
    quote = catalogue({}).choose(REQUEST)

    assert (quote.model_key, quote.requested_key) == ("veo-3.1", "sora-2-pro")
    assert quote.total == Money.usd("2.40")


def test_with_a_key_the_draft_never_stands_in() -> None:
    with pytest.raises(ModelUnavailable, match="20 seconds in 16:9"):
        catalogue({}).choose(replace(REQUEST, length_s=20))


def test_a_replacement_that_cannot_make_the_shape_is_passed_over() -> None:
    with pytest.raises(ModelUnavailable, match="6 seconds in 1:1"):
        catalogue({}).choose(replace(REQUEST, aspect_ratio=AspectRatio.SQUARE))


def test_the_first_replacement_that_takes_all_references_is_chosen() -> None:
    sora, veo, *rest = read_models()
    other = replace(veo, key="many", max_reference_images=9)
    lifecycle = replace(sora.lifecycle, replacements=("veo-3.1", "many"))
    shop = catalogue({}, models=(replace(sora, lifecycle=lifecycle), veo, other, *rest))

    assert shop.choose(replace(REQUEST, references=images(3))).model_key == "veo-3.1"
    assert shop.choose(replace(REQUEST, references=images(4))).model_key == "many"


def test_references_that_nobody_takes_are_left_out_with_a_warning() -> None:
    quote = catalogue({}).choose(replace(REQUEST, references=images(4)))

    (notice,) = quote.warnings
    assert quote.model_key == "veo-3.1"
    assert notice.code == "references_not_supported"
    assert notice.message == "1 reference image was left out: Google Veo 3.1 takes 3 at most."


def test_a_model_without_references_says_how_many_it_left_out() -> None:
    models = tuple(
        replace(model, max_reference_images=0) if model.key == "veo-3.1" else model
        for model in read_models()
    )
    request = replace(REQUEST, model_key="veo-3.1", references=images(2))

    (notice,) = catalogue({}, models=models).choose(request).warnings
    assert notice.message == "2 reference images were left out: Google Veo 3.1 takes none."


def test_references_are_no_trouble_for_the_draft() -> None:
    assert catalogue().choose(replace(REQUEST, references=images(10))).warnings == ()


OUT_OF_RANGE = [("sora-2-pro", 4), ("sora-2-pro", 61), ("veo-3.1", 9), ("draft", 3), ("draft", -6)]


@pytest.mark.parametrize(("key", "length_s"), OUT_OF_RANGE)
@pytest.mark.parametrize("missing", [NO_KEY, {}])
def test_the_asked_models_published_range_decides_whoever_would_make_it(
    key: str, length_s: int, missing: dict[str, str]
) -> None:
    with pytest.raises(DurationOutOfRange) as refused:
        catalogue(missing).choose(replace(REQUEST, model_key=key, length_s=length_s))
    assert refused.value.message.startswith(f"Duration out of range for model: {key} makes ")


def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownVideoModel) as refused:
        catalogue().choose(replace(REQUEST, model_key="sora-9"))
    assert refused.value.details is not None
    assert refused.value.details["known"] == [model.key for model in read_models()]


def test_a_living_model_refuses_a_shape_it_does_not_make() -> None:
    request = replace(REQUEST, model_key="veo-3.1", aspect_ratio=AspectRatio.SQUARE)

    with pytest.raises(InvalidPayload, match="16:9, 9:16, not 1:1"):
        catalogue({}).choose(request)


@pytest.mark.parametrize("missing", [NO_KEY, {}])
def test_where_substitution_is_refused_a_retired_model_is_unavailable(
    missing: dict[str, str],
) -> None:
    with pytest.raises(ModelUnavailable, match="retired on 24 Sep 2026"):
        catalogue(missing, "refuse").choose(REQUEST)


def test_where_substitution_is_refused_the_missing_setting_is_named() -> None:
    with pytest.raises(ModelUnavailable, match="REPLICATE_API_KEY is not set"):
        catalogue(NO_KEY, "refuse").choose(replace(REQUEST, model_key="veo-3.1"))


def test_with_nothing_left_the_missing_setting_is_named() -> None:
    paid_elsewhere = tuple(
        replace(model, provider="elsewhere") if model.key == "runway-gen3" else model
        for model in read_models()
    )
    with pytest.raises(ModelUnavailable, match="REPLICATE_API_KEY is not set"):
        catalogue(NO_KEY, models=paid_elsewhere).choose(REQUEST)


def test_offers_say_why_not_and_who_stands_in() -> None:
    reasons = {offer.model.key: offer.unavailable_reason for offer in catalogue().offers()}

    assert reasons == {
        "sora-2-pro": "It was retired on 24 Sep 2026. Draft animatic stands in for it.",
        "veo-3.1": "REPLICATE_API_KEY is not set. Draft animatic stands in for it.",
        "runway-gen3": "It was retired on 30 Jul 2026. Draft animatic stands in for it.",
        "runway-gen2": "It was retired. Draft animatic stands in for it.",
        "draft": None,
    }


def test_a_default_that_is_no_model_stops_the_start() -> None:
    with pytest.raises(UnknownVideoModel):
        Catalogue(models=read_models(), missing={}, substitution="auto", default_model="x")
