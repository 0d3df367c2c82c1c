"""The images that go into a film: brought, fitted to the model's picture, kept where a provider reads them.

The first clip is given the references. Every later one is given the last picture of the clip
before it, and goes on from there.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol

from tools.domain.clips import Clip
from tools.domain.identity import JobId
from tools.domain.jobs import VideoJob
from tools.domain.models import ImageInput, ImageUse, VideoModel
from tools.domain.references import plan_images
from tools.domain.uploads import ReferenceRole
from tools.domain.videos import Reference
from tools.errors import NotFound, ReferencesNotStored, ReferenceUnreachable, StorageUnavailable
from tools.rendering.ports import FilmEditor, Image, ImageFetcher, Storage

HANDED = "handed"
"""The folder, under the references, of copies made for a provider: they are made again when needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The images of one clip, and the input of the model that takes them."""

    input: ImageInput | None
    images: tuple[Image, ...]


NOTHING = Handed(input=None, images=())


class Taken(Protocol):
    @property
    def file(self) -> Path: ...


class Intake(Protocol):
    async def take_in(self, source: Path, folder: Path) -> Taken:
        """A stranger's image, judged by its content and encoded anew, in the folder. Raises RefusedRequest."""
        ...


class Pictures:
    """`references`: the path under which images are stored. `folder_of`: a job's own, on this machine."""

    def __init__(
        self,
        *,
        storage: Storage,
        fetcher: ImageFetcher,
        intake: Intake,
        editor: FilmEditor,
        references: str,
        folder_of: Callable[[JobId], Path],
    ) -> None:
        self._storage = storage
        self._fetcher = fetcher
        self._intake = intake
        self._editor = editor
        self._references = references
        self._folder_of = folder_of

    async def of_clip(self, job: VideoJob, clip: Clip, model: VideoModel) -> Handed:
        """Brought once; after a crash what is not here is brought, or made, again.

        Raises ReferenceUnreachable, StorageUnavailable, OutputLost and what an image is refused with.
        """
        if clip.number > 1:
            return await self._going_on(job, clip, model)
        references = job.request.references
        plan = plan_images(
            model, references, aspect_ratio=job.request.aspect_ratio, clip_s=clip.seconds
        )
        if plan.input is None:
            return NOTHING
        try:
            images = [
                await self._reference(job, model, plan.input, index, references[index])
                for index in plan.used
            ]
        except StorageUnavailable as error:
            raise ReferencesNotStored(error) from error
        return Handed(input=plan.input, images=tuple(images))

    def planned(self, job: VideoJob, clip: Clip, model: VideoModel) -> Handed:
        """Which input takes how many images: for counting, none of them is made."""
        slot, count = model.continues, 1
        if clip.number == 1:
            plan = plan_images(
                model,
                job.request.references,
                aspect_ratio=job.request.aspect_ratio,
                clip_s=clip.seconds,
            )
            slot, count = plan.input, len(plan.used)
        if slot is None:
            return NOTHING
        unmade = Image(file=self._folder_of(job.id) / HANDED, role=None)
        return Handed(input=slot, images=(unmade,) * count)

    async def _reference(
        self, job: VideoJob, model: VideoModel, slot: ImageInput, index: int, reference: Reference
    ) -> Image:
        if slot.as_given:
            file = await self._brought(job, index, reference)
            return Image(file=file, role=reference.role, path=reference.path)
        name = f"{model.key}-{index}.png"
        is_whole = slot.use is ImageUse.REFERENCE or reference.role is ReferenceRole.LOGO

        async def fitted(folder: Path) -> Path:
            return await self._editor.fit(
                await self._brought(job, index, reference),
                folder,
                frame=model.sizes[job.request.aspect_ratio],
                how="contain" if is_whole else "cover",
                background=None,
            )

        return await self._kept(job, name, fitted, role=reference.role)

    async def _going_on(self, job: VideoJob, clip: Clip, model: VideoModel) -> Handed:
        slot = model.continues
        if slot is None:
            return NOTHING
        before = self._folder_of(job.id) / clip_name(clip.number - 1)

        async def last_picture(folder: Path) -> Path:
            return await self._editor.fit(
                await self._editor.last_frame(before, folder),
                folder,
                frame=model.sizes[job.request.aspect_ratio],
                how="cover",
                background=None,
            )

        name = f"{model.key}-clip-{clip.number}.png"
        image = await self._kept(job, name, last_picture, role=None)
        return Handed(input=slot, images=(image,))

    async def _kept(
        self,
        job: VideoJob,
        name: str,
        make: Callable[[Path], Awaitable[Path]],
        *,
        role: ReferenceRole | None,
    ) -> Image:
        """An image of our own making: in the job's folder and in the storage, made once."""
        file = self._folder_of(job.id) / name
        path = f"{self._references}/{HANDED}/{job.id}-{name}"
        if not file.exists():
            async with _table_beside(file) as table:
                made = await make(table)
                await self._storage.store(made, path, "image/png")
                # Last of all: where the file is, the stored copy is too.
                await asyncio.to_thread(made.replace, file)
        return Image(file=file, role=role, path=path)

    async def _brought(self, job: VideoJob, index: int, reference: Reference) -> Path:
        """The image itself on this machine, safe to open; brought once."""
        image = self._folder_of(job.id) / f"reference-{index}"
        if not image.exists():
            async with _table_beside(image) as table:
                brought = await self._bring(reference, table)
                await asyncio.to_thread(brought.replace, image)
        return image

    async def _bring(self, reference: Reference, folder: Path) -> Path:
        if reference.path is None:
            source = await self._fetcher.fetch(reference.given_url or "", folder)
            return (await self._intake.take_in(source, folder)).file
        try:
            return await self._storage.fetch(reference.path, folder)
        except NotFound as error:
            raise ReferenceUnreachable(
                "Reference images failed to upload: one of them is no longer stored. "
                "Please add it again.",
                field="referenceImageUrls",
            ) from error


@asynccontextmanager
async def _table_beside(file: Path) -> AsyncIterator[Path]:
    """A folder for this one try: a process that was thought dead may be at the same file."""
    made = await asyncio.to_thread(mkdtemp, prefix=f"{file.name}.", dir=file.parent)
    table = Path(made)
    try:
        yield table
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, table, ignore_errors=True))


def clip_name(number: int) -> str:
    """A collected clip's file in its job's folder."""
    return f"clip-{number}.mp4"
