"""The templates that an occasion asks for: a launch, an offer that ends, a sting with the logo."""

import re
from dataclasses import replace

from agent.models.offline.meanings import WantsTemplate
from agent.models.offline.templates import (
    COUNTDOWN,
    STING,
    TEASER,
    answers_in,
    brand_in,
    in_their_letters,
    name_in,
)
from agent.models.offline.wording import Settings

_OUR = r"(?:our|my|the|this)"
_TEASER = re.compile(
    r"\b(?:pre-?)?launch[ -](?:teaser|trailer)\b|\bcoming[ -]soon (?:teaser|trailer|video|film|clip)\b|"
    rf"\bteaser (?:(?:video|film|clip) )?(?:for|of|about|before) {_OUR} (?:\w{{1,20}} )?launch\b|"
    rf"\btease {_OUR} (?:\w{{1,20}} )?launch\b"
)
_OFFER_WORD = r"(?:offer|sale|deal|discount|promo|promotion|black friday|voucher)"
_COUNTDOWN = re.compile(
    rf"\b{_OFFER_WORD}s?[ -]count ?down\b|\bcount ?down\b.{{0,80}}(?:\b{_OFFER_WORD}s?\b|% off\b)|"
    rf"(?:\b{_OFFER_WORD}s?\b|% off\b).{{0,80}}\bcount ?down\b"
)
_STING = re.compile(
    r"\b(?:logo|brand)[ -](?:sting(?:er)?|ident|bumper)\b|"
    rf"\bsting (?:for|of|with) {_OUR} (?:\w{{1,20}} )?(?:logo|brand)\b"
)
_ITS_LOGO = re.compile(
    rf",? (?:and )?(?:with|without|no|using|use) (?:{_OUR} |a )?(?:brand |company )?logo\b"
)
_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sep(?:t|tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = (
    rf"(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTHS}|{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?|"
    r"(?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|midnight|tonight|"
    r"(?:the )?end of (?:the )?(?:week|month|year)|next (?:week|month)|"
    rf"(?:this |next )?(?:spring|summer|autumn|fall|winter)|\d{{1,2}}[./]\d{{1,2}}|{_MONTHS})\b"
)
_LAUNCH_DAY = re.compile(
    rf"[, ]{{1,2}}(?:(?:launching|launches|coming|out|available|dropping|arriving) )?"
    rf"(?:on |in |from )?(?P<day>{_DAY})"
)
_IS_OCCASION = re.compile(rf"(?:[\w-]{{1,20}} ){{0,3}}(?:{_OFFER_WORD}s?|launch)", re.IGNORECASE)
_LAUNCH_OF = re.compile(r"\b(?:the |our )?launch of (?=\w)")
_OFFER = re.compile(
    r"(?:\bup to )?\b\d{1,2} ?(?:%|per ?cent) off\b|\bhalf price\b|\bfree (?:shipping|delivery)\b|"
    r"\b\d for \d\b|\bbuy one,? get one(?: free)?\b"
)
_DEADLINE = re.compile(
    rf"\b(?:until|till|ends?|ending|only until|valid until|by) (?:on |in )?{_DAY}"
)
_DAYS_LEFT = re.compile(
    r"\b(?P<days>[1-5]|one|two|three|four|five) days? (?:left|to go|remaining)\b"
)
_NUMBERS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_MOODS = {
    "bold": re.compile(r"\b(?:bold|strong|loud|powerful|energetic)\b"),
    "playful": re.compile(r"\b(?:playful|fun|funny|cheerful)\b"),
    "calm": re.compile(r"\b(?:calm|quiet|elegant|soft|premium)\b"),
}


def occasion_in(asked: str, text: str, settings: Settings) -> WantsTemplate | None:
    """The template of an occasion that a message names, and what it already says for it."""
    if _STING.search(asked):
        # A sting without the logo is half of one: it is asked for, once, unless they said without.
        return WantsTemplate(
            STING, _sting(asked, text), replace(settings, images=settings.images or "logo")
        )
    if _COUNTDOWN.search(asked):
        return WantsTemplate(COUNTDOWN, _countdown(asked, text, settings), settings)
    if _TEASER.search(asked):
        return WantsTemplate(TEASER, _teaser(asked, text, settings), settings)
    return None


def _sting(asked: str, text: str) -> dict[str, str]:
    known = brand_in(_ITS_LOGO.sub("", asked), text)
    mood = next((mood for mood, pattern in _MOODS.items() if pattern.search(asked)), None)
    return known | ({"mood": mood} if mood else {})


def _countdown(asked: str, text: str, settings: Settings) -> dict[str, str]:
    names = ("productName", "offer", "deadline", "daysLeft")
    known = answers_in(text, names, labelled_only=True)
    for name, pattern in (("offer", _OFFER), ("deadline", _DEADLINE)):
        if name not in known and (found := pattern.search(asked)):
            known[name] = in_their_letters(text, found[0].strip())
    if "daysLeft" not in known and (days := _DAYS_LEFT.search(asked)):
        known["daysLeft"] = _NUMBERS.get(days["days"], days["days"])
    # "20% off Oaty" names the product; "a countdown for our sale: 20% off" does not.
    offer = _OFFER.search(asked)
    reduced = _without(asked[offer.end() :], _DEADLINE, _DAYS_LEFT) if offer else ""
    known = _with_name(known, f"for {reduced}", text)
    rest = _without(asked, _OFFER, _DEADLINE, _DAYS_LEFT)
    return _with_name(known, rest, text) | _platform(settings)


def _teaser(asked: str, text: str, settings: Settings) -> dict[str, str]:
    known = answers_in(text, ("productName", "launchDay", "glimpse"), labelled_only=True)
    found = _LAUNCH_DAY.search(asked)
    if found and "launchDay" not in known:
        known["launchDay"] = in_their_letters(text, found["day"])
    rest = _LAUNCH_OF.sub("", _without(asked, _LAUNCH_DAY))
    return _with_name(known, rest, text) | _platform(settings)


def _with_name(known: dict[str, str], asked: str, text: str) -> dict[str, str]:
    name = name_in(re.sub(r" {2,9}", " ", asked), text)
    name = re.sub(rf"^(?:{_OUR}|all) ", "", name, flags=re.IGNORECASE)
    return known if not name or _IS_OCCASION.fullmatch(name) else {"productName": name, **known}


def _platform(settings: Settings) -> dict[str, str]:
    return {"platform": settings.platform} if settings.platform else {}


def _without(asked: str, *patterns: re.Pattern[str]) -> str:
    for pattern in patterns:
        asked = pattern.sub(" ", asked)
    return asked.strip(" ,.")
