"""Reads "again, but shorter" and its kin: the last film with something changed."""

import re
from typing import Literal

from agent.models.offline.meanings import WantsAgain
from agent.models.offline.vocabulary import ASKS_FILM, NOUNS, content_words
from agent.models.offline.wording import Settings
from tools.domain.prompts import dissect

_VERB = r"(?:make|do|try|run|render|film|shoot|generate|create|turn|change|redo|keep|give)"
_STARTS = re.compile(
    r"^(?:(?:and|but|just|now)[ ,]{1,2})?(?:again\b|once more\b|same\b|redo\b|remake\b|retry\b|"
    r"repeat\b|another (?:one|version|take|variant|cut|go|try|hook|opening)\b|one more\b|"
    rf"{_VERB} (?:it|that|this one|the same|again|one more|me another (?:one|version)|"
    r"another (?:one|version|take|variant|hook|opening))\b|"
    r"(?:a |even |much |the same but )?(?:shorter|longer)\b|(?:add|replace|swap|more|less|put) \w|"
    r"change (?:the|its)\b|(?:make|turn|keep) (?:the|its) (?:whole )?(?:background|colou?rs?|"
    r"light(?:ing)?|mood|tone|ending|end|start|beginning|captions?|text|tagline|scene|style|camera)\b)"
)
_STARTS_PLAINLY = re.compile(r"(?:again|same|redo)\b")
_ANYWHERE = re.compile(r"\bagain\b|\binstead\b|\bonce more\b|\bsame (?:film|video|one|thing)\b")
_PLACES_OF_LOGO = {"end", "ending", "last", "finish", "beginning", "start", "corner"}
_FEW_WORDS = 3
"""With more than this beside it, "again" is part of a description ("never again wasting food")."""
_NAMES_FILM = re.compile(rf"\b(?:an?|some|new) (?:[\w-]{{1,20}} ){{0,4}}{NOUNS}\b")
_HOOK = re.compile(
    r"\b(?:another|different|new|other|better|stronger|fresh|change the) "
    r"(?:hook|opening|intro|start|beginning|angle|take)s?\b"
)
_SHORTER = re.compile(r"\bshort(?:er)?\b(?! (?:film|video|clip|story))|\bcut it down\b|\btrim it\b")
_LONGER = re.compile(r"\blonger\b|\bextend (?:it|that)\b")
_LEAD = re.compile(
    rf"^(?:{_VERB} (?:it|that|this one|the same|one more|me another|"
    r"another (?:one|version|take|variant)?) ?)?"
    r"(?:again|once more|same(?: thing| one| film| video)?|redo|remake|retry|repeat|one more|"
    r"another (?:one|version|take|variant|cut|go|try))?"
    r"[ ,]{0,3}(?:but |and |only |just |this time )?"
)


def repeat_in(asked: str, settings: Settings) -> WantsAgain | None:
    """The last film once more, when that is what the plain message asks for."""
    content = content_words(asked)
    if settings.images == "logo" and set(content) <= _PLACES_OF_LOGO:
        content = []  # a draft's logo stands at the end anyway; where else, no model takes words for
    names_film = bool(_NAMES_FILM.search(asked))
    if names_film and content and not _STARTS_PLAINLY.match(asked):
        return None
    if describes_anew(asked):
        return None
    is_hook = bool(_HOOK.search(asked))
    is_marked = is_hook or _STARTS.search(asked) or _says_again(asked, content)
    if not is_marked and (content or names_film or not _only_changes(asked, settings)):
        return None
    return WantsAgain(
        settings,
        pace=_pace(asked) if settings.length_s is None else None,
        is_new_hook=is_hook,
        change=_change(asked) if content and not is_hook else "",
    )


def describes_anew(asked: str) -> bool:
    """As in "Make it 5 seconds: a runner ties her shoes": behind the colon is another film."""
    _, _, described = asked.partition(":")
    return len(content_words(described)) > _FEW_WORDS and bool(dissect(described).subject)


def _says_again(asked: str, content: list[str]) -> bool:
    return len(content) <= _FEW_WORDS and bool(_ANYWHERE.search(asked))


def _only_changes(asked: str, settings: Settings) -> bool:
    """A setting and nothing else: "in 16:9", "for YouTube", "8 seconds"."""
    has_setting = not settings.is_empty and not ASKS_FILM.search(asked)
    return has_setting or _pace(asked) is not None


def _pace(asked: str) -> Literal["shorter", "longer"] | None:
    if _SHORTER.search(asked):
        return "shorter"
    return "longer" if _LONGER.search(asked) else None


def _change(asked: str) -> str:
    return _LEAD.sub("", asked, count=1).strip(" ,.") or asked
