"""What a message says of a film's length, shape, place, model and images, in digits or in words.

Each pattern has bounded repeats and one reading, so that no text can make it slow.
"""

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from agent.models.offline.model_names import MODEL_WORDS, Need, model_in, need_in

DEFAULT_LENGTH_S = 6
Images = Literal["logo", "images", "no images", "no logo"]
"""What a message wants of the person's own images: the logo, some image, none, all but the logo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was said; None where nothing was. `odd_ratio` is a shape that we cannot make."""

    length_s: int | None = None
    ratio: str | None = None
    odd_ratio: str | None = None
    platform: str | None = None
    """instagram, tiktok, youtube or facebook, where the message names one of them."""
    model: str | None = None
    need: Need | None = None
    images: Images | None = None

    @property
    def is_empty(self) -> bool:
        return self == Settings()

    def over(self, earlier: "Settings") -> "Settings":
        """These settings, with the earlier ones where these say nothing."""
        return Settings(
            length_s=earlier.length_s if self.length_s is None else self.length_s,
            ratio=self.ratio or earlier.ratio,
            odd_ratio=self.odd_ratio if self.ratio else earlier.odd_ratio,
            platform=self.platform or earlier.platform,
            model=self.model or (None if self.need else earlier.model),
            need=self.need or (None if self.model else earlier.need),
            images=self.images or earlier.images,
        )


def plain(text: str) -> str:
    """The message as patterns read it: lower case, one kind of quote, single spaces, no controls."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_QUOTES)
    return " ".join("".join(c if c.isprintable() else " " for c in folded).split())


def settings_in(said: str) -> Settings:
    """`said` is plain."""
    ratio, odd = _ratio(said)
    return Settings(
        length_s=length_in(said),
        ratio=ratio,
        odd_ratio=odd,
        platform=platform_in(said),
        model=model_in(said),
        need=need_in(said),
        images=_images(said),
    )


def without_settings(said: str) -> str:
    """The rest of a plain message when everything that settings were read from is taken out."""
    for pattern in _SETTINGS:
        said = pattern.sub(" ", said)
    return said


_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})

# Lengths

_UNITS_IN_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_UNITS = _UNITS_IN_WORDS.split()
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty")
_NUMBER = (
    r"(?P<digits>\d{1,4}(?:\.\d{1,2})?)|"
    rf"(?P<tens>{'|'.join(_TENS)})(?:[ -](?P<ones>{'|'.join(_UNITS[1:10])}))?|"
    rf"(?P<units>{'|'.join(_UNITS)}|an?)"
)
_LENGTH = re.compile(
    rf"(?<![\w.:])(?:{_NUMBER}) ?-?(?P<unit>seconds?|secs?|s|minutes?|mins?)\b(?!\s+ago)"
)
_HALF_MINUTE = re.compile(r"\bhalf[ -](?:an? |of a )?minute\b")
_CLOCK = re.compile(r"(?<![\d:])0?:(?P<seconds>[0-5]\d)\b(?!:)")
_OF_PRODUCT = re.compile(r"(?:\bin|\bwithin|\bafter|\bunder) $")
_LONGEST_S = 9999


def length_in(said: str) -> int | None:
    """Whole seconds, rounded to the nearest; "in 20 seconds" is about the product, not the film."""
    if _HALF_MINUTE.search(said):
        return 30
    for found in _LENGTH.finditer(said):
        if _OF_PRODUCT.search(said[: found.start()][-8:]):
            continue
        number = _number(found)
        if number is None or (found["units"] in {"a", "an"} and found["unit"][0] == "s"):
            continue
        seconds = number * (60 if found["unit"].startswith("min") else 1)
        return min(math.floor(seconds + 0.5), _LONGEST_S)
    clock = _CLOCK.search(said)
    return int(clock["seconds"]) if clock else None


def _number(found: re.Match[str]) -> float | None:
    if found["digits"]:
        return float(found["digits"])
    if found["tens"]:
        ones = _UNITS.index(found["ones"]) if found["ones"] else 0
        return (_TENS.index(found["tens"]) + 2) * 10 + ones
    return 1 if found["units"] in {"a", "an"} else _UNITS.index(found["units"])


# Shapes and places

RATIOS = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0}
_NUMERIC_RATIO = re.compile(
    r"(?<![\d:.])(\d{1,2}(?:\.\d{1,2})?) ?(?::|/|x|×| by ) ?(\d{1,2})(?![\d:])"
)
_RATIO_WORDS = {
    "9:16": re.compile(r"\b(?:vertical(?:ly)?|portrait(?! of)|upright|tall format)\b"),
    "1:1": re.compile(r"\bsquare(?:d)?\b(?! (?:meters?|metres?|feet|miles?))"),
    "16:9": re.compile(r"\b(?:horizontal(?:ly)?|landscape|wide-?screen|wide format)\b"),
}
_SOCIAL = r"(?:tik ?tok|instagram|insta|facebook|youtube|snapchat|linkedin)"
_PLACES = {
    "9:16": re.compile(
        r"\b(?:tik ?tok|snapchat|reels?|instagram|insta|ig)\b|\b(?:youtube|yt|for) shorts?\b|"
        rf"\bshorts (?:ad|video|clip|format)s?\b|\b{_SOCIAL} stor(?:y|ies)\b|\bfor stories\b"
    ),
    "1:1": re.compile(
        rf"\bfacebook\b|\bfor (?:the |our )?feed\b|\b{_SOCIAL} feed\b|"
        r"\bfeed (?:ad|post|video)s?\b|\blinked ?in\b"
    ),
    "16:9": re.compile(
        r"\byou ?tube\b|\bfor (?:tv|television|the big screen|cinema)\b|\btv (?:ad|spot|commercial)s?\b"
    ),
}
_PLATFORMS = {
    "tiktok": re.compile(r"\btik ?tok\b"),
    "instagram": re.compile(r"\b(?:instagram|insta)\b"),
    "youtube": re.compile(r"\byou ?tube\b"),
    "facebook": re.compile(r"\bfacebook\b"),
}


def platform_in(said: str) -> str | None:
    for name, pattern in _PLATFORMS.items():
        if pattern.search(said):
            return name
    return None


def _ratio(said: str) -> tuple[str | None, str | None]:
    """(the ratio to make, the one that was asked for where we cannot make it)."""
    for found in _NUMERIC_RATIO.finditer(said):
        width, height = float(found[1]), float(found[2])
        asked = f"{found[1]}:{found[2]}"
        if asked in RATIOS:
            return asked, None
        if ":" in found[0] and width and height:
            return _nearest(width / height), asked
    for ratio, pattern in _RATIO_WORDS.items():
        if pattern.search(said):
            return ratio, None
    return _place_ratio(said), None


def _place_ratio(said: str) -> str | None:
    """Stories and feeds say more than the platform they are on, so feeds are looked for first."""
    if re.search(rf"\b{_SOCIAL} feed\b|\bfor (?:the |our )?feed\b", said):
        return "1:1"
    for ratio in ("9:16", "1:1", "16:9"):
        if _PLACES[ratio].search(said):
            return ratio
    return None


def _nearest(shape: float) -> str:
    return min(RATIOS, key=lambda ratio: abs(math.log(RATIOS[ratio] / shape)))


# Images

_IMAGE = (
    r"(?:brand(?:'s)? |company |product |reference |uploaded |attached |new )?"
    r"(?:logos?|images?|photos?|pictures?|pics?|pack ?shots?|product shots?|uploads?|screenshots?)"
)
_NO_IMAGES = re.compile(rf"\bwithout (?:the |my |our |any |an? )?{_IMAGE}\b|\bno {_IMAGE}\b")
_NO_LOGO = re.compile(
    r"\b(?:without (?:the |my |our |any |a )?|no |(?:leave out|remove|drop) (?:the |our |my )?)"
    r"logos?\b"
)
_LEADS_TO_IMAGE = (
    r"(?:(?:our|my|the|this|these|that|attached|uploaded)|"
    r"(?:use|with|add|include|put|show|animate|feature)(?: an?)?) "
)
_WANTS_LOGO = re.compile(rf"\b{_LEADS_TO_IMAGE}(?:\w{{1,20}} )?logo\b")
_WANTS_IMAGE = re.compile(rf"\b{_LEADS_TO_IMAGE}{_IMAGE}\b")


def _images(said: str) -> Images | None:
    if _NO_LOGO.search(said):
        return "no logo"
    if _NO_IMAGES.search(said):
        return "no images"
    if _WANTS_LOGO.search(said):
        return "logo"
    return "images" if _WANTS_IMAGE.search(said) else None


_SETTINGS: Iterable[re.Pattern[str]] = (
    _HALF_MINUTE,
    _LENGTH,
    _CLOCK,
    _NUMERIC_RATIO,
    *_PLACES.values(),
    *_RATIO_WORDS.values(),
    *MODEL_WORDS,
    _NO_LOGO,
    _NO_IMAGES,
    re.compile(
        r"\b(?:(?:use|with|add|include|put|show|and) )?(?:our|my|the|this|these|that) "
        rf"{_IMAGE}\b"
    ),
)
