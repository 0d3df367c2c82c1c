"""From a message and what went before to a plan.

`plan_for` is a pure function of the talk up to one turn, so the plan of an earlier turn ("use our
logo", and none was there) can be found again when the next message settles it.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import singledispatch

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
    ShowModels,
    ShowRefinement,
)
from agent.models.offline.recall import Done, Talk, Turn
from agent.models.offline.templates import answers_in
from agent.models.offline.understanding import understand, without_addresses
from agent.models.offline.wording import Settings, plain, settings_in

DEFAULT_LENGTH_S = 6
_SHORTEST_S, _LONGEST_S = 4, 60
_LOOKS_BACK = 3
"""Turns after which a question that nobody answered is forgotten."""
_DEPTH = 6
"""Questions upon questions that are followed back before we start afresh."""
_HOOKS = (
    "Open on a close-up detail that makes people look twice",
    "Open with a surprising question on screen",
    "Open in the middle of the action",
    "Open on a face reacting before we see why",
    "Open with the finished result, then show how it came to be",
)


def plan_for(talk: Talk, at: int, depth: int = _DEPTH) -> Plan:
    """What to do about the message of turn `at`."""
    turn = talk.turns[at]
    meaning = understand(turn.user.text)
    pending = _pending(talk, at) if depth else None
    if pending is not None:
        answer = _answer(talk, at, pending, meaning, depth)
        if answer is not None:
            return answer
    return _fresh(meaning, talk, at)


# A question of ours that is still open


def _pending(talk: Talk, at: int) -> int | None:
    """The newest turn that ended in a question of ours and was not settled since."""
    for index in range(at - 1, max(at - 1 - _LOOKS_BACK, -1), -1):
        turn = talk.turns[index]
        if turn.said == voice.LET_GO or any(done.tool == "generate-video" for done in turn.done):
            return None
        if _missing(turn) is not None or turn.said.endswith(_QUESTIONS):
            return index
    return None


_QUESTIONS = (voice.DROP_OR_GO_ON, voice.ASK_SUBJECT, voice.ASK_PROMPT, voice.OFFER_FILM)


def _missing(turn: Turn) -> Done | None:
    """The apply-template call of the turn that came back with something missing."""
    last = turn.done[-1] if turn.done else None
    is_open = last is not None and last.tool == "apply-template" and last.ok
    return last if last and is_open and (last.output or {}).get("missing") else None


def _answer(talk: Talk, at: int, asked_at: int, meaning: Meaning, depth: int) -> Plan | None:
    """The plan when this message answers the open question; None when it is about something else."""
    asked = talk.turns[asked_at]
    if isinstance(meaning, Small) and meaning.kind == "let go":
        return SayOnly(text=voice.LET_GO)
    if _missing(asked) is not None:
        return _filled(talk, at, asked_at, meaning, depth)
    if asked.said.endswith(voice.DROP_OR_GO_ON):
        return _with_image(talk, at, asked_at, meaning, depth)
    is_next = asked_at == at - 1
    text = talk.turns[at].user.text.strip()
    if asked.said.endswith(voice.OFFER_FILM):
        return _film(asked.user.text, Settings()) if isinstance(meaning, GoesOn) else None
    if not is_next or not isinstance(meaning, Describes | WantsFilm | WantsTemplate | Foreign):
        return None
    if asked.said.endswith(voice.ASK_PROMPT):
        return _refinement(text, settings_in(plain(text)))
    if isinstance(meaning, WantsTemplate) or (
        isinstance(meaning, WantsFilm) and not meaning.has_subject
    ):
        return None
    earlier = plan_for(talk, asked_at, depth - 1)
    settings = (
        earlier.settings if isinstance(earlier, MakeFilm) else settings_in(plain(asked.user.text))
    )
    # The question already said that an image may be dropped.
    return _film(text, settings_in(plain(text)).over(settings), settled=True)


def _with_image(talk: Talk, at: int, asked_at: int, meaning: Meaning, depth: int) -> Plan | None:
    has_image = bool(talk.turns[at].user.uploads) and isinstance(
        meaning, Small | GoesOn | Describes
    )
    if not (has_image or isinstance(meaning, GoesOn)):
        return None
    plan = plan_for(talk, asked_at, depth - 1)
    if not isinstance(plan, MakeFilm | FillTemplate):
        return None
    said = plain(talk.turns[at].user.text)
    goes_on = isinstance(meaning, GoesOn) and (meaning.without or said.startswith("go"))
    if talk.uploads or goes_on or at - asked_at > 1:
        return replace(plan, settled=True, still_missing=False)
    return replace(plan, settled=False, still_missing=True)


def _filled(talk: Talk, at: int, asked_at: int, meaning: Meaning, depth: int) -> Plan | None:
    """The answer to what a template asked for, joined with what it already knew."""
    asked = talk.turns[asked_at]
    call = _missing(asked)
    if call is None:
        return None
    names = [str(row.get("name")) for row in _rows(call)]
    text = talk.turns[at].user.text
    if isinstance(meaning, GoesOn | Small) and not answers_in(text, names, labelled_only=True):
        return _asks_still(talk, at, asked, meaning)
    labelled = answers_in(text, names, labelled_only=True)
    if not labelled and (
        asked_at != at - 1
        or isinstance(meaning, AsksModels | WantsTemplate | WantsRefinement | WantsAgain)
        or (isinstance(meaning, WantsFilm) and _starts_anew(text))
    ):
        # A settings-only message can be an answer too: "tiktok" to "for which platform?".
        if not (isinstance(meaning, WantsAgain) and "platform" in names and asked_at == at - 1):
            return None
    earlier = plan_for(talk, asked_at, depth - 1)
    settings = earlier.settings if isinstance(earlier, FillTemplate) else Settings()
    known = call.arguments.get("parameters")
    given = dict(known) if isinstance(known, Mapping) else {}
    return FillTemplate(
        template=str(call.arguments.get("template")),
        parameters=given | answers_in(text, names),
        settings=settings,
        settled=True,
    )


def _starts_anew(text: str) -> bool:
    said = plain(text)
    return said.startswith(("make ", "create ", "generate ", "film ", "i want ", "please make "))


def _asks_still(talk: Talk, at: int, asked: Turn, meaning: Meaning) -> Plan | None:
    """Yes, an image alone or a question is no answer: say again what is missing."""
    is_silent = isinstance(meaning, Small) and meaning.kind in {"silence", "question"}
    if not (isinstance(meaning, GoesOn) or is_silent):
        return None
    seen = f"I can see {voice.images(talk.uploads)}. " if talk.turns[at].user.uploads else ""
    call = _missing(asked)
    if call is None or call.arguments.get("template") is None:
        return None
    known = call.arguments.get("parameters")
    return FillTemplate(
        template=str(call.arguments["template"]),
        parameters=dict(known) if isinstance(known, Mapping) else {},
        settings=Settings(),
        settled=True,
        still_missing=not seen,
    )


def _rows(call: Done) -> list[Mapping[str, object]]:
    rows = (call.output or {}).get("missing")
    return (
        [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []
    )


# A message by itself


@singledispatch
def _fresh(meaning: Meaning, talk: Talk, at: int) -> Plan:
    raise TypeError(meaning)  # every member of the union is registered below


@_fresh.register
def _(meaning: Small, talk: Talk, at: int) -> Plan:
    turn = talk.turns[at]
    given = [upload for upload in talk.uploads if upload.id in turn.user.uploads]
    match meaning.kind:
        case "silence":
            text = voice.sees(given) if given else voice.HELP
        case "greeting":
            text = voice.greeting(talk.uploads)
        case "status":
            text = _status(talk, at)
        case "uploads":
            text = voice.uploads_here(talk.uploads)
        case "address":
            return _addressed(talk, at)
        case kind:
            text = _FIXED[kind]
    return SayOnly(text=text)


_FIXED = {
    "help": voice.HELP,
    "about me": voice.ABOUT_ME,
    "thanks": voice.THANKS,
    "stop": voice.STOP,
    "let go": voice.LET_GO,
    "how to upload": voice.HOW_TO_UPLOAD,
    "elsewhere": voice.ELSEWHERE,
    "rules": voice.RULES,
    "question": voice.OUT_OF_SCOPE,
}


@_fresh.register
def _(meaning: AsksModels, talk: Talk, at: int) -> Plan:
    return ShowModels(topic=meaning.topic, length_s=meaning.settings.length_s or DEFAULT_LENGTH_S)


@_fresh.register
def _(meaning: WantsRefinement, talk: Talk, at: int) -> Plan:
    prompt = meaning.prompt
    if not prompt and (order := talk.last_order(at)) and "last" in plain(talk.turns[at].user.text):
        prompt = str(order["prompt"])
    return _refinement(prompt, meaning.settings)


@_fresh.register
def _(meaning: WantsTemplate, talk: Talk, at: int) -> Plan:
    return FillTemplate(
        template=meaning.template, parameters=dict(meaning.parameters), settings=meaning.settings
    )


@_fresh.register
def _(meaning: WantsFilm, talk: Talk, at: int) -> Plan:
    if not meaning.has_subject:
        waiting = talk.last_refinement(at)
        if waiting is not None:
            return _of_refinement(waiting, meaning.settings)
        return SayOnly(text=voice.ASK_SUBJECT)
    return _film(meaning.prompt, meaning.settings)


@_fresh.register
def _(meaning: WantsAgain, talk: Talk, at: int) -> Plan:
    waiting = talk.last_refinement(at)
    if waiting is not None and not meaning.change and not meaning.is_new_hook:
        return _of_refinement(waiting, meaning.settings)
    order = talk.last_order(at)
    if order is None:
        return SayOnly(text=f"{voice.NO_FILM_YET} {voice.ASK_SUBJECT}")
    length_s, refusal = _new_length(order, meaning)
    if refusal:
        return SayOnly(text=refusal)
    settings = replace(meaning.settings, length_s=length_s)
    if not (meaning.change or meaning.is_new_hook):
        return MakeAgain(arguments=order, settings=settings)
    hook = _HOOKS[talk.hooks(at) % len(_HOOKS)] if meaning.is_new_hook else ""
    change = f". {meaning.change[:1].upper()}{meaning.change[1:]}" if meaning.change else ""
    return MakeFilm(
        prompt=f"{str(order['prompt']).rstrip('. ')}{change}" if change else str(order["prompt"]),
        settings=settings.over(_settings_of(order)),
        hook=hook,
        settled=True,
    )


@_fresh.register
def _(meaning: GoesOn, talk: Talk, at: int) -> Plan:
    waiting = talk.last_refinement(at)
    if waiting is not None and not meaning.without:
        return _of_refinement(waiting, Settings())
    if talk.turns[at].user.uploads:
        given = [upload for upload in talk.uploads if upload.id in talk.turns[at].user.uploads]
        return SayOnly(text=voice.sees(given or talk.uploads))
    return SayOnly(text=voice.LET_GO if meaning.without else f"Gladly! {voice.ASK_SUBJECT}")


@_fresh.register
def _(meaning: Foreign, talk: Talk, at: int) -> Plan:
    return SayOnly(text=voice.foreign(meaning.language))


@_fresh.register
def _(meaning: Describes, talk: Talk, at: int) -> Plan:
    is_rich = len(meaning.text.split()) > 2  # noqa: PLR2004  # a word or two is no film yet
    return SayOnly(text=voice.offers(meaning.text) if is_rich else voice.HELP)


def _status(talk: Talk, at: int) -> str:
    for turn in reversed(talk.turns[:at]):
        if turn.announced:
            return voice.status(asked=True, ready=True)
        if any(done.tool == "generate-video" and done.ok for done in turn.done):
            return voice.status(asked=True, ready=False)
    return voice.status(asked=bool(talk.creatives), ready=bool(talk.creatives))


def _addressed(talk: Talk, at: int) -> Plan:
    """A message with an address to load: the film it asks for can be made without."""
    meaning = understand(without_addresses(talk.turns[at].user.text))
    if isinstance(meaning, WantsFilm) and meaning.has_subject:
        prompt = without_addresses(meaning.prompt)
        wanted = replace(meaning.settings, images="wanted")
        return MakeFilm(prompt=prompt, settings=wanted, has_address=True)
    if isinstance(meaning, WantsTemplate):
        return FillTemplate(
            template=meaning.template,
            parameters=meaning.parameters,
            settings=replace(meaning.settings, images="wanted"),
            has_address=True,
        )
    return SayOnly(text=voice.ADDRESS_ALONE)


def _film(prompt: str, settings: Settings, *, settled: bool = False) -> MakeFilm:
    return MakeFilm(prompt=prompt.strip(), settings=settings, settled=settled)


def _refinement(prompt: str, settings: Settings) -> Plan:
    if not prompt:
        return SayOnly(text=f"Gladly. {voice.ASK_PROMPT}")
    return ShowRefinement(prompt=prompt, model=settings.model)


def _of_refinement(done: Done, settings: Settings) -> MakeFilm:
    output = done.output or {}
    prompt = str(output.get("prompt") or done.arguments.get("prompt") or "")
    said = settings_in(plain(prompt))
    refined = str(output.get("refinedPrompt") or "") or None
    return MakeFilm(
        prompt=prompt, settings=settings.over(said), refined_prompt=refined, settled=True
    )


def _settings_of(order: Mapping[str, object]) -> Settings:
    length_s, ratio, model = (order.get(name) for name in ("duration", "aspectRatio", "model"))
    return Settings(
        length_s=length_s if isinstance(length_s, int) else None,
        ratio=ratio if isinstance(ratio, str) else None,
        model=model if isinstance(model, str) else None,
    )


def _new_length(order: Mapping[str, object], meaning: WantsAgain) -> tuple[int | None, str]:
    """(seconds, or None for unchanged; why it cannot be, or "")."""
    now = _settings_of(order).length_s or DEFAULT_LENGTH_S
    match meaning.pace:
        case "shorter" if now <= _SHORTEST_S:
            return None, voice.TOO_SHORT.format(length_s=now)
        case "shorter":
            step = now - 1 if now <= 8 else round(now * 2 / 3)  # noqa: PLR2004  # 6, 5, 4; 15, 10
            return max(_SHORTEST_S, step), ""
        case "longer" if now >= _LONGEST_S:
            return None, voice.TOO_LONG_FILM.format(length_s=now)
        case "longer":
            return min(_LONGEST_S, now + max(2, now // 3)), ""
        case None:
            return meaning.settings.length_s, ""
