"""Reads prose the way a producer does: which words speak of the camera, which of the place.

Rules over words, not a grammar: every phrase is looked at once, at its two ends, so the time is
linear whatever is written. Wrong guesses lose nothing: each word ends up in some part.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.domain import vocabulary as words
from tools.domain.colour_words import colours_in
from tools.domain.requests import content_of
from tools.domain.vocabulary import bare

_CLAUSE_ENDS = re.compile(r"[.!?;,:]+(?=\s|$)|[\n—–…]+|(?<=\s)-+(?=\s)")
_MOVE_TARGET = re.compile(r"\b(?:on|of|around|across|over) ([^,]{2,200})")
_LONG = 5
"""A phrase of this many words says more than where it is."""
_SHORTEST_ING = 5
_EDGES = " .,;:!?\"“”„«»()[]*'‘’-–—"
_CUES = (
    ("camera", words.CAMERA),
    ("sound", words.SOUND),
    ("light", words.LIGHT),
    ("style", words.STYLE),
)


@dataclass(slots=True, kw_only=True)
class Findings:
    """What was found so far: phrases by part of the anatomy."""

    parts: dict[str, list[str]] = field(default_factory=dict)
    palette: tuple[str, ...] = ()
    subject_known: bool = False

    def add(self, part: str, phrase: str, *, joined_by: str) -> None:
        phrase = phrase.strip(_EDGES)
        if not phrase:
            return
        held = self.parts.setdefault(part, [])
        if held:
            held.append(joined_by)
        held.append(phrase)

    def has(self, part: str) -> bool:
        return part in self.parts

    def text(self, part: str) -> str:
        return "".join(self.parts.get(part, ()))


def read_prose(text: str, *, subject_known: bool = False) -> Findings:
    """Every part that plain sentences speak of. Quoted words become the tagline."""
    content = content_of(text)
    found = Findings(subject_known=subject_known, palette=colours_in(content.text))
    for part, said in content.aside:
        found.add(part, said, joined_by=", ")
    for sentence in content.sentences:
        is_named = sentence.names_subject
        for clause in _CLAUSE_ENDS.split(sentence.text):
            _read_clause(found, clause.split(), is_named=is_named)
            is_named = False
    _give_it_a_subject(found)
    return found


def part_of(phrase: list[str]) -> str | None:
    """The part a phrase speaks of, by the cues at its two ends; None when by none."""
    if phrase and bare(phrase[-1]) == "camera" and bare(phrase[0]) in _TOWARD:
        return None  # "winks at the camera" is something that happens
    spoken = [bare(word) for word in phrase[:5]]
    start = _without_articles(spoken)
    end = [bare(word) for word in phrase[-3:]]
    for part, cues in _CUES:
        if any(" ".join(end[-n:]) in cues for n in (1, 2, 3)):
            return part
        if part in {"camera", "sound"} and any(" ".join(start[:n]) in cues for n in (1, 2, 3)):
            return part
    if _speaks_of_style(phrase):
        return "style"
    return None


def _without_articles(spoken: list[str]) -> list[str]:
    at = 0
    while at < len(spoken) and (spoken[at] in words.DETERMINERS or spoken[at] in _PACES):
        at += 1
    return spoken[at:]


_GOES_ON = frozenset(("subject", "action", "setting", "style", "light", "sound"))
_TOWARD = frozenset(("at", "to", "into", "toward", "towards", "for"))
_JOINTS = frozenset(("and", "but", "then", "for", "about"))
_PACES = frozenset(
    ("slow", "slowly", "fast", "quick", "smooth", "gentle", "one", "with", "then", "and")
)


def _speaks_of_style(phrase: list[str]) -> bool:
    spoken = [bare(word) for word in phrase[:8]]
    if len(phrase) > len(spoken) or not spoken:
        return False
    telling = [word for word in spoken if word not in words.DEGREES | words.SMALL_WORDS]
    return bool(telling) and all(word in words.STYLE_ADJECTIVES for word in telling)


def _read_clause(found: Findings, clause: list[str], *, is_named: bool) -> None:
    """File every phrase of a clause; prepositions after a camera move belong to the move."""
    last = ""
    for number, phrase in enumerate(_phrases(clause)):
        lead = bare(phrase[0])
        if number and last == "camera" and lead in words.CAMERA_JOINS and not part_of(phrase):
            found.add("camera", " ".join(phrase), joined_by=" ")
        elif is_named and number == 0:
            last = _read_core(found, phrase, is_new=True)
        else:
            last = _read_phrase(found, phrase, last=last, is_first=number == 0)


def _read_phrase(found: Findings, phrase: list[str], *, last: str, is_first: bool) -> str:
    phrase = _shot_of(found, phrase)
    if not phrase:
        return "camera"
    lead = bare(phrase[0])
    joined_by = ", " if is_first else " "
    part = "style" if lead in {"no", "without", "avoid", "don't", "never"} else part_of(phrase)
    if part is None and _only_colours(phrase):
        part = "style" if found.palette == () else "palette"
    if part is None and _speaks_of_place(found, phrase):
        part = "setting"
    if part is None and lead == "for" and (found.has("subject") or found.subject_known):
        part, joined_by = "style", ", "
    if part is None:
        return _read_with_or_core(found, phrase, last=last, is_first=is_first)
    said = phrase[1:] if lead in {"with", "to", "as", "while"} else phrase
    if part != "palette":
        found.add(part, " ".join(said), joined_by=joined_by if part == last else ", ")
    return part


def _read_with_or_core(found: Findings, phrase: list[str], *, last: str, is_first: bool) -> str:
    lead = bare(phrase[0])
    if lead in words.SCENE_LEADS and len(phrase) > 1:
        return _read_core(found, phrase[1:], is_new=True)
    if lead == "with" and any(_is_ing(bare(word)) for word in phrase[1:4]):
        found.add("action", " ".join(phrase[1:]), joined_by="; ")
        return "action"
    if not is_first and last in _GOES_ON:
        found.add(last, " ".join(phrase), joined_by=" ")
        return last
    return _read_core(found, phrase, is_new=is_first)


def _speaks_of_place(found: Findings, phrase: list[str]) -> bool:
    if bare(phrase[0]) in words.PLACE_LEADS:
        place = [bare(word) for word in phrase[1:4] if bare(word) not in words.DETERMINERS]
        is_time = bare(phrase[-1]) in {"seconds", "minutes", "second", "camera"}
        return bool(place) and place[0] not in words.NOT_PLACES and not is_time
    end = [bare(word) for word in phrase[-2:]]
    is_place = end[-1] in words.PLACES or " ".join(end) in words.PLACES
    return is_place and (found.has("subject") or found.subject_known) and len(phrase) < _LONG


def _read_core(found: Findings, phrase: list[str], *, is_new: bool) -> str:
    """A phrase with a thing in it: before its verb the subject, from the verb on the action."""
    phrase = _shot_of(found, _undetermined(phrase))
    has_subject = found.has("subject") or found.subject_known
    verb = _verb_at(phrase, from_start=has_subject)
    if verb is None and not has_subject:
        found.add("subject", " ".join(phrase), joined_by=", ")
        return "subject"
    if verb is None:
        part = "subject" if not found.has("action") and not found.subject_known else "action"
        found.add(part, " ".join(phrase), joined_by=", " if part == "subject" else "; ")
        return part
    if has_subject:
        found.add("action", " ".join(phrase), joined_by="; " if is_new else " ")
        return "action"
    found.add("subject", " ".join(phrase[:verb]), joined_by=", ")
    found.add("action", " ".join(phrase[verb:]), joined_by="; ")
    return "action"


def _shot_of(found: Findings, phrase: list[str]) -> list[str]:
    """A camera and then a thing: "close-up of a carton"."""
    spoken = [bare(word) for word in phrase[:6]]
    at = spoken.index("of") if "of" in spoken else 0
    if at and part_of(phrase[:at]) == "camera":
        found.add("camera", " ".join(phrase[:at]), joined_by=", ")
        return _undetermined(phrase[at + 1 :])
    return phrase


def _undetermined(phrase: list[str]) -> list[str]:
    at = 0
    while at < len(phrase) and bare(phrase[at]) in words.DETERMINERS | words.ANNOUNCING | _JOINTS:
        at += 1
    return phrase[at:]


def _verb_at(phrase: list[str], *, from_start: bool) -> int | None:
    spoken = [bare(word) for word in phrase]
    for at, word in enumerate(spoken):
        if at == 0 and not from_start:
            continue
        after = spoken[at + 1] if at + 1 < len(spoken) else ""
        if _is_verb(word, after):
            return at
    return None


def _is_verb(word: str, after: str) -> bool:
    is_open = not after or after in words.SMALL_WORDS or after.endswith("ly")
    if word in words.AMBIGUOUS_VERBS:
        return bool(after) and is_open
    if _is_ing(word):
        return is_open or word not in words.ADJECTIVES_IN_ING
    if word in {"is", "are", "gets", "becomes", "goes", "comes", "meets", "works", "plays"}:
        return True
    return any(
        word in {f"{s}s", f"{s}es", f"{s}ies"}
        for s in (word[:-1], word[:-2], word[:-3])
        if s in words.ACTION_STEMS
    )


def _is_ing(word: str) -> bool:
    return len(word) >= _SHORTEST_ING and word.endswith("ing") and word not in words.NOT_ACTIONS


def _only_colours(phrase: list[str]) -> bool:
    spoken = [bare(word) for word in phrase[:12]]
    known = words.COLOURS | words.COLOUR_MODIFIERS | words.DEGREES | {"in", "with", "our", "the"}
    return (
        len(phrase) <= len(spoken)
        and all(word in known for word in spoken)
        and any(word in words.COLOURS for word in spoken)
    )


def _phrases(clause: list[str]) -> Iterator[list[str]]:
    """The clause cut before each preposition, and at an "and" between two different parts."""
    phrase: list[str] = []
    for at, word in enumerate(clause):
        if phrase and _opens_phrase(clause, at, phrase):
            yield phrase
            phrase = []
            if bare(word) == "and":
                continue
        phrase.append(word)
    if phrase:
        yield phrase


def _opens_phrase(clause: list[str], at: int, phrase: list[str]) -> bool:
    word, before = bare(clause[at]), bare(clause[at - 1])
    after = bare(clause[at + 1]) if at + 1 < len(clause) else ""
    if word == "and":
        this, following = part_of(phrase), part_of(clause[at + 1 : at + 4])
        return this is not None and following is not None and this != following
    if word in words.PARTICLES and before in words.PARTICLE_VERBS:
        return False
    if word == "as":
        return after not in {"well", "if", "a"} and before not in {"such", "well"}
    if word == "to":
        return any(part_of(clause[at + 1 : at + 1 + n]) == "sound" for n in (1, 2, 3))
    return bool(after) and word in words.PLACE_LEADS | words.OTHER_LEADS


def _give_it_a_subject(found: Findings) -> None:
    """A film without a thing has its move's target, or its light: "Sunset on a beach"."""
    if found.has("subject") or found.subject_known:
        return
    target = _MOVE_TARGET.search(found.text("camera"))
    if target:
        thing = _undetermined(next(_phrases(target[1].split())))
        found.add("subject", " ".join(thing), joined_by=" ")
    elif found.has("light") and found.has("setting"):
        found.add("subject", found.text("light"), joined_by=" ")
