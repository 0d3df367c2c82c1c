"""What is counted, and that no stranger can make it more than it is."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from server.metrics import LAG_EVERY_S, Metrics
from tests.fakes.samples import NOW, a_creative, a_job
from tests.fakes.scrape import Scrape
from tests.patience import IN_THE_END_S
from tools.domain.events import (
    CreativeAdded,
    MessageAdded,
    SessionEvent,
    ToolFinished,
    TurnFinished,
    TurnOutcome,
    VideoCancelled,
    VideoChanged,
    VideoFailed,
    VideoQueued,
)
from tools.domain.failures import Failure
from tools.domain.identity import CallId, JobId, MessageId, TurnId
from tools.domain.jobs import Stage
from tools.domain.money import Money

BROKEN = Failure(code="provider_refused", message="No.", retryable=False)
JOB = a_job()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(tools=("list-models", "generate-video"))


def page(metrics: Metrics) -> Scrape:
    return Scrape(metrics.page().decode())


TOLD: dict[str, tuple[SessionEvent, str, dict[str, str]]] = {
    "a turn that answered": (
        TurnFinished(turn_id=TurnId("t"), outcome=TurnOutcome.ANSWERED),
        "reelroom_turns_total",
        {"outcome": "answered", "error": ""},
    ),
    "a turn that failed": (
        TurnFinished(turn_id=TurnId("t"), outcome=TurnOutcome.FAILED, error=BROKEN),
        "reelroom_turns_total",
        {"outcome": "failed", "error": "provider_refused"},
    ),
    "a tool": (
        ToolFinished(call_id=CallId("c"), tool="list-models", ok=True),
        "reelroom_tool_calls_total",
        {"tool": "list-models", "ok": "true"},
    ),
    "a tool that refused": (
        ToolFinished(call_id=CallId("c"), tool="generate-video", ok=False, error=BROKEN),
        "reelroom_tool_calls_total",
        {"tool": "generate-video", "ok": "false"},
    ),
    "a tool that there is not": (
        ToolFinished(call_id=CallId("c"), tool="rm -rf", ok=False, error=BROKEN),
        "reelroom_tool_calls_total",
        {"tool": "other", "ok": "false"},
    ),
    "a film in the line": (
        VideoQueued(job_id=JOB.id, request=JOB.request, quote=JOB.quote),
        "reelroom_job_stages_total",
        {"stage": "queued"},
    ),
    "a film at its provider": (
        VideoChanged(job_id=JOB.id, stage="rendering"),
        "reelroom_job_stages_total",
        {"stage": "rendering"},
    ),
    "a film that is there": (
        CreativeAdded(job_id=JOB.id, creative=a_creative(JOB)),
        "reelroom_jobs_ended_total",
        {"outcome": "finished", "error": ""},
    ),
    "a film that failed": (
        VideoFailed(job_id=JOB.id, error=BROKEN, charged="no"),
        "reelroom_jobs_ended_total",
        {"outcome": "failed", "error": "provider_refused"},
    ),
    "a film that nobody said yes to": (
        VideoCancelled(job_id=JOB.id, reason="expired", charged="no"),
        "reelroom_jobs_ended_total",
        {"outcome": "expired", "error": ""},
    ),
}


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD.keys())
def test_each_thing_that_is_told_counts_once(
    metrics: Metrics, told: tuple[SessionEvent, str, dict[str, str]]
):
    event, name, labels = told
    before = page(metrics)
    metrics.told(event)
    after = page(metrics)
    assert after.value(name, **labels) == before.value(name, **labels) + 1
    assert sum(after.samples.values()) == sum(before.samples.values()) + 1


def test_words_are_not_counted(metrics: Metrics):
    before = metrics.page()
    metrics.told(MessageAdded(message_id=MessageId("m"), sender="user", text="a secret"))
    assert metrics.page() == before


def test_a_finished_film_tells_its_seconds_and_its_cost_by_the_model_that_made_it(
    metrics: Metrics,
):
    began = NOW + timedelta(seconds=40)
    ended = began + timedelta(seconds=95)
    job = a_job(price="0.60", stage=Stage.FINISHED, started_at=began, ended_at=ended)
    metrics.film_over(job, Money.usd("0.48"))
    told = page(metrics)
    assert told.value("reelroom_generation_seconds_sum", model="draft") == 95
    assert told.value("reelroom_generation_seconds_count", model="draft") == 1
    assert told.value("reelroom_money_spent_total", currency="USD") == pytest.approx(0.48)


def test_a_film_that_failed_costs_what_it_cost_and_says_nothing_of_how_long_films_take(
    metrics: Metrics,
):
    job = a_job(price="0.60", stage=Stage.FAILED, started_at=NOW, ended_at=NOW)
    metrics.film_over(job, Money.usd("0.10"))
    told = page(metrics)
    assert not told.has("reelroom_generation_seconds_count")
    assert told.value("reelroom_money_spent_total", currency="USD") == pytest.approx(0.1)


def test_a_clock_that_was_set_back_makes_no_film_quicker_than_nothing(metrics: Metrics):
    job = a_job(stage=Stage.FINISHED, started_at=NOW, ended_at=NOW - timedelta(hours=1))
    metrics.film_over(job, Money())
    assert page(metrics).value("reelroom_generation_seconds_sum", model="draft") == 0


def test_ten_thousand_films_and_strange_methods_make_no_more_series(metrics: Metrics):
    for number in range(10_000):
        job = replace(JOB, id=JobId(f"job-{number}"), stage=Stage.FINISHED, ended_at=NOW)
        metrics.film_over(job, Money(1))
        metrics.told(ToolFinished(call_id=CallId(f"c{number}"), tool=f"tool-{number}", ok=False))
        metrics.answered(f"METHOD{number}", "unknown", "404", 0.001)
    told = page(metrics)
    assert len(told.samples) < 150
    assert told.value("reelroom_tool_calls_total", tool="other", ok="false") == 10_000
    assert (
        told.value("reelroom_http_requests_total", method="other", route="unknown", status="404")
        == 10_000
    )


def test_where_nothing_is_known_nothing_is_told(metrics: Metrics):
    metrics.stands({Stage.QUEUED: 3}, Money.usd("1.50"))
    told = page(metrics)
    assert told.value("reelroom_jobs", stage="queued") == 3
    assert told.value("reelroom_jobs", stage="rendering") == 0
    assert told.value("reelroom_money_reserved", currency="USD") == 1.5
    metrics.stands_unknown()
    told = page(metrics)
    assert not told.has("reelroom_jobs")
    assert not told.has("reelroom_money_reserved")


async def test_a_loop_that_stood_still_is_seen(metrics: Metrics):
    watching = asyncio.create_task(metrics.watch_the_loop())
    try:
        await asyncio.sleep(0)
        time.sleep(LAG_EVERY_S + 0.2)  # noqa: ASYNC251  the loop is what is held up here
        async with asyncio.timeout(IN_THE_END_S):
            while not page(metrics).value("reelroom_loop_lag_seconds_count"):  # noqa: ASYNC110  it tells nobody
                await asyncio.sleep(0)
    finally:
        watching.cancel()
    assert page(metrics).value("reelroom_loop_lag_seconds_sum") >= 0.2
