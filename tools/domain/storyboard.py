"""A prompt as shots: what the free draft shows, and when, to the frame.

    hook ── product ── [proof] ── call (the end card)

Pure arithmetic and words: the same order gives the same storyboard. Captions are the person's own
words; how they look is the renderer's (`tools.media`).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from tools.domain.captions import CHARS_PER_S, fitted
from tools.domain.colours import Rgb, colours_in
from tools.domain.frames import AspectRatio
from tools.domain.prompts import Anatomy, beats
from tools.domain.uploads import ReferenceRole

FPS = 30


class Role(StrEnum):
    HOOK = "hook"
    PRODUCT = "product"
    PROOF = "proof"
    CALL = "call"


class Move(StrEnum):
    PUSH_IN = "push-in"
    PULL_OUT = "pull-out"
    PAN_LEFT = "pan-left"
    PAN_RIGHT = "pan-right"
    TILT_UP = "tilt-up"
    TILT_DOWN = "tilt-down"
    STATIC = "static"


class Light(StrEnum):
    """Where the key light stands, seen from the camera."""

    LEFT = "left"
    RIGHT = "right"
    ABOVE = "above"
    BEHIND = "behind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A part of the frame, as fractions of its width and height from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One shot, in frames. `picture` is the index of a reference, None for a sketch of our own."""

    role: Role
    caption: tuple[str, ...]
    start: int
    length: int
    move: Move
    picture: int | None = None

    @property
    def end(self) -> int:
        """The first frame after it."""
        return self.start + self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard:
    """The whole film. The last shot is the end card. `palette` is empty where nothing was named."""

    shots: tuple[Shot, ...]
    caption_box: Box
    logo: int | None
    palette: tuple[Rgb, ...]
    light: Light
    title: str
    """What the film is about in the fewest words; seeds the sketches. May be empty."""

    @property
    def frames(self) -> int:
        return self.shots[-1].end


CAPTION_BOXES: dict[AspectRatio, Box] = {
    # Inside the union of Reels, Shorts and TikTok safe zones: x 120 to 888, y 288 to 1248 of
    # 1080x1920 (platform pages read in November 2026).
    AspectRatio.TALL: Box(left=120 / 1080, top=0.42, right=888 / 1080, bottom=0.60),
    AspectRatio.WIDE: Box(left=0.0625, top=0.58, right=0.62, bottom=0.82),
    AspectRatio.SQUARE: Box(left=0.0741, top=0.56, right=0.9259, bottom=0.80),
}
_LINE_CHARS = {AspectRatio.TALL: 22, AspectRatio.WIDE: 26, AspectRatio.SQUARE: 24}


def storyboard_for(
    *,
    prompt: str,
    anatomy: Anatomy,
    length_s: int,
    aspect_ratio: AspectRatio,
    references: tuple[ReferenceRole | None, ...] = (),
) -> Storyboard:
    """`prompt` in the person's words, `anatomy` the same taken apart, `references` by role."""
    roles = _roles(length_s)
    lengths = _lengths(roles, length_s)
    logo = _logo(references, prompt)
    pictures = _pictures(references, logo, roles)
    captions = _captions(anatomy, roles, lengths, _LINE_CHARS[aspect_ratio])
    moves = _moves(anatomy.camera, aspect_ratio, roles)
    shots: list[Shot] = []
    for i, role in enumerate(roles):
        shots.append(
            Shot(
                role=role,
                caption=captions[i],
                start=shots[-1].end if shots else 0,
                length=lengths[i],
                move=moves[i],
                picture=pictures[i],
            )
        )
    return Storyboard(
        shots=tuple(shots),
        caption_box=CAPTION_BOXES[aspect_ratio],
        logo=logo,
        palette=colours_in(anatomy.palette),
        light=_light(anatomy.light),
        title=anatomy.subject,
    )


# -- time ------------------------------------------------------------------------------------------


def _roles(length_s: int) -> tuple[Role, ...]:
    if length_s <= 6:  # noqa: PLR2004  # a shot under 1.4 s cannot be read
        return (Role.HOOK, Role.PRODUCT, Role.CALL)
    return (Role.HOOK, Role.PRODUCT, Role.PROOF, Role.CALL)


def _card_frames(length_s: int) -> int:
    """The end card: long enough to read, at most four seconds."""
    if length_s < 6:  # noqa: PLR2004  # the shortest films
        return round(1.2 * FPS)
    if length_s < 8:  # noqa: PLR2004  # advised: 2 s from 8 s on
        return round(1.5 * FPS)
    return round(min(4.0, max(2.0, length_s * 0.18)) * FPS)


_WEIGHTS = {Role.HOOK: 10, Role.PRODUCT: 12, Role.PROOF: 11}


def _lengths(roles: tuple[Role, ...], length_s: int) -> tuple[int, ...]:
    """Whole frames that sum to the film exactly; what rounding leaves goes to the product."""
    total = length_s * FPS
    card = _card_frames(length_s)
    weight = sum(_WEIGHTS[role] for role in roles[:-1])
    lengths = [(total - card) * _WEIGHTS[role] // weight for role in roles[:-1]]
    lengths[1] += total - card - sum(lengths)
    return (*lengths, card)


# -- words -----------------------------------------------------------------------------------------


def _captions(
    anatomy: Anatomy, roles: tuple[Role, ...], lengths: tuple[int, ...], line_chars: int
) -> tuple[tuple[str, ...], ...]:
    """One caption a shot. Without words for all of them, the subject stays like a title."""
    steps = beats(anatomy.action)
    subject = anatomy.subject
    title = subject or anatomy.tagline or anatomy.setting or anatomy.style
    by_role = {
        Role.HOOK: steps[0] if steps else anatomy.setting or title,
        Role.PRODUCT: subject or (steps[1] if len(steps) > 1 else title),
        Role.PROOF: steps[1] if len(steps) > 1 else anatomy.setting or title,
        Role.CALL: anatomy.tagline or title,
    }
    return tuple(
        fitted(by_role[role], line_chars=line_chars, chars=CHARS_PER_S * length // FPS)
        for role, length in zip(roles, lengths, strict=True)
    )


# -- pictures, camera, light -----------------------------------------------------------------------


def _logo(references: tuple[ReferenceRole | None, ...], prompt: str) -> int | None:
    """The logo, also where a person said "our logo" and gave an image without saying which."""
    if ReferenceRole.LOGO in references:
        return references.index(ReferenceRole.LOGO)
    says_logo = re.search(r"\blogo\b", prompt, re.IGNORECASE) is not None
    return references.index(None) if says_logo and None in references else None


def _pictures(
    references: tuple[ReferenceRole | None, ...], logo: int | None, roles: tuple[Role, ...]
) -> tuple[int | None, ...]:
    """Products before styles before the rest, one a shot, again from the first when they run out."""
    shown = [i for i, role in enumerate(references) if i != logo and role is not ReferenceRole.LOGO]
    order = (ReferenceRole.PRODUCT, ReferenceRole.STYLE, None)
    shown.sort(key=lambda i: order.index(references[i]))
    if not shown:
        return (None,) * len(roles)
    return (*(shown[i % len(shown)] for i in range(len(roles) - 1)), None)


_ASKED: dict[Move, tuple[str, ...]] = {
    Move.PUSH_IN: (
        r"push(?:es|ing)?[- ]?in", r"doll(?:y|ies|ying) in", r"zoom(?:s|ing)?[- ]in",
        r"mov(?:e|es|ing) in", "closer", "forward",
    ),
    Move.PULL_OUT: (
        r"pull(?:s|ing)?[- ]?(?:out|back|away)", r"doll(?:y|ies|ying) (?:out|back)",
        r"zoom(?:s|ing)?[- ]out", "reveal", "backward",
    ),
    Move.PAN_LEFT: (
        r"pan(?:s|ning)?(?: \w+)? left", r"(?:truck|track)(?:s|ing)? left", "right to left",
    ),
    Move.PAN_RIGHT: (
        r"pan(?:s|ning)?(?: \w+)? right", r"pan(?:s|ning)?\b", r"(?:truck|track)(?:s|ing)?",
        "left to right", "orbit", r"arc\b", r"slid(?:e|er|ing)", r"fly[- ]?(?:over|through)",
    ),
    Move.TILT_DOWN: (
        r"tilt(?:s|ing)?(?: \w+)? down", r"cranes? down", "lower(?:s|ing)", "overhead",
        r"top[- ]down",
    ),
    Move.TILT_UP: ("tilt", "crane", "pedestal", r"ris(?:e|es|ing)", "boom up"),
    Move.STATIC: ("static", "locked", "lock-off", "tripod", "still", "fixed", "handheld"),
}  # fmt: skip
_MOVE_WORDS = (
    *((rf"\b(?:{'|'.join(words)})", move) for move, words in _ASKED.items()),
    (r"\b(?:zoom|dolly|close[- ]?up|macro)", Move.PUSH_IN),
)
"""First match wins at a place in the text: "pan left" is not also a "pan"."""

_VARIED = (Move.PUSH_IN, Move.PAN_RIGHT, Move.PULL_OUT)
_VARIED_TALL = (Move.PUSH_IN, Move.TILT_UP, Move.PULL_OUT)


def _moves(camera: str, aspect_ratio: AspectRatio, roles: tuple[Role, ...]) -> tuple[Move, ...]:
    """The moves that were asked for, in the order they were said; the end card stands still."""
    asked = _asked_moves(camera)
    varied = _VARIED_TALL if aspect_ratio is AspectRatio.TALL else _VARIED
    moves = asked or varied
    return (*(moves[i % len(moves)] for i in range(len(roles) - 1)), Move.STATIC)


def _asked_moves(camera: str) -> tuple[Move, ...]:
    text, found = camera.casefold(), list[tuple[int, Move]]()
    for pattern, move in _MOVE_WORDS:
        for match in re.finditer(pattern, text):
            found.append((match.start(), move))
        text = re.sub(pattern, lambda m: " " * len(m.group()), text)
    return tuple(dict.fromkeys(move for _, move in sorted(found, key=lambda pair: pair[0])))


def _light(words: str) -> Light:
    text = words.casefold()
    for pattern, light in (
        (r"back[- ]?l|behind|rim|silhouette|sunset|sunrise|golden hour|contre", Light.BEHIND),
        (r"right", Light.RIGHT),
        (r"overhead|above|top|noon|skylight", Light.ABOVE),
    ):
        if re.search(pattern, text):
            return light
    return Light.LEFT
