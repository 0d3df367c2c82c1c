"""What is done again and again while the house is open, and what a failure of it costs: nothing."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server import lifecycle
from server.compose import Adapters
from server.lifecycle import Chore, chores, keep_doing, learn_times, sweep_references
from server.memory import conversations, deliveries, jobs, purchases, uploads
from server.memory.journal import Transaction
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.pictures import logo_png, upload_form
from tests.fakes.samples import NOW, a_job, a_session
from tests.patience import IN_THE_END_S
from tools.domain.clips import Outcome, Purchase
from tools.domain.identity import JobId, PredictionId, UploadId
from tools.domain.money import Money
from tools.errors import StorageUnavailable
from tools.storage.folder import FolderStorage

MONTH = timedelta(days=31)


async def taken(http: aiohttp.ClientSession) -> dict[str, Any]:
    async with http.post("/api/storage/upload", data=upload_form(logo_png())) as answer:
        body: dict[str, Any] = await answer.json()
        return body


async def grows_old(studio: OpenHouse, upload_id: str) -> None:
    """As if it had been given more than a month ago."""

    def work(transaction: Transaction) -> None:
        upload = uploads.find(transaction.connection, UploadId(upload_id))
        assert upload is not None
        uploads.forget(transaction, upload.id)
        uploads.add(transaction, replace(upload, uploaded_at=upload.uploaded_at - MONTH))

    await studio.house.journal.write(work)


async def test_an_image_that_no_film_used_for_a_month_goes_and_a_young_one_stays(
    studio: OpenHouse,
):
    async with studio.http() as http:
        old, young = await taken(http), await taken(http)
        await grows_old(studio, old["uploadId"])
        await sweep_references(studio.house)
        async with http.get(f"/media/{old['path']}") as answer:
            assert answer.status == 404
        async with http.get(f"/media/{young['path']}") as answer:
            assert answer.status == 200


async def test_an_old_image_that_a_film_is_asked_for_with_stays(studio: OpenHouse):
    async with studio.http() as http:
        old = await taken(http)
        await grows_old(studio, old["uploadId"])
        asked = {"prompt": "A kettle", "model": "draft", "referenceImageUrls": [old["url"]]}
        async with http.post(
            "/api/video/generate", json=asked, headers={"Prefer": "respond-async"}
        ) as answer:
            assert answer.status == 202
        await sweep_references(studio.house)
        async with http.get(f"/media/{old['path']}") as answer:
            assert answer.status == 200


async def test_copies_made_for_a_provider_go_after_a_month_and_young_ones_stay(
    studio: OpenHouse, tmp_path: Path
):
    picture = tmp_path / "picture.png"
    picture.write_bytes(logo_png())
    storage = studio.house.adapters.storage
    assert isinstance(storage, FolderStorage)
    for name in ("old", "young"):
        await storage.store(picture, f"videos/references/handed/{name}.png", "image/png")
    old = storage.locate("videos/references/handed/old.png")
    a_month_ago = (datetime.now(UTC) - MONTH).timestamp()
    os.utime(old, (a_month_ago, a_month_ago))

    await sweep_references(studio.house)

    assert [each.name for each in old.parent.iterdir()] == ["young.png"]


class Stuck(FolderStorage):
    """A storage that takes files and does not let go of them."""

    async def remove(self, path: str) -> None:
        raise StorageUnavailable("The storage is away.")


@pytest.fixture
async def stuck(tmp_path: Path) -> AsyncIterator[OpenHouse]:
    def adapters(given: Adapters) -> Adapters:
        return replace(given, storage=Stuck(tmp_path / "data" / "media"))

    async with open_studio(tmp_path / "data", adapters=adapters) as house:
        yield house


async def test_a_file_that_cannot_be_removed_keeps_its_row_for_the_next_time(stuck: OpenHouse):
    async with stuck.http() as http:
        old = await taken(http)
    await grows_old(stuck, old["uploadId"])
    with pytest.raises(StorageUnavailable):
        await sweep_references(stuck.house)
    kept = await stuck.house.journal.read(
        lambda tables: uploads.find(tables, UploadId(old["uploadId"]))
    )
    assert kept is not None


def keep_quick_clips(transaction: Transaction) -> None:
    """Twenty clips of one model, each made in a minute."""
    conversations.add_session(transaction, a_session())
    jobs.add(transaction, a_job("job-1"))
    for number in range(20):
        purchases.keep(transaction, a_purchase(number))


async def test_learned_times_take_the_place_of_the_estimate(studio: OpenHouse):
    await studio.house.journal.write(keep_quick_clips)
    await learn_times(studio.house)
    async with studio.http() as http, http.get("/api/video/models") as answer:
        (row,) = [each for each in await answer.json() if each["key"] == "veo-3.1"]
    assert (row["typicalSeconds"]["min"], row["typicalSeconds"]["max"]) == (60, 60)


def a_purchase(number: int) -> Purchase:
    return Purchase(
        prediction_id=PredictionId(f"p{number}"),
        job_id=JobId("job-1"),
        clip=number + 1,
        provider="replicate",
        model_key="veo-3.1",
        seconds=8,
        sound=True,
        bought_at=NOW,
        outcome=Outcome.RENDERED,
        ended_at=NOW + timedelta(seconds=number),
        cost=Money.usd("3.20"),
        took_s=60.0,
    )


async def test_webhooks_are_forgotten_once_their_signatures_are_too_old(studio: OpenHouse):
    def take_long_ago(transaction: Transaction) -> None:
        before = transaction.now - timedelta(hours=2)
        deliveries.take_delivery(
            Transaction(connection=transaction.connection, now=before), "msg_old"
        )

    journal = studio.house.journal
    await journal.write(take_long_ago)
    assert {"forgetting webhooks", "sweeping references"} <= {
        each.name for each in chores(studio.house)
    }
    for chore in chores(studio.house):
        await chore.work()
    assert await journal.write(lambda each: deliveries.take_delivery(each, "msg_old"))


@pytest.mark.parametrize("fault", [StorageUnavailable("away"), LookupError("a bug")])
async def test_a_chore_that_fails_is_noted_and_tried_again_before_its_time(
    monkeypatch, caplog, fault: Exception
):
    monkeypatch.setattr(lifecycle, "AGAIN_S", 0.0)
    done = asyncio.Event()
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise fault
        done.set()

    chore = Chore(name="a chore", every_s=3600, work=work)
    with caplog.at_level(logging.WARNING):
        task = asyncio.create_task(keep_doing(chore))
        async with asyncio.timeout(IN_THE_END_S):
            await done.wait()
        task.cancel()
        await asyncio.wait({task})
    assert [record.chore for record in caplog.records] == ["a chore"]
    assert task.cancelled()


async def test_a_chore_that_hangs_is_let_go_and_tried_again(monkeypatch):
    monkeypatch.setattr(lifecycle, "AGAIN_S", 0.0)
    monkeypatch.setattr(lifecycle, "CHORE_LIMIT_S", 0.01)
    again = asyncio.Event()
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries > 1:
            again.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(keep_doing(Chore(name="a chore", every_s=3600, work=work)))
    async with asyncio.timeout(IN_THE_END_S):
        await again.wait()
    task.cancel()
    await asyncio.wait({task})
