"""A question of ours that is still open, and whether the next message answers it.

Nothing is remembered but the talk: an open question is recognised by how the assistant's own last
message ended, or by a template that came back with something missing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from agent.models.offline import voice
from agent.models.offline.meanings import (
    AsksModels,
    Describes,
    Foreign,
    GoesOn,
    Meaning,
    Small,
    WantsAgain,
    WantsFilm,
    WantsRefinement,
    WantsTemplate,
)
from agent.models.offline.plans import (
    FillTemplate,
    MakeAgain,
    MakeFilm,
    Plan,
    SayOnly,
    ShowRefinement,
)
from agent.models.offline.recall import Done, Talk, Turn
from agent.models.offline.templates import BRAND, PRODUCT, answers_in
from agent.models.offline.vocabulary import content_words
from agent.models.offline.wording import Settings, plain, settings_in
from tools.domain.uploads import ReferenceRole, Upload

PlanOf = Callable[[int], Plan]
"""The plan of an earlier turn of the same talk."""

_LOOKS_BACK = 3
"""Turns after which a question that nobody answered is forgotten."""
_QUESTIONS = (voice.DROP_OR_GO_ON, voice.ASK_SUBJECT, voice.ASK_PROMPT, voice.OFFER_FILM)
_GOES = re.compile(r"\b(?:go|continue|proceed)\b")
_COMMANDS = ("make ", "create ", "generate ", "film ", "i want ", "we need ", "please make ")


def open_question(talk: Talk, at: int) -> int | None:
    """The newest turn before `at` that ended in a question of ours, not settled since."""
    for index in range(at - 1, max(at - 1 - _LOOKS_BACK, -1), -1):
        turn = talk.turns[index]
        if turn.said == voice.LET_GO or any(done.tool == "generate-video" for done in turn.done):
            return None
        if _unfilled(turn) is not None or turn.said.endswith(_QUESTIONS):
            return index
    return None


def answered(talk: Talk, at: int, asked_at: int, meaning: Meaning, plan_of: PlanOf) -> Plan | None:
    """The plan when the message of turn `at` answers the question of turn `asked_at`.

    None when it is about something else.
    """
    asked = talk.turns[asked_at]
    if isinstance(meaning, Small) and meaning.kind == "let go":
        return SayOnly(text=voice.LET_GO)
    if (call := _unfilled(asked)) is not None:
        return _filled(talk, at, asked_at, call, meaning, plan_of)
    if asked.said.endswith(voice.DROP_OR_GO_ON):
        return _with_image(talk, at, asked_at, meaning, plan_of)
    if asked.said.endswith(voice.OFFER_FILM):
        wants_it = isinstance(meaning, GoesOn) and not meaning.without
        return MakeFilm(prompt=asked.user.text.strip()) if wants_it else None
    is_next = asked_at == at - 1
    return _words_given(talk, at, asked, meaning) if is_next else None


def _words_given(talk: Talk, at: int, asked: Turn, meaning: Meaning) -> Plan | None:
    turn = talk.turns[at]
    if asked.said.endswith(voice.ASK_PROMPT):
        return _prompt_given(turn, meaning)
    settings = settings_in(plain(turn.user.text)).over(settings_in(plain(asked.user.text)))
    if turn.user.uploads and not content_words(plain(turn.user.text)):
        return of_images(talk.given_in(at), settings)
    return _subject_given(turn, settings, meaning)


def of_images(images: Sequence[Upload], settings: Settings) -> FillTemplate:
    """What suits an image about which nothing was said: a logo moves, a product is shown off."""
    is_logo = any(image.role is ReferenceRole.LOGO for image in images)
    return FillTemplate(template=BRAND if is_logo else PRODUCT, parameters={}, settings=settings)


def _prompt_given(turn: Turn, meaning: Meaning) -> Plan | None:
    if not isinstance(meaning, Describes | WantsFilm | WantsTemplate | Foreign):
        return None
    text = turn.user.text.strip()
    return ShowRefinement(prompt=text, model=settings_in(plain(text)).model)


def _subject_given(turn: Turn, settings: Settings, meaning: Meaning) -> Plan | None:
    is_subject = isinstance(meaning, Describes | Foreign) or (
        isinstance(meaning, WantsFilm) and meaning.has_subject
    )
    if not is_subject:
        return None
    return MakeFilm(prompt=turn.user.text.strip(), settings=settings)


def _with_image(
    talk: Talk, at: int, asked_at: int, meaning: Meaning, plan_of: PlanOf
) -> Plan | None:
    """Go on with the film that waits for an image, now that it is here, or will never be."""
    turn = talk.turns[at]
    brings_image = bool(turn.user.uploads) and isinstance(meaning, Small | Describes)
    if not (brings_image or isinstance(meaning, GoesOn)):
        return None
    plan = plan_of(asked_at)
    if not isinstance(plan, MakeFilm | MakeAgain | FillTemplate):
        return None
    goes_on = _GOES.search(plain(turn.user.text))
    does_without = isinstance(meaning, GoesOn) and bool(meaning.without or goes_on)
    is_settled = bool(talk.uploads) or does_without
    return replace(plan, settled=is_settled, still_missing=not is_settled)


def _unfilled(turn: Turn) -> Done | None:
    """The apply-template call with which the turn ended, when it left something missing."""
    last = turn.done[-1] if turn.done else None
    if last is None or last.tool != "apply-template" or not last.ok:
        return None
    return last if (last.output or {}).get("missing") else None


def _filled(  # noqa: PLR0917  the talk, two places in it, and what was found there
    talk: Talk, at: int, asked_at: int, call: Done, meaning: Meaning, plan_of: PlanOf
) -> Plan | None:
    """The template with what the message says of it, beside what it already knew."""
    text = talk.turns[at].user.text
    names = _missing_names(call)
    answers = answers_in(text, names, labelled_only=True)
    if not answers and isinstance(meaning, GoesOn | Small):
        if not _shrugs(meaning):
            return None
    elif not answers:
        if asked_at != at - 1 or _is_something_else(meaning, text, names):
            return None
        answers = answers_in(text, names)
    earlier = plan_of(asked_at)
    known = call.arguments.get("parameters")
    return FillTemplate(
        template=str(call.arguments.get("template")),
        parameters={**(known if isinstance(known, Mapping) else {}), **answers},
        settings=earlier.settings if isinstance(earlier, FillTemplate) else Settings(),
        settled=True,
    )


def _shrugs(meaning: GoesOn | Small) -> bool:
    """Yes, an image alone, a question: no answer, so what is missing is asked for again."""
    return isinstance(meaning, GoesOn) or meaning.kind in {"silence", "question"}


def _is_something_else(meaning: Meaning, text: str, names: list[str]) -> bool:
    match meaning:
        case AsksModels() | WantsTemplate() | WantsRefinement():
            return True
        case WantsAgain():  # "tiktok" alone reads like a change, and answers "for which platform?"
            return "platform" not in names
        case WantsFilm():
            return plain(text).startswith(_COMMANDS)
        case _:
            return False


def _missing_names(call: Done) -> list[str]:
    rows = (call.output or {}).get("missing")
    if not isinstance(rows, list | tuple):
        return []
    return [str(row.get("name")) for row in rows if isinstance(row, Mapping)]
