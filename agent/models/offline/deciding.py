"""From a message and what went before to a plan.

`plan_for` is a pure function of the talk up to one turn, so the plan of an earlier turn ("use our
logo", and none was there) can be found again when the next message settles it.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from agent.models.offline import orders, voice
from agent.models.offline.answering import answered, of_images, open_question
from agent.models.offline.changing import last_length_s, new_length, settings_of, stand_in_for
from agent.models.offline.facts import ANSWERS
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
from agent.models.offline.recall import Done, Talk
from agent.models.offline.small_talk import without_addresses
from agent.models.offline.understanding import understand
from agent.models.offline.wording import DEFAULT_LENGTH_S, Settings, plain, settings_in

_DEPTH = 6
"""Questions upon questions that are followed back before we start afresh."""
_WORDS_OF_A_FILM = 3
"""A word or two that nobody asked to film is no film yet."""
_MOOD = re.compile(r"(?:(?:a bit|a little|much|even) )?(?:(?:more|less) [\w -]{1,40}|\w{2,20}er)")
"""How it should feel, which is for the refiner, and not what should be in it."""
_CONTEXT_CHARS = 2000
_HOOKS = (
    "a close-up of a detail that nobody can place at first",
    "a hand reaches in from the side",
    "the finished moment, held still for a second",
    "a face reacts before we see why",
    "something small moves where nothing moved before",
)
"""First beats of a film, each something a camera can see."""


def plan_for(talk: Talk, at: int, depth: int = _DEPTH) -> Plan:
    """What to do about the message of turn `at`."""
    meaning = understand(talk.turns[at].user.text)
    asked_at = open_question(talk, at) if depth else None
    if asked_at is not None:
        plan = answered(
            talk, at, asked_at, meaning, lambda earlier: plan_for(talk, earlier, depth - 1)
        )
        if plan is not None:
            return plan
    return _fresh_plan(meaning, talk, at)


def _fresh_plan(meaning: Meaning, talk: Talk, at: int) -> Plan:  # noqa: PLR0911  one per meaning
    match meaning:
        case Small():
            return _small(meaning, talk, at)
        case AsksModels(topic=topic, settings=settings):
            length_s = settings.length_s or last_length_s(talk, at)
            return ShowModels(topic=topic, length_s=length_s, asked_s=settings.length_s)
        case WantsRefinement():
            return _refinement(meaning, talk, at)
        case WantsTemplate(template=template, parameters=parameters, settings=settings):
            return FillTemplate(template=template, parameters=parameters, settings=settings)
        case WantsFilm():
            return _film(meaning, talk, at)
        case WantsAgain():
            return _again(meaning, talk, at)
        case GoesOn():
            return _onwards(meaning, talk, at)
        case Foreign(language=language):
            return SayOnly(text=voice.foreign(language))
        case Describes(text=text):
            return _described(text, talk, at)


_FIXED = {
    "help": voice.HELP,
    "about me": voice.ABOUT_ME,
    "thanks": voice.THANKS,
    "stop": voice.STOP,
    "let go": voice.LET_GO,
    "how to upload": voice.HOW_TO_UPLOAD,
    "unhappy": voice.UNHAPPY,
    "elsewhere": voice.ELSEWHERE,
    "approve": voice.ELSEWHERE,
    "decline": voice.ELSEWHERE,
    "rules": voice.RULES,
    "question": voice.OUT_OF_SCOPE,
    **ANSWERS,
}


def _small(meaning: Small, talk: Talk, at: int) -> Plan:
    match meaning.kind:
        case "address":
            return _addressed(talk, at)
        case "silence":
            given = talk.given_in(at)
            text = voice.sees(given) if given else voice.HELP
        case "greeting":
            text = voice.greeting(talk.uploads)
        case "status":
            text = _status(talk, at)
        case "cost" | "would cost":
            return _cost(meaning, talk, at)
        case "budget":
            text = orders.budget(talk)
        case "approve" | "decline" | "stop" | "let go" if talk.proposals:
            says_yes = meaning.kind == "approve"
            text = (orders.waiting if says_yes else orders.not_wanted)(talk.proposals)
        case "uploads":
            text = voice.uploads_here(talk.uploads)
        case kind:
            text = _FIXED[kind]
    return SayOnly(text=text)


def _cost(meaning: Small, talk: Talk, at: int) -> Plan:
    asked = talk.orders(at)
    if asked:
        return SayOnly(text=orders.cost(asked[0], talk))
    if meaning.kind == "would cost":
        return ShowModels(topic="price", length_s=DEFAULT_LENGTH_S)
    return SayOnly(text=voice.NOTHING_SPENT)


def _refinement(meaning: WantsRefinement, talk: Talk, at: int) -> Plan:
    prompt = meaning.prompt
    if not prompt and "last" in plain(talk.turns[at].user.text):
        order = talk.last_order(at)
        prompt = str(order.arguments["prompt"]) if order else ""
    if not prompt:
        return SayOnly(text=f"Gladly. {voice.ASK_PROMPT}")
    return ShowRefinement(prompt=prompt, model=meaning.settings.model)


def _film(meaning: WantsFilm, talk: Talk, at: int) -> Plan:
    if meaning.has_subject:
        return MakeFilm(prompt=meaning.prompt, settings=meaning.settings)
    waiting = talk.last_refinement(at)
    if waiting is not None:
        return _of_refinement(waiting, meaning.settings)
    if given := talk.given_in(at):
        return of_images(given, meaning.settings)
    return SayOnly(text=voice.ASK_SUBJECT)


def _again(meaning: WantsAgain, talk: Talk, at: int) -> Plan:
    waiting = talk.last_refinement(at)
    if waiting is not None and not meaning.change and not meaning.is_new_hook:
        return _of_refinement(waiting, meaning.settings)
    said = meaning.settings
    mends_shape = said.ratio and talk.refused_field(at) == "aspectRatio"
    changes_why_refused = said.length_s or said.model or said.need or meaning.change or mends_shape
    order = talk.last_order(at, even_refused=bool(changes_why_refused))
    if order is None:
        is_wish = meaning == WantsAgain(meaning.settings) and not meaning.settings.is_empty
        opening = "Gladly!" if is_wish else voice.NO_FILM_YET
        return SayOnly(text=f"{opening} {voice.ASK_SUBJECT}")
    length_s, refusal = new_length(order.arguments, meaning)
    if refusal:
        return SayOnly(text=refusal)
    settings = replace(meaning.settings, length_s=length_s)
    if meaning.pace and settings.model is None and settings.need is None:
        settings = replace(settings, model=stand_in_for(order, length_s, talk))
    if meaning.change or meaning.is_new_hook:
        return _changed(meaning, order.arguments, settings, hook_number=talk.hooks(at) - 1)
    return MakeAgain(arguments=order.arguments, settings=settings)


def _changed(
    meaning: WantsAgain, order: Mapping[str, object], settings: Settings, *, hook_number: int
) -> Plan:
    """The last film with another hook or with something of their own: refined anew."""
    prompt, context = str(order["prompt"]), str(order.get("refinementPrompt") or "")
    change = meaning.change
    if change and _MOOD.fullmatch(change):
        context = f"{context}, {change}" if context else change
    elif change:
        prompt = f"{prompt.rstrip('. ')}. {change[:1].upper()}{change[1:]}"
    return MakeFilm(
        prompt=prompt,
        settings=settings.over(settings_of(order)),
        context=context[:_CONTEXT_CHARS],
        hook=_HOOKS[hook_number % len(_HOOKS)] if meaning.is_new_hook else "",
        settled=True,
    )


def _onwards(meaning: GoesOn, talk: Talk, at: int) -> Plan:
    waiting = talk.last_refinement(at)
    if waiting is not None and not meaning.without:
        return _of_refinement(waiting, Settings())
    if talk.proposals and not talk.given_in(at):
        text = (orders.not_wanted if meaning.without else orders.waiting)(talk.proposals)
        return SayOnly(text=text)
    if given := talk.given_in(at):
        return SayOnly(text=voice.sees(given))
    settings = settings_in(plain(talk.turns[at].user.text))
    if settings.images is not None and (order := talk.last_order(at)):
        return MakeAgain(arguments=order.arguments, settings=settings)
    return SayOnly(text=voice.LET_GO if meaning.without else f"Gladly! {voice.ASK_SUBJECT}")


def _described(text: str, talk: Talk, at: int) -> Plan:
    if given := talk.given_in(at):
        return SayOnly(text=voice.sees(given))
    is_rich = len(text.split()) >= _WORDS_OF_A_FILM
    return SayOnly(text=voice.offers(text) if is_rich else voice.HELP)


def _status(talk: Talk, at: int) -> str:
    """Ready is only what stands among the creatives; another film's announcement says nothing."""
    asked = talk.orders(at)
    if not asked:
        return voice.status(asked=bool(talk.creatives), ready=bool(talk.creatives))
    waits = [job for job in talk.proposals if job.id == asked[0].job_id]
    if waits:
        return f"It is not being made yet. {orders.waiting(waits)}"
    return voice.status(asked=True, ready=asked[0].job_id in talk.finished_jobs)


def _addressed(talk: Talk, at: int) -> Plan:
    """A message with an address to load: the film it asks for can be made without it."""
    meaning = understand(without_addresses(talk.turns[at].user.text))
    if isinstance(meaning, WantsFilm) and meaning.has_subject:
        wanted = replace(meaning.settings, images="images")
        return MakeFilm(prompt=meaning.prompt, settings=wanted, has_address=True)
    if isinstance(meaning, WantsTemplate):
        return FillTemplate(
            template=meaning.template,
            parameters=meaning.parameters,
            settings=replace(meaning.settings, images="images"),
            has_address=True,
        )
    return SayOnly(text=voice.ADDRESS_ALONE)


def _of_refinement(done: Done, settings: Settings) -> MakeFilm:
    """A film of the prompt that was refined and shown before."""
    output = done.output or {}
    prompt = str(output.get("prompt") or done.arguments.get("prompt") or "")
    return MakeFilm(
        prompt=prompt,
        settings=settings.over(settings_in(plain(prompt))),
        refined_prompt=str(output.get("refinedPrompt") or "") or None,
        settled=True,
    )
