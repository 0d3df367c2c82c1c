"""Keeps films and images in a folder: the embedded default."""

import asyncio
import os
import shutil
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from tools.errors import NotFound, StorageUnavailable

PATH_BYTES = 1_000
NAME_BYTES = 200


class FolderStorage:
    """`tools.rendering.ports.Storage`. A file is there whole or not at all, also after a power cut."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def store(self, source: Path, path: str, content_type: str) -> None:  # noqa: ARG002  a folder keeps no types
        target = self.locate(path)
        try:
            await asyncio.to_thread(_copy_whole, source, target)
        except OSError as error:
            raise _unavailable("store") from error

    async def fetch(self, path: str, into: Path) -> Path:
        source = self.locate(path)
        target = into / source.name
        if not source.is_file():
            raise NotFound("That file")
        if not target.exists():
            try:
                await asyncio.to_thread(_copy_whole, source, target)
            except OSError as error:
                raise _unavailable("read") from error
        return target

    async def remove(self, path: str) -> None:
        self.locate(path).unlink(missing_ok=True)

    async def forget_before(self, prefix: str, moment: datetime) -> int:
        """Delete what was stored under `prefix` before then; how many files that were."""
        return await asyncio.to_thread(_delete_old, self.locate(prefix), moment.timestamp())

    async def lend(self, path: str, seconds: int) -> str | None:  # noqa: ARG002  nobody outside can read here
        return None

    def public_address(self, path: str) -> str | None:  # noqa: ARG002  the server gives addresses
        return None

    async def presigned(  # the server signs its own addresses
        self,
        path: str,  # noqa: ARG002
        seconds: int,  # noqa: ARG002
        *,
        download_name: str | None,  # noqa: ARG002
    ) -> str | None:
        return None

    async def check(self) -> None:
        """Raises StorageUnavailable when nothing can be stored."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageUnavailable("The storage folder cannot be made.") from error
        if not os.access(self._root, os.W_OK):
            raise StorageUnavailable("The storage folder cannot be written to.")

    def locate(self, path: str) -> Path:
        """The file behind `path`. Raises NotFound for anything that leads out of the folder."""
        try:
            root = self._root.resolve()
            target = (root / path).resolve()
            is_ours = target != root and target.is_relative_to(root) and _fits(path)
        except (OSError, RuntimeError, ValueError) as error:
            # A zero byte, a link that leads to itself, letters that are none.
            raise NotFound("That file") from error
        if not is_ours:
            raise NotFound("That file")
        return target


def _delete_old(folder: Path, before: float) -> int:
    old = [each for each in folder.glob("*") if each.is_file() and each.stat().st_mtime < before]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


def _fits(path: str) -> bool:
    """Whether every disk can hold a file of this name, and the one it is written to first."""
    return len(path.encode()) <= PATH_BYTES and all(
        len(name.encode()) <= NAME_BYTES for name in Path(path).parts
    )


def _unavailable(what: str) -> StorageUnavailable:
    return StorageUnavailable(
        f"The studio could not {what} the file (is the disk full?). Please try again."
    )


def _copy_whole(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{token_hex(4)}.part")
    try:
        with source.open("rb") as reading, part.open("wb") as writing:
            shutil.copyfileobj(reading, writing, 1 << 20)
            writing.flush()
            os.fsync(writing.fileno())
        part.replace(target)
        _flush_folder(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _flush_folder(folder: Path) -> None:
    """A new name is safe from a power cut only once its folder is. Windows has no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
