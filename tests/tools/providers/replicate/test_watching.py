"""Every way a prediction can go, as it is told to the studio."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fakes import replicate_words as words
from tests.fakes.clock import StillClock
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import (
    Aborts,
    Becomes,
    Cancels,
    Download,
    Drops,
    Fails,
    Fate,
    NeverEnds,
    Refuses,
    Succeeds,
)
from tests.fakes.replicate_orders import an_order
from tools.domain.clips import Outcome
from tools.domain.identity import PredictionId
from tools.errors import ProviderRefused, ProviderUnavailable
from tools.providers.replicate.provider import ReplicateProvider
from tools.rendering.ports import Remedy, Rendered, RenderFailed, Rendering, RenderStatus

Open = Callable[..., Awaitable[ReplicateProvider]]


async def ended(provider: ReplicateProvider, fake: FakeReplicate, *fates: Fate) -> RenderStatus:
    """What is told of an order after it took this course."""
    fake.will(*fates)
    prediction_id = await provider.submit(an_order())
    await fake.until(lambda: fake.created[-1].is_over)
    return await provider.poll(prediction_id)


# -- failures --------------------------------------------------------------------------------------

ENDINGS: dict[str, tuple[Fate, str, str, Remedy, str]] = {
    "E001": (Fails(words.UPSTREAM_BILL), "model_unavailable", "no", Remedy.ANOTHER_MODEL, "model"),
    "E002": (Fails(words.UPSTREAM_KEY), "model_unavailable", "no", Remedy.ANOTHER_MODEL, "model"),
    "E003": (Fails(words.HIGH_DEMAND), "provider_unavailable", "no", Remedy.AGAIN, "later"),
    "E004": (Fails(words.UNAVAILABLE), "provider_unavailable", "no", Remedy.AGAIN, "later"),
    "E005": (Fails(words.SENSITIVE), "content_rejected", "unknown", Remedy.STOP, "other words"),
    "E005 wrapped": (
        Fails(words.WRAPPED_SENSITIVE),
        "content_rejected",
        "unknown",
        Remedy.STOP,
        "other words",
    ),
    "could not start": (
        Fails(words.START_TIMEOUT),
        "provider_unavailable",
        "no",
        Remedy.AGAIN,
        "later",
    ),
    "Sora's sentinel": (
        Fails(words.SORA_SENTINEL),
        "content_rejected",
        "unknown",
        Remedy.STOP,
        "other words",
    ),
    "Sora's moderation": (
        Fails(words.SORA_MODERATION),
        "content_rejected",
        "unknown",
        Remedy.STOP,
        "other words",
    ),
    "a face": (
        Fails("Input images with human faces are currently rejected. (E005) (a1b2)"),
        "content_rejected",
        "unknown",
        Remedy.STOP,
        "shows a face",
    ),
    "Sora's size": (
        Fails(words.SORA_SIZE),
        "provider_refused",
        "unknown",
        Remedy.STOP,
        "mistake of ours",
    ),
    "Veo's sound": (
        Fails(words.VEO_AUDIO),
        "content_rejected",
        "unknown",
        Remedy.WITHOUT_SOUND,
        "sound",
    ),
    "a filter without a code": (
        Fails("The request was blocked by our content policy."),
        "content_rejected",
        "unknown",
        Remedy.STOP,
        "other words",
    ),
    "out of memory": (
        Fails(words.OUT_OF_MEMORY),
        "provider_refused",
        "unknown",
        Remedy.STOP,
        "did not say why",
    ),
    "never heard of": (
        Fails("Traceback: list index out of range in https://evil.example"),
        "provider_refused",
        "unknown",
        Remedy.STOP,
        "did not say why",
    ),
    "nothing said": (Fails(""), "provider_refused", "unknown", Remedy.STOP, "did not say why"),
    "aborted": (Aborts(), "provider_unavailable", "no", Remedy.AGAIN, "too busy to begin"),
    "canceled": (Cancels(), "provider_unavailable", "yes", Remedy.STOP, "was stopped"),
    "no output": (Succeeds(output="null"), "output_lost", "yes", Remedy.STOP, "gave no film"),
    "empty output": (Succeeds(output="empty"), "output_lost", "yes", Remedy.STOP, "gave no film"),
    "odd output": (
        Succeeds(output=lambda _: {"frames": 24}),
        "output_lost",
        "yes",
        Remedy.STOP,
        "gave no film",
    ),
    "moderated output": (
        Succeeds(output="null", logs="Content was flagged by the safety system\n"),
        "content_rejected",
        "yes",
        Remedy.STOP,
        "other words",
    ),
}


@pytest.mark.parametrize("case", ENDINGS)
async def test_an_end_without_a_film_is_told_with_a_reason_and_a_next_step(
    case: str, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fate, code, charged, remedy, said = ENDINGS[case]

    status = await ended(provider, fake, fate)

    assert isinstance(status, RenderFailed)
    assert (status.failure.code, status.charged, status.remedy) == (code, charged, remedy)
    assert said in status.failure.message


@pytest.mark.parametrize("case", [case for case, told in ENDINGS.items() if "Fails" in repr(told)])
async def test_nothing_of_a_providers_own_words_is_passed_on(
    case: str, provider: ReplicateProvider, fake: FakeReplicate, told: Callable[[], str]
) -> None:
    fate = ENDINGS[case][0]
    assert isinstance(fate, Fails)

    status = await ended(provider, fake, fate)

    assert isinstance(status, RenderFailed)
    for piece in filter(None, (fate.error, fate.error[-12:], "evil.example")):
        assert piece not in f"{status.failure}"
        assert piece not in told()


@pytest.mark.parametrize(("film_s", "charged"), [(4.0, "yes"), (0.0, "no"), ("much", "unknown")])
async def test_what_was_made_by_their_own_measure_decides_whether_it_was_charged(
    film_s: object, charged: str, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.ways.render_s = None
    fake.will(Fails(words.SENSITIVE))
    prediction_id = await provider.submit(an_order())
    await fake.finish(fake.created[0])
    fake.created[0].metrics = {"video_output_duration_seconds": film_s}

    status = await provider.poll(prediction_id)

    assert isinstance(status, RenderFailed)
    assert status.charged == charged


@pytest.mark.parametrize("fate", [Cancels(), Aborts()])
async def test_a_cancellation_is_told_from_a_failure(
    fate: Fate, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    status = await ended(provider, fake, fate)

    assert isinstance(status, RenderFailed)
    expected = Outcome.CANCELLED if isinstance(fate, Cancels) else Outcome.FAILED
    assert status.outcome is expected


async def test_a_film_that_nobody_fetched_in_its_hour_is_lost_and_charged(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    await ended(provider, fake, Succeeds())
    fake.forget(fake.created[0])

    status = await provider.poll(PredictionId(fake.created[0].id))

    assert isinstance(status, RenderFailed)
    assert (status.failure.code, status.charged) == ("output_lost", "yes")
    assert "within the hour" in status.failure.message


# -- a film ----------------------------------------------------------------------------------------


async def test_a_finished_film_says_what_it_is_billed_by_and_when_it_will_be_gone(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    status = await ended(provider, fake, Succeeds(seconds=6.04))

    made = fake.created[0]
    assert made.completed_at is not None
    assert isinstance(status, Rendered)
    assert status.billed_s == 6.04
    assert status.took_s == pytest.approx((made.completed_at - made.at).total_seconds())
    assert status.loses_it_at == made.completed_at + timedelta(hours=1)


OUTPUTS: dict[str, Any] = {
    "a string": "string",
    "a list": "list",
    "an object": "object",
    "a list of objects": lambda url: [{"url": url}],
    "an object named for what it holds": lambda url: {"video": {"url": url}},
    "a list with a hole": lambda url: [None, url],
}


@pytest.mark.parametrize("case", OUTPUTS)
async def test_a_film_is_a_film_however_it_is_wrapped(
    case: str, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    assert isinstance(await ended(provider, fake, Succeeds(output=OUTPUTS[case])), Rendered)


# -- on the way ------------------------------------------------------------------------------------


async def test_standing_in_the_queue_is_told_from_being_worked_on(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.ways.render_s = None
    prediction_id = await provider.submit(an_order())
    in_queue = await provider.poll(prediction_id)
    await fake.step(fake.created[0])
    at_work = await provider.poll(prediction_id)

    assert in_queue == Rendering(is_waiting=True)
    assert at_work == Rendering()


async def test_a_status_nobody_has_heard_of_is_taken_for_work_and_noted(
    provider: ReplicateProvider, fake: FakeReplicate, told: Callable[[], str]
) -> None:
    fake.will(Becomes("paused"))
    prediction_id = await provider.submit(an_order())
    await fake.until(lambda: fake.created[0].status == "paused")

    assert await provider.poll(prediction_id) == Rendering()
    assert "an unknown status is taken for work" in told()


async def test_a_prediction_just_made_may_be_denied_for_a_while(
    opened: Open, fake: FakeReplicate
) -> None:
    clock = StillClock()
    provider = await opened(clock=clock)
    fake.will(NeverEnds(hidden_polls=2))
    prediction_id = await provider.submit(an_order())

    told = []
    for _ in range(3):
        clock.passes(seconds=9)
        told.append(await provider.poll(prediction_id))

    assert all(isinstance(status, Rendering) for status in told)


async def test_one_that_is_denied_for_longer_is_lost_and_nobody_knows_if_it_was_charged(
    opened: Open, fake: FakeReplicate
) -> None:
    clock = StillClock()
    provider = await opened(clock=clock)
    fake.will(NeverEnds(hidden_polls=9))
    prediction_id = await provider.submit(an_order())
    clock.passes(seconds=31)

    status = await provider.poll(prediction_id)

    assert isinstance(status, RenderFailed)
    assert (status.failure.code, status.charged) == ("output_lost", "unknown")


@pytest.mark.parametrize("stranger", ["../../etc/passwd", "a/b", "", "?x=1", "é"])
async def test_what_can_be_no_id_is_never_asked_about(
    stranger: str, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    assert isinstance(await provider.poll(PredictionId(stranger)), RenderFailed)
    assert await provider.cancel(PredictionId(stranger)) == "unknown"
    assert fake.requests == []


NO_ANSWERS: dict[str, Download] = {
    "throttled": words.throttled(),
    "an edge's error": words.bad_gateway(),
    "their own error": words.internal_error(),
    "dropped": Drops(),
    "a page": Refuses(status=200, body="<html>"),
    "no object": Refuses(status=200, body=""),
    "no status": Refuses(status=200, body={"id": "abc"}),
}


@pytest.mark.parametrize("case", NO_ANSWERS)
async def test_no_answer_says_nothing_about_the_film(
    case: str, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    prediction_id = await provider.submit(an_order())
    fake.answer("poll", NO_ANSWERS[case])

    with pytest.raises(ProviderUnavailable):
        await provider.poll(prediction_id)


async def test_a_key_that_was_withdrawn_is_told_in_the_seeds_words(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    prediction_id = await provider.submit(an_order())
    fake.token = "r8_another"

    with pytest.raises(ProviderRefused, match=r"^Video generation failed: Invalid API key"):
        await provider.poll(prediction_id)


async def test_another_process_goes_on_from_the_id_alone(opened: Open, fake: FakeReplicate) -> None:
    prediction_id = await (await opened()).submit(an_order())
    await fake.until(lambda: fake.created[0].is_over)

    assert isinstance(await (await opened()).poll(prediction_id), Rendered)


async def test_a_moment_in_nanoseconds_is_read(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    prediction_id = await provider.submit(an_order())
    answer = {
        "id": prediction_id,
        "status": "succeeded",
        "output": "https://replicate.delivery/a.mp4",
        "created_at": "2026-11-22T10:00:00.990893084Z",
        "completed_at": "2026-11-22T10:01:00.990893084Z",
    }
    fake.answer("poll", Refuses(status=200, body=answer))

    status = await provider.poll(prediction_id)

    assert isinstance(status, Rendered)
    assert status.took_s == 60
    assert status.loses_it_at == datetime(2026, 11, 22, 11, 1, 0, 990893, tzinfo=UTC)
    assert status.billed_s is None


@pytest.mark.parametrize(
    ("watched_s", "low_s", "high_s"), [(0, 1.6, 2.4), (20, 4, 6), (119, 4, 6), (3000, 8, 12)]
)
def test_questions_come_less_often_the_longer_it_takes_and_never_in_step(
    watched_s: float, low_s: float, high_s: float
) -> None:
    provider = ReplicateProvider(token="t", base_url="http://x", lend=lambda *_: None)  # type: ignore[arg-type]  # never asked
    pauses = [provider.pause_s(watched_s) for _ in range(200)]

    assert low_s <= min(pauses) < max(pauses) <= high_s
    assert len(set(pauses)) > 100
