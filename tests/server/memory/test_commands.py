import pytest

from server.memory.conversations import forget_old_commands, recall, remember
from tests.fakes.samples import SESSION, keep_session
from tools.domain.identity import SessionId
from tools.errors import IdempotencyMismatch

ASKED = {"text": "hello", "uploads": ["upload-1"]}
ANSWER = {"seq": 4, "turnId": "turn-1"}


@pytest.fixture
async def answered(journal):
    await journal.write(lambda each: remember(each, SESSION, "client-1", ASKED, ANSWER))
    return journal


async def test_a_command_nobody_sent_is_not_known(journal):
    assert await journal.write(lambda each: recall(each, SESSION, "client-1", ASKED)) is None


async def test_the_same_command_again_is_answered_the_same(answered):
    again = {"uploads": ["upload-1"], "text": "hello"}

    assert await answered.write(lambda each: recall(each, SESSION, "client-1", again)) == ANSWER


async def test_another_command_under_the_same_id_is_refused(answered):
    other = {**ASKED, "text": "hello!"}

    with pytest.raises(IdempotencyMismatch):
        await answered.write(lambda each: recall(each, SESSION, "client-1", other))


async def test_an_id_counts_within_its_session_alone(answered):
    other = SessionId("session-2")
    await answered.write(lambda each: keep_session(each.connection, other))

    assert await answered.write(lambda each: recall(each, other, "client-1", ASKED)) is None


@pytest.mark.parametrize(("hours", "answer"), [(24.9, ANSWER), (25.1, None)])
async def test_an_accepted_command_is_remembered_for_25_hours(answered, clock, hours, answer):
    clock.passes(hours=hours)
    await answered.write(forget_old_commands)

    assert await answered.write(lambda each: recall(each, SESSION, "client-1", ASKED)) == answer


async def test_a_command_that_failed_may_be_sent_again(journal):
    def refused(transaction):
        remember(transaction, SESSION, "client-1", ASKED, ANSWER)
        raise LookupError

    with pytest.raises(LookupError):
        await journal.write(refused)

    assert await journal.write(lambda each: recall(each, SESSION, "client-1", ASKED)) is None
