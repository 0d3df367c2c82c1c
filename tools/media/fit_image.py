"""Fits one stranger's image to a model's exact size; runs alone (`python -I -m …fit_image`).

`{"source", "target", "frame", "how", "background"}` on stdin; facts on stdout, or
`{"refused": "…"}` with exit code 1.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, ImageStat

from tools.domain.colours import Rgb, contrast
from tools.domain.frames import Frame
from tools.media.limits import limit_this_process
from tools.media.palette import INK, WHITE, dominant
from tools.media.take_in_image import Refused, plain

_CPU_S = 30
_ACCIDENT = 0.08
"""A smaller share of a logo's colours does not decide what it stands on."""
_LEGIBLE = 3.0
"""Contrast enough for a shape; more is not better, and white is what logos are drawn for."""


def fitted(image: Image.Image, frame: Frame, *, how: str, background: Rgb | None) -> Image.Image:
    """RGB, exactly as large as the frame: `cover` crops the middle, `contain` keeps the whole."""
    ground = background or ground_of(image)
    size = (frame.width, frame.height)
    if how == "cover":
        whole = ImageOps.fit(image, size, Image.Resampling.LANCZOS)
    else:
        whole = ImageOps.contain(image, size, Image.Resampling.LANCZOS)
    picture = Image.new("RGB", size, ground)
    place = ((size[0] - whole.width) // 2, (size[1] - whole.height) // 2)
    picture.paste(whole.convert("RGB"), place, whole if whole.mode == "RGBA" else None)
    return picture


def ground_of(image: Image.Image) -> Rgb:
    """What the image can stand on: its own edge, or behind a transparent one white or ink."""
    if image.mode != "RGBA":
        return _edge(image)
    colours = [colour for colour, share in dominant(image) if share > _ACCIDENT]
    return max(
        (WHITE, INK),
        key=lambda ground: min((*(contrast(colour, ground) for colour in colours), _LEGIBLE)),
    )


def _edge(image: Image.Image) -> Rgb:
    """The colour most of the border has: its median, which a detail does not move."""
    w, h = image.size
    boxes = ((0, 0, w, 1), (0, h - 1, w, h), (0, 0, 1, h), (w - 1, 0, w, h))
    border = Image.new("RGB", (2 * w + 2 * h, 1))
    at = 0
    for left, top, right, bottom in boxes:
        strip = image.crop((left, top, right, bottom))
        line = strip.transpose(Image.Transpose.ROTATE_90) if right - left == 1 else strip
        border.paste(line, (at, 0))
        at += line.width
    red, green, blue = ImageStat.Stat(border).median
    return red, green, blue


def fit(order: Mapping[str, Any]) -> dict[str, object]:
    image = plain(Path(order["source"]).read_bytes()).picture
    frame, colour = Frame(*order["frame"]), order["background"]
    background = _rgb(colour) if colour else None
    picture = fitted(image, frame, how=order["how"], background=background)
    picture.save(order["target"], "PNG", compress_level=3)
    return {"width": picture.width, "height": picture.height}


def _rgb(colour: str) -> Rgb:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _say(facts: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main() -> None:
    order = json.loads(sys.stdin.buffer.read())
    limit_this_process(cpu_s=_CPU_S)
    try:
        facts = fit(order)
    except Refused as refused:
        _say({"refused": str(refused)})
        sys.exit(1)
    except Exception:  # noqa: BLE001  # what decoders raise for hostile bytes is without number
        _say({"refused": "broken"})
        sys.exit(1)
    _say(facts)


if __name__ == "__main__":
    main()
