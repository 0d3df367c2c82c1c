"""What both doors ask of the desk."""

from datetime import timedelta

from server.desk import LISTED_SESSIONS
from server.memory import conversations
from server.memory.journal import Transaction
from tests.fakes.house import OpenHouse
from tests.fakes.samples import TENANT, USER, a_session
from tools.domain.identity import CampaignId, SessionId


def keep_many(transaction: Transaction) -> None:
    """One session in spring, and then more of autumn than a list holds."""
    conversations.add_session(transaction, a_session())
    later = Transaction(connection=transaction.connection, now=transaction.now + timedelta(hours=1))
    for number in range(LISTED_SESSIONS + 1):
        autumn = a_session(SessionId(f"autumn-{number}"), campaign_id=CampaignId("autumn"))
        conversations.add_session(later, autumn)


async def test_sessions_are_found_behind_many_newer_ones_of_other_campaigns(studio: OpenHouse):
    await studio.house.journal.write(keep_many)
    spring = {"tenant": TENANT, "campaigns": ["spring"]}
    async with studio.http(USER, **spring) as http, http.get("/api/sessions") as answer:
        found = [each["sessionId"] for each in (await answer.json())["sessions"]]

    assert found == [a_session().id]
