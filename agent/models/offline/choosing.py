"""A film "with the cheapest model": which that is, the studio says, and not this model."""

from collections.abc import Sequence
from dataclasses import replace

from agent.models.offline.plans import FillTemplate, FilmPlan, MakeAgain, MakeFilm, Step, given
from agent.models.offline.recall import Done, Talk
from agent.models.offline.rows import as_object, as_sequence
from agent.models.offline.wording import DEFAULT_LENGTH_S, Settings


def leaves_choice(plan: FilmPlan, talk: Talk) -> bool:
    settings = plan.settings
    return settings.need is not None and settings.model is None and "list-models" in talk.tools


def ask_for_choice(plan: FilmPlan) -> Step:
    asked = {"need": plan.settings.need, "duration": _length_of(plan)}
    return Step(tool="list-models", arguments=given(asked))


def chosen(plan: FilmPlan, choice: Done) -> FilmPlan:
    """The plan with the model that list-models recommended; without one that it cannot be made by."""
    output = choice.output or {}
    key = as_object(output.get("recommended")).get("model")
    rows = map(as_object, as_sequence(output.get("models")))
    ratios = next((row.get("aspectRatios") for row in rows if row.get("key") == key), None)
    ratio = _ratio_of(plan)
    fits = isinstance(key, str) and (ratio is None or ratio in as_sequence(ratios))
    return replace(plan, settings=replace(plan.settings, model=str(key) if fits else None))


def why_chosen(settings: Settings, done: Sequence[Done]) -> str:
    """A sentence for the person; "" where they left no choice. `done`: the calls of this turn."""
    if settings.need is None or not done or done[0].tool != "list-models":
        return ""
    because = str(as_object((done[0].output or {}).get("recommended")).get("because") or "")
    praise = because.partition(". ")[0].rstrip(".")
    if not praise:
        return "No model is to be had for that, so I left the choice to the studio."
    if settings.model is None:
        return f"{praise}, but it does not make that shape, so I left the choice to the studio."
    return f"{praise}."


def _length_of(plan: FilmPlan) -> object:
    """None where it is the template's business."""
    match plan:
        case MakeFilm(settings=settings):
            return settings.length_s or DEFAULT_LENGTH_S
        case MakeAgain(settings=settings, arguments=arguments):
            return settings.length_s or arguments.get("duration")
        case FillTemplate(settings=settings):
            return settings.length_s


def _ratio_of(plan: FilmPlan) -> object:
    """None where it is the template's business."""
    match plan:
        case MakeFilm(settings=settings):
            return settings.ratio or "16:9"
        case MakeAgain(settings=settings, arguments=arguments):
            return settings.ratio or arguments.get("aspectRatio", "16:9")
        case FillTemplate(settings=settings):
            return settings.ratio
