"""The video models as people name them, or what one should be chosen by. Texts here are plain."""

import re
from typing import Literal

Need = Literal["cheap", "fast", "premium"]
"""What a model should be chosen by, where none is named."""

_BY = r"(?:with|using|use|via|by|on|in|through|try)"
_MODELS: tuple[tuple[str, str], ...] = (
    ("sora-2-pro", r"\bsora(?:[ -]?2)?(?:[ -]?pro)?\b"),
    ("veo-3.1-fast", r"\bveo(?:[ -]?3(?:\.1)?)?[ -]fast\b"),
    ("veo-3.1", r"\bveo(?:[ -]?3(?:\.1)?)?\b(?![-. ]?\d)(?!-)"),
    ("runway-gen4.5", r"\b(?:runway[ -]?)?gen[ -]?4(?:\.5)?\b"),
    ("runway-gen3", r"\b(?:runway[ -]?)?gen[ -]?3\b(?: alpha)?"),
    ("runway-gen2", r"\b(?:runway[ -]?)?gen[ -]?2\b"),
    ("runway-gen4.5", rf"\b{_BY} runway\b|\brunway model\b"),
    ("kling-v3", r"\bkling(?:[ -]?v?3(?:\.0)?)?\b(?![-. ]?\d)(?!-)"),
    ("seedance-2.0", r"\bseedance(?:[ -]?2(?:\.0)?)?\b(?![-. ]?\d)(?!-)"),
    ("hailuo-2.3", r"\b(?:minimax )?hailuo(?:[ -]?2(?:\.3)?)?\b(?![-. ]?\d)(?!-)"),
    ("wan-3", rf"\bwan[ -]?3(?:\.0)?\b|\b{_BY} wan\b"),
    (
        "draft",
        (
            r"\banimatic\b|\bdraft (?:model|mode|version|video|film|clip|teaser|ad)\b|"
            rf"\b(?:{_BY}|as|just) (?:an? |the )?draft\b(?! (?:beer|horse|pick|ale))|\bmodel:? draft\b"
        ),
    ),
)
_MODEL_NAMES = tuple((key, re.compile(pattern)) for key, pattern in _MODELS)
_MODEL_KEY = re.compile(
    r"\bmodel:? (?P<after>[a-z][a-z0-9.-]{0,39})|\b(?P<key>[a-z]{2,20}-(?:v|gen)?\d[a-z0-9.-]{0,19})\b"
    r"(?! ?(?:seconds?|secs?|s|minutes?)\b)"
)


_CHOSEN = r"(?:model|option|one|way|engine)"


def _need(superlatives: str) -> re.Pattern[str]:
    """As in "with the cheapest model", and in few words else: coffee may be the best, too."""
    return re.compile(
        rf"\b(?:(?:{_BY}|take|pick|choose) )?(?:the |whatever is )(?:{superlatives}) (?:video )?"
        rf"(?:model|option|engine)\b|\b(?:{_BY}|take|pick|choose) the (?:{superlatives}) {_CHOSEN}\b|"
        rf"\b(?:{_BY}|in) (?:the )?(?:{superlatives}) (?:possible )?quality\b|"
        rf"\bas (?:{superlatives}) as possible\b"
    )


_NEEDS: dict[Need, re.Pattern[str]] = {
    "cheap": _need("cheap(?:est|ly)?|least expensive"),
    "fast": _need("fast(?:est)?|quick(?:est|ly)?"),
    "premium": _need("best|highest|top|premium|highest[- ]quality"),
}


def model_in(said: str) -> str | None:
    """The key of a model that is named. One we have never heard of is passed on as it was written:
    the studio knows which there are, and says so.
    """
    for found in _MODEL_KEY.finditer(said):
        key = (found["after"] or found["key"]).strip(".-")
        is_asked = found["after"] or re.search(rf"\b{_BY} (?:the |model )?$", said[: found.start()])
        if is_asked and any(c.isdigit() for c in key):
            return next((name for name, p in _MODEL_NAMES if p.fullmatch(key)), key)
    return next((key for key, pattern in _MODEL_NAMES if pattern.search(said)), None)


def need_in(said: str) -> Need | None:
    return next((need for need, pattern in _NEEDS.items() if pattern.search(said)), None)


MODEL_WORDS = (_MODEL_KEY, *(pattern for _, pattern in _MODEL_NAMES), *_NEEDS.values())
"""What a model or a choice was read from."""
