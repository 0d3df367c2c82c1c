"""How each family of models wants a prompt written (reference: their official prompt guides).

Every form is labelled so that `tools.domain.prompts.dissect` reads the same anatomy back: a prompt
written for a model that is gone is still an exact plan for the one that stands in.
"""

from collections.abc import Callable, Iterable

from tools.domain.prompts import Anatomy, beats

CLEAN_PLATE = "no text, letters or logos in the picture, a quiet space left for them"
OPEN_SPACE = "plain, unmarked surfaces, a open space in the frame"
"""The same wish in positive words: Runway reads a negative as a request."""


def form_for(model_key: str) -> tuple[str, Callable[[Anatomy], str]]:
    """What the form is called, for people, and the form; the labelled one for unknown models."""
    for family, name, form in _FORMS:
        if model_key.startswith(family):
            return name, form
    return "", as_labelled


def open_parts(model_key: str) -> frozenset[str]:
    """The parts that may be filled in for it where a person said nothing.

    Runway works from motion: its films are silent, and a look that nobody asked for fights the
    reference image.
    """
    if model_key.startswith("runway"):
        return frozenset(("action", "camera", "style"))
    return frozenset(("action", "setting", "camera", "light", "palette", "sound", "style"))


def reads_negatives(model_key: str) -> bool:
    return not model_key.startswith("runway")


def as_labelled(anatomy: Anatomy) -> str:
    """One labelled line for each part; the tagline too, because the draft composites it."""
    return _lines(
        ("Style", anatomy.style),
        ("Subject", anatomy.subject),
        ("Action", anatomy.action),
        ("Setting", anatomy.setting),
        ("Camera", anatomy.camera),
        ("Light", anatomy.light),
        ("Palette", ", ".join(anatomy.palette)),
        ("Sound", anatomy.sound),
        ("Tagline", anatomy.tagline),
        ("Keep clear", CLEAN_PLATE),
    )


def as_sora(anatomy: Anatomy) -> str:
    """Style first, the scene, then cinematography, the beats as a list, and the sound."""
    steps = "\n".join(f"- {step}" for step in beats(anatomy.action))
    return "\n\n".join(
        block
        for block in (
            _lines(("Style", anatomy.style)),
            _lines(("We see", anatomy.subject), ("The place", anatomy.setting)),
            _lines(
                ("Camera shot", anatomy.camera),
                ("Lighting", anatomy.light),
                ("Palette", ", ".join(anatomy.palette)),
            ),
            f"Actions:\n{steps}" if steps else "",
            _lines(("Background sound", anatomy.sound)),
            _lines(("Keep clear", CLEAN_PLATE)),
        )
        if block
    )


def as_veo(anatomy: Anatomy) -> str:
    """[Cinematography] + [Subject] + [Action] + [Context] + [Style & Ambiance], then sound."""
    return _lines(
        ("Camera", anatomy.camera),
        ("Subject", anatomy.subject),
        ("Action", anatomy.action),
        ("Context", anatomy.setting),
        ("Style & ambiance", anatomy.style),
        ("Light", anatomy.light),
        ("Palette", ", ".join(anatomy.palette)),
        ("Sound", anatomy.sound),
        ("Keep clear", f"{CLEAN_PLATE}, no subtitles"),
    )


def as_runway(anatomy: Anatomy) -> str:
    """Motion above all, in positive words: the subject's, the camera's, the scene's, the look."""
    return _lines(
        ("Subject", anatomy.subject),
        ("Subject motion", anatomy.action),
        ("Camera motion", anatomy.camera),
        ("Scene", anatomy.setting),
        ("Light", anatomy.light),
        ("Palette", ", ".join(anatomy.palette)),
        ("Style", anatomy.style),
        ("Sound", anatomy.sound),
        ("Keep clear", OPEN_SPACE),
    )


def _lines(*parts: tuple[str, str]) -> str:
    return "\n".join(_said(parts))


def _said(parts: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f"{label}: {words}" for label, words in parts if words)


_FORMS: tuple[tuple[str, str, Callable[[Anatomy], str]], ...] = (
    ("sora", "Sora: style first, then scene, camera, beats and sound", as_sora),
    ("veo", "Veo: camera, subject, action, context, style", as_veo),
    ("runway", "Runway: motion in plain positive words", as_runway),
)
