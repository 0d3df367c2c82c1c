"""Text as masks: a face that covers the words, lines that fit, and never a tofu box.

Pillow's own Aileron first, so that films look alike on every machine; a font of the system only for
words that Aileron has no letters for; where there is none, letters lose their accents and what is
still uncovered (emoji) is left out.
"""

import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Face = ImageFont.FreeTypeFont

_PREFERRED = ("notosans-", "notosans", "inter", "dejavusans", "arial", "helvetica", "liberation")
_MAX_FONTS = 600
_PLAIN = str.maketrans(
    {"–": "-", "—": "-", "‐": "-", "−": "-", "×": "x", "ß": "ss", "ẞ": "SS", "ø": "o", "Ø": "O",
     "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "đ": "d", "Đ": "D", "ı": "i",
     "‘": "'", "´": "'", "`": "'", "«": '"', "»": '"', "„": '"', "€": "EUR", "\u00a0": " "}
)  # fmt: skip
"""What stands in for a letter where no font on this machine has it."""
_UNDEFINED = "\U0010fffe"
"""A code point that no font has: its glyph is the face's own tofu."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Words and the face that covers them: `font` is a file, None for Aileron."""

    text: str
    font: str | None

    def face(self, size: int) -> Face:
        return _face(self.font, size)


@lru_cache(maxsize=64)
def _face(font: str | None, size: int) -> Face:
    if font is None:
        face = ImageFont.load_default(size)
        if not isinstance(face, ImageFont.FreeTypeFont):
            msg = "Pillow was built without FreeType."
            raise RuntimeError(msg)  # a broken installation, not a wrong argument
        return face
    return ImageFont.truetype(font, size)


def setting_for(text: str) -> Setting:
    """The best face on this machine for `text`, and the part of it that can be shown."""
    clean = _clean(text)
    if _covers(None, clean):
        return Setting(clean, None)
    wanted = frozenset(char for char in clean if _is_visible(char))
    words = frozenset(char for char in wanted if unicodedata.category(char)[0] in "LMN")
    best: Setting | None = None
    for font in _system_fonts():
        missing = _missing(font, wanted)
        if not missing:
            return Setting(clean, font)
        if best is None and not missing & words:
            best = Setting(_without(clean, missing), font)
    return best or _plain(clean)


def _plain(text: str) -> Setting:
    """In Aileron, without what it lacks: é becomes e, a cup of coffee is left out."""
    plain = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return Setting(_without(plain, _missing(None, frozenset(plain))), None)


def _clean(text: str) -> str:
    """Composed, on one line, without control characters and variation selectors.

    Joiners stay: Persian and Indic words are spelt with them.
    """
    kept = (
        char
        for char in unicodedata.normalize("NFC", " ".join(text.split()))
        if unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"}
        and not 0xFE00 <= ord(char) <= 0xFE0F  # noqa: PLR2004  # the variation selectors
        and (unicodedata.category(char) != "Cf" or char in "\u200c\u200d")
    )
    return " ".join("".join(kept).split())


def _without(text: str, missing: Iterable[str]) -> str:
    return " ".join("".join(char for char in text if char not in set(missing)).split())


def _is_visible(char: str) -> bool:
    return unicodedata.category(char)[0] not in "ZC"


def _covers(font: str | None, text: str) -> bool:
    return not _missing(font, frozenset(text))


@lru_cache(maxsize=256)
def _missing(font: str | None, chars: frozenset[str]) -> frozenset[str]:
    """The characters that `font` would draw as its tofu; all of them where it cannot be opened."""
    try:
        face = _face(font, 24)
        tofu = _glyph(face, _UNDEFINED)
        return frozenset(c for c in chars if _is_visible(c) and _glyph(face, c) == tofu)
    except (OSError, ValueError):
        return chars


def _glyph(face: Face, char: str) -> tuple[tuple[int, int], bytes]:
    mask = face.getmask(char)
    return mask.size, bytes(mask)


@lru_cache(maxsize=1)
def _system_fonts() -> tuple[str, ...]:
    """Upright text faces of this machine, the well-known families first."""
    found: list[Path] = []
    for folder in _font_folders():
        for path in _font_files(folder):
            found.append(path)
            if len(found) >= _MAX_FONTS:
                break

    def rank(path: Path) -> tuple[int, bool, str]:
        name = path.stem.casefold().replace(" ", "")
        family = next((i for i, p in enumerate(_PREFERRED) if name.startswith(p)), 99)
        return family, name not in _UPRIGHT and not name.endswith(("regular", "sans")), name

    upright = [p for p in found if not _SLANTED & set(p.stem.casefold().replace("-", " ").split())]
    return tuple(str(path) for path in sorted(upright, key=rank))


_UPRIGHT = frozenset({"arial", "helvetica", "dejavusans"})
_SLANTED = frozenset({"italic", "oblique", "bolditalic", "boldoblique", "mono", "math"})


def _font_folders() -> tuple[Path, ...]:
    home = Path(os.path.expanduser("~"))  # noqa: PTH111  # Path.home() raises where there is none
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    return (
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".fonts",
        home / ".local/share/fonts",
    )


def _font_files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            if name.lower().endswith((".ttf", ".otf", ".ttc")):
                yield Path(root) / name


def is_right_to_left(text: str) -> bool:
    """By the first letter with a direction, as the Unicode algorithm does for a paragraph."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of set text: a mask as large as its ink and where that ink begins on the line.

    `advance` is the width it takes in pixels, `ascent` from the line's top to the base line.
    """

    mask: Image.Image
    left: int
    top: int
    advance: int
    ascent: int


def set_line(setting: Setting, size: int, *, weight: float = 0.0, tracking: float = 0.0) -> Line:
    """`weight` thickens the strokes and `tracking` spaces the letters, both as shares of `size`.

    Aileron comes in one weight: a bold line is the same outline, stroked.
    """
    face = setting.face(size)
    stroke = weight * size
    ascent, descent = face.getmetrics()
    pad = int(stroke) + 4
    width = round(line_width(setting, size, weight=weight, tracking=tracking))
    mask = Image.new("L", (width + 2 * pad, ascent + descent + 2 * pad), 0)
    draw = ImageDraw.Draw(mask)
    x = pad + stroke
    for piece in setting.text if tracking else (setting.text,):
        draw.text((x, pad), piece, fill=255, font=face, stroke_width=stroke)
        x += face.getlength(piece) + 2 * stroke + tracking * size
    return Line(mask, pad, pad, width, ascent)


def line_width(setting: Setting, size: int, *, weight: float = 0.0, tracking: float = 0.0) -> float:
    face, stroke = setting.face(size), weight * size
    if not tracking:
        return face.getlength(setting.text) + 2 * stroke
    gaps = (tracking * size + 2 * stroke) * len(setting.text) - tracking * size
    return sum(face.getlength(char) for char in setting.text) + gaps
