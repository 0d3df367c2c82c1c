"""What only a folder can show: nothing half-written is ever seen, and a full disk is told in words."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.patience import IN_THE_END_S
from tools.errors import NotFound, StorageUnavailable
from tools.storage.folder import FolderStorage

FILM = "videos/generated/video-1.mp4"
LIMIT_BYTES = 1_000_000
# A disk that is full in the middle: the child may write no file larger than this.
IN_A_CHILD = """
import asyncio, resource, signal, sys
from pathlib import Path
from tools.errors import StorageUnavailable
from tools.storage.folder import FolderStorage

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    storage = FolderStorage(Path(sys.argv[1]))
    if sys.argv[4] == "store":
        asyncio.run(storage.store(Path(sys.argv[2]), "videos/film.mp4", "video/mp4"))
    else:
        asyncio.run(storage.fetch("videos/film.mp4", Path(sys.argv[2])))
except StorageUnavailable as error:
    print(error.message)
"""


async def _with_little_room(media: Path, other: Path, action: str) -> str:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        IN_A_CHILD,
        str(media),
        str(other),
        str(LIMIT_BYTES),
        action,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    async with asyncio.timeout(IN_THE_END_S):
        out, _ = await child.communicate()
    return out.decode()


@pytest.fixture
def large(tmp_path):
    file = tmp_path / "large.mp4"
    file.write_bytes(b"x" * (3 * LIMIT_BYTES))
    return file


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


async def test_a_disk_that_is_full_in_the_middle_keeps_nothing_of_the_file(tmp_path, large):
    words = await _with_little_room(tmp_path / "media", large, "store")

    assert "disk full" in words
    assert _files(tmp_path / "media") == []


async def test_a_file_that_was_there_stays_whole_when_the_new_one_does_not_fit(tmp_path, large):
    small = tmp_path / "small.mp4"
    small.write_bytes(b"the first one")
    storage = FolderStorage(tmp_path / "media")
    await storage.store(small, "videos/film.mp4", "video/mp4")
    await _with_little_room(tmp_path / "media", large, "store")

    assert [file.read_bytes() for file in _files(tmp_path / "media")] == [b"the first one"]


async def test_a_fetch_that_does_not_fit_is_told_as_a_full_disk_and_leaves_nothing(tmp_path, large):
    await FolderStorage(tmp_path / "media").store(large, "videos/film.mp4", "video/mp4")
    work = tmp_path / "work"
    work.mkdir()

    words = await _with_little_room(tmp_path / "media", work, "fetch")

    assert "disk full" in words
    assert _files(work) == []


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "outside.txt").write_text("not for you")
    media = tmp_path / "media"
    media.mkdir()
    (media / "in.txt").symlink_to(tmp_path / "outside.txt")
    (media / "loop").symlink_to(media / "loop")

    for path in ("in.txt", "loop"):
        with pytest.raises(NotFound):
            FolderStorage(media).locate(path)


async def test_ten_at_once_at_one_path_leave_one_whole_file(tmp_path):
    sources = []
    for number in range(10):
        source = tmp_path / f"source-{number}"
        source.write_bytes(bytes([number]) * 500_000)
        sources.append(source)
    storage = FolderStorage(tmp_path / "media")

    await asyncio.gather(*(storage.store(source, FILM, "video/mp4") for source in sources))

    (kept,) = _files(tmp_path / "media")
    assert kept.read_bytes() in {source.read_bytes() for source in sources}


async def test_a_folder_that_can_be_written_to_is_ready(tmp_path):
    await FolderStorage(tmp_path / "new" / "media").check()


async def test_a_folder_that_cannot_be_is_not(tmp_path):
    (tmp_path / "media").write_text("a file where the folder should be")

    with pytest.raises(StorageUnavailable):
        await FolderStorage(tmp_path / "media").check()
