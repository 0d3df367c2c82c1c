"""Who makes a film, and what it costs (contract section 4)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tools.catalogue.catalogue import Catalogue, Substitution
from tools.catalogue.reading import read_models
from tools.domain.frames import AspectRatio
from tools.domain.identity import UploadId
from tools.domain.models import Inputs, Lifecycle, Span, VideoModel
from tools.domain.money import Money
from tools.domain.uploads import ReferenceRole
from tools.domain.videos import Reference, VideoRequest
from tools.errors import DurationOutOfRange, InvalidPayload, ModelUnavailable, UnknownVideoModel

NO_KEY = {"replicate": "REPLICATE_API_KEY is not set"}
REQUEST = VideoRequest(prompt="oat drink", model_key="sora-2-pro", length_s=6)
SEED = ["sora-2-pro", "veo-3.1", "runway-gen3", "runway-gen2"]


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


def changed(key: str, **facts: object) -> tuple[VideoModel, ...]:
    return tuple(
        replace(model, **facts) if model.key == key else model  # type: ignore[arg-type]  # any field
        for model in read_models()
    )


def images(count: int, role: ReferenceRole | None = None) -> tuple[Reference, ...]:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return tuple(
        Reference(upload_id=UploadId(f"upload-{n}"), path=f"r/{n}.png", role=role, uploaded_at=at)
        for n in range(count)
    )


# -- no model named --------------------------------------------------------------------------------


def test_a_film_for_which_no_model_was_named_goes_to_the_default() -> None:
    assert catalogue().model_for_length(6) == "sora-2-pro"


@pytest.mark.parametrize(("missing", "key"), [(NO_KEY, "draft"), ({}, "veo-3.1")])
def test_a_length_the_default_does_not_make_goes_to_the_first_that_can_be_had(
    missing: Mapping[str, str], key: str
) -> None:
    assert catalogue(missing).model_for_length(4) == key


def test_a_draft_is_not_chosen_for_somebody_who_pays_for_films() -> None:
    only_long = tuple(
        model if model.is_draft else replace(model, lengths=Span(low_s=6, high_s=8))
        for model in read_models()
    )

    with pytest.raises(DurationOutOfRange, match="6 to 8 seconds, not 4"):
        catalogue({}, models=only_long).model_for_length(4)


@pytest.mark.parametrize(("missing", "low_s"), [(NO_KEY, 4), ({}, 3)])
def test_a_length_nobody_makes_is_refused_with_the_range_that_can_be_had_here(
    missing: Mapping[str, str], low_s: int
) -> None:
    with pytest.raises(DurationOutOfRange) as refused:
        catalogue(missing).model_for_length(61)

    assert str(refused.value) == (
        f"Duration out of range for model: those that can be had here make {low_s} to 60 seconds, "
        "not 61."
    )
    assert refused.value.details == {"min": low_s, "max": 60}


def test_where_nothing_can_be_had_the_default_says_why() -> None:
    nothing = tuple(model for model in read_models() if not model.is_draft)

    assert catalogue(models=nothing).model_for_length(4) == "sora-2-pro"


# -- without a key ---------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [model.key for model in read_models() if not model.is_draft])
def test_without_any_key_the_draft_stands_in_for_every_model(key: str) -> None:
    quote = catalogue().choose(replace(REQUEST, model_key=key, length_s=6))

    assert (quote.model_key, quote.requested_key, quote.total) == ("draft", key, Money())


def test_the_draft_asked_for_stands_in_for_nobody() -> None:
    quote = catalogue().choose(replace(REQUEST, model_key="draft"))

    assert (quote.model_key, quote.requested_key) == ("draft", None)


def test_the_draft_makes_a_minute_in_one_piece() -> None:
    (line,) = catalogue().choose(replace(REQUEST, length_s=60)).lines

    assert line.seconds == 60


# -- with a key ------------------------------------------------------------------------------------


def test_a_retired_model_goes_to_its_replacement_at_its_price() -> None:
    quote = catalogue({}).choose(REQUEST)

    assert (quote.model_key, quote.requested_key) == ("veo-3.1", "sora-2-pro")
    assert quote.total == Money.usd("2.40")


def test_a_long_film_is_chained_by_the_replacement_whatever_it_publishes_for_itself() -> None:
    quote = catalogue({}).choose(replace(REQUEST, length_s=60))

    assert quote.model_key == "veo-3.1"
    assert [line.seconds for line in quote.lines] == [8, 8, 8, 8, 8, 8, 8, 4]
    assert quote.total == Money.usd("24.00")


@pytest.mark.parametrize("length_s", range(5, 61))
def test_every_length_that_sora_publishes_can_be_had(length_s: int) -> None:
    lines = catalogue({}).choose(replace(REQUEST, length_s=length_s)).lines

    assert sum(line.seconds for line in lines) >= length_s


def test_a_living_model_that_was_asked_for_makes_the_film_itself() -> None:
    quote = catalogue({}).choose(replace(REQUEST, model_key="kling-v3", length_s=20))

    assert (quote.model_key, quote.requested_key) == ("kling-v3", None)
    assert [line.seconds for line in quote.lines] == [15, 5]


def test_a_replacement_that_cannot_make_the_shape_is_passed_over() -> None:
    quote = catalogue({}).choose(replace(REQUEST, aspect_ratio=AspectRatio.SQUARE))

    assert quote.model_key == "kling-v3"


def test_a_replacement_that_cannot_be_chained_is_passed_over_for_a_long_film() -> None:
    alone = changed("veo-3.1", inputs=Inputs())

    assert catalogue({}, models=alone).choose(REQUEST).model_key == "veo-3.1"
    long = replace(REQUEST, length_s=30)
    assert catalogue({}, models=alone).choose(long).model_key == "kling-v3"


def test_the_draft_never_stands_in_for_a_paid_model() -> None:
    alone = changed("sora-2-pro", lifecycle=replace(sora().lifecycle, replacements=()))

    with pytest.raises(ModelUnavailable, match="6 seconds in 16:9"):
        catalogue({}, models=alone).choose(REQUEST)


def test_a_model_without_replacements_goes_to_the_default_and_to_who_stands_in_for_that() -> None:
    gone = changed("hailuo-2.3", lifecycle=Lifecycle())
    shop = catalogue({}, models=gone)
    shop.mark({"hailuo-2.3": "It is gone"})

    quote = shop.choose(replace(REQUEST, model_key="hailuo-2.3"))

    assert (quote.model_key, quote.requested_key) == ("veo-3.1", "hailuo-2.3")


def test_a_living_model_refuses_a_shape_it_does_not_make() -> None:
    request = replace(REQUEST, model_key="veo-3.1", aspect_ratio=AspectRatio.SQUARE)

    with pytest.raises(InvalidPayload, match="16:9, 9:16, not 1:1"):
        catalogue({}).choose(request)


def sora() -> VideoModel:
    return read_models()[0]


# -- reference images ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length_s", "ratio", "count", "key"),
    [
        (8, AspectRatio.WIDE, 3, "veo-3.1"),
        (60, AspectRatio.WIDE, 3, "veo-3.1"),  # its first clip has 8 s
        (6, AspectRatio.WIDE, 1, "veo-3.1"),
        (6, AspectRatio.WIDE, 2, "seedance-2.0"),
        (8, AspectRatio.TALL, 3, "seedance-2.0"),
        (8, AspectRatio.WIDE, 9, "seedance-2.0"),
    ],
)
def test_the_first_replacement_that_uses_all_references_is_chosen(
    length_s: int, ratio: AspectRatio, count: int, key: str
) -> None:
    request = replace(REQUEST, length_s=length_s, aspect_ratio=ratio, references=images(count))

    assert catalogue({}).choose(request).model_key == key


def test_where_none_uses_all_references_the_first_that_makes_the_film_is_chosen() -> None:
    quote = catalogue({}).choose(replace(REQUEST, length_s=8, references=images(10)))

    (notice,) = quote.warnings
    assert quote.model_key == "veo-3.1"
    assert notice.code == "references_not_supported"
    assert notice.message == "7 reference images were left out: Google Veo 3.1 takes 3 at most."


def test_what_shape_and_length_forbid_is_said_with_where_it_would_be_allowed() -> None:
    request = replace(REQUEST, model_key="veo-3.1", references=images(3))

    left_out, opens = catalogue({}).choose(request).warnings

    assert left_out.message == (
        "2 reference images were left out: Google Veo 3.1 takes 1 at most in this film "
        "(3 in 16:9 and clips of 8 seconds)."
    )
    assert opens.message == (
        "The image becomes the opening shot: Google Veo 3.1 begins the film with it."
    )


def test_an_image_that_becomes_the_opening_shot_is_told_by_its_role() -> None:
    request = replace(REQUEST, model_key="kling-v3", references=images(1, role=ReferenceRole.LOGO))

    (notice,) = catalogue({}).choose(request).warnings

    assert notice.code == "reference_opens_film"
    assert notice.message.startswith("The logo becomes the opening shot: Kling 3.0 ")


def test_a_model_without_references_says_how_many_it_left_out() -> None:
    models = changed("veo-3.1", inputs=Inputs())
    request = replace(REQUEST, model_key="veo-3.1", references=images(2))

    (notice,) = catalogue({}, models=models).choose(request).warnings
    assert notice.message == "2 reference images were left out: Google Veo 3.1 takes none."


def test_references_that_are_all_shown_need_no_words() -> None:
    request = replace(REQUEST, model_key="seedance-2.0", references=images(9))

    assert catalogue({}).choose(request).warnings == ()


def test_references_are_no_trouble_for_the_draft() -> None:
    assert catalogue().choose(replace(REQUEST, references=images(10))).warnings == ()


# -- refusals --------------------------------------------------------------------------------------

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
    paid_elsewhere = changed("runway-gen3", provider="elsewhere")

    with pytest.raises(ModelUnavailable, match="REPLICATE_API_KEY is not set"):
        catalogue(NO_KEY, models=paid_elsewhere).choose(REQUEST)


def test_a_default_that_is_no_model_stops_the_start() -> None:
    with pytest.raises(UnknownVideoModel):
        Catalogue(models=read_models(), missing={}, substitution="auto", default_model="x")


# -- what is offered -------------------------------------------------------------------------------


def reasons(shop: Catalogue) -> dict[str, str | None]:
    return {offer.model.key: offer.unavailable_reason for offer in shop.offers()}


def test_without_a_key_offers_say_why_not_and_that_the_draft_stands_in() -> None:
    told = reasons(catalogue())

    assert [told[key] for key in (*SEED, "kling-v3", "draft")] == [
        "It was retired on 24 Sep 2026. Draft animatic stands in for it.",
        "REPLICATE_API_KEY is not set. Draft animatic stands in for it.",
        "It was retired on 30 Jul 2026. Draft animatic stands in for it.",
        "It was retired. Draft animatic stands in for it.",
        "REPLICATE_API_KEY is not set. Draft animatic stands in for it.",
        None,
    ]


def test_with_a_key_everything_that_lives_and_was_read_is_available() -> None:
    told = reasons(catalogue({}))

    assert {key: reason for key, reason in told.items() if reason} == {
        "sora-2-pro": "It was retired on 24 Sep 2026. Google Veo 3.1 stands in for it.",
        "runway-gen3": "It was retired on 30 Jul 2026. Runway Gen-4.5 stands in for it.",
        "runway-gen2": "It was retired. Runway Gen-4.5 stands in for it.",
        "wan-3": (
            "Its live schema has not been read yet: run `reelroom doctor`. "
            "Kling 3.0 stands in for it."
        ),
    }


def test_times_are_estimates_until_they_were_measured_here() -> None:
    shop = catalogue({})
    shop.learn({"veo-3.1": Span(low_s=70, high_s=95)})

    typical = {offer.model.key: offer.typical for offer in shop.offers()}

    assert typical["veo-3.1"] == Span(low_s=70, high_s=95)
    assert typical["kling-v3"] is None


# -- what was found out about live schemas ---------------------------------------------------------


def test_a_model_whose_schema_has_drifted_goes_to_its_replacement() -> None:
    shop = catalogue({})
    shop.mark({"veo-3.1": "Its input `duration` is gone."})

    quote = shop.choose(replace(REQUEST, model_key="veo-3.1"))

    assert (quote.model_key, quote.requested_key) == ("kling-v3", "veo-3.1")
    assert reasons(shop)["veo-3.1"] == ("Its input `duration` is gone. Kling 3.0 stands in for it.")


def test_a_drifted_model_stands_in_for_nobody() -> None:
    shop = catalogue({})
    shop.mark({"veo-3.1": "It is gone"})

    assert shop.choose(REQUEST).model_key == "kling-v3"


def test_a_model_that_is_found_well_again_can_be_had_again() -> None:
    shop = catalogue({})
    shop.mark({"veo-3.1": "It is gone"})
    shop.mark({"veo-3.1": None})

    assert reasons(shop)["veo-3.1"] is None


def test_a_model_whose_schema_nobody_had_read_can_be_had_once_it_was() -> None:
    shop = catalogue({})
    shop.mark({"wan-3": None})

    quote = shop.choose(replace(REQUEST, model_key="wan-3", length_s=30))

    assert (quote.model_key, quote.total) == ("wan-3", Money.usd("6.00"))


def test_models_that_a_finding_does_not_name_stay_as_they_are() -> None:
    shop = catalogue({})
    shop.mark({"veo-3.1": "It is gone"})
    shop.mark({"kling-v3": None})

    assert reasons(shop)["veo-3.1"] is not None


@pytest.mark.parametrize(
    ("missing", "key", "reason"),
    [({}, "sora-2-pro", "retired"), (NO_KEY, "veo-3.1", "REPLICATE_API_KEY")],
)
def test_a_good_schema_neither_revives_a_model_nor_sets_a_key(
    missing: Mapping[str, str], key: str, reason: str
) -> None:
    shop = catalogue(missing)
    shop.mark({key: None})

    assert reason in str(reasons(shop)[key])


def test_a_finding_about_no_model_of_ours_is_refused_whole() -> None:
    shop = catalogue({})

    with pytest.raises(UnknownVideoModel):
        shop.mark({"veo-3.1": "It is gone", "sora-9": None})
    assert reasons(shop)["veo-3.1"] is None


# -- a model that fails in the middle --------------------------------------------------------------


def stand_in(  # the defaults are a film of Sora's, given to Veo, of which 20 s are missing
    shop: Catalogue | None = None,
    *,
    key: str = "sora-2-pro",
    ratio: AspectRatio = AspectRatio.WIDE,
    remaining_s: int = 20,
    failed: set[str] | None = None,
    goes_on: bool = True,
) -> str | None:
    shop = shop or catalogue({})
    quote = shop.choose(replace(REQUEST, model_key=key, length_s=20 if key != "veo-3.1" else 8))
    found = shop.stand_in(
        quote,
        aspect_ratio=ratio,
        remaining_s=remaining_s,
        failed=frozenset(failed if failed is not None else {quote.model_key}),
        goes_on=goes_on,
    )
    return found.key if found else None


def test_the_next_replacement_of_the_asked_model_takes_over() -> None:
    assert stand_in() == "kling-v3"
    assert stand_in(failed={"veo-3.1", "kling-v3"}) == "seedance-2.0"


def test_after_those_of_the_asked_model_come_those_of_the_failed_one() -> None:
    sora_has_one = changed(
        "sora-2-pro", lifecycle=replace(sora().lifecycle, replacements=("veo-3.1",))
    )

    assert stand_in(catalogue({}, models=sora_has_one)) == "kling-v3"


def test_a_model_that_was_asked_for_by_name_has_its_own_replacements() -> None:
    assert stand_in(key="hailuo-2.3") == "runway-gen4.5"


def test_who_has_failed_already_is_not_asked_again() -> None:
    everybody = {model.key for model in read_models() if not model.is_draft}

    assert stand_in(failed=everybody) is None


def test_who_does_not_make_the_shape_is_passed_over() -> None:
    everyone_but = {"kling-v3", "seedance-2.0"}

    assert stand_in(ratio=AspectRatio.SQUARE, failed={"veo-3.1"}) == "kling-v3"
    assert stand_in(ratio=AspectRatio.SQUARE, failed={"veo-3.1", *everyone_but}) == "runway-gen4.5"


def test_a_film_in_the_middle_needs_one_that_takes_a_picture_to_go_on_from() -> None:
    alone = catalogue({}, models=changed("kling-v3", inputs=Inputs()))

    assert stand_in(alone, remaining_s=10, goes_on=True) == "seedance-2.0"
    assert stand_in(alone, remaining_s=10, goes_on=False) == "kling-v3"


def test_what_cannot_be_had_does_not_take_over() -> None:
    shop = catalogue({})
    shop.mark({"kling-v3": "It is gone"})

    assert stand_in(shop) == "seedance-2.0"


def test_a_draft_never_takes_over_not_even_where_it_is_named() -> None:
    only_drafts = tuple(
        replace(model, lifecycle=replace(model.lifecycle, replacements=("draft",)))
        if model.key == "kling-v3"
        else model
        for model in read_models()
    )

    assert stand_in(catalogue({}, models=only_drafts), key="kling-v3") is None


def test_where_substitution_is_refused_nobody_takes_over() -> None:
    assert stand_in(catalogue({}, "refuse"), key="kling-v3") is None
