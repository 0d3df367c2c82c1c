"""A finished film goes to a bucket: how fast, with how much memory, and what else waits meanwhile.

    python -m tests.benchmarks.storing sink             the bucket: counts and forgets
    python -m tests.benchmarks.storing ours|readall URL a server that stores a film in it

Beside us stands what most would write: the whole film is read, and put in one call. Both are the
same client with the same settings in a thread.
"""

import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import uvloop

from tests.benchmarks.children import Child, ChildFailed, child, obey
from tests.benchmarks.measure import LOAD_CPU, SERVER_CPU, Figures, Kind, Size
from tests.benchmarks.vitals import vitals
from tests.fakes.s3_sink import BUCKET, s3_sink
from tools.storage.r2 import R2Storage
from tools.storage.threads import Threads

FILM = "videos/generated/video-1.mp4"
FILM_TYPE = "video/mp4"
WARM_UP_MB = 20
SAMPLE_S = 0.002
MB = 1_000_000
TIMES = 9


async def stored(kind: Kind, size: Size) -> Figures:
    """One film, `TIMES` times: the best speed (others use this machine too), the worst lag, the most memory."""
    with TemporaryDirectory(prefix="reelroom-bench-") as folder:
        film, small = Path(folder) / "film.mp4", Path(folder) / "small.mp4"
        _write(small, WARM_UP_MB)
        _write(film, size.stored_mb)
        async with _bench(kind) as (server, sink):
            # Whatever is loaded at the first use is no cost of a film.
            await server.ask("store", source=str(small))
            runs = [await _once(server, sink, film, size.stored_mb * MB) for _ in range(TIMES)]
    return {
        "mb_per_s": max(run["mb_per_s"] for run in runs),
        **{
            key: max(run[key] for run in runs)
            for key in ("peak_mb", "cpu_s", "lag_p99_ms", "lag_max_ms", "lag_own_max_ms")
        },
    }


async def _once(server: Child, sink: Child, film: Path, size_bytes: int) -> Figures:
    before = await server.ask("used")
    await server.ask("lag.begin")
    told = await server.ask("store", source=str(film))
    lag = await server.ask("lag.end")
    after = await server.ask("used")
    arrived = (await sink.ask("kept"))["size_bytes"]
    if arrived != size_bytes:
        raise ChildFailed(f"{arrived} of {size_bytes} bytes arrived")
    return {
        "mb_per_s": size_bytes / MB / told["took_s"],
        "peak_mb": told["peak_kb"] / 1024 - before["rss_kb"] / 1024,
        "cpu_s": after["cpu_s"] - before["cpu_s"],
        "lag_p99_ms": lag["late_ms"]["p99"],
        "lag_max_ms": lag["late_ms"]["max"],
        "lag_own_max_ms": lag["own_ms"]["max"],
    }


def _write(file: Path, size_mb: int) -> None:
    block = os.urandom(MB)
    with file.open("wb") as writing:
        for _ in range(size_mb):
            writing.write(block)


@asynccontextmanager
async def _bench(kind: Kind) -> AsyncIterator[tuple[Child, Child]]:
    async with child("storing", "sink", cpus={LOAD_CPU}) as sink:
        url = (await sink.ask("where"))["url"]
        async with child("storing", kind, url, cpus={SERVER_CPU}) as server:
            await server.ask("used")
            yield server, sink


class Peak:
    """The most memory that this process has had, looked at every 2 ms from a thread."""

    def __init__(self) -> None:
        self.kb = 0.0
        self._process = psutil.Process()
        self._over = threading.Event()

    @contextmanager
    def watched(self) -> Iterator[None]:
        watching = threading.Thread(target=self._watch, daemon=True)
        watching.start()
        try:
            yield
        finally:
            self._over.set()
            watching.join()

    def _watch(self) -> None:
        while True:
            self.kb = max(self.kb, self._process.memory_info().rss / 1024)
            if self._over.wait(SAMPLE_S):
                return


async def serve_sink() -> None:
    async with s3_sink() as sink:
        sink.checks_bodies = False

        async def where(_asked: object) -> dict[str, str]:
            return {"url": sink.url}

        async def kept(_asked: object) -> dict[str, int]:
            return {"size_bytes": sink.objects[FILM].size_bytes}

        await obey({"where": where, "kept": kept})


async def serve(kind: str, url: str) -> None:
    storage = R2Storage(
        bucket=BUCKET,
        access_key_id="an-access-key",
        secret_access_key="a-secret-key",
        endpoint_url=url,
        public_url=None,
    )
    threads = Threads(count=1, name="read-all")

    async def read_all(source: Path) -> None:
        client = storage._bucket.client
        await threads.run(
            lambda _stop: client.put_object(Bucket=BUCKET, Key=FILM, Body=source.read_bytes())
        )

    async def store(asked: dict[str, Any]) -> Mapping[str, Any]:
        source, peak = Path(asked["source"]), Peak()
        begun = time.monotonic()
        with peak.watched():
            if kind == "readall":
                await read_all(source)
            else:
                await storage.store(source, FILM, FILM_TYPE)
        return {"took_s": time.monotonic() - begun, "peak_kb": peak.kb}

    async with storage:
        await obey({**vitals(), "store": store})


if __name__ == "__main__":
    if sys.argv[1] == "sink":
        uvloop.run(serve_sink())
    else:
        uvloop.run(serve(sys.argv[1], sys.argv[2]))
