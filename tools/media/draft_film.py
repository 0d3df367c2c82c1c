"""Draws and encodes a draft film; runs alone, as `python -I -m tools.media.draft_film`.

A FilmPlan as JSON on stdin; on stdout one JSON object a line: `{"done": 12, "total": 180}`, and at
last one with all done, or `{"refused": "picture"}` and exit code 1. Nothing of a person's words goes
to stderr.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageFilter

from tools.domain.colours import Rgb
from tools.domain.frames import Frame
from tools.domain.storyboard import FPS, Shot, Storyboard
from tools.media.camera import Plate, plate_size, view_at
from tools.media.end_card import EndCard, end_card
from tools.media.film_file import FilmFile
from tools.media.furniture import (
    Layout,
    brightness,
    caption,
    corner_logo,
    draft_mark,
    ink_on,
    progress_bar,
    slate,
    time_code,
    trimmed,
)
from tools.media.limits import limit_this_process
from tools.media.palette import WHITE, ground_for, palette_for
from tools.media.plan import FilmPlan
from tools.media.planes import Canvas, Layer, half
from tools.media.plates import photo_plate
from tools.media.shapes import smooth
from tools.media.sketches import sketch_plate

_FADE = 9
"""Frames in which a caption comes and goes."""
_CARD_FADE = 6
_REPORT_EVERY = 3


class Draft:
    """The frames of one film, in order."""

    def __init__(self, storyboard: Storyboard, frame: Frame, pictures: list[Image.Image]) -> None:
        self._board, self._frame, self._pictures = storyboard, frame, pictures
        self._layout = Layout.of(frame)
        logo = pictures[storyboard.logo] if storyboard.logo is not None else None
        self._logo = trimmed(logo) if logo else None
        found = ([logo] if logo else []) + [p for p in pictures if p is not logo]
        self._palette = palette_for(storyboard.palette, found, storyboard.title)
        self._ground = ground_for(self._logo, self._palette)
        self._mark = draft_mark(self._layout)

    def frames(self) -> Iterator[tuple[Canvas, bool]]:
        """Each frame, and whether it is the first of its shot."""
        shots = self._board.shots
        for i, shot in enumerate(shots):
            pictures = self._card(shot) if i == len(shots) - 1 else self._shot(i)
            for n, canvas in enumerate(pictures):
                yield canvas, n == 0

    def _shot(self, i: int) -> Iterator[Canvas]:
        shot, shots = self._board.shots[i], self._board.shots
        art = self._art(shot)
        plate = Plate(art, self._frame)
        box = self._board.caption_box
        words = caption(self._layout, shot.caption, box, self._palette.accent, brightness(art, box))
        # The same words in two shots are one title: it stays over the cut.
        comes = i == 0 or shots[i - 1].caption != shot.caption
        goes = i == len(shots) - 2 or shots[i + 1].caption != shot.caption
        shade = _vignette(self._frame)
        shade_half = half(shade)
        over = self._overlay(shot, WHITE)
        fixed = list(corner_logo(self._layout, self._logo, self._ground)) if self._logo else []
        for n in range(shot.length):
            canvas = plate.seen(view_at(shot.move, n / max(shot.length - 1, 1)))
            canvas.darken(shade, shade_half)
            if words:
                canvas.paste(words.layers, _shown(n, shot.length, comes=comes, goes=goes))
            canvas.paste(fixed)
            canvas.paste(over(shot.start + n))
            yield canvas

    def _art(self, shot: Shot) -> Image.Image:
        size, light = plate_size(self._frame), self._board.light
        if shot.picture is None:
            return sketch_plate(shot.role, size, self._palette, light)
        return photo_plate(self._pictures[shot.picture], size, self._palette, light)

    def _card(self, shot: Shot) -> Iterator[Canvas]:
        card: EndCard = end_card(
            self._layout, shot.caption, logo=self._logo, ground=self._ground,
            palette=self._palette, box=self._board.caption_box,
        )  # fmt: skip
        over = self._overlay(shot, ink_on(self._ground))
        rest = card.ground.copy()
        rest.paste(card.layers)
        for n in range(shot.length):
            if n < _CARD_FADE:
                canvas = card.ground.copy()
                canvas.paste(card.layers, smooth((n + 1) / (_CARD_FADE + 1)))
            else:
                canvas = rest.copy()
            canvas.paste(over(shot.start + n))
            yield canvas

    def _overlay(self, shot: Shot, colour: Rgb) -> "_Overlay":
        return _Overlay(self._layout, self._board, shot, colour, self._mark)


class _Overlay:
    """Mark, slate, time code and progress over one shot."""

    def __init__(
        self, layout: Layout, board: Storyboard, shot: Shot, colour: Rgb, mark: Layer
    ) -> None:
        self._layout, self._board, self._colour = layout, board, colour
        number = board.shots.index(shot) + 1
        self._still = (mark, slate(layout, shot, number, len(board.shots), colour))
        self._bar = progress_bar(layout, board, colour)
        self._code: tuple[int, Layer] | None = None

    def __call__(self, frame_number: int) -> tuple[Layer, ...]:
        tenth = frame_number * 10 // FPS
        if self._code is None or self._code[0] != tenth:
            code = time_code(self._layout, frame_number, self._board.frames, self._colour)
            self._code = (tenth, code)
        return (*self._still, self._code[1], *self._bar.at(frame_number))


def _shown(n: int, length: int, *, comes: bool, goes: bool) -> float:
    """How visible a caption is in frame `n` of its shot."""
    start = smooth((n + 1) / _FADE) if comes else 1.0
    end = smooth((length - n) / _FADE) if goes else 1.0
    return min(start, end)


def _vignette(frame: Frame) -> Image.Image:
    """Darker corners, and a darker foot for the slate to be read on."""
    size = (frame.width // 8, frame.height // 8)
    round_ = Image.radial_gradient("L").point([round(96 * (v / 255) ** 3) for v in range(256)])
    corners = round_.resize((round(size[0] * 1.5), round(size[1] * 1.5)))
    at = ((corners.width - size[0]) // 2, (corners.height - size[1]) // 2)
    shade = corners.crop((*at, at[0] + size[0], at[1] + size[1]))
    foot = Image.linear_gradient("L").point(
        [round(150 * max(0.0, (v / 255 - 0.76) / 0.24) ** 1.5) for v in range(256)]
    )
    shade.paste(255, (0, 0), foot.resize(size))
    return shade.filter(ImageFilter.GaussianBlur(3)).resize(
        (frame.width, frame.height), Image.Resampling.BICUBIC
    )


def render(plan: FilmPlan, pictures: list[Image.Image]) -> None:
    """Draw and encode the whole film; it stands at `plan.film` only when it is whole."""
    draft = Draft(plan.storyboard, plan.frame, pictures)
    total = plan.storyboard.frames
    still_from = plan.storyboard.shots[-1].start
    with FilmFile(plan.part, plan.frame, total, still_from=still_from) as film:
        for n, (canvas, is_cut) in enumerate(draft.frames()):
            film.add(canvas.frame(n), is_cut=is_cut)
            if n % _REPORT_EVERY == 0:
                _tell({"done": n + 1, "total": total})
        film.finish()
    with open(plan.part, "rb") as written:  # noqa: PTH123  # a descriptor to sync
        os.fsync(written.fileno())
    os.replace(plan.part, plan.film)  # noqa: PTH105  # both are plain strings of the plan
    _tell({"done": total, "total": total})


def _opened(path: Path) -> Image.Image:
    with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as picture:
        return picture.convert("RGBA")


def _tell(facts: dict[str, object]) -> None:
    # Whoever started us is gone when this fails: a BrokenPipeError ends us too, as it should.
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main() -> None:
    plan = FilmPlan.from_json(sys.stdin.buffer.read())
    limit_this_process(cpu_s=plan.cpu_s)
    try:
        pictures = [_opened(Path(path)) for path in plan.pictures]
    except (OSError, ValueError, SyntaxError):  # what Pillow raises for a broken file
        _tell({"refused": "picture"})
        sys.exit(1)
    render(plan, pictures)


if __name__ == "__main__":
    main()
