"""Films cut from clips: as long as was asked to the frame, and nobody sees or hears the joins."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.fakes.clips import TONE_HZ, Pixels, Take, chain, film_clip
from tests.fakes.films import boxes, difference, luma
from tools.domain.frames import Frame
from tools.errors import OutputLost, StorageUnavailable
from tools.media.editor import Editor
from tools.rendering.ports import ClipFile

FPS, RATE = 24, 48_000
CHAINS = {"five of twelve": (12,) * 5, "seven of eight and one of four": (8,) * 7 + (4,)}


@dataclass(frozen=True, slots=True)
class Watched:
    """A film taken apart: every picture's brightness, every sample of its left side."""

    path: Path
    lumas: list[Pixels]
    times: list[Fraction]
    samples: Pixels | None

    @classmethod
    def of(cls, path: Path) -> "Watched":
        lumas, times = [], []
        with av.open(str(path)) as film:
            for frame in film.decode(video=0):
                assert not frame.is_corrupt
                assert frame.pts is not None
                assert frame.time_base is not None
                lumas.append(luma(frame).copy())
                times.append(frame.pts * frame.time_base)
        with av.open(str(path)) as film:
            sounds = film.decode(audio=0) if film.streams.audio else ()
            heard = [sound.to_ndarray()[0] for sound in sounds]
        return cls(path, lumas, times, np.concatenate(heard) if heard else None)

    def steps(self) -> Pixels:
        """The mean difference of each picture from the one before it; `steps()[n]` leads to n."""
        return np.array(
            [0.0]
            + [
                float(difference(one, other).mean())
                for one, other in zip(self.lumas, self.lumas[1:], strict=False)
            ]
        )


@pytest.fixture(scope="session")
def editor() -> Editor:
    return Editor()


@dataclass(frozen=True, slots=True)
class Chained:
    film: Watched
    joins: tuple[int, ...]
    """Which pictures are the first of a later clip."""


@pytest.fixture(scope="session", params=CHAINS)
async def minute(
    request: pytest.FixtureRequest, editor: Editor, tmp_path_factory: pytest.TempPathFactory
) -> Chained:
    folder = tmp_path_factory.mktemp("minute")
    bought = CHAINS[request.param]
    files = chain(folder, bought)
    clips = [ClipFile(file=f, seconds=s) for f, s in zip(files, bought, strict=True)]
    path = await editor.assemble(clips, folder, length_s=60, frame=None)
    joins = tuple(int(n) * FPS for n in np.cumsum(bought)[:-1])
    return Chained(Watched.of(path), joins)


def lengths_s(path: Path) -> list[float]:
    """How long the file says its picture and its sound are, in seconds."""
    with av.open(str(path)) as film:
        return [
            float(stream.duration * stream.time_base)
            for stream in film.streams
            if stream.duration and stream.time_base
        ]


# -- a minute, chained -----------------------------------------------------------------------------


def test_a_minute_is_a_minute_to_the_frame(minute: Chained) -> None:
    assert len(minute.film.lumas) == 60 * FPS
    assert minute.film.times == [Fraction(n, FPS) for n in range(60 * FPS)]


def test_its_picture_and_its_sound_say_they_last_sixty_seconds_exactly(minute: Chained) -> None:
    assert lengths_s(minute.film.path) == [60, 60]


def test_its_sound_decodes_to_sixty_seconds_and_at_most_one_aac_frame(minute: Chained) -> None:
    samples = minute.film.samples
    assert samples is not None
    assert 0 <= len(samples) - 60 * RATE < 1024


def test_no_join_is_seen(minute: Chained) -> None:
    steps = minute.film.steps()
    usual = float(np.median(steps[1:]))

    at_joins = [steps[n + k] for n in minute.joins for k in (-1, 0, 1, 2)]

    assert max(at_joins) <= 1.5 * usual


def test_no_picture_stands_twice(minute: Chained) -> None:
    steps = minute.film.steps()[1:]

    assert steps.min() > 0.3 * float(np.median(steps))


def test_no_join_is_heard(minute: Chained) -> None:
    samples = minute.film.samples
    assert samples is not None
    jumps = np.abs(np.diff(samples))
    near = np.zeros(len(jumps), bool)
    for join in minute.joins:
        at = join * RATE // FPS
        near[at - RATE // 10 : at + RATE // 10] = True
    inside = ~near
    inside[: RATE // 10] = inside[60 * RATE - RATE // 10 :] = False

    assert jumps[near].max() <= 1.5 * jumps[inside].max()


def test_the_sound_goes_on_over_the_joins(minute: Chained) -> None:
    samples = minute.film.samples
    assert samples is not None
    whole = float(np.sqrt(np.mean(samples[RATE : 2 * RATE] ** 2)))

    for join in minute.joins:
        at = join * RATE // FPS
        for begin in range(at - 2400, at + 2400, 480):
            assert float(np.sqrt(np.mean(samples[begin : begin + 480] ** 2))) > 0.6 * whole


def test_it_plays_before_it_has_arrived_and_hides_nothing(minute: Chained) -> None:
    names = boxes(minute.film.path)

    assert names.count("moov") == 1
    assert names.index("moov") < names.index("mdat")
    assert "elst" not in names


def test_it_is_what_every_platform_takes(minute: Chained) -> None:
    with av.open(str(minute.film.path)) as film:
        picture, sound = film.streams.video[0].codec_context, film.streams.audio[0].codec_context
        assert (picture.name, picture.profile, picture.pix_fmt) == ("h264", "High", "yuv420p")
        tags = (picture.colorspace, picture.color_primaries, picture.color_trc, picture.color_range)
        assert tags == (1, 1, 1, 1)
        assert (sound.name, sound.sample_rate, sound.layout.name) == ("aac", RATE, "stereo")
        assert film.streams.video[0].average_rate == FPS
        assert not {"creation_time", "encoder"} & set(film.metadata)


# -- joins, trims, rates ---------------------------------------------------------------------------


async def cut(
    editor: Editor,
    folder: Path,
    *takes: tuple[Take, int],
    length_s: int,
    frame: Frame | None = None,
) -> Watched:
    """A film of clips made so, each bought as so many seconds."""
    clips = [
        ClipFile(file=film_clip(folder / f"take-{i}.mp4", take), seconds=seconds)
        for i, (take, seconds) in enumerate(takes)
    ]
    return Watched.of(await editor.assemble(clips, folder, length_s=length_s, frame=frame))


async def test_sounds_that_do_not_fit_each_other_do_not_click(
    editor: Editor, tmp_path: Path
) -> None:
    """The second tone begins at the worst place: a jump from bottom to top."""
    bottom = 0.75 / TONE_HZ
    film = await cut(
        editor,
        tmp_path,
        (Take(tone_at_s=bottom), 2),
        (Take(starts_at=47, tone_at_s=bottom + 0.5 / TONE_HZ), 2),
        length_s=4,
    )

    assert film.samples is not None
    jumps = np.abs(np.diff(film.samples))
    assert jumps[RATE : 3 * RATE].max() <= 1.5 * jumps[RATE // 2 : RATE].max()


async def test_a_mute_clip_between_loud_ones_is_silent_and_does_not_click(
    editor: Editor, tmp_path: Path
) -> None:
    film = await cut(
        editor, tmp_path, (Take(), 2), (Take(tone_at_s=None), 2), (Take(), 2), length_s=6
    )

    assert film.samples is not None
    jumps = np.abs(np.diff(film.samples))
    assert np.abs(film.samples[round(2.1 * RATE) : round(3.9 * RATE)]).max() < 0.001
    assert jumps[RATE : 5 * RATE].max() <= 1.2 * jumps[RATE // 2 : RATE].max()


async def test_a_film_of_mute_clips_has_no_sound_at_all(editor: Editor, tmp_path: Path) -> None:
    mute = Take(tone_at_s=None)

    film = await cut(editor, tmp_path, (mute, 2), (mute, 2), length_s=3)

    assert lengths_s(film.path) == [3]


async def test_mono_of_another_rate_is_heard_on_both_sides(editor: Editor, tmp_path: Path) -> None:
    film = await cut(
        editor, tmp_path, (Take(rate=22_050, layout="mono"), 2), (Take(), 2), length_s=4
    )

    with av.open(str(film.path)) as opened:
        sound = np.concatenate([f.to_ndarray() for f in opened.decode(audio=0)], axis=1)
    assert np.sqrt(np.mean(sound[:, RATE : 2 * RATE] ** 2, axis=1)) == pytest.approx(0.28, abs=0.04)


async def test_a_cut_stays_a_cut(editor: Editor, tmp_path: Path) -> None:
    film = await cut(editor, tmp_path, (Take(), 2), (Take(colour=2, starts_at=500), 2), length_s=4)

    steps = film.steps()
    assert steps[48] > 5 * float(np.median(steps[1:]))
    assert max(steps[47], steps[49]) < 1.5 * float(np.median(steps[1:]))


async def test_the_last_clip_is_trimmed_to_the_asked_length(editor: Editor, tmp_path: Path) -> None:
    film = await cut(editor, tmp_path, (Take(), 2), (Take(starts_at=47), 2), length_s=3)

    assert len(film.lumas) == 72
    assert lengths_s(film.path) == [3, 3]


@pytest.mark.parametrize("pictures", [47, 49])
async def test_a_frame_too_few_or_too_many_is_evened_out(
    editor: Editor, tmp_path: Path, pictures: int
) -> None:
    film = await cut(
        editor,
        tmp_path,
        (Take(pictures=pictures), 2),
        (Take(starts_at=pictures - 1), 2),
        length_s=4,
    )

    assert len(film.lumas) == 96
    assert film.steps().max() < 2.5 * float(np.median(film.steps()[1:]))


@pytest.mark.parametrize(("own", "film_fps"), [(16, 24), (24, 24), (25, 25), (30, 30), (60, 60)])
async def test_the_first_clips_rate_is_the_films(
    editor: Editor, tmp_path: Path, own: int, film_fps: int
) -> None:
    film = await cut(editor, tmp_path, (Take(fps=own), 2), (Take(fps=30), 2), length_s=4)

    assert film.times == [Fraction(n, film_fps) for n in range(4 * film_fps)]


async def test_pictures_of_varying_length_are_shown_at_their_times(
    editor: Editor, tmp_path: Path
) -> None:
    """One second of 24, then one of 12 pictures: the scene moves on at half the speed."""
    times = (*(n / 24 for n in range(24)), *(1 + n / 12 for n in range(12)))

    film = await cut(editor, tmp_path, (Take(pictures=36, times_s=times), 2), length_s=2)

    assert len(film.times) in {48, 50}  # 18 a second on average is nearest to 24
    assert film.times == [Fraction(n, 24) for n in range(48)]
    late = film.steps()[26:46]
    assert (late > 0.5 * float(np.median(film.steps()[2:22]))).mean() == pytest.approx(0.5, abs=0.1)


async def test_a_film_takes_the_asked_size_without_bars(editor: Editor, tmp_path: Path) -> None:
    film = await cut(editor, tmp_path, (Take(), 2), (Take(), 2), length_s=4, frame=Frame(96, 128))

    assert film.lumas[0].shape == (128, 96)
    assert all(edge.std() > 5 for edge in (film.lumas[10][0], film.lumas[10][:, 0]))


@pytest.mark.parametrize("turned", [90, 180, 270])
async def test_a_clip_filmed_sideways_stands_upright(
    editor: Editor, tmp_path: Path, turned: int
) -> None:
    film = await cut(editor, tmp_path, (Take(turned=turned, bt709=True), 2), length_s=2)

    with av.open(str(film.path)) as opened:
        frame = next(opened.decode(video=0))
        assert frame.rotation == 0
    still = Watched.of(film_clip(tmp_path / "still.mp4", Take(bt709=True))).lumas[0]
    upright = np.rot90(still, turned // 90)
    assert film.lumas[0].shape == upright.shape
    assert difference(film.lumas[0], upright).mean() < 4


async def test_old_colours_are_seen_as_before(editor: Editor, tmp_path: Path) -> None:
    """A small clip without tags is BT.601 to a player; the film says BT.709."""
    clip = film_clip(tmp_path / "clip.mp4", Take())
    path = await editor.assemble([ClipFile(file=clip, seconds=2)], tmp_path, length_s=1, frame=None)

    with av.open(str(clip)) as before, av.open(str(path)) as after:
        one = next(before.decode(video=0)).to_ndarray(format="rgb24", src_colorspace="ITU601")
        other = next(after.decode(video=0)).to_ndarray(format="rgb24", src_colorspace="ITU709")
    assert difference(one, other).mean() < 3


async def test_sound_a_little_slow_keeps_step_with_its_picture(
    editor: Editor, tmp_path: Path
) -> None:
    """A clip 5 % short is spread over what was bought, and so is what is heard."""
    film = await cut(editor, tmp_path, (Take(seconds=3.8), 4), length_s=4)

    assert film.samples is not None
    assert np.abs(film.samples[round(3.85 * RATE) : round(3.9 * RATE)]).max() > 0.2


# -- nothing to do ---------------------------------------------------------------------------------


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as film:
        return [bytes(packet)[-64:] for packet in film.demux(video=0) if packet.size]


async def test_a_clip_that_is_right_already_keeps_every_picture_as_it_is(
    editor: Editor, tmp_path: Path
) -> None:
    clip = film_clip(tmp_path / "clip.mp4", Take(bt709=True, rate=RATE))

    path = await editor.assemble([ClipFile(file=clip, seconds=2)], tmp_path, length_s=2, frame=None)

    assert packets(path) == packets(clip)
    film = Watched.of(path)
    assert film.times == [Fraction(n, FPS) for n in range(48)]
    assert lengths_s(path) == [2, 2]
    assert "elst" not in boxes(path)
    assert "elst" in boxes(clip)


async def test_a_copied_films_sound_is_in_step(editor: Editor, tmp_path: Path) -> None:
    """B-frames and the sound's run-up both stand before time 0 in the clip."""
    clip = film_clip(tmp_path / "clip.mp4", Take(bt709=True, rate=RATE))

    path = await editor.assemble([ClipFile(file=clip, seconds=2)], tmp_path, length_s=2, frame=None)

    film, whole = Watched.of(path).samples, Watched.of(clip).samples
    assert film is not None
    assert whole is not None
    assert np.abs(film[4800:9600] - whole[4800:9600]).max() < 0.02


async def test_a_draft_is_assembled_as_it_is(editor: Editor, tmp_path: Path) -> None:
    clip = film_clip(tmp_path / "clip.mp4", Take(bt709=True, bframes=0, tone_at_s=None))

    path = await editor.assemble([ClipFile(file=clip, seconds=2)], tmp_path, length_s=2, frame=None)

    assert packets(path) == packets(clip)


# -- what is told, what is lost --------------------------------------------------------------------


async def test_how_far_it_is_is_told(editor: Editor, tmp_path: Path) -> None:
    clips = [ClipFile(file=f, seconds=2) for f in chain(tmp_path, (2, 2))]
    told: list[float] = []

    await editor.assemble(clips, tmp_path, length_s=4, frame=None, told=told.append)

    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 20


async def test_a_clip_much_shorter_than_bought_is_lost(editor: Editor, tmp_path: Path) -> None:
    with pytest.raises(OutputLost, match="shorter"):
        await cut(editor, tmp_path, (Take(), 2), (Take(seconds=1.7), 2), length_s=4)


async def test_a_clip_much_longer_than_bought_is_not_played_faster(
    editor: Editor, tmp_path: Path
) -> None:
    film = await cut(editor, tmp_path, (Take(), 2), (Take(seconds=4, starts_at=47), 2), length_s=4)

    assert film.steps().max() < 1.5 * float(np.median(film.steps()[1:]))


async def test_what_was_begun_is_gone_when_it_fails(editor: Editor, tmp_path: Path) -> None:
    good = film_clip(tmp_path / "good.mp4", Take())
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(good.read_bytes()[:-4000])
    out = tmp_path / "out"

    with pytest.raises(OutputLost):
        await editor.assemble(
            [ClipFile(file=good, seconds=2), ClipFile(file=bad, seconds=2)],
            out,
            length_s=4,
            frame=None,
        )

    assert list(out.iterdir()) == []


async def test_a_film_that_takes_too_long_to_cut_is_tried_again_its_clips_are_paid_for(
    tmp_path: Path,
) -> None:
    clips = [ClipFile(file=f, seconds=4) for f in chain(tmp_path, (4, 4))]

    with pytest.raises(StorageUnavailable, match="in time"):
        await Editor(limit_s=0.05).assemble(clips, tmp_path / "out", length_s=8, frame=None)
