"""What every storage promises the studio, wherever it keeps things."""

import os
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.fakes.bucket import moto_server, new_bucket
from tools.errors import NotFound, StorageUnavailable
from tools.rendering.ports import Storage
from tools.storage.folder import FolderStorage
from tools.storage.r2 import R2Storage

FILM = "videos/generated/video-1.mp4"
STRAYING = [
    "",
    ".",
    "/",
    "..",
    "../outside.txt",
    "videos/../../outside.txt",
    "/etc/passwd",
    "videos/a\0b.mp4",
    "\0",
    "x" * 5_000,
    "a/" * 3_000,
    "\ud800.mp4",
]


@pytest.fixture(scope="module")
def s3():
    with moto_server() as url:
        yield url


@pytest.fixture(params=["folder", "bucket"])
async def storage(request, tmp_path) -> AsyncIterator[FolderStorage | R2Storage]:
    if request.param == "folder":
        yield FolderStorage(tmp_path / "media")
        return
    async with new_bucket(request.getfixturevalue("s3")).storage() as opened:
        yield opened


def _is_the_port(folder: FolderStorage, bucket: R2Storage) -> tuple[Storage, Storage]:
    """For the type checker: both are what the studio asks for."""
    return folder, bucket


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "source.mp4"
    file.write_bytes(os.urandom(3_000_000))
    return file


@pytest.fixture
def into(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


class TestStorage:
    async def test_what_was_stored_is_fetched_byte_for_byte(self, storage, source, into):
        await storage.store(source, FILM, "video/mp4")

        fetched = await storage.fetch(FILM, into)

        assert fetched.parent == into
        assert fetched.read_bytes() == source.read_bytes()

    async def test_the_stored_file_is_a_copy_and_the_source_stays(self, storage, source, into):
        await storage.store(source, FILM, "video/mp4")
        before = source.read_bytes()
        source.write_bytes(b"something else")

        assert (await storage.fetch(FILM, into)).read_bytes() == before

    async def test_storing_again_replaces_the_file(self, storage, source, into, tmp_path):
        other = tmp_path / "other.mp4"
        other.write_bytes(b"newer")
        await storage.store(source, FILM, "video/mp4")
        await storage.store(other, FILM, "video/mp4")

        assert (await storage.fetch(FILM, into)).read_bytes() == b"newer"

    async def test_fetching_again_gives_the_same_file(self, storage, source, into):
        await storage.store(source, FILM, "video/mp4")

        assert await storage.fetch(FILM, into) == await storage.fetch(FILM, into)
        assert len(list(into.iterdir())) == 1

    async def test_an_empty_file_is_a_file(self, storage, into, tmp_path):
        empty = tmp_path / "empty"
        empty.touch()
        await storage.store(empty, FILM, "video/mp4")

        assert (await storage.fetch(FILM, into)).read_bytes() == b""

    async def test_names_may_be_in_any_language(self, storage, source, into):
        path = "videos/generated/film & 晴れ.mp4"
        await storage.store(source, path, "video/mp4")

        assert (await storage.fetch(path, into)).stat().st_size == 3_000_000

    @pytest.mark.parametrize("path", [FILM, "videos", "videos/generated"])
    async def test_what_is_not_there_is_not_found(self, storage, source, into, path):
        await storage.store(source, "videos/generated/other.mp4", "video/mp4")

        with pytest.raises(NotFound):
            await storage.fetch(path, into)
        assert list(into.iterdir()) == []

    async def test_what_was_removed_is_not_found(self, storage, source, into):
        await storage.store(source, FILM, "video/mp4")
        await storage.remove(FILM)

        with pytest.raises(NotFound):
            await storage.fetch(FILM, into)

    async def test_removing_what_is_not_there_is_no_error(self, storage):
        await storage.remove(FILM)

    @pytest.mark.parametrize("path", STRAYING, ids=lambda path: repr(path)[:20])
    async def test_a_path_that_leads_astray_is_not_found(
        self, storage, source, into, tmp_path, path
    ):
        (tmp_path / "outside.txt").write_text("not for you")

        with pytest.raises(NotFound):
            await storage.fetch(path, into)
        with pytest.raises(NotFound):
            await storage.store(source, path, "video/mp4")
        with pytest.raises(NotFound):
            await storage.remove(path)
        assert (tmp_path / "outside.txt").read_text() == "not for you"

    async def test_a_source_that_ends_early_leaves_nothing_behind(self, storage, into, tmp_path):
        with pytest.raises(StorageUnavailable):
            await storage.store(tmp_path / "never-written", FILM, "video/mp4")

        with pytest.raises(NotFound):
            await storage.fetch(FILM, into)

    async def test_a_source_that_cannot_be_read_leaves_the_file_that_was_there(
        self, storage, source, into, tmp_path
    ):
        await storage.store(source, FILM, "video/mp4")
        with pytest.raises(StorageUnavailable):
            await storage.store(tmp_path, FILM, "video/mp4")

        assert (await storage.fetch(FILM, into)).read_bytes() == source.read_bytes()

    async def test_what_is_lent_can_be_read_by_a_stranger(self, storage, source):
        await storage.store(source, FILM, "video/mp4")

        for address in (await storage.lend(FILM, 7200), storage.public_address(FILM)):
            assert address is None or await _read(address) == source.read_bytes()

    async def test_a_signed_address_is_one_that_can_be_read(self, storage, source):
        await storage.store(source, FILM, "video/mp4")

        address = await storage.presigned(FILM, 60, download_name="film.mp4")
        assert address is None or await _read(address) == source.read_bytes()

    async def test_a_storage_that_works_says_so(self, storage):
        await storage.check()


async def _read(address: str) -> bytes:
    async with aiohttp.ClientSession() as stranger, stranger.get(address) as answer:
        return await answer.read()
