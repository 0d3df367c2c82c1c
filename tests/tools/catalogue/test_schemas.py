"""Our rows against the models' schemas, as their pages had them."""

from collections.abc import Iterator

import pytest

from tests.fakes.replicate_models import MODELS as SERVED
from tools.catalogue.reading import read_models
from tools.domain.models import Scalar, VideoModel

SOLD = [model for model in read_models() if model.slug is not None]


def orders(model: VideoModel) -> Iterator[dict[str, object]]:
    """The plainest order in every ratio and clip length, with every option and image there is."""
    inputs = model.inputs
    for ratio in model.sizes:
        for clip_s in model.clip_lengths:
            order: dict[str, Scalar] = {inputs.prompt: "oat drink", inputs.length: clip_s}
            if inputs.aspect_ratio:
                order[inputs.aspect_ratio] = inputs.aspect_values[ratio]
            if inputs.sound:
                order[inputs.sound] = False
            if inputs.seed:
                order[inputs.seed] = 7
            bare = {**order, **inputs.fixed}
            yield dict(bare)
            for image in inputs.images:
                if image.takes(ratio, clip_s):
                    address = "https://example.com/logo.png"
                    yield {**bare, image.name: [address] * image.most if image.is_list else address}


@pytest.mark.parametrize("model", SOLD, ids=lambda model: model.key)
def test_every_order_is_one_that_the_models_schema_takes(model: VideoModel) -> None:
    served = SERVED[str(model.slug)]

    assert [fault for order in orders(model) for fault in served.faults(order)] == []


@pytest.mark.parametrize("model", SOLD, ids=lambda model: model.key)
def test_every_input_with_several_prices_is_sent(model: VideoModel) -> None:
    """A price that moves with an input that is not sent would be the default's of that day."""
    served = SERVED[str(model.slug)]
    (order, *_) = orders(model)

    for name, rule in served.inputs.items():
        choices = rule.get("enum", [True, False] if rule["type"] == "boolean" else [])
        prices = {served.price(served.filled({**order, name: choice})) for choice in choices}
        assert len(prices) < 2 or name in order


@pytest.mark.parametrize("model", SOLD, ids=lambda model: model.key)
def test_nothing_is_sent_that_nobody_of_ours_may_send(model: VideoModel) -> None:
    forbidden = SERVED[str(model.slug)].forbidden

    assert all(forbidden.isdisjoint(order) for order in orders(model))
