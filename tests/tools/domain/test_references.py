"""Which images a model is handed for the first clip, and how it uses them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.catalogue.reading import read_models
from tools.domain.frames import AspectRatio
from tools.domain.identity import UploadId
from tools.domain.models import ImageInput, ImageUse, Inputs
from tools.domain.references import ImagePlan, plan_images
from tools.domain.uploads import ReferenceRole
from tools.domain.videos import Reference

MODELS = {model.key: model for model in read_models()}
LOGO, PRODUCT, STYLE = ReferenceRole.LOGO, ReferenceRole.PRODUCT, ReferenceRole.STYLE
WIDE, TALL = AspectRatio.WIDE, AspectRatio.TALL


def images(*roles: ReferenceRole | None) -> tuple[Reference, ...]:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return tuple(
        Reference(upload_id=UploadId(f"upload-{n}"), path=f"r/{n}.png", role=role, uploaded_at=at)
        for n, role in enumerate(roles)
    )


def planned(
    key: str, *roles: ReferenceRole | None, ratio: AspectRatio = WIDE, clip_s: int = 8
) -> tuple[str | None, tuple[int, ...]]:
    plan = plan_images(MODELS[key], images(*roles), aspect_ratio=ratio, clip_s=clip_s)
    return plan.input.name if plan.input else None, plan.used


def test_veo_takes_three_references_where_shape_and_clip_allow_it() -> None:
    assert planned("veo-3.1", LOGO, STYLE, PRODUCT, PRODUCT) == ("reference_images", (0, 1, 2))


@pytest.mark.parametrize(("ratio", "clip_s"), [(TALL, 8), (WIDE, 6)])
def test_elsewhere_veo_takes_one_to_begin_with(ratio: AspectRatio, clip_s: int) -> None:
    assert planned("veo-3.1", LOGO, PRODUCT, ratio=ratio, clip_s=clip_s) == ("image", (1,))


def test_a_single_image_is_shown_rather_than_begun_with_where_the_model_can() -> None:
    assert planned("veo-3.1", LOGO) == ("reference_images", (0,))
    assert planned("seedance-2.0", LOGO) == ("reference_images", (0,))


def test_seedance_takes_nine() -> None:
    assert planned("seedance-2.0", *[None] * 10)[1] == tuple(range(9))


@pytest.mark.parametrize(
    ("roles", "opens"),
    [
        ((LOGO, STYLE, None, PRODUCT), 3),
        ((LOGO, STYLE, None), 2),
        ((LOGO, STYLE), 1),
        ((LOGO,), 0),
        ((PRODUCT, PRODUCT), 0),
    ],
)
def test_a_film_opens_with_the_product_rather_than_with_the_logo(
    roles: tuple[ReferenceRole | None, ...], opens: int
) -> None:
    assert planned("kling-v3", *roles) == ("start_image", (opens,))


def test_the_draft_draws_all_ten() -> None:
    assert planned("draft", *[LOGO] * 10) == ("pictures", tuple(range(10)))


def test_no_images_need_no_input() -> None:
    assert planned("veo-3.1") == (None, ())


def test_a_model_without_inputs_for_images_takes_none() -> None:
    bare = replace(MODELS["veo-3.1"], inputs=Inputs())

    plan = plan_images(bare, images(LOGO), aspect_ratio=WIDE, clip_s=8)

    assert plan == ImagePlan(input=None, used=())


INPUTS = st.builds(
    ImageInput,
    name=st.just("x"),
    use=st.sampled_from(ImageUse),
    most=st.integers(1, 10),
    aspect_ratios=st.sampled_from([(), (WIDE,), (TALL,)]),
    clip_lengths=st.sampled_from([(), (8,), (4, 6)]),
)
ROLES = st.lists(st.sampled_from([LOGO, PRODUCT, STYLE, None]), max_size=10)


@given(st.lists(INPUTS, max_size=3), ROLES, st.sampled_from([WIDE, TALL]), st.sampled_from([4, 8]))
def test_what_is_handed_over_is_as_much_as_any_input_takes_and_each_image_once(
    inputs: list[ImageInput], roles: list[ReferenceRole | None], ratio: AspectRatio, clip_s: int
) -> None:
    model = replace(MODELS["veo-3.1"], inputs=Inputs(images=tuple(inputs)))

    plan = plan_images(model, images(*roles), aspect_ratio=ratio, clip_s=clip_s)

    room = max((each.most for each in inputs if each.takes(ratio, clip_s)), default=0)
    assert len(plan.used) == len(set(plan.used)) == min(room, len(roles))
    assert set(plan.used) <= set(range(len(roles)))
    assert plan.input is None or plan.input.takes(ratio, clip_s)
