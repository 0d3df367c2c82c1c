"""Reads one stranger's image and writes our own; runs alone (`python -I -m …take_in_image`).

`{"source", "target"}` on stdin; the facts on stdout, or `{"refused": "…"}` with exit code 1.
"""

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from tools.media.images import MAX_PIXELS
from tools.media.limits import limit_this_process
from tools.media.svg import Unreadable, rasterised

_CPU_S = 25
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_MARKUP = (b"<html", b"<script", b"<!doctype html", b"<?php", b"<body", b"<iframe")
_OTHER = (*_MARKUP, b"pk\x03\x04", b"%pdf-", b"mz\x90\x00", b"\x7felf", b"rar!\x1a")
_HEAD_BYTES = 4096


class Refused(Exception):
    """The word for our parent, which has the words for a person."""


@dataclass(frozen=True, slots=True)
class Plain:
    """An image as we keep it: upright, RGB or RGBA, sRGB, nothing else in it.

    `has_text`: it was an SVG with text in whatever font this machine has.
    """

    picture: Image.Image
    is_photo: bool
    has_text: bool


def plain(data: bytes) -> Plain:
    """The image in these bytes, whatever they are called. Raises Refused."""
    kind = _sniffed(data)
    has_text = False
    if kind == "SVG":
        try:
            drawn = rasterised(data)
        except Unreadable as error:
            raise Refused(str(error)) from error
        data, kind, has_text = drawn.png, "PNG", drawn.has_text
    elif _is_mixed(data, kind):
        raise Refused("mixed")
    return Plain(_plain(_opened(data, kind)), kind == "JPEG", has_text)


def take_in(source: Path, target: Path) -> dict[str, object]:
    """The image at `source`, upright, plain and ours at `target`. Raises Refused."""
    image = plain(source.read_bytes())
    picture = image.picture
    if image.is_photo:
        # 4:4:4: a logo's red edge does not survive halved chroma.
        picture.convert("RGB").save(target, "JPEG", quality=95, subsampling=0, optimize=True)
    else:
        picture.save(target, "PNG", compress_level=6)
    return {
        "type": "image/jpeg" if image.is_photo else "image/png",
        "width": picture.width,
        "height": picture.height,
        "size_bytes": target.stat().st_size,
        "has_text": image.has_text,
    }


def _sniffed(data: bytes) -> str:
    """PNG, JPEG, WEBP or SVG, by content alone. Raises Refused."""
    if data.startswith(_PNG):
        return "PNG"
    if data.startswith(_JPEG):
        return "JPEG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith((b"GIF87a", b"GIF89a")):
        raise Refused("gif")
    head = data[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith((b"<?xml", b"<svg", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in data:
        return "SVG"
    raise Refused("type")


def _is_mixed(data: bytes, kind: str) -> bool:
    """Another format inside or behind the image.

    Re-encoding would drop it, but nobody sends one by accident.
    """
    head, tail = data[:_HEAD_BYTES].lower(), data[_end(data, kind) :].lower()
    return any(mark in head for mark in _MARKUP) or any(mark in tail for mark in _OTHER)


def _end(data: bytes, kind: str) -> int:
    """Where the image itself ends."""
    if kind == "PNG":
        at = data.rfind(b"IEND")
        return at + 8 if at >= 0 else len(data)
    if kind == "WEBP":
        return 8 + int.from_bytes(data[4:8], "little")
    at = data.rfind(b"\xff\xd9")
    return at + 2 if at >= 0 else len(data)


def _opened(data: bytes, kind: str) -> Image.Image:
    """Decoded, upright. The size is read from the header, before any pixel is."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit is below, and speaks in words
    picture = Image.open(io.BytesIO(data), formats=(kind,))
    if picture.width * picture.height > MAX_PIXELS:
        raise Refused("pixels")
    if kind != "JPEG" and getattr(picture, "n_frames", 1) > 1:
        raise Refused("animated")
    picture.load()
    return ImageOps.exif_transpose(picture)


def _plain(picture: Image.Image) -> Image.Image:
    """RGB or RGBA in sRGB, 8 bits a channel, with nothing else in it."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I") or picture.mode == "F":
        # 16 bits of grey; convert() would cut off at 255 instead of scaling.
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in {"P", "LA", "PA", "La", "RGBa"} or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    elif picture.mode not in {"RGB", "RGBA", "CMYK"}:
        picture = picture.convert("RGB")
    picture = _in_srgb(picture, profile)
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] == 255:  # noqa: PLR2004  # opaque
        picture = picture.convert("RGB")
    # Savers write what they find in info: profile, comment, EXIF.
    picture.info = {}
    return picture


def _in_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """Through the embedded profile where it says anything but sRGB."""
    if isinstance(profile, bytes) and profile:
        try:
            theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(theirs).casefold():
                mode = "RGBA" if picture.mode == "RGBA" else "RGB"
                return _converted(picture, theirs, mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            # A broken profile: the numbers as they stand are the best guess.
            pass
    return picture.convert("RGB") if picture.mode == "CMYK" else picture


def _converted(picture: Image.Image, theirs: ImageCms.ImageCmsProfile, mode: str) -> Image.Image:
    ours = ImageCms.createProfile("sRGB")
    changed = ImageCms.profileToProfile(picture, theirs, ours, outputMode=mode)
    return changed if changed is not None else picture.convert(mode)


def _say(facts: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main() -> None:
    order = json.loads(sys.stdin.buffer.read())
    limit_this_process(cpu_s=_CPU_S)
    target = Path(order["target"])
    try:
        facts = take_in(Path(order["source"]), target)
    except Refused as refused:
        _say({"refused": str(refused)})
        sys.exit(1)
    except Exception:  # noqa: BLE001  # what decoders raise for hostile bytes is without number
        target.unlink(missing_ok=True)
        _say({"refused": "broken"})
        sys.exit(1)
    _say(facts)


if __name__ == "__main__":
    main()
