"""Moves that are smooth to a fraction of a pixel, as a slow one shows every step."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.fakes.films import Pixels
from tools.domain.frames import Frame
from tools.domain.storyboard import Move
from tools.media.camera import Plate, plate_size, view_at

FRAME = Frame(640, 360)


def plate_with_an_edge() -> Plate:
    """White on the right half, with an edge as soft as a lens makes it."""
    art = Image.new("RGB", plate_size(FRAME))
    art.paste((255, 255, 255), (art.width // 2, 0, *art.size))
    return Plate(art.filter(ImageFilter.GaussianBlur(3)), FRAME)


def edge(picture: Image.Image) -> float:
    """Where the edge is, in pixels, averaged over all rows."""
    values: Pixels = np.asarray(picture).astype(float)
    share = (values - 16) / 219
    return float(FRAME.width - share.sum(axis=1).mean())


def test_a_slow_pan_goes_on_evenly_and_never_stands() -> None:
    plate = plate_with_an_edge()
    seen = [edge(plate.seen(view_at(Move.PAN_RIGHT, n / 400)).luma) for n in range(150, 250)]
    steps = -np.diff(seen)

    assert 0.1 < steps.mean() < 0.6
    # At worst a sixth of a pixel off: a whole pixel is what one sees.
    assert np.abs(steps - steps.mean()).max() < 0.36


@pytest.mark.parametrize("move", Move)
def test_every_view_is_inside_its_plate_and_fills_the_frame(move: Move) -> None:
    plate = plate_with_an_edge()

    for t in (0.0, 0.13, 0.5, 1.0):
        seen = plate.seen(view_at(move, t))
        assert seen.luma.size == (640, 360)
        assert seen.blue.size == seen.red.size == (320, 180)


def test_pushing_in_ends_closer_than_it_began() -> None:
    assert view_at(Move.PUSH_IN, 0).scale > view_at(Move.PUSH_IN, 1).scale
    assert view_at(Move.PULL_OUT, 0).scale < view_at(Move.PULL_OUT, 1).scale


def test_a_static_camera_is_static() -> None:
    assert view_at(Move.STATIC, 0.1) == view_at(Move.STATIC, 0.9)
