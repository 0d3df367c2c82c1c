"""What usually goes wrong with a prompt like this one, each with what to do about it."""

import re
from collections.abc import Iterator

from tools.domain import vocabulary as words
from tools.domain.prompts import Anatomy, beats
from tools.providers.prompt_forms import reads_negatives

USUAL_LENGTH_S = 6
"""The length a prompt is judged by when it names none: the seed's default."""
SECONDS_PER_MOVE = 5
BEATS_PER_4_S = 3

# "the first 2 seconds" is a moment of the film, not its length.
_LENGTH = re.compile(
    r"(?<!first )(?<!last )(?<!next )(?<!\bin )\b(\d{1,2}) ?-? ?(?:s|sec|secs|seconds?)\b",
    re.IGNORECASE,
)
_OUR_OWN = re.compile(r"^(?:Keep clear|Tagline):.*$", re.MULTILINE)
"""What a template or the refiner itself says, and has settled: nobody has to be warned of it."""
_MOVES = {
    "push-in": r"push(?:es|ing)?[ -]in|dolly(?:ing)? in|zoom(?:s|ing)?[ -]in|dolly(?! out)",
    "pull-out": r"pull(?:s|ing)?[ -](?:back|out)|dolly out|zoom(?:s|ing)?[ -]out",
    "pan": r"\b(?:whip )?pan(?:s|ning)?\b",
    "tilt": r"\btilt(?:s|ing)?\b",
    "orbit": r"\borbit(?:s|ing)?\b|circles? around",
    "tracking": r"\btrack(?:s|ing)?\b|follow(?:s|ing)? shot",
    "crane": r"\bcrane\b|\baerial\b|\bdrone\b|fly-?over",
}
_DRAWN = re.compile(
    r"\blogos?\b|\b(?:text|title|headline|caption|subtitle)s?\b|\btag ?line\b|\bslogan\b|[\"“”«»]",
    re.IGNORECASE,
)
_SETTINGS_IN_PROSE = re.compile(
    r"\b(?:4k|8k|1080p|720p|full hd|uhd|longer|shorter|\d{1,3} ?(?:s|sec|seconds?) long)\b",
    re.IGNORECASE,
)
NEGATIVE = re.compile(
    r"\b(?:(?:with )?no|without|avoid(?:ing)?|do not|don't|never)\b(?: (?:show|any|include))?",
    re.IGNORECASE,
)
_LIKE_A_PERSON = re.compile(
    r"\b(?i:looks? like|starring|played by|face of|voice of) ((?:[A-Z][\w'-]{1,30} ?){1,3})"
)
_PEOPLE = (
    "taylor swift", "elon musk", "donald trump", "joe biden", "barack obama", "beyoncé", "beyonce",
    "cristiano ronaldo", "lionel messi", "kim kardashian", "brad pitt", "tom cruise", "rihanna",
    "lady gaga", "george clooney", "oprah", "mrbeast", "greta thunberg", "mark zuckerberg",
)  # fmt: skip
_BRANDS = (
    "nike", "adidas", "puma", "apple", "iphone", "samsung", "google", "coca-cola", "coke", "pepsi",
    "starbucks", "mcdonald's", "mcdonalds", "disney", "marvel", "pixar", "lego", "barbie", "tesla",
    "ferrari", "porsche", "bmw", "mercedes", "gucci", "prada", "chanel", "louis vuitton", "rolex",
    "ikea", "netflix", "red bull", "heineken", "pokémon", "pokemon", "star wars", "harry potter",
)  # fmt: skip
_VAGUE = frozenset((
    "beautiful", "stunning", "amazing", "awesome", "great", "nice", "cool", "gorgeous", "epic",
    "cinematic", "perfect", "wow", "incredible", "slick", "catchy", "high-quality", "professional",
))  # fmt: skip


def warnings_for(prompt: str, anatomy: Anatomy, *, model_key: str) -> tuple[str, ...]:
    """What to tell the person, by their own words (`prompt`) and the anatomy read from them."""
    return tuple(_warnings(_OUR_OWN.sub("", prompt), anatomy, model_key))


def said_length_s(prompt: str) -> int | None:
    """The length that the words name, in seconds."""
    found = _LENGTH.search(prompt)
    return int(found[1]) if found else None


def _warnings(prompt: str, anatomy: Anatomy, model_key: str) -> Iterator[str]:
    length_s = said_length_s(prompt) or USUAL_LENGTH_S
    if not anatomy.subject:
        yield "Nothing says what the film is about: name the product, the person or the thing."
    yield from too_much(anatomy, length_s)
    if _DRAWN.search(prompt):
        yield (
            "Logo and words on screen are composited exactly afterwards; the model is asked for a "
            "clean picture, because it would draw them wrong."
        )
    if _SETTINGS_IN_PROSE.search(prompt):
        yield "Length, size and resolution do nothing in the wording: set them beside the prompt."
    if not reads_negatives(model_key) and NEGATIVE.search(prompt):
        yield (
            "Runway takes a “no …” for a wish, so it was turned into positive words; better still, "
            "say what should be there instead."
        )
    yield from _rights(prompt)
    yield from _vague(anatomy)


def too_much(anatomy: Anatomy, length_s: int) -> tuple[str, ...]:
    """What does not fit into so many seconds: camera moves, and things that happen."""
    return tuple(_too_much(anatomy, length_s))


def _too_much(anatomy: Anatomy, length_s: int) -> Iterator[str]:
    camera = anatomy.camera.lower()
    moves = [name for name, pattern in _MOVES.items() if re.search(pattern, camera)]
    if len(moves) > max(1, length_s // SECONDS_PER_MOVE):
        yield (
            f"{len(moves)} camera moves ({', '.join(moves)}) are too many for {length_s} seconds: "
            "keep one, or make it two shots."
        )
    steps = len(beats(anatomy.action))
    if steps * 4 > BEATS_PER_4_S * length_s:
        yield (
            f"{steps} things happen in {length_s} seconds; three in four seconds is the most that "
            "can be followed."
        )


def named_in(text: str) -> tuple[str, ...]:
    """Real people and well-known brands, in lower case."""
    person, brands = _person(text), _brands(text)
    return tuple(dict.fromkeys(name.lower() for name in (*([person] if person else ()), *brands)))


def _person(text: str) -> str:
    spoken = text.lower()
    named = _LIKE_A_PERSON.search(text)
    return named[1].strip() if named else next((p for p in _PEOPLE if p in spoken), "")


def _brands(text: str) -> tuple[str, ...]:
    found = (re.search(rf"\b{re.escape(b)}\b", text, re.IGNORECASE) for b in _BRANDS)
    return tuple(dict.fromkeys(match[0] for match in found if match))


def _rights(prompt: str) -> Iterator[str]:
    if person := _person(prompt):
        yield (
            f"{person.title()}: a real person's face or voice needs their consent, and most models "
            "refuse it. Describe a role instead."
        )
    if brands := _brands(prompt):
        yield (
            f"{', '.join(brands)}: if this is not your own brand, leave it out; models often "
            "refuse it, and its owner may object."
        )


def _vague(anatomy: Anatomy) -> Iterator[str]:
    phrases = [phrase.split() for phrase in anatomy.style.lower().split(",")]
    vague = [
        " ".join(phrase)
        for phrase in phrases
        if any(word in _VAGUE for word in phrase)
        and all(word in _VAGUE | words.DEGREES for word in phrase)
    ]
    if vague:
        yield (
            f"“{', '.join(vague)}” tells a camera nothing by itself: a lens, a light and a move "
            "were named for it. Change them to taste."
        )
