"""The anatomy of a film prompt (reference: what the Sora, Veo and Runway guides agree on).

Subject, action, setting, camera, light, palette, sound. One camera move and one action a shot.
`dissect` takes anybody's text apart; `LABELS` is how a refined prompt names its parts, so that
what the refiner wrote is read back as exactly the same anatomy.
"""

import re
from dataclasses import dataclass

from tools.domain.phrasing import Findings, read_prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """A prompt taken apart. `""` and `()`: nothing was said of it; words are the person's own."""

    subject: str = ""
    action: str = ""
    """One beat, or several joined by "; " (see `beats`)."""
    setting: str = ""
    camera: str = ""
    light: str = ""
    palette: tuple[str, ...] = ()
    sound: str = ""
    style: str = ""
    tagline: str = ""
    """Words that should be readable in the film: composited, never drawn by a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """A prompt made better: what was sent in, what comes out, what changed, what to watch for."""

    prompt: str
    refined_prompt: str
    changes: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    note: str = ""
    """Who refined it, where that is not who should have: a sentence for a person."""


PALETTE_SIZE = 5
"""More named colours than this stop being anchors (reference: Sora and Veo guides, 3 to 5)."""

LABELS: dict[str, str] = {
    "subject": "subject",
    "product": "subject",
    "we see": "subject",
    "action": "action",
    "actions": "action",
    "motion": "action",
    "subject motion": "action",
    "setting": "setting",
    "scene": "setting",
    "context": "setting",
    "the place": "setting",
    "location": "setting",
    "camera": "camera",
    "camera shot": "camera",
    "camera motion": "camera",
    "light": "light",
    "lighting": "light",
    "palette": "palette",
    "colours": "palette",
    "colors": "palette",
    "sound": "sound",
    "background sound": "sound",
    "audio": "sound",
    "music": "sound",
    "style": "style",
    "style & ambiance": "style",
    "look": "style",
    "mood": "style",
    "pacing": "style",
    "tagline": "tagline",
    "slogan": "tagline",
    "end card": "tagline",
    "keep clear": "",
}
"""Label of a line -> part of the anatomy; "" is said to a model only and is nobody's content."""

_PROSE_LABELS = frozenset(("cinematography", "concept", "description", "prompt"))
"""Labels over a whole sentence, which is read like any other."""

_LABEL_AHEAD = rf" +(?=(?:{'|'.join(re.escape(label.capitalize()) for label in LABELS)}):)"
_INLINE_LABEL = re.compile(rf"(?<=[.;!?]){_LABEL_AHEAD}")
_SENTENCE_BEFORE_LABEL = re.compile(rf"[.;!?](?={_LABEL_AHEAD})")
_LABELLED = re.compile(
    r"\s*(?:[-*•]\s*)?(?:\*\*)?([A-Za-z][A-Za-z &]{1,24}?)(?:\*\*)?:(?:\*\*)?(.*)"
)
_LISTED = re.compile(r",|;| and ")
_LONGEST_LABEL = max(map(len, LABELS)) + 12


def dissect(text: str) -> Anatomy:
    """What a person's text says of each part of a film; linear in its length, and never raises.

    Request words ("make a 6 second TikTok…", model names, "use our logo") are not content.
    Labelled lines ("Camera: slow push-in") are taken as they stand and win over prose.
    """
    labelled, prose = _read_labels(text)
    said = read_prose(prose, subject_known=bool(labelled.get("subject")))
    return _anatomy(labelled, said)


def without_labels(value: str) -> str:
    """The same words on one line, none of which `dissect` takes for a label: "Oaty. Light: none"
    stays the name of a thing when it stands within a labelled line.
    """
    return _SENTENCE_BEFORE_LABEL.sub(",", value)


def beats(action: str) -> tuple[str, ...]:
    """The steps of an action in order: "opens; milk pours out" is two."""
    steps = re.split(r";|, then |\bthen ", action)
    return tuple(step.strip(" ,.") for step in steps if step.strip(" ,."))


def _anatomy(labelled: dict[str, str], said: Findings) -> Anatomy:
    def part(name: str) -> str:
        return labelled.get(name) or said.text(name)

    named = (_tidy(colour) for colour in _LISTED.split(labelled.get("palette", "")))
    palette = tuple(colour for colour in named if colour) or said.palette
    return Anatomy(
        subject=part("subject"),
        action=part("action"),
        setting=part("setting"),
        camera=part("camera"),
        light=part("light"),
        palette=palette[:PALETTE_SIZE],
        sound=part("sound"),
        style=part("style"),
        tagline=part("tagline"),
    )


def _read_labels(text: str) -> tuple[dict[str, str], str]:
    """Labelled lines by part, and the rest. A block ("Actions:", then dashed lines) is one part."""
    found: dict[str, list[str]] = {}
    rest: list[str] = []
    block = ""
    for line in _INLINE_LABEL.sub("\n", text).splitlines():
        part, value = _labelled_line(line)
        if part in _PROSE_LABELS:
            rest.append(value)
            continue
        if part == "palette":
            value, _, tail = value.partition(". ")
            rest.append(tail)
        if part is not None:
            block = part if not value else ""
            found.setdefault(part, []).extend([value] if value else [])
        elif block and line.lstrip().startswith("- "):
            found[block].append(_tidy(line.lstrip()[2:]))
        else:
            block = ""
            rest.append(line)
    joined = {part: "; ".join(values) for part, values in found.items() if values}
    return joined, "\n".join(rest)


def _labelled_line(line: str) -> tuple[str | None, str]:
    if ":" not in line[:_LONGEST_LABEL]:
        return None, ""
    match = _LABELLED.match(line)
    label = " ".join(match[1].lower().split()) if match else ""
    if match is None or label not in _PROSE_LABELS | LABELS.keys():
        return None, ""
    return LABELS.get(label, label), _tidy(match[2])


def _tidy(text: str) -> str:
    """One line without the punctuation around it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()).strip(' .,;"“”*')
