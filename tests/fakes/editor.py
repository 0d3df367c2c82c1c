"""An editor of the tests' own: pictures and films of a few pixels, made in no time, really opened."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import av
from PIL import Image as Picture

from tests.fakes.painter import make_film
from tools.domain.frames import Frame
from tools.errors import OutputLost
from tools.rendering.ports import ClipFacts, ClipFile


class TinyEditor:
    """Implements `tools.rendering.ports.FilmEditor`. A film of several clips is one of their length."""

    def __init__(self) -> None:
        self.assembled: list[list[int]] = []
        """The lengths of the clips of each film."""
        self.last_of: list[str] = []
        """The names of the files whose last picture was taken."""
        self.fitted: list[str] = []
        """How each image was fitted."""

    async def measure(self, video: Path) -> ClipFacts:
        with _opened(video) as film:
            stream = film.streams.video[0]
            length_s = float((stream.duration or 0) * (stream.time_base or 0))
            frame = Frame(stream.codec_context.width, stream.codec_context.height)
        return ClipFacts(frame=frame, length_s=length_s, has_sound=False)

    async def last_frame(self, video: Path, into: Path) -> Path:
        self.last_of.append(video.name)
        target = into / "last.png"
        with _opened(video) as film:
            *_, last = film.decode(video=0)
        last.to_image().save(target)
        return target

    async def fit(
        self,
        image: Path,
        into: Path,
        *,
        frame: Frame,
        how: Literal["cover", "contain"],
        background: str | None,
    ) -> Path:
        self.fitted.append(how)
        target = into / "fitted.png"
        with Picture.open(image) as picture:
            fitted = picture.convert("RGB").resize((frame.width, frame.height))
        fitted.save(target, compress_level=1)
        return target

    async def assemble(
        self,
        clips: Sequence[ClipFile],
        into: Path,
        *,
        length_s: int,
        frame: Frame | None,
    ) -> Path:
        self.assembled.append([each.seconds for each in clips])
        target = into / "film.mp4"
        if len(clips) == 1:
            await asyncio.to_thread(shutil.copyfile, clips[0].file, target)
        else:
            await asyncio.to_thread(make_film, target, seconds=length_s)
        return target


def _opened(video: Path) -> av.container.InputContainer:
    try:
        return av.open(str(video))
    except av.FFmpegError as error:
        raise OutputLost("The film cannot be played.") from error
