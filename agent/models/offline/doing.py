"""The next step of a plan: a sentence, a call, or both, from what this turn has already done."""

import re
from collections.abc import Mapping, Sequence

from agent.models.offline import orders, telling, voice
from agent.models.offline.choosing import ask_for_choice, chosen, leaves_choice
from agent.models.offline.deciding import plan_for
from agent.models.offline.notes import notes_on
from agent.models.offline.plans import (
    FillTemplate,
    FilmPlan,
    MakeAgain,
    MakeFilm,
    Plan,
    SayOnly,
    ShowModels,
    ShowRefinement,
    Step,
    given,
)
from agent.models.offline.recall import Done, Talk
from agent.models.offline.wording import DEFAULT_LENGTH_S, Settings
from tools.domain.prompts import dissect
from tools.domain.uploads import ReferenceRole
from tools.domain.videos import MAX_REFERENCES, PROMPT_CHARS

_BEATS = re.compile(r"^(?:subject )?(?:actions?|motion):[ \t]*", re.IGNORECASE | re.MULTILINE)
_NEEDS = {"best": "premium", "fast": "fast", "cheap": "cheap", "images": "references"}
"""What is asked about models -> list-models' `need`."""
_SUBJECT_CHARS = 60
_LONGEST_ASKED_S = 600
"""Above it a length is a slip of the keyboard; below, the studio's own refusal explains better."""


def next_step(talk: Talk) -> Step:
    """One answer to the last message; without any message it is a greeting."""
    if not talk.turns:
        return Step(text=voice.greeting(talk.uploads))
    at = len(talk.turns) - 1
    plan = plan_for(talk, at)
    step = _step(plan, talk, talk.turns[at].done)
    if step.tool is not None and step.tool not in talk.tools:
        return Step(text=voice.NOT_HERE)
    return step


def _step(plan: Plan, talk: Talk, done: Sequence[Done]) -> Step:
    match plan:
        case SayOnly(text=text):
            return Step(text=text)
        case ShowModels():
            return _show_models(plan, done)
        case ShowRefinement():
            return _show_refinement(plan, done)
        case MakeFilm() | MakeAgain() | FillTemplate() if leaves_choice(plan, talk):
            if done:
                return _make(chosen(plan, done[0]), talk, done[1:])
            step = _make(plan, talk, done)
            # A question comes before a choice that its answer may change.
            return step if step.tool is None else ask_for_choice(plan)
        case MakeFilm() | MakeAgain() | FillTemplate():
            return _make(plan, talk, done)


def _make(plan: FilmPlan, talk: Talk, done: Sequence[Done]) -> Step:
    match plan:
        case MakeFilm():
            return _make_film(plan, talk, done)
        case MakeAgain():
            return _make_again(plan, talk, done)
        case FillTemplate():
            return _fill_template(plan, talk, done)


def _show_models(plan: ShowModels, done: Sequence[Done]) -> Step:
    if not done:
        needs = {"need": _NEEDS.get(plan.topic), "duration": _possible(plan.asked_s)}
        return Step(tool="list-models", arguments={} if plan.topic == "price" else given(needs))
    if not done[-1].ok:
        return Step(text=telling.failed(done[-1]))
    text = telling.models(
        done[-1].output or {}, topic=plan.topic, length_s=plan.length_s, asked_s=plan.asked_s
    )
    return Step(text=text)


def _possible(length_s: int | None) -> int | None:
    """A length that can be asked about; the others are nobody's, and say nothing."""
    return length_s if length_s and length_s <= _LONGEST_ASKED_S else None


def _show_refinement(plan: ShowRefinement, done: Sequence[Done]) -> Step:
    if done:
        last = done[-1]
        return Step(text=voice.refined(last.output or {}) if last.ok else telling.failed(last))
    if too_long := _too_long(plan.prompt):
        return too_long
    arguments = {"prompt": plan.prompt, "model": plan.model}
    return Step(tool="refine-prompt", arguments=given(arguments))


def _make_film(plan: MakeFilm, talk: Talk, done: Sequence[Done]) -> Step:
    if not done:
        return _begin_film(plan, talk)
    if done[-1].tool == "refine-prompt":
        return Step(tool="generate-video", arguments=_film_arguments(plan, talk, done[-1]))
    notes = [f"It opens on {plan.hook}."] if plan.hook else []
    notes += notes_on(plan.settings, talk, done, has_address=plan.has_address)
    return _ordered(done[-1], talk, notes)


def _begin_film(plan: MakeFilm, talk: Talk) -> Step:
    if refusal := _too_long(plan.prompt) or _odd_length(plan.settings):
        return refusal
    if question := _asks_image(plan, talk, has_address=plan.has_address):
        return question
    if plan.refined_prompt is not None or "refine-prompt" not in talk.tools:
        return Step(tool="generate-video", arguments=_film_arguments(plan, talk, None))
    arguments = {
        "prompt": plan.prompt,
        "context": plan.context,
        "model": plan.settings.model,
    }
    return Step(
        text="I sharpen the prompt first, then I ask for the film.",
        tool="refine-prompt",
        arguments=given(arguments),
    )


def _film_arguments(plan: MakeFilm, talk: Talk, refined: Done | None) -> Mapping[str, object]:
    """generate-video's arguments: the person's own words, and the refined ones where there are."""
    text = plan.refined_prompt
    if refined is not None and refined.ok and refined.output is not None:
        text = str(refined.output.get("refinedPrompt") or "") or None
    if plan.hook:
        text = _opened_on(plan.hook, text or plan.prompt)
    settings = plan.settings
    return given(
        {
            "prompt": plan.prompt,
            "refinedPrompt": text,
            "refinementPrompt": plan.context,
            "duration": settings.length_s or DEFAULT_LENGTH_S,
            "aspectRatio": settings.ratio or "16:9",
            "model": settings.model,
            "uploadIds": _upload_ids(settings, talk),
        }
    )


def _opened_on(hook: str, text: str) -> str:
    """The refined prompt with the hook as its first beat; refiners name the beats by a label."""
    opened = _BEATS.sub(rf"\g<0>{hook}; ", text, count=1)
    return opened if opened != text else f"{hook[:1].upper()}{hook[1:]}. {text}"


def _make_again(plan: MakeAgain, talk: Talk, done: Sequence[Done]) -> Step:
    if done:
        return _ordered(done[-1], talk, notes_on(plan.settings, talk, done))
    if stop := _odd_length(plan.settings) or _asks_image(plan, talk):
        return stop
    arguments = dict(plan.arguments)
    settings = plan.settings
    changed = {
        "duration": settings.length_s,
        "aspectRatio": settings.ratio,
        "model": settings.model,
    }
    arguments.update(given(changed))
    given_now = talk.turns[-1].user.uploads
    if settings.images is not None or given_now:
        arguments.pop("uploadIds", None)
        arguments.update(given({"uploadIds": _upload_ids(settings, talk)}))
    return Step(tool="generate-video", arguments=arguments)


def _fill_template(plan: FillTemplate, talk: Talk, done: Sequence[Done]) -> Step:
    if not done:
        arguments = {"template": plan.template, "parameters": dict(plan.parameters)}
        return _odd_length(plan.settings) or Step(tool="apply-template", arguments=arguments)
    last = done[-1]
    if _template_is_in_the_way(last, plan):
        # The template's model, which nobody named, does not make this length: another one may.
        given = {name: value for name, value in last.arguments.items() if name != "model"}
        return Step(tool="generate-video", arguments=given)
    if last.tool != "apply-template":
        return _ordered(
            last, talk, notes_on(plan.settings, talk, done, has_address=plan.has_address)
        )
    if not last.ok:
        return Step(text=telling.failed(last))
    output = last.output or {}
    if missing := _questions(output.get("missing")):
        image = None if plan.settled else _absent_image(plan.settings, talk)
        return Step(text=voice.asks_missing(missing, image=image))
    order = Step(tool="generate-video", arguments=_template_arguments(plan, talk, output))
    return _asks_image(plan, talk, has_address=plan.has_address) or order


def _template_is_in_the_way(last: Done, plan: FillTemplate) -> bool:
    return (
        last.error.get("code") == "duration_out_of_range"
        and "model" in last.arguments
        and plan.settings.model is None
    )


def _template_arguments(
    plan: FillTemplate, talk: Talk, output: Mapping[str, object]
) -> Mapping[str, object]:
    """The request the template gave, with what the person said over it."""
    request = output.get("request")
    settings = plan.settings
    # A platform's own shape and length are the template's business, not our defaults.
    ratio = None if "platform" in plan.parameters and settings.platform else settings.ratio
    said = {
        "duration": settings.length_s,
        "aspectRatio": ratio,
        "model": settings.model,
        "uploadIds": _upload_ids(settings, talk),
    }
    return given(dict(request) if isinstance(request, Mapping) else {}) | given(said)


def _ordered(done: Done, talk: Talk, notes: Sequence[str]) -> Step:
    if not done.ok:
        return Step(text=telling.failed(done, talk.models))
    subject = dissect(str(done.arguments.get("prompt", ""))).subject
    shown = subject if len(subject) <= _SUBJECT_CHARS else ""
    return Step(text=orders.ordered(done, talk, subject=shown, notes=notes))


def _upload_ids(settings: Settings, talk: Talk) -> list[str] | None:
    match settings.images:
        case "no images":
            return None
        case "no logo":
            some = [u for u in talk.uploads if u.role is not ReferenceRole.LOGO]
        case _:
            some = talk.for_a_film
    return [str(upload.id) for upload in some[:MAX_REFERENCES]] or None


def _absent_image(settings: Settings, talk: Talk) -> str | None:
    """What they want in the film that is not here. An image without a role may be the logo."""
    match settings.images:
        case "logo" if all(u.role not in {ReferenceRole.LOGO, None} for u in talk.uploads):
            return "logo"
        case "images" if not talk.uploads:
            return "image"
        case _:
            return None


def _asks_image(
    plan: MakeFilm | MakeAgain | FillTemplate, talk: Talk, *, has_address: bool = False
) -> Step | None:
    """Ask for the image, once; a film never waits for it twice."""
    what = _absent_image(plan.settings, talk)
    if what is None or plan.settled:
        return None
    text = voice.asks_for_image(what, address=has_address, still=plan.still_missing)
    return Step(text=text)


def _too_long(prompt: str) -> Step | None:
    if len(prompt) <= PROMPT_CHARS:
        return None
    return Step(text=voice.TOO_LONG.format(count=len(prompt), limit=PROMPT_CHARS))


def _odd_length(settings: Settings) -> Step | None:
    length_s = settings.length_s
    if length_s is None or 1 <= length_s <= _LONGEST_ASKED_S:
        return None
    return Step(text=voice.ODD_LENGTH.format(length_s=length_s))


def _questions(missing: object) -> list[str]:
    if not isinstance(missing, list | tuple):
        return []
    rows = [row for row in missing if isinstance(row, Mapping)]
    return [str(row.get("question") or row.get("name")) for row in rows]
