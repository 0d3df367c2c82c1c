"""Which of the given images a model is handed, and by which of its inputs."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.domain.frames import AspectRatio
from tools.domain.models import ImageInput, ImageUse, VideoModel
from tools.domain.uploads import ReferenceRole
from tools.domain.videos import Reference

_OPENING_ORDER = (ReferenceRole.PRODUCT, None, ReferenceRole.STYLE, ReferenceRole.LOGO)
"""A first frame is the opening shot: the product makes a film of it, a logo a title card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePlan:
    """`used` are indices into the given references, in the order they are handed over."""

    input: ImageInput | None
    used: tuple[int, ...]


def plan_images(
    model: VideoModel, references: Sequence[Reference], *, aspect_ratio: AspectRatio, clip_s: int
) -> ImagePlan:
    """For the first clip: the input that takes the most of them, an earlier one where two take as many."""
    fitting = [each for each in model.inputs.images if each.takes(aspect_ratio, clip_s)]
    if not references or not fitting:
        return ImagePlan(input=None, used=())
    chosen = max(fitting, key=lambda each: min(each.most, len(references)))
    order = list(range(len(references)))
    if chosen.use is ImageUse.FIRST_FRAME:
        order.sort(key=lambda index: _OPENING_ORDER.index(references[index].role))
    return ImagePlan(input=chosen, used=tuple(order[: chosen.most]))
