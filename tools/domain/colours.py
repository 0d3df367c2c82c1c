"""Colours as people name them, for palettes that are drawn and not guessed at."""

import re
from collections.abc import Iterable

Rgb = tuple[int, int, int]
"""sRGB, 0 to 255 each."""

NAMED: dict[str, Rgb] = {
    "amber": (255, 176, 46),
    "apricot": (251, 196, 151),
    "aqua": (64, 196, 200),
    "beige": (232, 220, 200),
    "black": (18, 18, 20),
    "blue": (38, 98, 217),
    "blush": (244, 205, 205),
    "bronze": (158, 104, 52),
    "brown": (110, 72, 46),
    "burgundy": (112, 24, 48),
    "caramel": (198, 134, 74),
    "champagne": (241, 224, 196),
    "charcoal": (48, 52, 58),
    "chocolate": (86, 52, 34),
    "cobalt": (18, 72, 176),
    "copper": (190, 108, 66),
    "coral": (255, 118, 97),
    "cream": (250, 242, 224),
    "crimson": (190, 24, 52),
    "cyan": (40, 190, 222),
    "emerald": (16, 140, 96),
    "gold": (212, 168, 67),
    "golden": (226, 172, 64),
    "graphite": (58, 62, 68),
    "gray": (140, 144, 150),
    "green": (52, 148, 84),
    "grey": (140, 144, 150),
    "honey": (228, 168, 62),
    "indigo": (66, 60, 170),
    "ivory": (250, 246, 234),
    "khaki": (186, 172, 122),
    "lavender": (188, 172, 226),
    "lemon": (252, 228, 92),
    "lilac": (200, 170, 220),
    "lime": (164, 214, 60),
    "magenta": (208, 40, 140),
    "maroon": (116, 28, 40),
    "mint": (168, 226, 198),
    "mustard": (214, 164, 48),
    "navy": (22, 38, 84),
    "oat": (226, 208, 178),
    "ochre": (200, 134, 52),
    "olive": (118, 122, 62),
    "orange": (244, 124, 38),
    "peach": (252, 200, 164),
    "pearl": (240, 236, 230),
    "petrol": (14, 84, 98),
    "pink": (240, 130, 170),
    "plum": (110, 48, 96),
    "purple": (118, 62, 178),
    "red": (214, 46, 46),
    "rose": (226, 112, 130),
    "ruby": (168, 22, 62),
    "rust": (176, 80, 42),
    "sage": (164, 178, 148),
    "salmon": (250, 146, 122),
    "sand": (222, 200, 164),
    "sapphire": (26, 72, 160),
    "scarlet": (222, 42, 38),
    "silver": (192, 196, 202),
    "sky": (130, 190, 236),
    "slate": (92, 106, 120),
    "tan": (206, 174, 134),
    "taupe": (150, 134, 120),
    "teal": (22, 128, 130),
    "terracotta": (200, 104, 72),
    "turquoise": (54, 196, 188),
    "violet": (134, 80, 200),
    "white": (248, 248, 246),
    "yellow": (248, 208, 56),
}
"""Slightly muted next to CSS: a pure (255, 0, 0) ground looks like an error, not like a brand."""

_DARK = frozenset({"dark", "deep", "midnight", "rich"})
_LIGHT = frozenset({"light", "pale", "pastel", "soft"})
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-f])")


def mixed(colour: Rgb, with_colour: Rgb, share: float) -> Rgb:
    """`colour` with `share` (0 to 1) of the other one in it."""
    r, g, b = (round(a + (z - a) * share) for a, z in zip(colour, with_colour, strict=True))
    return (r, g, b)


_LINEAR = 10
"""Up to here sRGB's curve is a straight line."""


def luminance(colour: Rgb) -> float:
    """WCAG relative luminance, 0 (black) to 1 (white)."""
    linear = [
        value / 255 / 12.92 if value <= _LINEAR else ((value / 255 + 0.055) / 1.055) ** 2.4
        for value in colour
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG contrast, 1 to 21; text wants 4.5."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def colours_in(phrases: Iterable[str]) -> tuple[Rgb, ...]:
    """Every colour named in `phrases`, in order, each once: "deep teal", "#ff5a1f"."""
    found: list[Rgb] = []
    for phrase in phrases:
        found.extend(_of_hex(match) for match in _HEX.findall(phrase.casefold()))
        words = re.findall(r"[a-z]+", _HEX.sub(" ", phrase.casefold()))
        for before, word in zip(["", *words], words, strict=False):
            if word in NAMED:
                found.append(_shade(NAMED[word], before))
    return tuple(dict.fromkeys(found))


def _of_hex(digits: str) -> Rgb:
    full = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)  # noqa: PLR2004  # #rgb means #rrggbb
    return (int(full[0:2], 16), int(full[2:4], 16), int(full[4:6], 16))


def _shade(colour: Rgb, modifier: str) -> Rgb:
    if modifier in _DARK:
        return mixed(colour, (0, 0, 0), 0.35)
    if modifier in _LIGHT:
        return mixed(colour, (255, 255, 255), 0.4)
    return colour
