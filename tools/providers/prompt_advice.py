"""What each family of models wants to be told, as its makers advise. Data for whoever writes prompts.

From OpenAI's Sora 2 cookbook, Google's Veo prompt guide (Vertex) and Runway's Gen-4 guide, read 2026-11-22.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """`max_chars`: the longest prompt it should get. `source`: whose advice, and when it was read."""

    name: str
    family: str
    lines: tuple[str, ...]
    max_chars: int
    source: str


_USUAL_CHARS = 2500
_RUNWAY_CHARS = 1000
"""Gateways name 1,000 to 2,000 as Runway's limit: the smaller holds everywhere."""

GENERAL = Advice(
    name="any video model",
    family="",
    lines=(
        "One camera move and one subject action a shot; framing, angle, lens and focus are named.",
        "Action is something a camera can see: feelings become gestures.",
        "Light has a quality, a direction and a source; three to five colours are named as anchors.",
        "One small sound, even if the film is watched without.",
    ),
    max_chars=_USUAL_CHARS,
    source="what the Sora, Veo and Runway guides agree on, 2026-11-22",
)
_FAMILIES = (
    Advice(
        name="Sora",
        family="sora",
        lines=(
            "Style comes first, it frames everything after it; then the scene as a storyboard panel.",
            "One camera move and one subject action a shot.",
            "Actions are beats or counts: “takes four steps, pauses, pulls the curtain at the end”.",
            "Light: quality, direction and sources; three to five named colours as anchors.",
            "There is no negative prompt: “avoid signage or corporate branding” is said in prose.",
            "Dialogue is short and in a block of its own; name one small sound even if silent.",
        ),
        max_chars=_USUAL_CHARS,
        source="OpenAI Sora 2 prompting cookbook, 2026-11-22",
    ),
    Advice(
        name="Veo",
        family="veo",
        lines=(
            "Order: cinematography, subject, action, context, style and ambiance, then sound.",
            "Shot type, angle, movement, lens and focus are named separately.",
            "Action is observable and physical: an emotion is told as what the body does.",
            "Dialogue stands in quotes; name effects and ambience; say “no subtitles”.",
        ),
        max_chars=_USUAL_CHARS,
        source="Google Veo prompt guide (Vertex) and the 3.1 formula, 2026-11-22",
    ),
    Advice(
        name="Runway",
        family="runway",
        lines=(
            "Motion above all: what the subject does, then the camera, then the scene.",
            "Positive words only: negatives are ignored or backfire, so never “no” or “without”.",
            "Simple: one clear camera move; do not describe again what a reference image shows.",
            "No sound: its films are silent.",
        ),
        max_chars=_RUNWAY_CHARS,
        source="Runway Gen-4 prompting guide, 2026-11-22",
    ),
)


def advice_for(model_key: str) -> Advice:
    """The advice of the model's own makers; what all guides agree on for any other model."""
    return next((one for one in _FAMILIES if model_key.startswith(one.family)), GENERAL)
