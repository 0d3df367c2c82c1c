"""Everything that one tenant can have in a studio: made through its doors, and its ids."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from server.memory import jobs
from server.memory.journal import Transaction
from server.memory.tables import metadata
from tests.fakes.house import OpenHouse
from tests.fakes.pictures import logo_png, upload_form
from tests.fakes.samples import a_job
from tests.patience import FILM_S
from tools.domain.identity import CampaignId, JobId, SessionId, TenantId, UserId
from tools.domain.jobs import Stage

TENANT, USER, CAMPAIGN = TenantId("acme"), UserId("ada"), CampaignId("spring")
SECRET_WORDS = "A kettle that nobody else may know of"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """One of everything that an id, a path or an address can name."""

    session: str
    job: str
    proposal: str
    creative: str
    film: str
    poster: str
    preview: str
    image: str
    image_url: str
    shared: str
    """An image of no session: everybody's of its tenant."""
    shared_url: str
    upload: str
    turn: str
    message: str
    campaign: str

    def all(self) -> tuple[str, ...]:
        """Those that nobody could guess."""
        return (self.session, self.job, self.creative, self.upload, self.turn, self.message)


def nobodys(known: Ids, url: str) -> Ids:
    """Of the same look, and of nothing: what an id leads to shall not be told from what it is like."""

    def unlike(given: str) -> str:
        head, dash, tail = given.rpartition("-")
        stem, dot, ending = tail.partition(".")
        return (
            f"{head}{dash}{''.join('0' if each.isalnum() else each for each in stem)}{dot}{ending}"
        )

    image, shared = unlike(known.image), unlike(known.shared)
    return Ids(
        session=unlike(known.session),
        job=unlike(known.job),
        proposal=unlike(known.proposal),
        creative=unlike(known.creative),
        film=unlike(known.film),
        poster=unlike(known.poster),
        preview=known.preview.replace(known.creative, unlike(known.creative)),
        image=image,
        image_url=f"{url}/media/{image}",
        shared=shared,
        shared_url=f"{url}/media/{shared}",
        upload=unlike(known.upload),
        turn=unlike(known.turn),
        message=unlike(known.message),
        campaign="of-nobody",
    )


async def belongings(studio: OpenHouse) -> Ids:
    """A talk, an image, a film, and a price that waits for a yes; all of ada of acme, in one campaign."""
    async with (
        studio.visitor(USER, tenant=TENANT) as ada,
        studio.http(USER, tenant=TENANT) as http,
    ):
        await ada.open(campaignId=CAMPAIGN)
        said = await ada.say(SECRET_WORDS)
        await ada.until_entry("turn.finished", turnId=said["turnId"])
        message = next(each for each in ada.of_type("message.added") if each.get("turnId"))
        form = upload_form(logo_png(), sessionId=ada.session_id)
        async with http.post("/api/storage/upload", data=form) as answer:
            upload = await answer.json()
        async with http.post("/api/storage/upload", data=upload_form(logo_png(600))) as answer:
            shared = await answer.json()
        wanted = {
            "prompt": SECRET_WORDS,
            "model": "draft",
            "duration": 4,
            "sessionId": ada.session_id,
            "referenceImageUrls": [upload["url"]],
        }
        async with http.post("/api/video/generate", json=wanted) as answer:
            film = await answer.json()
        proposal = await propose(studio, SessionId(ada.session_id))
        await ada.until_entry("creative.added", FILM_S)
    path = film["videoPath"]
    return Ids(
        session=ada.session_id,
        job=film["jobId"],
        proposal=proposal,
        creative=film["creativeId"],
        film=path,
        poster=path.replace(".mp4", ".jpg"),
        preview=path.replace(".mp4", "-preview.mp4"),
        image=upload["path"],
        image_url=upload["url"].partition("?")[0],
        shared=shared["path"],
        shared_url=shared["url"].partition("?")[0],
        upload=upload["uploadId"],
        turn=said["turnId"],
        message=message["data"]["messageId"],
        campaign=CAMPAIGN,
    )


async def propose(studio: OpenHouse, session_id: SessionId) -> JobId:
    """A job that waits for a person's yes; no embedded model costs anything, so it is written down."""
    job = replace(
        a_job("job-9f8e7d6c5b4a39281706f5e4", price="1.20", session_id=session_id),
        tenant_id=TENANT,
        user_id=USER,
        campaign_id=CAMPAIGN,
        stage=Stage.PROPOSED,
    )

    def keep(transaction: Transaction) -> None:
        asked_at = transaction.now - timedelta(seconds=1)
        # Without an end it would be taken for over, by a sweep in the middle of somebody's test.
        until = transaction.now + timedelta(days=1)
        jobs.add(transaction, replace(job, created_at=asked_at, expires_at=until))

    await studio.house.journal.write(keep)
    return job.id


async def everything(studio: OpenHouse) -> Mapping[str, Any]:
    """Every row of every table and every stored file, to be compared."""

    def rows(connection: sa.Connection) -> dict[str, list[tuple[Any, ...]]]:
        return {
            name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for name, table in metadata.tables.items()
        }

    folder = studio.house.settings.data_dir / "media"
    return {
        **await studio.house.database.read(rows),
        "files": await asyncio.to_thread(_files, folder),
    }


def _files(folder: Path) -> list[tuple[str, int, int]]:
    found = (each for each in folder.rglob("*") if each.is_file())
    return sorted((str(each), each.stat().st_size, each.stat().st_mtime_ns) for each in found)
