import asyncio
import json
from typing import Any

import pytest

from server.memory import timeline
from server.memory.journal import Journal
from server.socket.announcer import Announcer
from tests.fakes.samples import FAILURE, SESSION, a_creative, a_job, keep_session, said
from tools.domain.events import CreativeAdded, VideoChanged, VideoFailed
from tools.domain.identity import JobId, MessageId, SessionId
from tools.rendering.ports import Progress

MESSAGE = MessageId("msg-9")
OTHER = SessionId("session-2")


class Recorder:
    """An outlet that keeps what it was sent, decoded: (`entry` or `live`, body)."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def send(self, packet: str) -> None:
        assert packet[0] == "2", "a Socket.IO event of the namespace /"
        name, body = json.loads(packet[1:])
        self.heard.append((name, body))

    @property
    def numbers(self) -> list[int]:
        return [body["seq"] for name, body in self.heard if name == "entry"]

    @property
    def live(self) -> list[dict[str, Any]]:
        return [body for name, body in self.heard if name == "live"]


class House:
    """An announcer on a real journal; `elsewhere` writes as another process would."""

    def __init__(self, database, clock) -> None:
        self.questions = 0
        self.announcer = Announcer(
            address=lambda path: f"https://here/{path}",
            read_after=self._read_after,
            read_heads=self._read_heads,
            active_turn=lambda session_id: "turn-1" if session_id == SESSION else None,
        )
        self.here = Journal(database, clock=clock, announce=self.announcer.announce)
        self.elsewhere = Journal(database, clock=clock, announce=lambda _told: None)

    async def _read_after(self, session_id, after):
        self.questions += 1
        page = await self.here.read(lambda t: timeline.read(t, session_id, after=after))
        return page.entries

    async def _read_heads(self, session_ids):
        self.questions += 1
        return await self.here.read(lambda tables: timeline.heads(tables, session_ids))

    async def open(self, session_id: SessionId = SESSION) -> Recorder:
        """A browser opens the session, as the gateway does it."""
        outlet = Recorder()
        self.announcer.enter(session_id, outlet)
        page = await self.here.read(lambda tables: timeline.read(tables, session_id))
        self.announcer.has_read(session_id, page.head)
        return outlet

    async def happens(self, *events, where: Journal | None = None) -> None:
        await (where or self.here).write(lambda each: each.tell(SESSION, *events))


@pytest.fixture
async def house(database, clock):
    await database.write(lambda tables: keep_session(tables, OTHER))
    return House(database, clock)


# -- what is recorded -----------------------------------------------------------------------------


async def test_every_open_browser_hears_the_same_in_the_same_order(house):
    browsers = [await house.open() for _ in range(3)]

    await asyncio.gather(*(house.happens(said("x", number=n)) for n in range(20)))

    assert browsers[0].numbers == list(range(1, 21))
    assert browsers[0].heard == browsers[1].heard == browsers[2].heard


async def test_what_was_read_from_the_timeline_is_not_sent_again(house):
    await house.happens(said("before"))
    browser = await house.open()
    await house.announcer.catch_up()

    assert browser.numbers == []


async def test_a_session_is_heard_by_its_own_browsers_alone(house):
    elsewhere = await house.open(OTHER)

    await house.happens(said("x"))

    assert elsewhere.heard == []


async def test_a_browser_that_left_hears_nothing_more(house):
    leaving, staying = await house.open(), await house.open()
    house.announcer.leave(SESSION, leaving)

    await house.happens(said("x"))

    assert (leaving.numbers, staying.numbers) == ([], [1])


async def test_a_browser_may_leave_a_session_it_is_not_in(house):
    house.announcer.leave(SESSION, Recorder())

    assert (await house.open()).heard == []


async def test_an_entry_of_another_process_is_brought_by_catching_up(house):
    browser = await house.open()
    await house.happens(said("x"), said("y"), where=house.elsewhere)
    assert browser.numbers == []

    await house.announcer.catch_up()
    await house.announcer.catch_up()

    assert browser.numbers == [1, 2]


async def test_an_entry_ahead_of_a_hole_waits_until_the_hole_is_filled(house):
    browser = await house.open()
    await house.happens(said("theirs"), where=house.elsewhere)
    await house.happens(said("ours"))
    assert browser.numbers == []

    await house.announcer.catch_up()

    assert browser.numbers == [1, 2]


async def test_whoever_writes_a_browser_hears_every_number_once_and_in_order(house):
    browser = await house.open()

    async with asyncio.TaskGroup() as group:
        for number in range(60):
            where = house.elsewhere if number % 3 == 0 else house.here
            group.create_task(house.happens(said("x", number=number), where=where))
            if number % 10 == 0:
                group.create_task(house.announcer.catch_up())
    await house.announcer.catch_up()

    assert browser.numbers == list(range(1, 61))


async def test_what_happens_while_the_first_browser_reads_is_not_lost(house):
    browser = Recorder()
    house.announcer.enter(SESSION, browser)
    head = (await house.here.read(lambda tables: timeline.read(tables, SESSION))).head
    await house.happens(said("while it is reading"))
    house.announcer.has_read(SESSION, head)
    await house.happens(said("after"))

    assert browser.numbers == [1, 2]


async def test_nor_is_what_another_process_did_in_between(house):
    """Read up to 0; then their 1, then our 2 is announced; only then the reading is done."""
    browser = Recorder()
    house.announcer.enter(SESSION, browser)
    head = (await house.here.read(lambda tables: timeline.read(tables, SESSION))).head
    await house.happens(said("theirs"), where=house.elsewhere)
    await house.happens(said("ours"))
    house.announcer.has_read(SESSION, head)
    await house.announcer.catch_up()

    assert set(browser.numbers) >= {1, 2}


async def test_catching_up_is_one_question_however_many_sessions_are_open(house):
    for session_id in (SESSION, OTHER):
        await house.open(session_id)

    await house.announcer.catch_up()

    assert house.questions == 1


async def test_with_no_browser_open_nothing_is_asked(house):
    browser = await house.open()
    house.announcer.leave(SESSION, browser)

    await house.announcer.catch_up()

    assert house.questions == 0


# -- what may be lost -----------------------------------------------------------------------------


async def test_the_text_of_one_pass_of_the_loop_is_one_frame(house):
    browser = await house.open()
    house.announcer.text(SESSION, MESSAGE, 0, "Once ")
    house.announcer.text(SESSION, MESSAGE, 5, "upon 👋 ")
    assert browser.live == []

    await asyncio.sleep(0)
    house.announcer.text(SESSION, MESSAGE, 12, "a time")
    await asyncio.sleep(0)

    assert [(each["pos"], each["text"]) for each in browser.live] == [
        (0, "Once upon 👋 "),
        (12, "a time"),
    ]
    assert browser.live[0] == {
        "sessionId": SESSION,
        "type": "text",
        "messageId": MESSAGE,
        "pos": 0,
        "text": "Once upon 👋 ",
    }


async def test_text_that_waits_goes_out_before_an_entry_that_came_after_it(house):
    browser = await house.open()
    entries = await house.elsewhere.write(lambda each: each.tell(SESSION, said("whole")))

    house.announcer.text(SESSION, MESSAGE, 0, "half")
    house.announcer.announce(entries)
    await asyncio.sleep(0)

    assert [name for name, _ in browser.heard] == ["live", "entry"]


async def test_text_for_nobody_is_not_kept(house):
    house.announcer.text(SESSION, MESSAGE, 0, "x")
    browser = await house.open()
    await asyncio.sleep(0)

    assert browser.heard == []


async def test_text_of_a_browser_that_leaves_in_the_same_pass_is_dropped(house):
    browser = await house.open()
    house.announcer.text(SESSION, MESSAGE, 0, "x")
    house.announcer.leave(SESSION, browser)
    await asyncio.sleep(0)

    assert browser.heard == []


def some_progress(n: int, job_id: str = "job-1") -> Progress:
    return Progress(
        session_id=SESSION,
        job_id=JobId(job_id),
        n=n,
        stage="rendering",
        elapsed_s=n / 1000,
        fraction=0.25,
        eta_s=3.14159,
    )


async def test_progress_is_told_as_it_is_and_the_last_of_each_job_is_kept(house):
    browser = await house.open()
    for progress in (some_progress(1000), some_progress(2000), some_progress(5, "job-2")):
        house.announcer.progress(progress)

    assert browser.live[0] == {
        "sessionId": SESSION,
        "type": "progress",
        "jobId": "job-1",
        "n": 1000,
        "stage": "rendering",
        "fraction": 0.25,
        "etaSeconds": 3.1,
        "elapsedSeconds": 1.0,
    }
    assert [each.n for each in house.announcer.progress_of(SESSION)] == [2000, 5]
    assert house.announcer.progress_of(OTHER) == ()


@pytest.mark.parametrize(
    "end",
    [
        CreativeAdded(job_id=JobId("job-1"), creative=a_creative(a_job())),
        VideoFailed(job_id=JobId("job-1"), error=FAILURE, charged="no"),
    ],
    ids=lambda event: event.name,
)
async def test_the_progress_of_a_job_ends_with_the_job(house, end):
    over = house.announcer.end_of(JobId("job-1"))
    house.announcer.progress(some_progress(1000))
    house.announcer.progress(some_progress(1000, "job-2"))

    await house.happens(end)

    assert [each.job_id for each in house.announcer.progress_of(SESSION)] == ["job-2"]
    assert over.is_set()


async def test_a_job_that_goes_on_has_not_ended(house):
    over = house.announcer.end_of(JobId("job-1"))

    await house.happens(VideoChanged(job_id=JobId("job-1"), stage="storing"))

    assert not over.is_set()


async def test_whoever_waits_for_the_end_of_a_job_may_give_up(house):
    first, second = (house.announcer.end_of(JobId("job-1")) for _ in range(2))
    house.announcer.forget(JobId("job-1"), first)
    house.announcer.forget(JobId("job-1"), first)

    await house.happens(VideoFailed(job_id=JobId("job-1"), error=FAILURE, charged="no"))

    assert (first.is_set(), second.is_set()) == (False, True)


async def test_a_beat_says_where_each_session_stands(house):
    browsers = [await house.open(SESSION), await house.open(OTHER)]
    await house.happens(said("x"))
    house.announcer.beat()

    assert [browser.live for browser in browsers] == [
        [{"sessionId": SESSION, "type": "beat", "head": 1, "activeTurnId": "turn-1"}],
        [{"sessionId": OTHER, "type": "beat", "head": 0}],
    ]


async def test_a_browser_that_is_cut_off_while_it_is_sent_to_does_not_disturb_the_others(house):
    class Leaving(Recorder):
        def send(self, packet: str) -> None:
            super().send(packet)
            house.announcer.leave(SESSION, self)

    leaving = Leaving()
    house.announcer.enter(SESSION, leaving)
    staying = await house.open()

    await house.happens(said("x"), said("y"))

    assert (leaving.numbers, staying.numbers) == ([1], [1, 2])
