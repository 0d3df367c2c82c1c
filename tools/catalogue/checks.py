"""What has to be true of a row of the catalogue before anybody pays by it, beyond the shape of its fields."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tools.catalogue.lines import Path
from tools.catalogue.written import ImageRow, ModelRow
from tools.domain.models import ImageUse, Sound

_SECRET = re.compile(r"(^|_)(api_?key|secret|password|credentials?|token)$", re.IGNORECASE)
_SQUEEZE = 0.1
"""How far a size may be from its ratio: Sora's 1792x1024 is 2 % off, a swapped pair 68 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong with a row. `path` leads from the row to the field; empty: the row itself."""

    path: Path
    reason: str


def faults_of(row: ModelRow) -> Iterator[Fault]:
    """Of one row alone. A retired one is checked like a living one as soon as it has a slug."""
    if row.is_draft and not row.is_local:
        yield Fault(path=("is_draft",), reason='only a model of the provider "local" is a draft')
    yield from _sizes(row)
    if row.is_retired and row.slug is None:
        return
    yield from _clips(row)
    yield from _prices(row)
    yield from _names(row)
    for index, image in enumerate(row.inputs.images):
        yield from _image(row, image, ("inputs", "images", index))
    if not row.is_local:
        yield from _order(row)


def unknown_replacements(row: ModelRow, keys: Collection[str]) -> Iterator[Fault]:
    for key in row.replacements:
        if key not in keys or key == row.key:
            yield Fault(path=("replacements",), reason=f"there is no other model {key!r}")


def _sizes(row: ModelRow) -> Iterator[Fault]:
    for ratio, size in row.sizes.items():
        width, height = map(int, size.split("x"))
        wide, high = map(int, ratio.split(":"))
        path = ("sizes", ratio.value)
        if width % 2 or height % 2:
            yield Fault(path=path, reason="both sides have to be even")
        if abs(width / height / (wide / high) - 1) > _SQUEEZE:
            yield Fault(path=path, reason=f"{size} is not the shape of {ratio}")


def _clips(row: ModelRow) -> Iterator[Fault]:
    if not row.lengths_of_clips:
        yield Fault(path=("clip_lengths",), reason="it is missing: how long can its clips be?")
        return
    longest = max(row.lengths_of_clips)
    chains = any(_continues(image) for image in row.inputs.images)
    if row.lengths.max > longest and not chains:
        yield Fault(
            path=("lengths",),
            reason=f"{row.lengths.max} seconds are more than one clip ({longest}), and it has no "
            'image input with use = "first_frame" and without conditions to go on from',
        )


def _continues(image: ImageRow) -> bool:
    return image.use is ImageUse.FIRST_FRAME and not image.aspect_ratios and not image.clip_lengths


def _prices(row: ModelRow) -> Iterator[Fault]:
    for sound in row.sound_options:
        name = "with_sound" if sound else "without_sound"
        price = row.prices.of(sound=sound)
        if price is None:
            yield Fault(path=("prices",), reason=f"{name} is missing")
        elif price.per_second is None:
            missing = [str(s) for s in row.lengths_of_clips if s not in price.per_clip]
            if missing:
                reason = f"there is no price for clips of {', '.join(missing)} seconds"
                yield Fault(path=("prices", name), reason=reason)
    if row.prices_read_on is None and not row.is_local:
        yield Fault(path=("prices_read_on",), reason="it is missing: on which day were they read?")


def _names(row: ModelRow) -> Iterator[Fault]:
    """Nothing is sent twice, and no key of anybody's."""
    inputs = row.inputs
    given: list[tuple[Path, str | None]] = [
        (("inputs", "prompt"), inputs.prompt),
        (("inputs", "length"), inputs.length),
        (("inputs", "aspect_ratio"), inputs.aspect_ratio),
        (("inputs", "sound"), inputs.sound),
        (("inputs", "seed"), inputs.seed),
        *((("inputs", "images", n, "name"), image.name) for n, image in enumerate(inputs.images)),
        *((("inputs", "fixed", name), name) for name in inputs.fixed),
    ]
    seen = set[str]()
    for path, name in given:
        if name is None:
            continue
        if name in seen:
            yield Fault(path=path, reason=f"the input {name!r} is named twice")
        if _SECRET.search(name):
            yield Fault(path=path, reason=f"{name!r} looks like a secret: it is never sent")
        seen.add(name)


def _image(row: ModelRow, image: ImageRow, path: Path) -> Iterator[Fault]:
    for ratio in image.aspect_ratios:
        if ratio not in row.sizes:
            reason = f"the model makes no {ratio}"
            yield Fault(path=(*path, "aspect_ratios"), reason=reason)
    for clip_s in image.clip_lengths:
        if clip_s not in row.lengths_of_clips:
            reason = f"the model makes no clips of {clip_s} seconds"
            yield Fault(path=(*path, "clip_lengths"), reason=reason)
    if image.use is ImageUse.FIRST_FRAME and image.most > 1:
        yield Fault(path=(*path, "most"), reason="a film begins with one picture")
    if image.most > 1 and not image.list:
        yield Fault(path=(*path, "list"), reason="more than one image wants list = true")


def _order(row: ModelRow) -> Iterator[Fault]:
    """What an order at a provider needs."""
    if row.slug is None:
        yield Fault(path=("slug",), reason="it is missing: what does the provider call it?")
    if row.inputs.aspect_ratio is None and len(row.sizes) > 1:
        reason = "it is missing: with several sizes the model has to be told which"
        yield Fault(path=("inputs", "aspect_ratio"), reason=reason)
    for ratio in row.inputs.aspect_values:
        if ratio not in row.sizes:
            path = ("inputs", "aspect_values", ratio.value)
            yield Fault(path=path, reason="there is no size for this ratio")
    if row.sound is Sound.SWITCH and row.inputs.sound is None:
        reason = 'it is missing: sound = "switch" wants the input that asks for it'
        yield Fault(path=("inputs", "sound"), reason=reason)
    if row.sound is not Sound.SWITCH and row.inputs.sound is not None:
        reason = 'it is for sound = "switch" alone; what is always sent belongs to inputs.fixed'
        yield Fault(path=("inputs", "sound"), reason=reason)
