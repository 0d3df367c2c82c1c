"""Takes the asking out of a request: what is left is what the film is about.

"Make a 6 second TikTok teaser for our oat drink, use our logo" -> "oat drink". Patterns here have
bounded repeats only, so that a hostile text costs no more than its length.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import dropwhile

from tools.domain import vocabulary as words
from tools.domain.vocabulary import bare

_NUMBER = (
    r"(?:\d{1,4}(?:\.\d)?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|"
    r"twenty|thirty|sixty)"
)
_PLATFORM = r"(?:tik ?tok|instagram|insta|facebook|youtube|linkedin|snapchat|whatsapp)"
_OURS = r"(?:our|my|the|your|this|that|these|those|their|its|it's)"
_WITH = (
    r"(?:use|using|add|adding|put|include|including|show|showing|place|feature|featuring|"
    r"with|and|plus)"
)
_IMAGE = (
    r"(?:images?|photos?|pictures?|references?|uploads?|files?|product shots?|"
    r"reference images?|product photos?)"
)
_GIVEN = r"(?:i (?:uploaded|attached|sent|gave you)|as well|too|please)"
_SHAPE = r"(?:vertical|horizontal|portrait|landscape|square|wide-?screen)"
_KIND = r"(?:videos?|films?|clips?|ads?|advert|teasers?|reels?|shorts?|spot|bumper|post|story)"
_MODEL = (
    r"(?:sora(?:[ -]?2)?(?:[ -]?pro)?|veo(?:[ -]?\d(?:\.\d)?)?(?: fast)?|"
    r"runway(?:[ -]?gen[ -]?\d(?:\.\d)?)?|gen-\d(?:\.\d)?|kling(?:[ -]?v?\d(?:\.\d)?)?|"
    r"hailuo(?:[ -]?\d(?:\.\d)?)?|seedance(?:[ -]?\d(?:\.\d)?)?|"
    # Left to the studio, as in "with the cheapest model".
    r"(?:cheapest|least expensive|fastest|quickest|best) (?:video )?(?:model|engine)"
    r"(?! (?!for|in|and|please)\w))"
)

_NOT_CONTENT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bhttps?://\S{1,2000}",
        # "brews in 20 seconds" speaks of the product, "a film of 20 seconds" of the film.
        (
            rf"(?<!\bin )(?<!\bfirst )(?<!\blast )(?<!\bnext )\b(?:about |around |exactly |of )?{_NUMBER} ?-? ?"
            r"(?:s|sec|secs|seconds?|minutes?|min)\b(?:[ -]long\b)?"
        ),
        r"\b(?:in |as )?(?:an? )?\d{1,2} ?[:x×/] ?\d{1,2}\b(?: (?:format|(?:aspect )?ratio))?",
        (
            rf"\b(?:in |as )?(?:an? )?{_SHAPE} {{1,9}}"
            r"(?=(?:video|film|clip|ad|teaser|reel|version|spot|format|ratio|orientation)\b)"
        ),
        rf"\b(?:in |as ){_SHAPE}(?: (?:format|mode|orientation))?(?=[.,;!]|\s{{0,9}}$)",
        # "5 seconds and square: a runner" — before a colon a shape alone is how the film should be.
        rf"(?:^|(?<=[,.;!])|\band) {{0,3}}{_SHAPE} {{0,3}}(?=:)",
        (
            rf"\b(?:for|on|to) (?:my |our |an? |the )?{_PLATFORM}"
            r"(?: (?:reels?|story|stories|shorts?|feed|bumper|post))?\b"
        ),
        # "a TikTok about …" keeps its word: it is the kind of film that is wanted.
        rf"\b{_PLATFORM}(?= {_KIND}\b|[.,;:!?]|\s{{0,9}}$)",
        r"\bhalf[- ](?:a[- ])?minute\b",
        r"\b(?:but )?(?:no|without)(?: an?| the| our| my)? logos?\b",
        r"\b(?:in |at )?(?:4k|8k|1080p|720p|full hd|uhd)\b",
        (
            r"\b(?:(?:with|using|use|by|on|via|in) )?(?:the )?(?:open ?ai )?(?:google )?"
            rf"{_MODEL}(?: model)?\b"
        ),
        (
            r"\b(?:as an? draft|"
            r"(?:(?:with|using|use|by|on|via|in|as) )?(?:(?:the|an?) )?(?:free )?"
            r"(?:draft (?:model|animatic|mode)|free draft))\b"
        ),
        (
            rf"\b(?:please )?{_WITH} (?:also )?{_OURS}? ?"
            r"(?:brand(?:'s)? |company |uploaded |attached )?logos?\b"
            rf"(?: (?:{_GIVEN}|at the (?:end|start)|in the (?:corner|end))){{0,2}}"
        ),
        (
            rf"\b(?:please )?{_WITH} {_OURS} (?:\w{{1,20}} )?{_IMAGE}\b"
            rf"(?: (?:{_GIVEN}|as (?:a )?reference)){{0,2}}"
        ),
        r"\b(?:please|thanks|thank you|aspect ratio|suitable for|optimi[sz]ed for)\b",
    )
)
_QUOTED = r"[\"“„«]([^\"“”„«»\n]{1,300})[\"”“»]"
_CUED_TAGLINE = re.compile(
    r"(?:,? ?\b(?:with|and|using|plus|add|end with|ending (?:with|on)) )?(?:\b(?:the|a|our|my) )?"
    r"\b(?:tag ?line|slogan|claim|headline|caption|end card|text)\b"
    r"(?: (?:is|says|reads|saying|reading))? ?:? ?"
    rf"(?:{_QUOTED}|(?<=: )([^\n.!?;]{{1,200}}[.!?]?))",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"\b(?i:(called|named|for|about|by)) {_QUOTED}")
_BRANDED = re.compile(
    r"\b(?i:(brand|product|drink|app|shop|company|cafe|café|bar|podcast|show|book|game|hotel"
    r"|restaurant|song|magazine|festival|course)) "
    r"[\"“„«]((?:[A-Z][\w'&-]{0,30} ?){1,2})[\"”“»]"
)
"""After such a noun one or two capitalised words are its name, and a sentence is its tagline."""
_SPOKEN = re.compile(
    rf"\b(?:voice-?over|narrator|she|he|voice)(?: says| saying|:)? ?:? ?{_QUOTED}", re.IGNORECASE
)
_ANY_QUOTED = re.compile(_QUOTED)
_SENTENCES = re.compile(
    r"(?<=[.!?;])\s+|\n+|, +(?=(?:please |(?:can|could|would) you |(?:i|we) (?:want|need) )?"
    r"(?:make|create|generate|produce)\b)",
    re.IGNORECASE,
)
_EMPTY_BRACKETS = re.compile(r"\(\s{0,9}\)")
_SPACES = re.compile(r"[ \t]+")
_LOOK_AHEAD = 9
"""How many words a request may take before it says what kind of film it wants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """`names_subject`: it begins with the thing itself ("a film about …"), whatever its words."""

    text: str
    names_subject: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The sentences without the asking. `aside`: (part, words) that were found on the way."""

    sentences: tuple[Sentence, ...]
    aside: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(sentence.text for sentence in self.sentences)


def content_of(text: str) -> Content:
    """What a request is about, sentence by sentence, with tagline and spoken words set aside."""
    text, aside = _without_quotes(_printable(text))
    for pattern in _NOT_CONTENT:
        text = pattern.sub(" ", text)
    text = _EMPTY_BRACKETS.sub(" ", text)
    kept = []
    for sentence in _SENTENCES.split(_SPACES.sub(" ", text)):
        rest, style, named = _without_asking(sentence.split(" "))
        aside.extend(("style", said) for said in style)
        kept.append(Sentence(text=" ".join(rest), names_subject=named))
    return Content(sentences=tuple(kept), aside=tuple(aside))


def _printable(text: str) -> str:
    # NFC, because a composed and a decomposed name have to be the same words.
    text = unicodedata.normalize("NFC", text).replace("’", "'")
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _without_quotes(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Quoted words are read on screen, unless they name the thing or are spoken."""
    aside: list[tuple[str, str]] = []
    text = _BRANDED.sub(r"\1 \2", _NAMED.sub(r"\1 \2", text))
    if spoken := _SPOKEN.search(text):
        aside.append(("sound", f"a voice says: {spoken[1]}"))
        text = text[: spoken.start()] + " " + text[spoken.end() :]
    cued = _CUED_TAGLINE.search(text)
    shown = cued or _ANY_QUOTED.search(text)
    if shown:
        aside.append(("tagline", " ".join((shown[1] or shown[shown.lastindex or 1]).split())))
        text = text[: shown.start()] + " " + text[shown.end() :]
    return text, aside


def _without_asking(sentence: list[str]) -> tuple[list[str], list[str], bool]:
    """(content words, descriptions of the film, whether the content begins with its subject)."""
    said = list(dropwhile(lambda word: not bare(word), (word for word in sentence if word)))
    start = _after_openers(said)
    kind = _kind_at(said, start)
    if kind is None:
        after, linked = _after_connectives(said, start) if start else (start, False)
        return said[after:], [], linked
    between = [word for word in said[start : kind.start] if bare(word) not in words.DETERMINERS]
    style = [word for word in between if bare(word) in words.STYLE_ADJECTIVES]
    things = [w for w in between if w not in style and bare(w) not in words.AFTER_REQUEST]
    after, linked = _after_connectives(said, kind.stop)
    if things and (not linked or _names_an_audience(said, kind.stop)):
        return [*things, *said[kind.stop :]], _phrase(style), True
    rest = said[after:]
    if not linked and rest and bare(rest[0]) == "with":
        rest = rest[1:]
    if len(rest) == 1 and bare(rest[0]) in _POINTERS:
        rest = []
    return rest, [*_phrase(style), *_phrase(things)], linked


_POINTERS = frozenset(("it", "this", "that", "them", "us"))
"""Point at what another sentence says."""


def _after_openers(said: list[str]) -> int:
    """Behind "could you please make me a": 0 where nobody is asking for anything."""
    at = 0
    while at < len(said) and bare(said[at]) in words.REQUEST_OPENERS:
        at += 1
    opened = at
    if at < len(said) and bare(said[at]) in words.REQUEST_VERBS:
        at += 1
    elif not any(bare(word) in words.WANTS for word in said[:at]):
        return at if at and at >= len(said) else 0
    while at > 0 and at < len(said) and bare(said[at]) in words.AFTER_REQUEST:
        at += 1
    return max(at, opened)


def _kind_at(said: list[str], start: int) -> range | None:
    """Where the kind of film is named: one word ("teaser") or a run of them ("reel ad")."""
    for at in range(start, min(start + _LOOK_AHEAD, len(said))):
        is_kind = bare(said[at]) in words.KINDS
        if said[at][-1] in ",.:;" and not is_kind:
            return None
        if bare(said[at]) in words.PLACE_LEADS | {"with", "of", "for"}:
            return None
        if is_kind:
            stop = at + 1
            while stop < len(said) and bare(said[stop]) in words.KINDS:
                stop += 1
            return range(at, stop)
    return None


def _after_connectives(said: list[str], at: int) -> tuple[int, bool]:
    begin = at
    while at < len(said) and bare(said[at]) in words.CONNECTIVES | words.RELATIVES:
        at += 1
    return at, at > begin


def _names_an_audience(said: list[str], at: int) -> bool:
    """Who should watch ("for students"), not what it is about ("for our tea", "for Oaty")."""
    if at + 1 >= len(said) or bare(said[at]) != "for":
        return False
    return bare(said[at + 1]) not in words.DETERMINERS and not said[at + 1][0].isupper()


def _phrase(said: list[str]) -> list[str]:
    return [" ".join(said)] if said else []
