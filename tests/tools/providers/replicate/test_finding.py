"""An order whose answer was lost is found again: never another's, and never the same one twice."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fakes import replicate_words as words
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import DropsAfterCommit, Fails, Refuses
from tests.fakes.replicate_orders import QUICK, SOLD, an_image, an_order, opening
from tools.domain.identity import JobId, PredictionId
from tools.errors import OutputLost, ProviderUnavailable
from tools.providers.replicate.provider import ReplicateProvider
from tools.rendering.ports import Order, OrderInDoubt, Window

Open = Callable[..., Awaitable[ReplicateProvider]]
SEEDLESS = "kling-v3"


class Books:
    """Whose each prediction is."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    async def is_free(self, prediction_id: PredictionId) -> bool:
        return prediction_id not in self.taken


@pytest.fixture
def books() -> Books:
    return Books()


def just_now(seconds: float = 0.0) -> Window:
    now = datetime.now(UTC) - timedelta(seconds=seconds)
    return Window(since=now - timedelta(minutes=1), until=now)


async def lost(provider: ReplicateProvider, fake: FakeReplicate, *orders: Order) -> None:
    """Each was taken, and nobody heard the answer."""
    for order in orders:
        fake.answer_create(DropsAfterCommit())
        with pytest.raises(OrderInDoubt):
            await provider.submit(order)


async def test_an_order_that_was_taken_is_found(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    await lost(provider, fake, an_order())

    assert await provider.find(an_order(), just_now(), books.is_free) == fake.created[0].id


async def test_an_order_that_was_not_taken_is_not_found(
    provider: ReplicateProvider, books: Books
) -> None:
    assert await provider.find(an_order(), just_now(), books.is_free) is None


async def test_one_that_is_somebodys_is_not_found_again(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    await lost(provider, fake, an_order())
    books.taken = {fake.created[0].id}

    assert await provider.find(an_order(), just_now(), books.is_free) is None


OTHERS: dict[str, dict[str, Any]] = {
    "another seed": {"seed": 99},
    "another length": {"length_s": 8},
    "another prompt": {"sent_prompt": "A red fox"},
    "another sound": {"sound": False},
    "another model": {"model": "veo-3.1"},
}


@pytest.mark.parametrize("case", OTHERS)
async def test_an_order_for_something_else_is_left_alone(
    case: str, provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    await lost(provider, fake, an_order(**OTHERS[case]))

    assert await provider.find(an_order(), just_now(), books.is_free) is None


async def test_an_order_from_before_the_window_is_left_alone(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    await lost(provider, fake, an_order())
    fake.created[0].at -= timedelta(minutes=10)

    assert await provider.find(an_order(), just_now(), books.is_free) is None


async def test_a_provider_whose_clock_is_a_little_behind_is_understood(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    await lost(provider, fake, an_order())
    placed = fake.created[0].at
    fake.created[0].at -= timedelta(seconds=1.5)

    found = await provider.find(an_order(), Window(since=placed, until=placed), books.is_free)
    assert found == fake.created[0].id


async def test_an_order_from_long_after_the_window_is_left_alone(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    await lost(provider, fake, an_order())

    assert await provider.find(an_order(), just_now(600), books.is_free) is None


async def test_identical_orders_of_a_group_are_found_one_each_the_earliest_first(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    group = [an_order(SEEDLESS, job_id=JobId(f"job-{number}")) for number in range(5)]
    await lost(provider, fake, *group)

    found = []
    for order in group:
        prediction_id = await provider.find(order, just_now(), books.is_free)
        assert prediction_id is not None
        books.taken.add(prediction_id)
        found.append(prediction_id)

    assert found == [made.id for made in fake.created]
    assert await provider.find(group[0], just_now(), books.is_free) is None


async def test_a_seed_tells_identical_orders_apart(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    group = [an_order(job_id=JobId(f"job-{seed}"), seed=seed) for seed in (11, 12, 13)]
    await lost(provider, fake, *group)

    for order, made in reversed(list(zip(group, fake.created, strict=True))):
        assert await provider.find(order, just_now(), books.is_free) == made.id


async def test_an_image_tells_orders_apart_but_not_its_address(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books, tmp_path: Any
) -> None:
    image = an_image(tmp_path / "a.png")
    plain = an_order(SEEDLESS)
    opened = replace(plain, images=(image,), image_input=opening(SEEDLESS))
    sent = replace(opened, images=await provider.hand_over((image,)))
    await lost(provider, fake, plain, sent)

    assert await provider.find(opened, just_now(), books.is_free) == fake.created[1].id
    assert await provider.find(plain, just_now(), books.is_free) == fake.created[0].id


async def test_what_the_provider_fills_in_does_not_hide_an_order(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    await lost(provider, fake, an_order())
    made = fake.created[0]
    made.given = {**made.given, "negative_prompt": "", "image": None, "duration": 4.0}

    assert await provider.find(an_order(length_s=4), just_now(), books.is_free) == made.id


# -- by the address it reports to ------------------------------------------------------------------


async def test_an_order_is_known_by_the_address_it_reports_to(
    opened: Open, fake: FakeReplicate, books: Books, hook: Callable[..., str]
) -> None:
    fake.ways.shows_webhook_in_list = True
    provider = await opened(webhook=hook)
    group = [an_order(SEEDLESS, job_id=JobId(f"job-{number}")) for number in (1, 11, 2)]
    await lost(provider, fake, *group)

    for order, made in reversed(list(zip(group, fake.created, strict=True))):
        assert await provider.find(order, just_now(), books.is_free) == made.id


async def test_what_reports_for_another_clip_is_not_taken_however_alike_it_is(
    opened: Open, fake: FakeReplicate, books: Books, hook: Callable[..., str]
) -> None:
    fake.ways.shows_webhook_in_list = True
    provider = await opened(webhook=hook)
    await lost(provider, fake, an_order(SEEDLESS, clip=11))

    assert await provider.find(an_order(SEEDLESS, clip=1), just_now(), books.is_free) is None


async def test_an_order_is_known_by_its_address_when_its_input_is_gone(
    opened: Open, fake: FakeReplicate, books: Books, hook: Callable[..., str]
) -> None:
    fake.ways.shows_webhook_in_list = True
    provider = await opened(webhook=hook)
    await lost(provider, fake, an_order())
    await fake.until(lambda: fake.created[0].is_over)
    fake.forget(fake.created[0])

    assert await provider.find(an_order(), just_now(), books.is_free) == fake.created[0].id


async def test_a_studio_that_moved_still_knows_its_orders(
    opened: Open, fake: FakeReplicate, books: Books, hook: Callable[..., str]
) -> None:
    fake.ways.shows_webhook_in_list = True
    await lost(await opened(webhook=hook), fake, an_order(SEEDLESS))
    moved = await opened(
        webhook=lambda job, clip: hook(job, clip).replace("studio.example", "new.example")
    )

    assert await moved.find(an_order(SEEDLESS), just_now(), books.is_free) == fake.created[0].id


async def test_where_the_address_is_not_shown_the_input_has_to_do(
    opened: Open, fake: FakeReplicate, books: Books, hook: Callable[..., str]
) -> None:
    provider = await opened(webhook=hook)
    await lost(provider, fake, an_order())

    assert await provider.find(an_order(), just_now(), books.is_free) == fake.created[0].id


# -- the list --------------------------------------------------------------------------------------


async def test_the_grace_is_longer_than_an_order_and_the_lists_lag(
    provider: ReplicateProvider,
) -> None:
    assert provider.grace_s > QUICK.order_s + QUICK.list_lag_s


async def test_the_list_is_read_to_its_end(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    fake.ways.page_size = 2
    order = an_order()
    await lost(provider, fake, order, *[an_order(seed=seed) for seed in range(6)])

    assert await provider.find(order, just_now(), books.is_free) == fake.created[0].id
    assert fake.counts["list"] == 4


async def test_the_next_page_is_asked_of_the_configured_host_alone(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    elsewhere = f"{fake.foreign_origin}/foreign/v1/predictions?cursor=MA%3D%3D"
    fake.answer("list", Refuses(status=200, body={"next": elsewhere, "results": []}))

    assert await provider.find(an_order(), just_now(), books.is_free) is None
    assert fake.counts["list"] == 2


async def test_a_list_without_an_end_proves_nothing(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    here = f"{fake.url}/predictions?cursor=MA%3D%3D"
    fake.answer_always("list", Refuses(status=200, body={"next": here, "results": []}))

    with pytest.raises(ProviderUnavailable):
        await provider.find(an_order(), just_now(), books.is_free)


@pytest.mark.parametrize(
    "answer",
    [
        words.bad_gateway(),
        words.throttled(),
        words.not_found(),
        Refuses(status=200, body="<html>"),
        Refuses(status=200, body={"results": None}),
    ],
)
async def test_a_list_that_cannot_be_read_proves_nothing(
    answer: Refuses, provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    await lost(provider, fake, an_order())
    fake.answer("list", answer)

    with pytest.raises(ProviderUnavailable):
        await provider.find(an_order(), just_now(), books.is_free)


async def test_an_order_that_the_list_does_not_show_yet_is_found_when_it_does(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    fake.ways.list_lag_s = 60
    await lost(provider, fake, an_order())
    window = just_now()

    assert await provider.find(an_order(), window, books.is_free) is None
    fake.ways.list_lag_s = 0
    assert await provider.find(an_order(), window, books.is_free) == fake.created[0].id


# -- what can no longer be told --------------------------------------------------------------------


async def forgotten(fake: FakeReplicate) -> None:
    for made in fake.created:
        await fake.until(lambda made=made: made.is_over)  # type: ignore[misc]  # bound at once
        fake.forget(made)


async def test_an_order_whose_input_is_gone_is_lost_and_not_bought_again(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    await lost(provider, fake, an_order())
    await forgotten(fake)

    with pytest.raises(OutputLost, match="nothing was ordered again"):
        await provider.find(an_order(), just_now(), books.is_free)


async def test_a_failed_order_whose_input_is_gone_is_lost_all_the_same(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    fake.will(Fails(words.SENSITIVE))
    await lost(provider, fake, an_order())
    await forgotten(fake)

    with pytest.raises(OutputLost):
        await provider.find(an_order(), just_now(), books.is_free)


async def test_somebody_elses_old_orders_are_no_reason_to_give_up(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    await lost(provider, fake, an_order(), an_order("veo-3.1"))
    await forgotten(fake)
    books.taken = {fake.created[0].id}

    assert await provider.find(an_order(), just_now(), books.is_free) is None


async def test_one_that_is_known_by_its_input_comes_before_one_that_cannot_be_told(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    await lost(provider, fake, an_order())
    await forgotten(fake)
    await lost(provider, fake, an_order())

    assert await provider.find(an_order(), just_now(), books.is_free) == fake.created[1].id


async def test_the_models_that_are_sold_here_can_all_be_found(
    provider: ReplicateProvider, fake: FakeReplicate, books: Books
) -> None:
    await lost(provider, fake, *[an_order(key) for key in SOLD])

    for key, made in zip(SOLD, fake.created, strict=True):
        assert await provider.find(an_order(key), just_now(), books.is_free) == made.id
