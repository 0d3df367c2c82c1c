"""Orders for the fake Replicate: by the catalogue's own models, in a moment's patience."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Picture

from tests.patience import IN_THE_END_S
from tools.catalogue.reading import read_models
from tools.domain.frames import AspectRatio
from tools.domain.identity import JobId
from tools.domain.models import ImageInput, ImageUse, VideoModel
from tools.domain.uploads import ReferenceRole
from tools.providers.replicate.client import Limits
from tools.rendering.ports import Image, Order

SOLD = {each.key: each for each in read_models() if each.provider == "replicate" and each.slug}
QUICK = Limits(
    connect_s=IN_THE_END_S,
    answer_s=IN_THE_END_S,
    order_s=IN_THE_END_S,
    list_lag_s=1.0,
    stop_s=IN_THE_END_S,
    again_s=0.05,
    idle_s=IN_THE_END_S,
    download_s=IN_THE_END_S,
)
"""No pause of ours is long; what does not answer at all is a test's own affair."""


def an_order(model: VideoModel | str = "veo-3.1-fast", **other: Any) -> Order:
    """The first clip of a job; `other` are fields of Order."""
    chosen = SOLD[model] if isinstance(model, str) else model
    ratio = other.pop("aspect_ratio", AspectRatio.WIDE)
    facts: dict[str, Any] = {
        "job_id": JobId("job-1"),
        "clip": 1,
        "prompt": "A fox runs through snow",
        "sent_prompt": "A red fox runs through deep snow at dawn, tracking shot",
        "length_s": min(chosen.clip_lengths),
        "sound": chosen.has_sound,
        "seed": 1234567,
        "aspect_ratio": ratio,
        "frame": chosen.sizes[ratio],
    }
    return Order(model=chosen, **{**facts, **other})


def opening(model: VideoModel | str) -> ImageInput:
    """The input that opens a film of this model with an image."""
    chosen = SOLD[model] if isinstance(model, str) else model
    return next(each for each in chosen.inputs.images if each.use is ImageUse.FIRST_FRAME)


def an_image(
    file: Path, *, size: tuple[int, int] = (1280, 720), is_noisy: bool = False, **other: Any
) -> Image:
    """A PNG on this disk: a grey of a few hundred bytes, or noise of megabytes."""
    width, height = size
    grey = np.full((height, width, 3), 120, np.uint8)
    if is_noisy:
        grey = np.random.default_rng(7).integers(0, 255, grey.shape, np.uint8)
    Picture.fromarray(grey).save(file, "PNG")
    return Image(file=file, role=other.pop("role", ReferenceRole.PRODUCT), **other)
