"""An SVG as pixels, after everything that could read, run or explode was taken out.

resvg reads local files that an `href` names, and aborts the whole process on absurd sizes: so
references are cut, sizes are judged first, and all of it happens in a limited child.
"""

import re
import xml.etree.ElementTree as ET  # entities are refused before anything is parsed
from dataclasses import dataclass

import resvg_py

_LONGEST_SIDE = 2048
_MAX_RATIO = 20.0
_MAX_SIDE = 20_000.0
_SVG = "{http://www.w3.org/2000/svg}"
_REMOVED = frozenset({"script", "foreignobject", "iframe", "embed", "object", "audio", "video",
                      "handler", "listener", "set", "animate", "animatetransform",
                      "animatemotion", "discard"})  # fmt: skip
_SAFE_HREF = re.compile(r"\s*(?:#[\w.:-]+\s*$|data:image/(?:png|jpeg|jpg|webp)\s*;)", re.IGNORECASE)
_URL = re.compile(r"url\(\s*(?!['\"]?\s*#)[^)]*\)|@import[^;]*;?", re.IGNORECASE)
# A plain external subset, as old editors write it; one with `[` may define entities.
_DOCTYPE = re.compile(r"<!DOCTYPE\s+svg\b[^\[<>]*>", re.IGNORECASE)
_LENGTH = re.compile(
    r"\s*([0-9.]+(?:e[+-]?\d+)?)\s*(px|pt|pc|mm|cm|in|q|em|ex)?\s*$", re.IGNORECASE
)
_PX = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0,
       "q": 24 / 25.4, "em": 16.0, "ex": 8.0}  # fmt: skip


class Unreadable(Exception):
    """The word for our parent: `svg`, `svg_doctype` or `svg_size`."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """`has_text`: it holds text that is drawn in whatever font this machine has."""

    png: bytes
    has_text: bool


def rasterised(data: bytes) -> Drawn:
    """The SVG as a PNG, its longer side 2048 pixels. Raises Unreadable."""
    root = _parsed(_decoded(data))
    width, height = _size(root)
    _clean(root)
    scale = _LONGEST_SIDE / max(width, height)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    if "viewBox" not in root.attrib:
        root.set("viewBox", f"0 0 {width} {height}")
    # Both, always: with one alone resvg works out the other and aborts when it is absurd.
    root.set("width", str(size[0]))
    root.set("height", str(size[1]))
    has_text = root.find(f".//{_SVG}text") is not None
    try:
        png = resvg_py.svg_to_bytes(
            svg_string=ET.tostring(root, encoding="unicode"), width=size[0], height=size[1]
        )
    except ValueError as error:
        raise Unreadable("svg") from error
    return Drawn(bytes(png), has_text)


def _decoded(data: bytes) -> str:
    """UTF-8, whatever the file says of itself: other encodings are a way around our eyes."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("svg") from error
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)


def _parsed(text: str) -> ET.Element:
    plain = _DOCTYPE.sub("", text, count=1)
    if re.search(r"<!(?:DOCTYPE|ENTITY|ATTLIST|ELEMENT|NOTATION)", plain, re.IGNORECASE):
        raise Unreadable("svg_doctype")
    try:
        root = ET.fromstring(plain)  # noqa: S314  # no DOCTYPE is left, so no entity can be defined
    except ET.ParseError as error:
        raise Unreadable("svg") from error
    if root.tag != f"{_SVG}svg":
        raise Unreadable("svg")
    return root


def _size(root: ET.Element) -> tuple[float, float]:
    """Width and height in pixels, from the viewBox first. Raises Unreadable for absurd ones."""
    declared = [_length(root.get("width")), _length(root.get("height"))]
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    if len(box) == 4:  # noqa: PLR2004  # x, y, width, height
        try:
            width, height = float(box[2]), float(box[3])
        except ValueError as error:
            raise Unreadable("svg_size") from error
    elif declared[0] and declared[1]:
        width, height = declared[0], declared[1]
    else:
        raise Unreadable("svg_size")
    sides = [width, height, *(side for side in declared if side is not None)]
    if not all(0 < side <= _MAX_SIDE for side in sides):
        raise Unreadable("svg_size")
    if max(width / height, height / width) > _MAX_RATIO:
        raise Unreadable("svg_size")
    return width, height


def _length(text: str | None) -> float | None:
    """A length in pixels; None for one that says nothing by itself (`100%`, absent)."""
    match = _LENGTH.match(text or "")
    if match is None:
        return None
    return float(match.group(1)) * _PX[(match.group(2) or "").lower()]


def _clean(root: ET.Element) -> None:
    """Take out what runs, moves or reaches outside."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        for child in list(element):
            if _local(child.tag).lower() in _REMOVED:
                element.remove(child)
            else:
                waiting.append(child)
        _clean_attributes(element)
        if _local(element.tag).lower() == "style" and element.text:
            element.text = _URL.sub("", element.text)


def _clean_attributes(element: ET.Element) -> None:
    for name, value in list(element.attrib.items()):
        local = _local(name).lower()
        is_reference = local in {"href", "src"} and not _SAFE_HREF.match(value)
        if local.startswith("on") or local == "base" or is_reference:
            del element.attrib[name]
        else:
            element.attrib[name] = _URL.sub("none", value)


def _local(name: str) -> str:
    return name.rpartition("}")[2]
