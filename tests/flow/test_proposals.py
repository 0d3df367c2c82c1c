"""A film that costs waits for a person's yes: over the socket, from any tab, through a restart."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import replicate_words as words
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import Fails
from tests.fakes.selling import selling
from tests.fakes.visitor import Visitor
from tests.patience import FILM_S

FILM = {"prompt": "A kettle comes to the boil", "model": "veo-3.1-fast", "duration": 4}
PRICE = {"amount": 600_000, "currency": "USD"}
LONGER = {**FILM, "duration": 8}


@pytest.fixture
async def fake() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate.running() as running:
        yield running
        assert running.complaints == []


@pytest.fixture
async def shop(tmp_path: Path, fake: FakeReplicate) -> AsyncIterator[OpenHouse]:
    async with open_studio(tmp_path / "data", **selling(fake)) as house:
        yield house


async def proposed(ada: Visitor, request: dict[str, Any] = FILM, **fields: Any) -> str:
    """The job of a film that is asked for and waits."""
    answer = await asked(ada, request, **fields)
    assert answer["state"] == "proposed"
    return str(answer["jobId"])


async def asked(ada: Visitor, request: dict[str, Any] = FILM, **fields: Any) -> dict[str, Any]:
    return await ada.done(
        "video.request",
        sessionId=ada.session_id,
        clientId=ada.client_id(),
        request=request,
        **fields,
    )


async def answered(ada: Visitor, command: str, job_id: str, **fields: Any) -> str:
    fields.setdefault("clientId", ada.client_id())
    answer = await ada.done(command, sessionId=ada.session_id, jobId=job_id, **fields)
    return str(answer["state"])


async def test_a_film_above_what_goes_by_itself_waits_with_its_price(
    shop: OpenHouse, fake: FakeReplicate
):
    async with shop.visitor() as ada:
        await ada.open()
        job_id = await proposed(ada)
        card = (await ada.until_entry("video.proposed", jobId=job_id))["data"]
    assert (card["quote"]["total"], card["reason"]) == (PRICE, "price")
    assert card["expiresAt"]
    assert fake.created == []


async def test_a_yes_makes_it_and_it_costs_what_the_provider_measured(
    shop: OpenHouse, fake: FakeReplicate
):
    async with shop.visitor() as ada, shop.http() as http:
        await ada.open()
        job_id = await proposed(ada)
        assert await answered(ada, "job.approve", job_id) == "queued"
        await ada.until_entry("creative.added", FILM_S, jobId=job_id)
        async with http.get(f"/api/video/jobs/{job_id}") as reply:
            job = await reply.json()
    assert (job["state"], job["charged"]) == ("finished", "yes")
    assert job["result"]["cost"] == PRICE
    assert len(fake.created) == 1


async def test_a_no_is_told_and_nothing_is_bought(shop: OpenHouse, fake: FakeReplicate):
    async with shop.visitor() as ada:
        await ada.open()
        job_id = await proposed(ada)
        assert await answered(ada, "job.decline", job_id) == "declined"
        told = (await ada.until_entry("video.cancelled", jobId=job_id))["data"]
    assert told == {"reason": "declined", "charged": "no"}
    assert fake.created == []


@pytest.mark.parametrize("loser", ["job.approve", "job.decline"])
async def test_the_first_answer_wins_and_the_other_tab_is_told_so(shop: OpenHouse, loser: str):
    async with shop.visitor() as ada, shop.visitor() as tab:
        await ada.open()
        await tab.open(sessionId=ada.session_id)
        job_id = await proposed(ada)
        await answered(ada, "job.decline", job_id)
        assert await answered(tab, loser, job_id) == "declined"
        await tab.until_entry("video.cancelled", jobId=job_id)
        assert tab.of_type("video.queued") == []


async def test_two_answers_at_the_same_moment_are_one(shop: OpenHouse, fake: FakeReplicate):
    async with shop.visitor() as ada, shop.visitor() as tab:
        await ada.open()
        await tab.open(sessionId=ada.session_id)
        job_id = await proposed(ada)
        states = await asyncio.gather(
            *(answered(each, "job.approve", job_id) for each in (ada, tab, ada, tab))
        )
        await tab.until_entry("creative.added", FILM_S, jobId=job_id)
    assert set(states) <= {"queued", "running", "finished"}
    assert len(tab.of_type("video.queued")) == 1
    assert len(fake.created) == 1


async def test_the_same_answer_sent_again_is_answered_again(shop: OpenHouse):
    async with shop.visitor() as ada:
        await ada.open()
        job_id = await proposed(ada)
        client_id = ada.client_id()
        first = await answered(ada, "job.approve", job_id, clientId=client_id)
        await ada.until_entry("creative.added", FILM_S, jobId=job_id)
        assert await answered(ada, "job.approve", job_id, clientId=client_id) == first
        other = await ada.command(
            "job.decline", sessionId=ada.session_id, clientId=client_id, jobId="job-of-nobody"
        )
    assert other["error"]["code"] == "idempotency_mismatch"


async def test_an_edit_is_quoted_again_and_asks_again(shop: OpenHouse, fake: FakeReplicate):
    async with shop.visitor() as ada:
        await ada.open()
        job_id = await proposed(ada)
        assert await answered(ada, "job.approve", job_id, request=LONGER) == "proposed"
        await ada.until(lambda: len(ada.of_type("video.proposed")) == 2)
        again = ada.of_type("video.proposed")[-1]["data"]
        assert (again["request"]["duration"], again["quote"]["total"]["amount"]) == (8, 1_200_000)
        assert fake.created == []
        await answered(ada, "job.approve", job_id)
        film = (await ada.until_entry("creative.added", FILM_S, jobId=job_id))["data"]["creative"]
    assert film["visual"]["duration"] == 8


async def test_an_edit_that_cannot_be_made_changes_nothing(shop: OpenHouse):
    async with shop.visitor() as ada:
        await ada.open()
        job_id = await proposed(ada)
        refused = await ada.command(
            "job.approve",
            sessionId=ada.session_id,
            clientId=ada.client_id(),
            jobId=job_id,
            request={**FILM, "duration": 61},
        )
        assert refused["error"]["code"] == "duration_out_of_range"
        assert await answered(ada, "job.decline", job_id) == "declined"


@pytest.mark.parametrize(
    ("max_cost", "state"), [(600_000, "queued"), (599_999, "proposed"), (0, "proposed")]
)
async def test_generate_beside_a_shown_price_is_the_yes_up_to_it(
    shop: OpenHouse, max_cost: int, state: str
):
    async with shop.visitor() as ada:
        await ada.open()
        answer = await asked(ada, maxCost={"amount": max_cost, "currency": "USD"})
    assert answer["state"] == state


@pytest.mark.parametrize(("max_cost", "state"), [(600_000, "queued"), (599_999, "proposed")])
async def test_an_approval_is_the_yes_up_to_the_price_it_was_shown(
    shop: OpenHouse, max_cost: int, state: str
):
    async with shop.visitor() as ada:
        await ada.open()
        job_id = await proposed(ada)
        shown = {"amount": max_cost, "currency": "USD"}
        assert await answered(ada, "job.approve", job_id, maxCost=shown) == state


async def test_below_the_operators_limit_a_film_goes_on_by_itself(
    tmp_path: Path, fake: FakeReplicate
):
    settings = {**selling(fake), "auto_approve_below_usd": "0.61"}
    async with open_studio(tmp_path, **settings) as shop, shop.visitor() as ada:
        await ada.open()
        assert (await asked(ada))["state"] == "queued"
        await proposed(ada, LONGER)


async def test_a_proposal_survives_a_restart(tmp_path: Path, fake: FakeReplicate):
    async with open_studio(tmp_path, **selling(fake)) as shop, shop.visitor() as ada:
        await ada.open()
        job_id = await proposed(ada)
    async with open_studio(tmp_path, **selling(fake)) as shop, shop.visitor() as ada:
        await ada.open()
        await answered(ada, "job.approve", job_id)
        await ada.until_entry("creative.added", FILM_S, jobId=job_id)
    assert len(fake.created) == 1


async def test_a_yes_to_more_than_there_is_left_is_refused_and_the_question_stands(
    tmp_path: Path, fake: FakeReplicate
):
    settings = {**selling(fake), "campaign_budget_usd": "1.00"}
    async with open_studio(tmp_path, **settings) as shop, shop.visitor() as ada:
        await ada.open()
        first, second = await proposed(ada), await proposed(ada, {**FILM, "prompt": "Another"})
        await answered(ada, "job.approve", first)
        refused = await ada.command(
            "job.approve", sessionId=ada.session_id, clientId=ada.client_id(), jobId=second
        )
        assert refused["error"]["code"] == "budget_exceeded"
        async with shop.http() as http, http.get(f"/api/video/jobs/{second}") as reply:
            assert (await reply.json())["state"] == "proposed"


@pytest.mark.parametrize("command", ["job.approve", "job.decline", "job.cancel"])
async def test_a_job_of_another_session_or_tenant_is_not_there_to_be_answered(
    shop: OpenHouse, command: str
):
    async with shop.visitor() as ada, shop.visitor() as tab, shop.visitor("mallory") as mallory:
        await ada.open()
        job_id = await proposed(ada)
        await tab.open(new=True)
        await mallory.open()
        for other in (tab, mallory):
            refused = await other.command(
                command, sessionId=other.session_id, clientId=other.client_id(), jobId=job_id
            )
            assert refused["error"]["code"] == "not_found"


async def test_a_proposal_is_cancelled_like_any_job(shop: OpenHouse):
    async with shop.visitor() as ada:
        await ada.open()
        job_id = await proposed(ada)
        answer = await ada.done(
            "job.cancel", sessionId=ada.session_id, clientId=ada.client_id(), jobId=job_id
        )
    assert answer["willBeCharged"] == "no"


# -- over REST -----------------------------------------------------------------------------------


async def test_a_programs_call_is_itself_the_yes(shop: OpenHouse, fake: FakeReplicate):
    async with shop.http() as http, http.post("/api/video/generate", json=FILM) as reply:
        assert reply.status == 202
        film = await reply.json()
    assert (film["model"], film["metadata"]["provider"]) == ("veo-3.1-fast", "replicate")
    assert film["cost"] == PRICE
    assert len(fake.created) == 1


async def test_budgets_hold_for_programs_too(tmp_path: Path, fake: FakeReplicate):
    settings = {**selling(fake), "user_daily_limit_usd": "0.50"}
    async with (
        open_studio(tmp_path, **settings) as shop,
        shop.http() as http,
        http.post("/api/video/generate", json=FILM) as reply,
    ):
        assert reply.status == 402
        assert (await reply.json())["error"]["code"] == "budget_exceeded"
    assert fake.created == []


async def test_a_failed_film_answers_with_its_errors_status_and_its_job_says_what_it_cost(
    shop: OpenHouse, fake: FakeReplicate
):
    fake.will(Fails(words.SENSITIVE))
    async with shop.http() as http:
        async with http.post("/api/video/generate", json=FILM) as reply:
            assert reply.status == 422
            assert (await reply.json())["error"]["code"] == "content_rejected"
        async with http.get("/api/campaigns/default/usage") as reply:
            used = await reply.json()
    assert used["reserved"]["amount"] == 0


async def test_a_refused_key_answers_in_the_seeds_words(tmp_path: Path, fake: FakeReplicate):
    settings = {**selling(fake), "replicate_api_key": "r8_of_nobody"}
    async with (
        open_studio(tmp_path, **settings) as shop,
        shop.http() as http,
        http.post("/api/video/generate", json=FILM) as reply,
    ):
        assert reply.status == 502
        error = (await reply.json())["error"]
    assert error["code"] == "provider_refused"
    assert error["message"].startswith("Video generation failed: Invalid API key")


async def test_a_job_that_waits_for_a_person_is_told_as_proposed(shop: OpenHouse):
    async with shop.visitor() as ada, shop.http() as http:
        await ada.open()
        job_id = await proposed(ada)
        async with http.get(f"/api/video/jobs/{job_id}") as reply:
            job = await reply.json()
    assert job["state"] == "proposed"
    assert job["quote"]["total"] == PRICE
    assert not {"stage", "result", "error", "charged"} & set(job)
