"""What every film editor does: measures whole clips, takes their last picture, fits images.

Whatever it is given that is no clip or no image is answered in words. How films are cut is in
tests/tools/media/test_assembly.py.
"""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageStat

from tests.fakes.clips import Take, chain, claiming_to_last, film_clip, patched, scene
from tools.domain.frames import Frame
from tools.errors import OutputLost, TooLarge, UnsupportedMedia
from tools.media.editor import Editor
from tools.rendering.ports import ClipFile, FilmEditor


@pytest.fixture(params=["children"])
def editor(request: pytest.FixtureRequest) -> FilmEditor:
    return {"children": Editor}[request.param]()


def hue(picture: Image.Image) -> tuple[int, ...]:
    return tuple(round(value) for value in ImageStat.Stat(picture.convert("RGB")).mean)


class TestMeasure:
    @pytest.mark.parametrize("tone_at_s", [0.0, None])
    async def test_a_whole_clip_is_measured(
        self, editor: FilmEditor, tmp_path: Path, tone_at_s: float | None
    ) -> None:
        clip = film_clip(tmp_path / "clip.mp4", Take(tone_at_s=tone_at_s))

        facts = await editor.measure(clip)

        assert facts.frame == Frame(160, 96)
        assert facts.length_s == 2.0
        assert facts.has_sound is (tone_at_s is not None)

    async def test_a_clip_filmed_sideways_is_measured_upright(
        self, editor: FilmEditor, tmp_path: Path
    ) -> None:
        clip = film_clip(tmp_path / "clip.mp4", Take(turned=90))

        assert (await editor.measure(clip)).frame == Frame(96, 160)

    async def test_what_a_header_claims_is_not_believed(
        self, editor: FilmEditor, tmp_path: Path
    ) -> None:
        clip = claiming_to_last(film_clip(tmp_path / "clip.mp4", Take()), 3_000_000)

        assert (await editor.measure(clip)).length_s == 2.0

    async def test_another_codec_than_h264_is_a_film_too(
        self, editor: FilmEditor, tmp_path: Path
    ) -> None:
        clip = film_clip(tmp_path / "clip.mp4", Take(codec="mpeg4", bframes=0))

        assert (await editor.measure(clip)).length_s == 2.0


class TestLastFrame:
    async def test_it_is_the_very_last_picture_shown(
        self, editor: FilmEditor, tmp_path: Path
    ) -> None:
        """With B-frames the last packet is not the last picture."""
        clip = film_clip(tmp_path / "clip.mp4", Take(bframes=3))

        picture = await editor.last_frame(clip, tmp_path / "out")

        with Image.open(picture) as last:
            assert (last.format, last.mode, last.size) == ("PNG", "RGB", (160, 96))
            seen = np.asarray(last).astype(int)
        away = [np.abs(seen - scene(n).astype(int)).mean() for n in (46, 47, 48)]
        assert away[1] < 4 < min(away[0], away[2])

    async def test_a_clip_filmed_sideways_ends_upright(
        self, editor: FilmEditor, tmp_path: Path
    ) -> None:
        clip = film_clip(tmp_path / "clip.mp4", Take(turned=90))

        picture = await editor.last_frame(clip, tmp_path)

        with Image.open(picture) as last:
            assert np.abs(np.asarray(last).astype(int) - np.rot90(scene(47))).mean() < 4


BREAKERS: dict[str, Callable[[Path], Path]] = {
    "half of it": lambda path: _cut(path, 0.5),
    "without its end": lambda path: _cut(path, 0.97),
    "nothing": lambda path: _cut(path, 0),
    "a page": lambda path: _written(path, b"<html>402 Payment required</html>"),
    "zeros": lambda path: _written(path, bytes(4096)),
    "sound alone": lambda path: film_clip(path, Take(pictures=0)),
    "no picture": lambda path: film_clip(path, Take(pictures=0, tone_at_s=None)),
    "a wall of pixels": lambda path: film_clip(
        path, Take(size=(4224, 64), pictures=2, tone_at_s=None)
    ),
    "ten thousand pictures a second": lambda path: film_clip(
        path, Take(fps=10_000, pictures=200, tone_at_s=None)
    ),
    "pictures that last for ever": lambda path: film_clip(
        path, Take(pictures=2, times_s=(0, 9000), tone_at_s=None)
    ),
    "a picture that was never sent": lambda path: patched(
        film_clip(path, Take(tone_at_s=None)), b"stsz", 12, struct.pack(">I", 4_000_000)
    ),
    "noise for pictures": lambda path: _noise(film_clip(path, Take(tone_at_s=None))),
}


def _cut(path: Path, kept: float) -> Path:
    data = film_clip(path, Take()).read_bytes()
    return _written(path, data[: int(len(data) * kept)])


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _noise(path: Path) -> Path:
    """The index promises pictures; where they should be stands something else."""
    data = path.read_bytes()
    at = data.rindex(b"mdat") + 4
    return _written(path, data[:at] + b"\x5a" * (len(data) - at))


class TestStrangers:
    @pytest.mark.parametrize("broken", BREAKERS)
    async def test_what_is_no_whole_clip_is_lost(
        self, editor: FilmEditor, tmp_path: Path, broken: str
    ) -> None:
        stranger = BREAKERS[broken](tmp_path / "stranger.mp4")

        with pytest.raises(OutputLost, match="make it again"):
            await editor.measure(stranger)

    @pytest.mark.parametrize("broken", ["half of it", "a page", "sound alone"])
    async def test_no_last_picture_is_taken_of_it(
        self, editor: FilmEditor, tmp_path: Path, broken: str
    ) -> None:
        stranger = BREAKERS[broken](tmp_path / "stranger.mp4")
        out = tmp_path / "out"

        with pytest.raises(OutputLost, match="make it again"):
            await editor.last_frame(stranger, out)

        assert list(out.iterdir()) == []

    @pytest.mark.parametrize("broken", BREAKERS)
    async def test_no_film_is_cut_from_it(
        self, editor: FilmEditor, tmp_path: Path, broken: str
    ) -> None:
        stranger = BREAKERS[broken](tmp_path / "stranger.mp4")
        clips = [ClipFile(file=f, seconds=2) for f in (*chain(tmp_path, (2,)), stranger)]

        with pytest.raises(OutputLost, match="make it again"):
            await editor.assemble(clips, tmp_path, length_s=4, frame=None)

    async def test_a_file_that_is_gone_is_lost(self, editor: FilmEditor, tmp_path: Path) -> None:
        with pytest.raises(OutputLost):
            await editor.measure(tmp_path / "gone.mp4")

    async def test_clips_that_cannot_fill_the_film_are_a_mistake_of_ours(
        self, editor: FilmEditor, tmp_path: Path
    ) -> None:
        clips = [ClipFile(file=f, seconds=2) for f in chain(tmp_path, (2,))]

        with pytest.raises(ValueError, match="fill"):
            await editor.assemble(clips, tmp_path, length_s=3, frame=None)


class TestFit:
    @pytest.fixture
    def save(self, tmp_path: Path) -> Callable[[Image.Image], Path]:
        def save(image: Image.Image) -> Path:
            image.save(tmp_path / "given.png")
            return tmp_path / "given.png"

        return save

    async def test_cover_fills_the_frame_and_crops_the_middle(
        self, editor: FilmEditor, tmp_path: Path, save: Callable[[Image.Image], Path]
    ) -> None:
        """Red, green, blue stripes: of a wide picture a square shows the green one."""
        image = Image.new("RGB", (300, 100), (0, 200, 0))
        image.paste((200, 0, 0), (0, 0, 100, 100))
        image.paste((0, 0, 200), (200, 0, 300, 100))

        fitted = await editor.fit(
            save(image), tmp_path, frame=Frame(128, 128), how="cover", background=None
        )

        with Image.open(fitted) as picture:
            assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (128, 128))
            assert hue(picture.crop((4, 4, 124, 124))) == (0, 200, 0)

    async def test_contain_shows_the_whole_on_the_background(
        self, editor: FilmEditor, tmp_path: Path, save: Callable[[Image.Image], Path]
    ) -> None:
        image = Image.new("RGB", (300, 100), (0, 200, 0))

        fitted = await editor.fit(
            save(image), tmp_path, frame=Frame(120, 120), how="contain", background="#102030"
        )

        with Image.open(fitted) as picture:
            assert picture.getpixel((60, 10)) == (16, 32, 48)
            assert picture.getpixel((60, 110)) == (16, 32, 48)
            assert picture.getpixel((1, 60)) == picture.getpixel((118, 60)) == (0, 200, 0)

    async def test_without_a_background_it_stands_on_its_own_edge(
        self, editor: FilmEditor, tmp_path: Path, save: Callable[[Image.Image], Path]
    ) -> None:
        image = Image.new("RGB", (300, 100), (250, 240, 230))
        image.paste((10, 10, 10), (100, 20, 200, 80))

        fitted = await editor.fit(
            save(image), tmp_path, frame=Frame(120, 120), how="contain", background=None
        )

        with Image.open(fitted) as picture:
            assert picture.getpixel((60, 5)) == (250, 240, 230)

    @pytest.mark.parametrize(
        ("ink", "ground"),
        [((10, 20, 40), (255, 255, 255)), ((255, 250, 240), (20, 20, 24))],
        ids=["dark", "light"],
    )
    async def test_a_transparent_logo_stands_on_what_shows_it(
        self,
        editor: FilmEditor,
        tmp_path: Path,
        save: Callable[[Image.Image], Path],
        ink: tuple[int, int, int],
        ground: tuple[int, int, int],
    ) -> None:
        logo = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
        logo.paste((*ink, 255), (60, 60, 140, 140))

        fitted = await editor.fit(
            save(logo), tmp_path, frame=Frame(320, 200), how="contain", background=None
        )

        with Image.open(fitted) as picture:
            assert picture.mode == "RGB"
            assert picture.getpixel((2, 2)) == picture.getpixel((80, 20)) == ground
            assert picture.getpixel((160, 100)) == ink

    @pytest.mark.parametrize("data", [b"", b"<html></html>", b"\x89PNG\r\n\x1a\n" + bytes(99)])
    async def test_what_is_no_image_is_refused_in_words(
        self, editor: FilmEditor, tmp_path: Path, data: bytes
    ) -> None:
        stranger = _written(tmp_path / "stranger", data)
        out = tmp_path / "out"

        with pytest.raises(UnsupportedMedia):
            await editor.fit(stranger, out, frame=Frame(64, 64), how="cover", background=None)

        assert list(out.iterdir()) == []

    async def test_an_image_of_too_many_pixels_is_refused(
        self, editor: FilmEditor, tmp_path: Path, save: Callable[[Image.Image], Path]
    ) -> None:
        with pytest.raises(TooLarge):
            await editor.fit(
                save(Image.new("1", (8000, 8000))),
                tmp_path,
                frame=Frame(64, 64),
                how="cover",
                background=None,
            )
