"""A cutting room: the real `Advance` over real SQLite and a real folder, with a painter for a provider."""

import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from server.memory import creatives, ledger, timeline
from server.memory.database import Database
from server.memory.journal import Journal
from server.memory.ledger import Balance
from server.memory.migrate import migrate
from server.memory.records import Jobs
from server.memory.timeline import Entry
from tests.fakes.clock import StillClock
from tests.fakes.dealer import Dealer
from tests.fakes.editor import TinyEditor
from tests.fakes.painter import Painter, TinyPress, make_film
from tests.fakes.pictures import logo_png
from tests.fakes.samples import NOW, REFERENCE, SESSION, TENANT, USER, a_job, keep_session
from tools.catalogue.catalogue import Catalogue
from tools.catalogue.reading import read_models
from tools.contract import ToolContext
from tools.domain.creatives import Creative
from tools.domain.events import Charged, SessionEvent
from tools.domain.identity import CampaignId, JobId, TurnId
from tools.domain.jobs import Origin, Stage, VideoJob
from tools.domain.models import VideoModel
from tools.domain.money import Money
from tools.domain.prompts import Refinement
from tools.domain.transitions import queued
from tools.domain.videos import VideoRequest
from tools.errors import ReferenceUnreachable, StorageUnavailable
from tools.rendering.advance import Advance
from tools.rendering.finishing import FilmPaths
from tools.rendering.floor import Clocks, Hands, advance_for
from tools.rendering.ports import JobRecords, Places, Progress, VideoProvider
from tools.rendering.studio import Consent, Studio
from tools.storage.folder import FolderStorage

STEPS = 200
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


class Courier:
    """Implements `tools.rendering.ports.ImageFetcher`: brings what it was given for an address."""

    def __init__(self) -> None:
        self.images: dict[str, Path] = {}
        self.fetched: list[str] = []

    async def fetch(self, url: str, into: Path) -> Path:
        self.fetched.append(url)
        if url not in self.images:
            raise ReferenceUnreachable("Reference images failed to upload: nobody is there.")
        target = into / "fetched"
        shutil.copyfile(self.images[url], target)
        return target


@dataclass(frozen=True)
class TakenIn:
    file: Path


class Doorman:
    """Implements `tools.rendering.pictures.Intake`."""

    async def take_in(self, source: Path, folder: Path) -> TakenIn:
        target = folder / "taken.png"
        shutil.copyfile(source, target)
        return TakenIn(target)


def _catalogue(*more: VideoModel) -> Catalogue:
    return Catalogue(
        models=(*read_models(), *more),
        missing={},
        substitution="auto",
        default_model="sora-2-pro",
    )


CONTEXT = ToolContext(
    tenant_id=TENANT,
    user_id=USER,
    campaign_id=CampaignId("spring"),
    session_id=SESSION,
    turn_id=TurnId("turn-1"),
)


class CuttingRoom:
    """Everything around a job. `advance()` gives a new one each time, as a restart does."""

    context = CONTEXT

    def __init__(self, folder: Path, database: Database, film: Path) -> None:
        self.clock = StillClock(NOW)
        self.painter = Painter(film)
        self.dealer = Dealer(self._film_of, clock=self.clock)
        self.poet = Poet()
        self.courier = Courier()
        self.doorman = Doorman()
        self.editor = TinyEditor()
        self.storage = FullNowAndThen(folder / "media")
        self.work = folder / "work"
        self.progress: list[Progress] = []
        self.commits: list[list[str]] = []
        """The names of the events of each transaction that told of something."""
        self.places = Places(of_provider=None, of_user=None)
        self.catalogue = _catalogue()
        self._films = folder / "films"
        self._minted = 0
        self._jumped_s = 0.0
        self.journal = Journal(database, clock=self.clock, announce=self._announced)
        self.records = Jobs(self.journal, budget=Money.usd("10000"))

    def _film_of(self, seconds: int) -> Path:
        self._films.mkdir(exist_ok=True)
        film = self._films / f"{seconds}.mp4"
        return film if film.exists() else make_film(film, seconds=seconds)

    def _announced(self, told: Sequence[Entry]) -> None:
        self.commits.append([entry.event.name for entry in told])

    def mint(self, kind: str) -> str:
        self._minted += 1
        return f"{kind}-{self._minted}"

    def add_model(self, model: VideoModel) -> None:
        self.catalogue = _catalogue(model)

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall clock; no time passes."""
        self.clock.passes(seconds=seconds)
        self._jumped_s += seconds

    def boot_seconds(self) -> float:
        return self.clock().timestamp() - self._jumped_s

    def advance(self, *, records: JobRecords | None = None, **providers: VideoProvider) -> Advance:
        hands: dict[str, VideoProvider] = {"local": self.painter, "replicate": self.dealer}
        hands.update(providers)
        return advance_for(
            hands=Hands(
                providers=hands,
                places=dict.fromkeys(hands, self.places),
                refiner=self.poet,
                storage=self.storage,
                fetcher=self.courier,
                intake=self.doorman,
                editor=self.editor,
                press=TinyPress(),
            ),
            records=records or self.records,
            models=self.catalogue,
            work=self.work,
            paths=FilmPaths(videos="videos/generated", references="videos/references"),
            proposal_life=timedelta(hours=24),
            mint=self.mint,
            clocks=Clocks(now=self.clock, boot_seconds=self.boot_seconds),
            report=self.progress.append,
        )

    def studio(self, *, below: str = "0") -> Studio:
        return Studio(
            catalogue=self.catalogue,
            records=self.records,
            consent=Consent(below=Money.usd(below)),
            wake=lambda _job_id: None,
            mint=self.mint,
            clock=self.clock,
        )

    async def begin(self, job: VideoJob | None = None) -> VideoJob:
        return await self.records.add(queued(job or a_job()))

    async def order(
        self, request: VideoRequest, *, origin: Origin = Origin.PERSON, agreed: str = "100"
    ) -> VideoJob:
        """A film asked for at the studio, its price agreed to."""
        return await self.studio().request(
            context=CONTEXT, request=request, key=None, origin=origin, agreed=Money.usd(agreed)
        )

    async def cancel(self, job_id: JobId) -> tuple[VideoJob, Charged]:
        return await self.studio().cancel(job_id, context=CONTEXT)

    async def approve(self, job_id: JobId) -> VideoJob:
        return await self.studio().approve(job_id, context=CONTEXT)

    async def decline(self, job_id: JobId) -> VideoJob:
        return await self.studio().decline(job_id, context=CONTEXT)

    async def finish(
        self, job_id: JobId, advance: Advance | None = None, *, steps: int = STEPS
    ) -> VideoJob:
        """Step until it is over; time passes as the job asks for it."""
        moving = advance or self.advance()
        for _ in range(steps):
            wait_s = await moving.step(job_id)
            if wait_s is None:
                return await self.records.load(job_id)
            self.clock.passes(seconds=wait_s)
        raise AssertionError((await self.records.load(job_id)).stage)

    async def finish_or_ask(self, job_id: JobId, advance: Advance) -> VideoJob:
        """Step until it is over or a person is asked."""
        for _ in range(STEPS):
            job = await self.records.load(job_id)
            if job.stage.is_final or job.stage is Stage.PROPOSED:
                return job
            self.clock.passes(seconds=await advance.step(job_id) or 0)
        raise AssertionError((await self.records.load(job_id)).stage)

    async def until_sold(self, count: int, job_id: JobId, advance: Advance) -> None:
        """Step until the dealer has so many orders in its books."""
        for _ in range(STEPS):
            if len(self.dealer.sold) >= count:
                return
            self.clock.passes(seconds=await advance.step(job_id) or 0)
        raise AssertionError((await self.records.load(job_id)).stage)

    async def until(self, job_id: JobId, stage: Stage, advance: Advance) -> VideoJob:
        """Step until it stands there."""
        for _ in range(STEPS):
            job = await self.records.load(job_id)
            if job.stage is stage:
                return job
            self.clock.passes(seconds=await advance.step(job_id) or 0)
        raise AssertionError((await self.records.load(job_id)).stage)

    async def told(self) -> list[str]:
        page = await self.journal.read(lambda tables: timeline.read(tables, SESSION))
        return [
            entry.event.name + (f" {stage}" if (stage := getattr(entry.event, "stage", "")) else "")
            for entry in page.entries
        ]

    async def events(self, kind: str) -> list[SessionEvent]:
        page = await self.journal.read(lambda tables: timeline.read(tables, SESSION))
        return [entry.event for entry in page.entries if entry.event.name == kind]

    async def balance(self) -> Balance:
        return await self.journal.read(
            lambda tables: ledger.balance(tables, TENANT, CampaignId("spring"))
        )

    async def creatives(self) -> tuple[Creative, ...]:
        return await self.journal.read(lambda tables: creatives.of_session(tables, SESSION))

    async def store_reference(self) -> None:
        assert REFERENCE.path is not None
        picture = self.work / "logo.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(logo_png(64))
        await self.storage.store(picture, REFERENCE.path, "image/png")
        picture.unlink()


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
