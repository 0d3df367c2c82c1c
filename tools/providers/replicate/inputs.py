"""An order in the words of the model that makes it, and how such an order is known again.

The catalogue says what a model's inputs are called; nothing that it does not name is sent, and
everything that costs is.
"""

from collections.abc import Mapping
from math import isclose

from tools.domain.models import Scalar
from tools.domain.uploads import ReferenceRole
from tools.rendering.ports import Order

_SHOWS: Mapping[ReferenceRole | None, str] = {
    ReferenceRole.LOGO: "is the logo: show it exactly as it is",
    ReferenceRole.PRODUCT: "is the product: show it exactly as it is",
    ReferenceRole.STYLE: "shows the style of the film",
    None: "is to be seen in the film",
}
_SEEDS = 2**31
"""The models' seeds are of 31 or 32 bits."""


def scalars(order: Order) -> dict[str, Scalar]:
    """All inputs but the images: the same for every try at the same clip."""
    names = order.model.inputs
    given: dict[str, Scalar] = {
        **names.fixed,
        names.prompt: _prompt(order),
        names.length: order.length_s,
    }
    if names.aspect_ratio is not None:
        said = names.aspect_values.get(order.aspect_ratio, order.aspect_ratio.value)
        given[names.aspect_ratio] = said
    if names.sound is not None:
        given[names.sound] = order.sound
    if names.seed is not None:
        given[names.seed] = order.seed % _SEEDS
    return given


def input_of(order: Order) -> dict[str, object]:
    """The whole input. Raises ValueError for an image that was not handed over."""
    given: dict[str, object] = {**scalars(order)}
    if order.image_input is None or not order.images:
        return given
    addresses = []
    for image in order.images[: order.image_input.most]:
        if image.address is None:
            message = "an image without an address"
            raise ValueError(message)
        addresses.append(image.address)
    given[order.image_input.name] = addresses if order.image_input.is_list else addresses[0]
    return given


def _prompt(order: Order) -> str:
    """With a word on each image, for a model that uses only those that it is told of."""
    taken = order.image_input
    if taken is None or taken.mention is None:
        return order.sent_prompt
    told = [
        f"{name} {_SHOWS[image.role]}."
        for number, image in enumerate(order.images[: taken.most], start=1)
        if (name := taken.mention.replace("{n}", str(number))) not in order.sent_prompt
    ]
    return "\n".join((order.sent_prompt, *told))


def is_input_of(order: Order, given: Mapping[str, object]) -> bool:
    """Whether a prediction with this input can be the order's.

    Images are counted, not compared: their addresses are other ones each time they are lent. What
    else stands there may have been filled in by the provider.
    """
    if any(not _is_same(given.get(name), value) for name, value in scalars(order).items()):
        return False
    for each in order.model.inputs.images:
        ours = order.images if order.image_input and order.image_input.name == each.name else ()
        if _count(given.get(each.name)) != min(len(ours), each.most if each.is_list else 1):
            return False
    return True


def _is_same(theirs: object, ours: Scalar) -> bool:
    """6 is 6.0; True is not 1."""
    if isinstance(theirs, bool) or isinstance(ours, bool):
        return theirs is ours
    if isinstance(theirs, int | float) and isinstance(ours, int | float):
        return isclose(theirs, ours)
    return theirs == ours


def _count(value: object) -> int:
    if isinstance(value, list | tuple):
        return len(value)
    return 1 if value else 0
