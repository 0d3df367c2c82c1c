"""A language model's answer to "refine this": read, judged, and only then believed.

A refinement is refused when it lost what the person said, holds an address, asks for what cannot
be asked in words (length, size, a drawn logo) or tells what it was told. The reason is a sentence for the
model, which may try once more.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.domain.prompts import dissect
from tools.domain.requests import content_of
from tools.providers.prompt_lint import USUAL_LENGTH_S, named_in, said_length_s, too_much

_SHOWN = 8
"""Changes or warnings shown at most."""
_NOTE_CHARS = 300
_LEAK_WORDS = 7
"""So many words in a row of our own rules are no coincidence."""
_KEPT_SHARE = 0.6
"""Of the words that say what the film is about, so many have to be there still."""

_WORD = re.compile(r"[^\W_][\w'’&+-]*")
_ADDRESS = re.compile(r"\b(?:https?|ftp|file|data|javascript):|\bwww\.|!\[|\]\(", re.IGNORECASE)
_DOMAIN = re.compile(
    r"\b[\w-]{1,40}\.(?:com|net|org|io|ai|co|app|dev|shop|de|fr|uk|ru|cn)\b", re.IGNORECASE
)
_SETTINGS = re.compile(
    r"\b(?:4k|8k|1080p|720p|uhd|fps|full hd|aspect ratio|resolution)\b|"
    r"\b(?:16 ?: ?9|9 ?: ?16|1 ?: ?1|4 ?: ?5)\b|\b\d{3,4} ?[x×] ?\d{3,4}\b|"
    r"\b(?:sora(?: ?2)?|veo ?\d|runway gen|kling v?\d)\b",
    re.IGNORECASE,
)
_MOMENT = re.compile(
    r"\b(?:first|last|final|next|for|after|at|by|over|within|every|per|in) (?:the )?(?:\w{1,12} )?"
    r"\d{1,2}(?:\.\d)?(?: |-)?(?:s|sec|seconds?)\b",
    re.IGNORECASE,
)
"""When something happens in the film; it is said in words, unlike how long the film is."""
_TO_SOMEBODY = re.compile(
    r"\brefinedprompt\b|\bsystem prompt\b|\bas an ai\b|\bi (?:cannot|can't|am unable)\b|\bi'm sorry\b|"
    r"\bhere is (?:the|your)\b|\b(?:my|these|the above) instructions\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:no|not|without|free of|never|avoid(?:ing)?|unbranded)\b[^.;\n]*", re.IGNORECASE
)
_DRAWN = re.compile(
    r"\blogos?\b|\btaglines?\b|\bslogans?\b|\bwatermarks?\b|"
    r"\b(?:text|title|headline|caption|subtitle|lettering|words?)s? "
    r"(?:that )?(?:reads?|says?|saying|reading|appears?|fades?|slides?)\b",
    re.IGNORECASE,
)
_SETTLED = re.compile(r"^(?:keep clear|tagline):.*$", re.IGNORECASE | re.MULTILINE)
_SMALL = re.compile(
    r"and|the|for|with|from|into|over|under|that|this|your|our|its|their|his|her|are|was|is|of|in|"
    r"on|at|to|an?|by|as|or|it|my|we|you"
)


class UnusableAnswer(Exception):
    """The answer cannot be used: why, in a sentence that tells the model what to do instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    refined_prompt: str
    changes: tuple[str, ...]
    warnings: tuple[str, ...]


class _AnswerBody(BaseModel):
    """As the model writes it: camelCase, and what it adds of its own is nothing to us."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    refined_prompt: str = Field(alias="refinedPrompt", max_length=20_000)
    changes: tuple[str, ...] = Field(default=(), max_length=50)
    warnings: tuple[str, ...] = Field(default=(), max_length=50)


def read_answer(text: str) -> Answer:
    """From the model's text: a JSON object, bare, fenced or with words around it.

    Raises UnusableAnswer.
    """
    try:
        body = _AnswerBody.model_validate(_json_object(text))
    except (ValueError, RecursionError, ValidationError) as error:
        raise UnusableAnswer(
            'Answer with one JSON object: {"refinedPrompt": "…", "changes": ["…"], '
            '"warnings": ["…"]}.'
        ) from error
    return Answer(
        refined_prompt=_lines(body.refined_prompt),
        changes=_notes(body.changes),
        warnings=_notes(body.warnings),
    )


def judge(refined: str, *, prompt: str, rules: str, max_chars: int) -> None:
    """Raises UnusableAnswer with the first reason. `rules`: our own words, which must stay ours."""
    wording = _faults_of_wording(refined, prompt=prompt, rules=rules, max_chars=max_chars)
    for reason in (*wording, *_faults_of_content(refined, prompt)):
        raise UnusableAnswer(reason)


def _faults_of_wording(refined: str, *, prompt: str, rules: str, max_chars: int) -> Iterator[str]:
    if not refined:
        yield "refinedPrompt is empty."
    if len(refined) > max_chars:
        yield f"refinedPrompt has {len(refined)} characters; {max_chars} is the most."
    if _ADDRESS.search(refined) or _new(_DOMAIN, refined, prompt):
        yield "refinedPrompt holds an address; leave it out."
    if _new(_SETTINGS, refined, prompt) or said_length_s(_MOMENT.sub("", refined)) is not None:
        yield "refinedPrompt names length, size, ratio or a model; those are set beside it."
    if _TO_SOMEBODY.search(refined) or _tells(rules, refined):
        yield "refinedPrompt speaks of your task; it may hold nothing but the film."
    if _DRAWN.search(_DENIED.sub("", _SETTLED.sub("", refined))):
        yield (
            "refinedPrompt asks for a logo or readable words; those are composited afterwards, "
            "so describe a clean picture."
        )


def _faults_of_content(refined: str, prompt: str) -> Iterator[str]:
    if lost := _lost(refined, prompt):
        yield f"refinedPrompt lost what the person said: {', '.join(lost)}. Keep those words."
    written, said = dissect(refined), dissect(prompt)
    if said.subject and not written.subject:
        yield "refinedPrompt does not say what the film is about on its labelled line."
    if added := set(named_in(refined)) - set(named_in(prompt)):
        yield f"refinedPrompt names {', '.join(sorted(added))}, whom the person did not name."
    length_s = said_length_s(prompt) or USUAL_LENGTH_S
    if too_much(written, length_s) and not too_much(said, length_s):
        yield "refinedPrompt has too many camera moves, or too many things happen: keep one each."


def _new(pattern: re.Pattern[str], refined: str, prompt: str) -> bool:
    """Something that the person did not say themselves."""
    said = prompt.lower()
    return any(found[0].lower() not in said for found in pattern.finditer(refined))


def _tells(rules: str, refined: str) -> bool:
    own, told = _words(rules), " ".join(_words(refined))
    runs = (" ".join(own[at : at + _LEAK_WORDS]) for at in range(len(own) - _LEAK_WORDS + 1))
    return any(run in told for run in runs)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _lost(refined: str, prompt: str) -> tuple[str, ...]:
    """What has to be there still and is not: a name, or too many words of what is filmed."""
    said = dissect(prompt)
    told = ". ".join(part for part in (said.subject, said.action, said.setting) if part)
    content = told or content_of(prompt).text
    kept = frozenset(_stem(word) for word in _words(refined))
    names = (name for name in _names(content, prompt) if _stem(name.lower()) not in kept)
    parts = (_lost_of(said.subject, kept), _lost_of(content, kept))
    return tuple(dict.fromkeys([*names, *(word for part in parts for word in part)]))[:_SHOWN]


def _lost_of(part: str, kept: frozenset[str]) -> list[str]:
    """Its words that are gone, if they are too many."""
    words = [word for word in _words(part) if not _SMALL.fullmatch(word)]
    lost = [word for word in words if _stem(word) not in kept]
    return lost if len(lost) > len(words) * (1 - _KEPT_SHARE) else []


def _names(content: str, prompt: str) -> Iterator[str]:
    """Words that are somebody's own: a capital within a sentence, or digits among letters."""
    for word in _WORD.findall(content):
        is_capital = word[0].isupper() and re.search(rf"[\w,&]\s{re.escape(word)}\b", prompt)
        if is_capital or (any(c.isdigit() for c in word) and not word.isdigit()):
            yield word


def _stem(word: str) -> str:
    """Enough of a word to know it again in another form: "pouring", "pours", "pour"."""
    return word[: max(4, len(word) - 3)]


def _json_object(text: str) -> object:
    """From the first brace to the last: models put fences and kind words around it."""
    whole = text[text.find("{") : text.rfind("}") + 1]
    return json.loads(whole, strict=False)  # they write line breaks into strings as they are, too


def _lines(text: str) -> str:
    """The prompt's own lines without anything unseen."""
    seen = "".join(c if c.isprintable() or c == "\n" else " " for c in text.replace("\r", "\n"))
    lines = (" ".join(line.split()) for line in seen.split("\n"))
    return "\n".join(line for line in lines if line)


def _notes(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Sentences fit to be shown: short, one line each, no addresses, no markup that loads anything."""
    tidy = (" ".join(_lines(note).split()) for note in notes)
    return tuple(
        dict.fromkeys(note[:_NOTE_CHARS] for note in tidy if note and not _ADDRESS.search(note))
    )[:_SHOWN]
