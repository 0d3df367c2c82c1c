"""Keeps films and images in a folder: the embedded default."""

import asyncio
import os
import shutil
from pathlib import Path
from secrets import token_hex

from tools.errors import NotFound, StorageUnavailable


class FolderStorage:
    """`tools.rendering.ports.Storage`. A file is there whole or not at all, also after a power cut."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def store(self, source: Path, path: str, content_type: str) -> None:  # noqa: ARG002  a folder keeps no types
        target = self.locate(path)
        try:
            await asyncio.to_thread(_copy_whole, source, target)
        except OSError as error:
            raise StorageUnavailable(
                "The studio could not store the file (is the disk full?). Please try again."
            ) from error

    async def fetch(self, path: str, into: Path) -> Path:
        source = self.locate(path)
        target = into / source.name
        if not source.is_file():
            raise NotFound("That file")
        if not target.exists():
            await asyncio.to_thread(_copy_whole, source, target)
        return target

    async def remove(self, path: str) -> None:
        self.locate(path).unlink(missing_ok=True)

    async def check(self) -> None:
        """Raises StorageUnavailable when nothing can be stored."""
        self._root.mkdir(parents=True, exist_ok=True)
        if not os.access(self._root, os.W_OK):
            raise StorageUnavailable("The storage folder cannot be written to.")

    def locate(self, path: str) -> Path:
        """The file behind `path`. Raises NotFound for anything that leads out of the folder."""
        root = self._root.resolve()
        target = (root / path).resolve()
        if not target.is_relative_to(root) or target == root or "\0" in path:
            raise NotFound("That file")
        return target


def _copy_whole(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{token_hex(4)}.part")
    try:
        with source.open("rb") as reading, part.open("wb") as writing:
            shutil.copyfileobj(reading, writing, 1 << 20)
            writing.flush()
            os.fsync(writing.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
