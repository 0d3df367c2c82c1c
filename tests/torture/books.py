"""What must be true when all is over: of the provider's books, of ours, of what people were told."""

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import av
from PIL import Image

from tests.fakes.replicate import FakeReplicate
from tests.torture.customers import CAMPAIGNS, PEOPLE
from tests.torture.life import token

FINAL = ("finished", "failed", "cancelled", "declined")
FRAME_S = 0.05
PREVIEW_S = 3.0
PART = ".part"
BUGS = (
    "a step failed",
    "a job's task failed; the sweep takes it up again",
    "the sweep failed; it comes again in a minute",
    "what an earlier life left could not be tidied",
    "a webhook's hint was lost",
    "a part of the server died",
    "a chore failed",
)
"""What only a mistake of ours makes a studio say."""
Row = dict[str, Any]


@dataclass
class Books:
    """Everything that was written down anywhere, read once at the end."""

    jobs: list[Row]
    clips: list[Row]
    purchases: list[Row]
    ledger: list[Row]
    creatives: list[Row]
    timelines: dict[str, list[Row]] = field(default_factory=dict)
    spent: int = 0
    reserved: int = 0
    """Both over REST, of all campaigns, in micro-dollars."""

    @property
    def strays(self) -> list[Row]:
        return [each for each in self.purchases if each["outcome"] == "stray"]


def unfinished(folder: Path) -> int:
    """Jobs that are not over; -1 while there is no database."""
    marks = ",".join("?" * len(FINAL))
    try:
        rows = _rows(folder, f"select id from jobs where stage not in ({marks})", FINAL)
    except sqlite3.OperationalError:
        return -1
    return len(rows)


def _rows(folder: Path, query: str, given: Sequence[object] = ()) -> list[Row]:
    file = folder / "data" / "reelroom.sqlite3"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(query, given)]


async def read_books(folder: Path, url: str) -> Books:
    """The tables from their file, what people see over REST."""
    books = Books(
        jobs=_rows(folder, "select id, stage, data from jobs"),
        clips=_rows(folder, "select job_id, number, prediction_id from clips"),
        purchases=_rows(folder, "select prediction_id, job_id, clip, outcome from purchases"),
        ledger=_rows(folder, "select job_id, spent_micros, settled_at from ledger"),
        creatives=_rows(folder, "select id, job_id from creatives"),
    )
    for user, tenant in PEOPLE:
        headers = {"Authorization": f"Bearer {token(user, tenant)}"}
        async with aiohttp.ClientSession(url, headers=headers, raise_for_status=True) as http:
            await _read_timelines(http, books)
    for tenant, user in {tenant: user for user, tenant in PEOPLE}.items():
        headers = {"Authorization": f"Bearer {token(user, tenant)}"}
        async with aiohttp.ClientSession(url, headers=headers, raise_for_status=True) as http:
            for campaign in CAMPAIGNS:
                used = await _told(http, f"/api/campaigns/{campaign}/usage")
                books.spent += used["spent"]["amount"]
                books.reserved += used["reserved"]["amount"]
    return books


async def _read_timelines(http: aiohttp.ClientSession, books: Books) -> None:
    for session in (await _told(http, "/api/sessions"))["sessions"]:
        name = session["sessionId"]
        entries: list[Row] = []
        is_more = True
        while is_more:
            after = entries[-1]["seq"] if entries else 0
            page = await _told(http, f"/api/sessions/{name}/entries?after={after}")
            entries += page["entries"]
            is_more = page["more"]
        books.timelines[name] = entries


async def _told(http: aiohttp.ClientSession, path: str) -> Any:
    async with http.get(path) as answer:
        return await answer.json()


# -- what must be true --------------------------------------------------------------------------------


def doubles(fake: FakeReplicate, books: Books) -> int:
    """Orders that the provider took beyond one for each clip, and that nobody stopped as strays."""
    strays = {each["prediction_id"] for each in books.strays}
    wanted = [made for made in fake.created if made.id not in strays]
    return len(wanted) - len(books.clips)


def purchase_faults(fake: FakeReplicate, books: Books, *, may_stray: bool) -> list[str]:
    """Nothing bought twice, nothing bought lost."""
    known = {each["prediction_id"]: each for each in books.purchases}
    found = [f"prediction {each.id} is nobody's" for each in fake.created if each.id not in known]
    created = {each.id for each in fake.created}
    found += [f"purchase {each} was never made" for each in known if each not in created]
    wanted = Counter(
        (each["job_id"], each["clip"]) for each in books.purchases if each["outcome"] != "stray"
    )
    for clip in books.clips:
        bought = wanted.pop((clip["job_id"], clip["number"]), 0)
        if bought != 1:
            found.append(f"clip {clip['number']} of {clip['job_id']} was bought {bought} times")
    found += [f"purchases of no clip: {each}" for each in wanted]
    if (extra := doubles(fake, books)) != 0:
        found.append(f"{extra} predictions more than clips")
    if books.strays and not may_stray:
        found.append(f"{len(books.strays)} strays")
    told = {each.path for each in fake.requests if each.method == "POST"}
    found += [
        f"nobody told the stray {each['prediction_id']} to stop"
        for each in books.strays
        if f"/v1/predictions/{each['prediction_id']}/cancel" not in told
    ]
    return found


def money_faults(fake: FakeReplicate, books: Books) -> list[str]:
    """The ledger is what the provider charged, but for strays."""
    strays = {each["prediction_id"] for each in books.strays}
    charged = sum(made.cost for made in fake.created if made.id not in strays)
    settled = sum(each["spent_micros"] or 0 for each in books.ledger)
    found = []
    if not charged == settled == books.spent:
        found.append(f"charged {charged}, in the ledger {settled}, told {books.spent}")
    if books.reserved or any(each["settled_at"] is None for each in books.ledger):
        found.append(f"{books.reserved} still reserved")
    return found


def ending_faults(books: Books, accepted: Collection[str]) -> list[str]:
    """Every film that was asked for is made, and told of once. `accepted`: a job for each wish."""
    found = [
        f"{each['id']} is {each['stage']}: {json.loads(each['data']).get('failure')}"
        for each in books.jobs
        if each["stage"] != "finished"
    ]
    ids = {each["id"] for each in books.jobs}
    if sorted(accepted) != sorted(ids):
        found.append(f"{len(ids)} jobs for what was accepted as {len(set(accepted))}")
    if sorted(each["job_id"] for each in books.creatives) != sorted(ids):
        found.append(f"{len(books.creatives)} films for {len(ids)} jobs")
    told: Counter[tuple[str, str]] = Counter()
    for name, entries in books.timelines.items():
        if [each["seq"] for each in entries] != list(range(1, len(entries) + 1)):
            found.append(f"the timeline of {name} has holes")
        told.update((each["jobId"], _kind(each)) for each in entries if "jobId" in each)
    for job_id in ids:
        found += [
            f"{job_id}: {told[job_id, kind]} times {kind}"
            for kind in ("video.queued", "creative.added", "video.ready")
            if told[job_id, kind] != 1
        ]
    found += [f"{job}: {kind}" for job, kind in told if kind in {"video.failed", "video.cancelled"}]
    return found


def _kind(entry: Row) -> str:
    kind = entry["data"].get("code") if entry["type"] == "message.added" else None
    return str(kind or entry["type"])


async def file_faults(folder: Path, books: Books) -> list[str]:
    """Three whole files a film, one picture for each join, and nothing left of the work."""
    media = folder / "data" / "media"
    stored = sorted(each for each in media.rglob("*") if each.is_file())
    names = [each for each in stored if each.suffix != PART]
    found = []
    films = [each for each in names if each.parent.name == "generated"]
    if len(films) != 3 * len(books.creatives):
        found.append(f"{len(films)} files for {len(books.creatives)} films")
    joins = len(books.clips) - len(books.jobs)
    if len(names) - len(films) != joins:
        found.append(f"{len(names) - len(films)} pictures for {joins} joins")
    found += [f"left in the work: {each}" for each in left_over(folder)]
    for each in books.jobs:
        asked_s = json.loads(each["data"])["request"]["length_s"]
        stem = media / f"videos/generated/video-{each['id'].removeprefix('job-')}"
        if (fault := await asyncio.to_thread(_film_fault, stem, asked_s)) is not None:
            found.append(f"{each['id']}: {fault}")
    return found


def parts_left(folder: Path) -> int:
    """Beginnings of files in the storage: a folder cannot be rid of those of a killed process."""
    return sum(1 for _ in (folder / "data" / "media").rglob(f"*{PART}"))


def log_faults(log: str) -> list[str]:
    told = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [f"in the log: {each['event']}" for each in told if each["event"] in BUGS]


def left_over(folder: Path) -> list[str]:
    work = folder / "data" / "work"
    return sorted(str(each.relative_to(work)) for each in work.rglob("*") if each.is_file())


def _film_fault(stem: Path, asked_s: int) -> str | None:
    """What is wrong with the film at `stem`.mp4, or with what stands beside it."""
    film, preview = (stem.with_name(f"{stem.name}{ending}") for ending in (".mp4", "-preview.mp4"))
    try:
        with Image.open(stem.with_name(f"{stem.name}.jpg")) as poster:
            poster.load()
        length_s, preview_s = _length_s(film), _length_s(preview)
    except (av.FFmpegError, OSError) as error:
        return f"a file of its is not there or broken: {type(error).__name__}"
    if abs(preview_s - PREVIEW_S) > FRAME_S:
        return f"a preview of {preview_s:.2f} s"
    return None if abs(length_s - asked_s) < FRAME_S else f"{length_s:.2f} s for {asked_s}"


def _length_s(film: Path) -> float:
    """Decoded to its last picture: a file that was written to by two is told by that."""
    with av.open(str(film)) as opened:
        stream = opened.streams.video[0]
        pictures = sum(1 for _ in opened.decode(stream))
        return pictures / float(stream.average_rate or 1)


def manners_faults(fake: FakeReplicate) -> list[str]:
    """Nothing was asked of the provider that it does not know; no token was shown to film hosts."""
    return [*fake.complaints, *(f"token shown to {each}" for each in fake.token_leaks)]
