"""Keeps films and images in a bucket of Cloudflare R2, or of anything else that speaks S3."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote

from tools.errors import StorageUnavailable
from tools.storage.bucket import Bucket, connected
from tools.storage.expiry import set_expiry
from tools.storage.keys import key_for
from tools.storage.refusals import storage_errors
from tools.storage.threads import Stop, Stopped, Threads

T = TypeVar("T")

LONGEST_SIGNATURE_S = 7 * 24 * 3600
"""R2 signs no address for longer."""
CHECK_LIMIT_S = 5.0
_CONNECTIONS_MORE = 2
"""Beside one for each thread: the check's, and one that is being closed."""


class R2Storage:
    """`tools.rendering.ports.Storage`, between `async with` and its end.

    A file is there whole or not at all. Whoever is cancelled while storing leaves nothing behind.
    """

    def __init__(
        self,
        *,
        bucket: str,
        access_key_id: str,
        secret_access_key: str,
        endpoint_url: str,
        public_url: str | None,
        threads: int = 8,
        attempts: int = 4,
        check_limit_s: float = CHECK_LIMIT_S,
    ) -> None:
        """`public_url`: the domain that serves the bucket to everybody; None without one.

        `attempts`: how often a request is sent that meets a bad network or a busy storage.
        """
        self._bucket_name = bucket
        self._access_key_id = access_key_id
        self._secret_access_key = secret_access_key
        self._endpoint_url = endpoint_url
        self._public_url = public_url.rstrip("/") if public_url else None
        self._count = threads
        self._attempts = attempts
        self._check_limit_s = check_limit_s
        self._threads = Threads(count=threads, name="r2")
        # Of its own, so that a storage that hangs is seen to hang when every thread waits for it.
        self._checker = Threads(count=1, name="r2-check", stop_limit_s=0)
        self._opened: Bucket | None = None

    async def __aenter__(self) -> Self:
        self._opened = await self._threads.run(lambda _stop: self._open())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._threads.close()
        await self._checker.close()
        self._bucket.client.close()

    async def store(self, source: Path, path: str, content_type: str) -> None:
        key = key_for(path)
        await self._run(
            "store", lambda stop: self._bucket.put_file(source, key, content_type, stop)
        )

    async def fetch(self, path: str, into: Path) -> Path:
        key = key_for(path)
        target = into / Path(path).name
        await self._run("read", lambda stop: self._bucket.get_file(key, target, stop))
        return target

    async def remove(self, path: str) -> None:
        key = key_for(path)
        await self._run("remove", lambda _stop: self._bucket.remove(key))

    async def forget_before(self, prefix: str, moment: datetime) -> int:  # noqa: ARG002  see below
        """Nothing: a bucket deletes by its own rule, which `expire_after` sets."""
        return 0

    async def lend(self, path: str, seconds: int) -> str | None:
        return self.public_address(path) or await self.presigned(path, seconds, download_name=None)

    def public_address(self, path: str) -> str | None:
        """The address that never ages; None where the bucket has no domain of its own."""
        return None if self._public_url is None else f"{self._public_url}/{quote(key_for(path))}"

    async def presigned(self, path: str, seconds: int, *, download_name: str | None) -> str | None:
        """An address that is signed for `seconds`; None where that is longer than R2 signs for.

        `download_name`: a browser saves the file under it instead of showing it.
        """
        key = key_for(path)
        if seconds > LONGEST_SIGNATURE_S:
            return None
        saved_as = None if download_name is None else _saved_as(download_name)
        # Signing asks nobody: it is some arithmetic, faster than a change of threads.
        with storage_errors("sign"):
            return self._bucket.address(key, seconds, saved_as=saved_as)

    async def check(self) -> None:
        """Raises StorageUnavailable when the bucket cannot be read with these keys."""
        work = _told("check", lambda _stop: self._bucket.ask())
        try:
            await asyncio.wait_for(self._checker.run(work), self._check_limit_s)
        except TimeoutError as error:
            raise StorageUnavailable("The storage does not answer in time.") from error

    async def probe(self) -> None:
        """Put, get and delete a small file. Raises StorageUnavailable."""
        await self._run("probe", lambda _stop: self._bucket.probe())

    async def expire_after(self, prefix: str, days: int) -> None:
        """Have the bucket delete what begins with `prefix` after `days`; others' rules stay.

        Raises ExpiryRefused where these keys may not, or this storage cannot.
        """
        bucket = self._bucket
        await self._run(
            "set rules", lambda _stop: set_expiry(bucket.client, bucket.name, prefix, days)
        )

    @property
    def _bucket(self) -> Bucket:
        assert self._opened is not None, "R2Storage is used within `async with`"
        return self._opened

    def _open(self) -> Bucket:
        client = connected(
            endpoint_url=self._endpoint_url,
            access_key_id=self._access_key_id,
            secret_access_key=self._secret_access_key,
            connections=self._count + _CONNECTIONS_MORE,
            attempts=self._attempts,
        )
        return Bucket(client, self._bucket_name)

    async def _run(self, what: str, work: Callable[[Stop], T]) -> T:
        return await self._threads.run(_told(what, work))


def _told(what: str, work: Callable[[Stop], T]) -> Callable[[Stop], T]:
    """`work` that raises only errors of ours."""

    def telling(stop: Stop) -> T:
        with storage_errors(what):
            try:
                stop.check()
                return work(stop)
            except Stopped:
                raise StorageUnavailable("The studio is closing. Please try again.") from None

    return telling


def _saved_as(name: str) -> str:
    """A Content-Disposition with the name in plain letters, and as it is (RFC 6266)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
