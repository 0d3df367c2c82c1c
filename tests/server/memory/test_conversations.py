from datetime import timedelta

import pytest

from server.memory import conversations
from server.memory.conversations import TurnRow, TurnState
from tests.fakes.samples import CAMPAIGN, NOW, SESSION, TENANT, USER, a_session, said
from tools.domain.identity import CampaignId, MessageId, SessionId, TenantId, TurnId, UserId


def a_turn(number: int, state: TurnState = TurnState.QUEUED) -> TurnRow:
    return TurnRow(
        id=TurnId(f"turn-{number}"),
        session_id=SESSION,
        message_id=MessageId(f"msg-{number}"),
        state=state,
    )


@pytest.fixture
async def lined_up(journal):
    """Three turns in line. Their ids do not sort as they came."""

    def work(transaction):
        for number in (3, 1, 2):
            conversations.add_turn(transaction, a_turn(number))

    await journal.write(work)
    return journal


async def test_turns_wait_in_the_order_they_came(lined_up):
    waiting = await lined_up.read(lambda t: conversations.turns_in(t, TurnState.QUEUED, SESSION))

    assert [turn.id for turn in waiting] == ["turn-3", "turn-1", "turn-2"]


async def test_the_newest_turn_is_the_one_that_came_last(lined_up):
    newest = await lined_up.read(lambda tables: conversations.newest_turn(tables, SESSION))

    assert newest == a_turn(2)


async def test_a_turn_is_moved_once(lined_up):
    def take(transaction):
        return conversations.move_turn(
            transaction, TurnId("turn-1"), expected=TurnState.QUEUED, to=TurnState.RUNNING
        )

    assert [await lined_up.write(take), await lined_up.write(take)] == [True, False]


async def test_a_message_answered_twice_has_its_newest_turn(lined_up):
    again = TurnRow(
        id=TurnId("turn-0"),
        session_id=SESSION,
        message_id=MessageId("msg-1"),
        state=TurnState.QUEUED,
    )
    await lined_up.write(lambda each: conversations.add_turn(each, again))

    found = await lined_up.read(
        lambda tables: conversations.turn_of_message(tables, SESSION, MessageId("msg-1"))
    )
    assert found == again


async def test_the_turn_of_another_session_is_not_found(lined_up):
    found = await lined_up.read(
        lambda tables: conversations.find_turn(tables, SessionId("other"), TurnId("turn-1"))
    )

    assert found is None


async def test_the_first_message_names_the_session_and_later_ones_do_not(journal):
    for text in ("  Make a\n teaser " + "x" * 100, "another"):
        await journal.write(lambda t, text=text: conversations.name_session(t, SESSION, text))

    session = await journal.read(lambda tables: conversations.find_session(tables, SESSION))
    assert session.title == ("Make a teaser " + "x" * 100)[:60]


@pytest.fixture
async def many(journal, clock):
    """Sessions that differ from session-1 in one thing each, and a later one of its own kind."""
    others: dict[str, dict[str, object]] = {
        "other-tenant": {"tenant_id": TenantId("globex")},
        "other-campaign": {"campaign_id": CampaignId("autumn")},
        "other-user": {"user_id": UserId("bob")},
        "later": {},
    }
    for name, facts in others.items():
        clock.passes(seconds=1)
        session = a_session(SessionId(name), **facts)
        await journal.write(lambda each, s=session: conversations.add_session(each, s))
    return journal


async def test_the_newest_session_is_the_callers_own_in_that_campaign(many):
    found = await many.read(
        lambda tables: conversations.newest_session(tables, TENANT, CAMPAIGN, USER)
    )

    assert found.id == "later"


async def test_a_session_in_which_something_happened_is_newer(many, clock):
    clock.passes(seconds=1)
    await many.write(lambda each: each.tell(SESSION, said("x")))

    found = await many.read(
        lambda tables: conversations.newest_session(tables, TENANT, CAMPAIGN, USER)
    )
    assert (found.id, found.updated_at) == (SESSION, NOW + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("campaigns", "names"),
    [
        (None, ["later", "other-user", "other-campaign", SESSION]),
        ([CAMPAIGN], ["later", "other-user", SESSION]),
        ([CampaignId("none")], []),
        ([], []),
    ],
)
async def test_sessions_are_listed_newest_first_and_only_the_tenants_own(many, campaigns, names):
    found = await many.read(
        lambda tables: conversations.list_sessions(tables, TENANT, campaigns, last=10)
    )

    assert [session.id for session in found] == names
