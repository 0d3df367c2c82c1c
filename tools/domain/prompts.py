"""The anatomy of a film prompt (reference: what the Sora, Veo and Runway guides agree on).

Subject, action, setting, camera, light, palette, sound. One camera move and one action a shot.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """A prompt taken apart. `""` and `()` mean that nothing was said; words are the person's own."""

    subject: str = ""
    action: str = ""
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
