"""A cutting room: the real `Advance` over real SQLite and a real folder, with a painter for a provider."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from server.memory import creatives, timeline
from server.memory.database import Database
from server.memory.journal import Journal
from server.memory.migrate import migrate
from server.memory.records import Jobs
from server.memory.timeline import Entry
from tests.fakes.clock import StillClock
from tests.fakes.painter import Painter, TinyPress, make_film
from tests.fakes.samples import NOW, REFERENCE, SESSION, a_job, keep_session
from tools.domain.creatives import Creative
from tools.domain.identity import JobId
from tools.domain.jobs import VideoJob, queued
from tools.domain.money import Money
from tools.domain.prompts import Refinement
from tools.errors import StorageUnavailable
from tools.rendering.advance import Advance, FilmPaths
from tools.rendering.ports import Progress
from tools.storage.folder import FolderStorage

STEPS = 80
"""More than any film here takes."""


class Poet:
    """Implements `tools.rendering.ports.Refiner`."""

    name = "poet"

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.note = ""
        self.asked: list[tuple[str, str]] = []

    async def refine(self, prompt: str, *, context: str, model_key: str) -> Refinement:
        self.asked.append((prompt, context))
        if self.error is not None:
            raise self.error
        refined = f"{prompt}, in {model_key}"
        return Refinement(prompt=prompt, refined_prompt=refined, changes=(), note=self.note)


class FullNowAndThen(FolderStorage):
    """A folder whose disk is full for the next `refusals` times."""

    refusals = 0

    async def store(self, source: Path, path: str, content_type: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StorageUnavailable("The disk is full.")
        await super().store(source, path, content_type)


class CuttingRoom:
    """Everything around a job. `advance()` gives a new one each time, as a restart does."""

    def __init__(self, folder: Path, database: Database, film: Path) -> None:
        self.clock = StillClock(NOW)
        self.painter = Painter(film)
        self.poet = Poet()
        self.storage = FullNowAndThen(folder / "media")
        self.work = folder / "work"
        self.progress: list[Progress] = []
        self.commits: list[list[str]] = []
        """The names of the events of each transaction that told of something."""
        self._minted = 0
        self.journal = Journal(database, clock=self.clock, announce=self._announced)
        self.records = Jobs(self.journal, budget=Money.usd("10"))

    def _announced(self, told: Sequence[Entry]) -> None:
        self.commits.append([entry.event.name for entry in told])

    def mint(self, kind: str) -> str:
        self._minted += 1
        return f"{kind}-{self._minted}"

    def advance(self, **providers: Painter) -> Advance:
        return Advance(
            records=self.records,
            providers=providers or {"local": self.painter},
            refiner=self.poet,
            storage=self.storage,
            press=TinyPress(),
            work=self.work,
            paths=FilmPaths(videos="videos/generated"),
            mint=self.mint,
            clock=self.clock,
            report=self.progress.append,
        )

    async def begin(self, job: VideoJob | None = None) -> VideoJob:
        return await self.records.add(queued(job or a_job()))

    async def finish(self, job_id: JobId, advance: Advance | None = None) -> VideoJob:
        """Step until it is over; time passes as the job asks for it."""
        moving = advance or self.advance()
        for _ in range(STEPS):
            wait_s = await moving.step(job_id)
            if wait_s is None:
                return await self.records.load(job_id)
            self.clock.passes(seconds=wait_s)
        raise AssertionError((await self.records.load(job_id)).stage)

    async def told(self) -> list[str]:
        page = await self.journal.read(lambda tables: timeline.read(tables, SESSION))
        return [
            entry.event.name + (f" {stage}" if (stage := getattr(entry.event, "stage", "")) else "")
            for entry in page.entries
        ]

    async def creatives(self) -> tuple[Creative, ...]:
        return await self.journal.read(lambda tables: creatives.of_session(tables, SESSION))

    async def store_reference(self) -> None:
        picture = self.work / "logo.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(b"a logo")
        await self.storage.store(picture, REFERENCE.path, "image/png")


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4")


@pytest.fixture
async def room(tmp_path: Path, film: Path) -> AsyncIterator[CuttingRoom]:
    database = Database(tmp_path / "memory.sqlite3")
    await database.open(migrate)
    await database.write(keep_session)
    yield CuttingRoom(tmp_path, database, film)
    await database.close()
