"""How often: counted for a person and for their tenant, both or neither."""

import asyncio
import threading

import pytest

from server.rates import KEYS, Kind, Rate, Rates, Scope
from tools.domain.identity import TenantId, UserId
from tools.errors import RateLimited

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
ADA, BOB = UserId("ada"), UserId("bob")


class Room:
    """Rates that keep what they told of their refusals."""

    def __init__(
        self, *, of_user: int | None = None, of_tenant: int | None = None, window_s: int = 60
    ) -> None:
        self.refused: list[tuple[Kind, Scope]] = []
        rate = Rate(of_user=of_user, of_tenant=of_tenant)
        self.rates = Rates(
            dict.fromkeys((Kind.MESSAGES, Kind.UPLOADS), rate),
            refused=lambda kind, scope: self.refused.append((kind, scope)),
            window_s=window_s,
        )

    def take(
        self,
        times: int = 1,
        *,
        tenant: TenantId = ACME,
        user: UserId = ADA,
        kind: Kind = Kind.MESSAGES,
    ) -> None:
        for _ in range(times):
            self.rates.take(kind, tenant, user)

    def is_full(self, **whose: UserId | TenantId) -> bool:
        try:
            self.take(**whose)  # type: ignore[arg-type]  # tenant and user
        except RateLimited:
            return True
        return False


def test_one_more_than_the_most_is_refused_with_the_time_to_wait():
    room = Room(of_user=3)
    room.take(3)
    with pytest.raises(RateLimited) as refusal:
        room.take()
    assert refusal.value.retryable
    assert refusal.value.retry_after_ms is not None
    assert 0 < refusal.value.retry_after_ms <= 60_001
    assert refusal.value.details == {"limit": 3, "scope": "user"}
    assert "messages" in refusal.value.message
    assert "the most is 3" in refusal.value.message


def test_who_has_had_their_share_keeps_nobody_else_waiting():
    room = Room(of_user=1)
    room.take()
    room.take(user=BOB)
    room.take(tenant=GLOBEX)
    assert room.is_full()


def test_all_of_one_tenant_share_its_limit():
    room = Room(of_user=2, of_tenant=3)
    room.take(2)
    room.take(user=BOB)
    with pytest.raises(RateLimited) as refusal:
        room.take(user=BOB)
    assert refusal.value.details == {"limit": 3, "scope": "tenant"}
    assert "your organisation" in refusal.value.message
    room.take(tenant=GLOBEX, user=BOB)


def test_what_the_tenant_is_refused_does_not_use_up_the_persons_own():
    room = Room(of_user=1, of_tenant=1)
    room.take(user=BOB)
    held = len(room.rates)
    assert room.is_full()
    assert len(room.rates) == held


def test_each_kind_is_counted_by_itself():
    room = Room(of_user=1)
    room.take()
    room.take(kind=Kind.UPLOADS)


def test_a_kind_without_a_limit_is_as_often_as_they_like():
    room = Room(of_user=1)
    room.take(500, kind=Kind.GENERATIONS)
    assert len(room.rates) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a/b", "c"), ("a", "b/c")), (("a", "'b"), ("a'", "b")), (("a", "b, c"), ("a, b", "c"))],
)
def test_names_of_any_letters_are_never_taken_for_each_other(
    one: tuple[str, str], other: tuple[str, str]
):
    room = Room(of_user=1)
    room.take(tenant=TenantId(one[0]), user=UserId(one[1]))
    room.take(tenant=TenantId(other[0]), user=UserId(other[1]))


def test_looking_counts_nothing():
    room = Room(of_user=2)
    for _ in range(10):
        room.rates.check(Kind.MESSAGES, ACME, ADA)
    room.take(2)
    with pytest.raises(RateLimited):
        room.rates.check(Kind.MESSAGES, ACME, ADA)


def test_each_refusal_is_told():
    room = Room(of_user=1, of_tenant=1)
    room.take()
    assert room.is_full()
    assert room.is_full(user=BOB)
    assert room.refused == [(Kind.MESSAGES, Scope.USER), (Kind.MESSAGES, Scope.TENANT)]


async def test_after_the_time_that_was_named_there_is_room_again():
    room = Room(of_user=2, window_s=1)
    room.take(2)
    with pytest.raises(RateLimited) as refusal:
        room.take()
    assert refusal.value.retry_after_ms is not None
    await asyncio.sleep(refusal.value.retry_after_ms / 1000)
    room.take()


async def test_who_did_nothing_lately_is_forgotten():
    room = Room(of_user=1, window_s=1)
    for number in range(3 * KEYS):
        room.take(user=UserId(f"early-{number}"))
    await asyncio.sleep(1.01)
    for number in range(4 * KEYS):
        room.take(user=UserId(f"late-{number}"))
        if len(room.rates) <= 2 * KEYS:
            break
    assert len(room.rates) <= 2 * KEYS


def test_no_thread_gets_in_between_another_ones_question_and_its_count():
    room = Room(of_user=100)
    taken: list[int] = []

    def work(number: int) -> None:
        taken.extend(number for _ in range(50) if not room.is_full())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 100
