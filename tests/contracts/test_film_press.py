"""What every film press does: a whole film passes, anything else is lost output, in words."""

import asyncio
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image, ImageStat

from tests.fakes.clips import Take, chain, film_clip
from tests.fakes.films import boxes
from tools.errors import OutputLost
from tools.media.editor import Editor
from tools.media.press import Press
from tools.rendering.ports import ClipFile, FilmPress


@pytest.fixture(params=["children"])
def press(request: pytest.FixtureRequest) -> FilmPress:
    return {"children": Press}[request.param]()


MakeFilm = Callable[..., Path]


@pytest.fixture
def make_film(tmp_path: Path) -> MakeFilm:
    """A film of noise, black for its first half second; `videos` streams of it."""

    def make(*, seconds: int = 4, size: tuple[int, int] = (360, 640), videos: int = 1) -> Path:
        path = tmp_path / "arrived.mp4"
        noise = Image.effect_noise(size, 120).convert("RGB")
        with av.open(str(path), "w", options={"movflags": "+faststart"}) as film:
            streams = [
                film.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
                for _ in range(videos)
            ]
            for stream in streams:
                stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            for n in range(seconds * 24):
                picture = Image.new("RGB", size) if n < 12 else noise.rotate(n % 4)
                for stream in streams:
                    frame = av.VideoFrame(*size, "rgb24")
                    frame.planes[0].update(
                        picture.tobytes("raw", "RGB", frame.planes[0].line_size, 1)
                    )
                    frame.pts, frame.time_base = n, Fraction(1, 24)
                    film.mux(stream.encode(frame))
            for stream in streams:
                film.mux(stream.encode(None))
        return path

    return make


class TestFilmPress:
    async def test_two_at_work_on_one_film_do_not_write_into_each_others_files(
        self, press: FilmPress, make_film: MakeFilm, tmp_path: Path
    ) -> None:
        """A killed process leaves a child at work where its successor begins anew."""
        film = make_film()
        one, other = await asyncio.gather(
            press.prepare(film, tmp_path / "job"), press.prepare(film, tmp_path / "job")
        )

        assert len({one.poster, one.preview, other.poster, other.preview}) == 4

    async def test_a_whole_film_is_measured(
        self, press: FilmPress, make_film: MakeFilm, tmp_path: Path
    ) -> None:
        film = make_film()

        prepared = await press.prepare(film, tmp_path / "out")

        assert prepared.video == film
        assert (prepared.frame.width, prepared.frame.height) == (360, 640)
        assert prepared.length_s == 4.0
        assert prepared.size_bytes == film.stat().st_size

    async def test_its_poster_shows_something(
        self, press: FilmPress, make_film: MakeFilm, tmp_path: Path
    ) -> None:
        prepared = await press.prepare(make_film(), tmp_path)

        with Image.open(prepared.poster) as poster:
            assert (poster.format, poster.size) == ("JPEG", (360, 640))
            assert ImageStat.Stat(poster.convert("L")).stddev[0] > 10

    async def test_its_preview_is_three_small_mute_seconds_that_start_at_once(
        self, press: FilmPress, make_film: MakeFilm, tmp_path: Path
    ) -> None:
        prepared = await press.prepare(make_film(), tmp_path)

        names = boxes(prepared.preview)
        assert names.index("moov") < names.index("mdat")
        with av.open(str(prepared.preview)) as preview:
            stream = preview.streams.video[0]
            assert (stream.width, stream.height) == (270, 480)
            assert stream.average_rate == 15
            assert len(list(preview.decode(video=0))) == 45
            assert not preview.streams.audio

    async def test_a_film_shorter_than_its_preview_is_previewed_whole(
        self, press: FilmPress, make_film: MakeFilm, tmp_path: Path
    ) -> None:
        prepared = await press.prepare(make_film(seconds=2), tmp_path)

        with av.open(str(prepared.preview)) as preview:
            assert len(list(preview.decode(video=0))) == 30

    @pytest.mark.parametrize("kept", [0.05, 0.5, 0.97])
    async def test_a_film_that_did_not_arrive_whole_is_lost(
        self, press: FilmPress, make_film: MakeFilm, tmp_path: Path, kept: float
    ) -> None:
        film = make_film()
        data = film.read_bytes()
        film.write_bytes(data[: int(len(data) * kept)])

        with pytest.raises(OutputLost, match="make it again"):
            await press.prepare(film, tmp_path)

    @pytest.mark.parametrize("data", [b"", b"<html>quota exceeded</html>", b"\0" * 4096])
    async def test_what_is_no_film_is_lost(
        self, press: FilmPress, tmp_path: Path, data: bytes
    ) -> None:
        stranger = tmp_path / "film.mp4"
        stranger.write_bytes(data)

        with pytest.raises(OutputLost, match="make it again"):
            await press.prepare(stranger, tmp_path)

    async def test_a_file_that_is_gone_is_lost(self, press: FilmPress, tmp_path: Path) -> None:
        with pytest.raises(OutputLost):
            await press.prepare(tmp_path / "gone.mp4", tmp_path)

    async def test_two_pictures_at_once_are_no_film(
        self, press: FilmPress, make_film: MakeFilm, tmp_path: Path
    ) -> None:
        with pytest.raises(OutputLost, match="not a film"):
            await press.prepare(make_film(seconds=1, videos=2), tmp_path)

    async def test_a_film_with_sound_at_24_pictures_a_second_passes(
        self, press: FilmPress, tmp_path: Path
    ) -> None:
        film = film_clip(tmp_path / "film.mp4", Take(seconds=4))

        prepared = await press.prepare(film, tmp_path / "out")

        assert prepared.length_s == 4.0
        with av.open(str(prepared.preview)) as preview:
            assert not preview.streams.audio

    async def test_a_minute_cut_from_clips_passes(self, press: FilmPress, tmp_path: Path) -> None:
        clips = [ClipFile(file=f, seconds=20) for f in chain(tmp_path, (20, 20, 20))]
        film = await Editor().assemble(clips, tmp_path, length_s=60, frame=None)

        prepared = await press.prepare(film, tmp_path / "out")

        assert prepared.length_s == 60.0
        with Image.open(prepared.poster) as poster:
            assert poster.size == (160, 96)
