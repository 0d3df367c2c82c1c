"""What a campaign has made and spent, across its sessions, and for whom it is told."""

import aiohttp
import pytest

from server.memory import creatives, jobs, ledger
from server.memory.conversations import add_session
from server.memory.journal import Transaction
from server.memory.ledger import Limits
from tests.fakes.house import OpenHouse
from tests.fakes.pictures import logo_png, upload_form
from tests.fakes.samples import CAMPAIGN, TENANT, USER, a_creative, a_job, a_session
from tools.domain.identity import SessionId
from tools.domain.money import Money

USAGE, CREATIVES = f"/api/campaigns/{CAMPAIGN}/usage", f"/api/campaigns/{CAMPAIGN}/creatives"
BUDGET = Limits(budget=Money.usd("25"))


def keep_two_films(transaction: Transaction) -> None:
    """In two sessions of one campaign: one finished for $0.48, one that holds $1.20 back."""
    for number, price in ((1, "0.48"), (2, "1.20")):
        session_id = SessionId(f"session-{number}")
        add_session(transaction, a_session(session_id))
        job = a_job(f"job-{number}", price=price, session_id=session_id)
        jobs.add(transaction, job)
        ledger.reserve(transaction, job, job.quote.total, limits=BUDGET)
        if number == 1:
            creatives.add(transaction, a_creative(job))
            ledger.settle(transaction, job, Money.usd("0.48"))


async def told(http: aiohttp.ClientSession, path: str, status: int = 200) -> dict[str, object]:
    async with http.get(path) as answer:
        assert answer.status == status
        body: dict[str, object] = await answer.json()
        return body


async def test_usage_tells_what_is_spent_held_back_allowed_and_stored(studio: OpenHouse):
    await studio.house.journal.write(keep_two_films)
    async with studio.http(USER, tenant=TENANT) as http:
        used = await told(http, USAGE)
    assert used == {
        "spent": {"amount": 480_000, "currency": "USD"},
        "reserved": {"amount": 1_200_000, "currency": "USD"},
        "limit": {"amount": 25_000_000, "currency": "USD"},
        "bytesStored": 1_000_000,
    }


async def test_images_that_were_given_count_as_stored(studio: OpenHouse):
    async with studio.visitor("ada") as ada, studio.http("ada") as http:
        await ada.open(campaignId="summer")
        form = upload_form(logo_png(), sessionId=ada.session_id)
        async with http.post("/api/storage/upload", data=form) as answer:
            size = (await answer.json())["size"]
        assert (await told(http, "/api/campaigns/summer/usage"))["bytesStored"] == size


async def test_a_campaign_that_nobody_used_has_used_nothing(studio: OpenHouse):
    async with studio.http() as http:
        used = await told(http, "/api/campaigns/of-nobody/usage")
    assert used["spent"] == used["reserved"] == {"amount": 0, "currency": "USD"}
    assert used["bytesStored"] == 0


async def test_a_campaigns_creatives_are_those_of_all_its_sessions(studio: OpenHouse):
    await studio.house.journal.write(keep_two_films)
    async with studio.http("bob", tenant=TENANT) as http:
        listed = await told(http, CREATIVES)
    assert isinstance(listed["creatives"], list)
    assert [each["_id"] for each in listed["creatives"]] == ["video-1"]


@pytest.mark.parametrize("path", [USAGE, CREATIVES])
async def test_another_tenants_campaign_of_the_same_name_is_another_campaign(
    studio: OpenHouse, path: str
):
    await studio.house.journal.write(keep_two_films)
    async with studio.http("mallory", tenant="rivals") as theirs:
        seen = await told(theirs, path)
    assert seen == await _of_nobody(studio, path)


async def _of_nobody(studio: OpenHouse, path: str) -> dict[str, object]:
    async with studio.http("nobody") as http:
        return await told(http, path.replace(CAMPAIGN, "unused"))


@pytest.mark.parametrize("path", [USAGE, CREATIVES])
async def test_a_campaign_that_the_token_does_not_name_is_forbidden(studio: OpenHouse, path: str):
    async with studio.http(USER, tenant=TENANT, campaigns=["autumn"]) as http:
        refused = await told(http, path, status=403)
    assert refused["error"]["code"] == "forbidden"  # type: ignore[index]  # JSON


async def test_a_name_that_is_none_is_not_found(studio: OpenHouse):
    async with studio.http() as http:
        await told(http, f"/api/campaigns/{'x' * 129}/usage", status=404)
