"""What the draft's file is, and what is to be seen in it. Every claim is measured in the pixels."""

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.fakes.brand import NAVY, ORANGE, VIOLET
from tests.fakes.films import Pixels, boxes, difference, frame_at, frames, likeness, luma, rgb
from tests.tools.media.conftest import RenderedDraft
from tools.media.furniture import Layout, draft_mark

# -- the file --------------------------------------------------------------------------------------


def test_it_has_exactly_its_length_in_frames_one_every_thirtieth_of_a_second(
    any_film: RenderedDraft,
) -> None:
    with av.open(str(any_film.path)) as film:
        stream = film.streams.video[0]
        packets = [packet for packet in film.demux(stream) if packet.size]

    tick = packets[0].duration or 0
    assert tick * packets[0].time_base * 30 == 1
    assert [(packet.pts, packet.duration) for packet in packets] == [
        (n * tick, tick) for n in range(120)
    ]


def test_every_one_of_its_frames_can_be_decoded(any_film: RenderedDraft) -> None:
    assert [n for n, _ in frames(any_film.path)] == list(range(120))


def test_it_says_four_seconds_and_its_sound_is_as_long(any_film: RenderedDraft) -> None:
    with av.open(str(any_film.path)) as film:
        video, audio = film.streams.video[0], film.streams.audio[0]
        lengths = [s.duration * s.time_base for s in (video, audio) if s.duration and s.time_base]

        assert film.duration == 4_000_000
        assert lengths == [4, 4]
        assert (video.start_time, audio.start_time) == (0, 0)


def test_it_is_what_every_platform_takes(any_film: RenderedDraft) -> None:
    with av.open(str(any_film.path)) as film:
        video, audio = film.streams.video[0], film.streams.audio[0]
        context, frame = video.codec_context, any_film.plan.frame

        assert (context.width, context.height) == (frame.width, frame.height)
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        assert video.average_rate == video.base_rate == 30
        assert (audio.codec_context.name, audio.rate, audio.layout.name) == (
            "aac",
            48_000,
            "stereo",
        )


def test_its_colours_are_tagged_as_bt709(any_film: RenderedDraft) -> None:
    with av.open(str(any_film.path)) as film:
        context = film.streams.video[0].codec_context

        assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
        assert context.color_range == 1


def test_it_can_start_before_it_is_loaded_and_has_no_edit_list(any_film: RenderedDraft) -> None:
    names = boxes(any_film.path)

    assert names.index("moov") < names.index("mdat")
    assert "elst" not in names


def test_every_group_of_pictures_is_two_seconds_at_most_and_begins_at_a_cut(
    any_film: RenderedDraft,
) -> None:
    with av.open(str(any_film.path)) as film:
        keys = [n for n, packet in enumerate(film.demux(video=0)) if packet.is_keyframe]

    assert {shot.start for shot in any_film.board.shots} <= set(keys)
    assert max(b - a for a, b in zip(keys, [*keys[1:], 120], strict=True)) <= 60


def test_a_seek_shows_the_same_picture_as_playing_there(tall_film: RenderedDraft) -> None:
    played = next(luma(frame) for n, frame in frames(tall_film.path) if n == 75)

    assert np.array_equal(played, luma(frame_at(tall_film.path, 75)))


def test_nothing_but_the_film_is_left(tall_film: RenderedDraft) -> None:
    assert not list(tall_film.path.parent.glob("*.part"))


# -- what is to be seen ----------------------------------------------------------------------------


def _mark_region(film: RenderedDraft) -> tuple[slice, slice, Pixels]:
    """Where DRAFT stands, without the plate's round ends, and how it looks there."""
    mark = draft_mark(Layout.of(film.plan.frame))
    end = mark.height // 2
    area = (slice(mark.y, mark.y + mark.height), slice(mark.x + end, mark.x + mark.width - end))
    return (*area, np.asarray(mark.luma).astype(float)[:, end:-end])


def test_every_frame_says_that_it_is_a_draft(any_film: RenderedDraft) -> None:
    rows, columns, mark = _mark_region(any_film)
    found = [likeness(luma(frame)[rows, columns], mark) for _, frame in frames(any_film.path)]

    assert min(found) > 0.9


def test_the_search_for_the_mark_finds_nothing_where_there_is_none(
    any_film: RenderedDraft,
) -> None:
    rows, columns, mark = _mark_region(any_film)
    below = slice(rows.start + 400, rows.stop + 400)
    found = [likeness(luma(frame)[below, columns], mark) for _, frame in frames(any_film.path)]

    assert max(found) < 0.5


def _distance(picture: Pixels, colour: tuple[int, int, int]) -> Pixels:
    """The largest channel's error, per pixel."""
    errors: Pixels = difference(picture, np.array(colour)).max(axis=2)
    return errors


def _inside(picture: Pixels, colour: tuple[int, int, int], by: int) -> Pixels:
    """The errors of every pixel that is at least `by` pixels inside a flat part of `colour`."""
    errors = _distance(picture, colour)
    near = Image.fromarray(((errors < 24) * 255).astype(np.uint8))
    for _ in range(by):
        near = near.filter(ImageFilter.MinFilter(3))
    return errors[np.asarray(near) > 0]


@pytest.mark.parametrize("colour", [ORANGE, NAVY, VIOLET], ids=["orange", "navy", "violet"])
def test_the_logo_keeps_its_colours_on_the_end_card(
    any_film: RenderedDraft, colour: tuple[int, int, int]
) -> None:
    errors = _inside(rgb(frame_at(any_film.path, 119)), colour, by=8)

    assert errors.size > 3000
    assert errors.max() <= 3


def test_the_logo_is_in_every_shot_in_its_own_colours(any_film: RenderedDraft) -> None:
    end = any_film.board.shots[-1]
    shown = {
        n: _inside(rgb(frame_at(any_film.path, n))[:640], ORANGE, by=6)
        for n in range(5, end.start, 20)
    }

    assert all(errors.size > 1000 for errors in shown.values())
    assert max(np.quantile(errors, 0.99) for errors in shown.values()) <= 3


def test_the_end_card_rests_for_its_last_second(any_film: RenderedDraft) -> None:
    foot = round(any_film.plan.frame.height * 0.88)  # below are the time code and the progress bar
    last = luma(frame_at(any_film.path, 119))[:foot]

    for n in (90, 91, 95, 105):
        assert difference(luma(frame_at(any_film.path, n))[:foot], last).max() <= 4


def test_the_camera_moves_in_every_shot_but_the_last(tall_film: RenderedDraft) -> None:
    for shot in tall_film.board.shots[:-1]:
        start, end = (
            luma(frame_at(tall_film.path, n))[100:700] for n in (shot.start + 5, shot.end - 5)
        )
        assert difference(start, end).mean() > 1


def test_the_progress_bar_grows_from_shot_to_shot(wide_film: RenderedDraft) -> None:
    layout = Layout.of(wide_film.plan.frame)
    bar = layout.bar + 2
    bright = [
        int((luma(frame)[bar, layout.margin : -layout.margin] > 200).sum())
        for n, frame in frames(wide_film.path)
        if n in {10, 40, 70}
    ]

    assert bright == sorted(bright)
    assert bright[0] > 50


# -- its process -----------------------------------------------------------------------------------


def test_it_tells_how_many_frames_are_done_and_never_less_than_before(
    tall_film: RenderedDraft,
) -> None:
    done = [facts["done"] for facts in tall_film.told]
    numbers = [n for n in done if isinstance(n, int)]

    assert numbers == sorted(numbers)
    assert len(numbers) > 30
    assert numbers[-1] == 120
    assert {facts["total"] for facts in tall_film.told} == {120}


def test_the_film_appears_under_its_name_only_when_it_is_whole(tall_film: RenderedDraft) -> None:
    assert Path(tall_film.plan.film).is_file()
    assert not Path(tall_film.plan.part).exists()
