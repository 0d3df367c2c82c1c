"""A refiner without a language model: rules over the anatomy of a shot.

It takes the prompt apart, fills what was left open and writes it the way the model likes it. The
person's own words stay, each in its part.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from tools.domain.prompts import Anatomy, Refinement, beats, dissect
from tools.domain.requests import content_of
from tools.providers.prompt_choices import Choices, Steer, steers_of, theme_of
from tools.providers.prompt_forms import form_for, open_parts, reads_negatives
from tools.providers.prompt_lint import NEGATIVE, warnings_for

_PARTS = ("style", "subject", "action", "setting", "camera", "light", "sound")
_WISHES = ("light", "style")
_BARE_WORDS = 3
"""A light or a style of so few words ("dramatic lighting") is a wish; what it means is added."""
_SENTENCE_ENDS = re.compile(r"[.;:!?\n]+(?=\s|$)\s{0,9}|\n+")


class AnatomyRefiner:
    """Refines by rules alone: the same words always give the same prompt."""

    name = "offline rules"

    async def refine(self, prompt: str, *, context: str, model_key: str) -> Refinement:
        said = dissect(prompt)
        steered = _positive(_steered(said, _wish(context)), model_key)
        theme = theme_of(f"{steered.subject} {steered.action} {steered.setting}")
        steers = steers_of(f"{context} {steered.style} {steered.light}")
        full = _filled(steered, theme, steers, open_parts=open_parts(model_key))
        form_name, form = form_for(model_key)
        return Refinement(
            prompt=prompt,
            refined_prompt=form(full),
            changes=tuple(_changes(said, full, context=context, form_name=form_name)),
            warnings=warnings_for(prompt, steered, model_key=model_key),
        )


def _wish(context: str) -> Anatomy:
    """How it should be, from a context such as "make it cinematic with dramatic lighting".

    One that speaks of more than camera, light and sound is kept whole, as a wish for the style.
    """
    wish = dissect(context)
    if wish.subject or wish.action:
        content = content_of(context)
        described = [said for part, said in content.aside if part == "style"]
        whole = _SENTENCE_ENDS.sub(", ", content.text).strip(" ,")
        return Anatomy(style=", ".join([*described, whole]), tagline=wish.tagline)
    return wish


def _steered(said: Anatomy, wish: Anatomy) -> Anatomy:
    """The wish's words beside the person's own."""
    return replace(
        said,
        action="; ".join(beats(said.action)),
        setting=said.setting or wish.setting,
        camera=_joined(said.camera, wish.camera),
        light=_joined(said.light, wish.light),
        palette=said.palette or wish.palette,
        sound=_joined(said.sound, wish.sound),
        style=_joined(said.style, wish.style),
        tagline=said.tagline or wish.tagline,
    )


def _joined(said: str, more: str) -> str:
    """What was said, and of `more` only what is new."""
    items = [said] if said else []
    for item in more.split(", "):
        if item and not any(item.lower() in one.lower() for one in items):
            items.append(item)
    return ", ".join(items)


def _positive(anatomy: Anatomy, model_key: str) -> Anatomy:
    """Negatives in positive words, for models that take a "no" for a wish."""
    if reads_negatives(model_key):
        return anatomy
    return _with(anatomy, {p: NEGATIVE.sub("free of", _part(anatomy, p)) for p in _PARTS})


def _filled(
    anatomy: Anatomy, theme: Choices, steers: tuple[Steer, ...], *, open_parts: frozenset[str]
) -> Anatomy:
    """Every open part with a choice: the mood's where it has one, else the theme's."""
    filled: dict[str, str] = {}
    for part in _PARTS:
        said = _part(anatomy, part)
        if part not in open_parts:
            continue
        if not said or (part in _WISHES and len(said.split()) <= _BARE_WORDS):
            filled[part] = _joined(said, _first(steers, part) or _part(theme, part))
    palette = anatomy.palette
    if not palette and "palette" in open_parts:
        palette = next((steer.palette for steer in steers if steer.palette), theme.palette)
    return _with(replace(anatomy, palette=palette), filled)


def _part(held: Anatomy | Choices | Steer, part: str) -> str:
    said: str = getattr(held, part, "")
    return said


def _with(anatomy: Anatomy, parts: dict[str, str]) -> Anatomy:
    return replace(anatomy, **parts)  # type: ignore[arg-type]  # text parts only, named by _PARTS


def _first(steers: tuple[Steer, ...], part: str) -> str:
    return next((said for steer in steers if (said := _part(steer, part))), "")


def _changes(said: Anatomy, full: Anatomy, *, context: str, form_name: str) -> Iterator[str]:
    for part in _PARTS:
        before, after = _part(said, part), _part(full, part)
        if before == after:
            continue
        verb = "Said more of the" if before else "Added the"
        yield f"{verb} {part}: {after}."
    if full.palette != said.palette:
        yield f"Added the palette: {', '.join(full.palette)}."
    if context.strip():
        yield f"Steered by: {' '.join(context.split())[:200]}."
    if said.tagline:
        yield f"Set aside for compositing, not for the model to draw: “{said.tagline}”."
    if form_name:
        yield f"Written for {form_name}."
