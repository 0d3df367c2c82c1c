"""A film goes out in equal parts: R2 refuses an upload whose parts differ, except the last."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from tools.storage.threads import Stop

PART_BYTES = 8 * 1024 * 1024
_BLOCK_BYTES = 256 * 1024


class FileSlice(io.RawIOBase):
    """`size_bytes` of an open file from `start` on, as a file that can be read again and again.

    Never in memory as a whole. Reading raises Stopped once nobody wants it: that is in the middle
    of a part, and past every retry of the library that sends it.
    """

    def __init__(self, file: BinaryIO, *, start: int, size_bytes: int, stop: Stop) -> None:
        self._file = file
        self._start = start
        self._size_bytes = size_bytes
        self._stop = stop
        self._at = 0

    def __len__(self) -> int:
        return self._size_bytes

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """At least `_BLOCK_BYTES`, where there is more, however little was asked for.

        urllib3 asks for 16 KB and sends what it is given. Each sending hands the interpreter to
        another thread and waits to get it back: a busy server stored a fifth slower.
        """
        self._stop.check()
        left = max(0, self._size_bytes - self._at)
        wanted = left if size is None or size < 0 else min(max(size, _BLOCK_BYTES), left)
        self._file.seek(self._start + self._at)
        data = self._file.read(wanted)
        self._at += len(data)
        return data


def slices(file: BinaryIO, source: Path, stop: Stop) -> Iterator[BinaryIO]:
    """The parts of an open file, in order; an empty file is one empty part."""
    size_bytes = source.stat().st_size
    for start in range(0, max(size_bytes, 1), PART_BYTES):
        length = min(PART_BYTES, size_bytes - start)
        yield cast("BinaryIO", FileSlice(file, start=start, size_bytes=length, stop=stop))
