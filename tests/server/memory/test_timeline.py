import json
from typing import Any, get_args

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from server.memory.codec import EVENTS
from server.memory.timeline import PAGE_BYTES, append, heads, of_types, read
from server.wire.entries import ENTRY_DATA, data_for, entry_json
from tests.fakes.samples import EVERY_EVENT, NOW, SESSION, keep_session, said
from tools.domain.events import MessageAdded, SessionEvent, ToolFinished, ToolStarted
from tools.domain.failures import Failure
from tools.domain.identity import CallId, MessageId, SessionId
from tools.errors import NotFound

NAMES = {kind.name for kind in get_args(SessionEvent)}


@pytest.fixture
async def hundred(database):
    """A session with a hundred entries, of which every tenth is large."""

    def work(connection: sa.Connection) -> None:
        texts = ["x" * (50_000 if number % 10 == 0 else 5) for number in range(1, 101)]
        append(connection, SESSION, [said(text) for text in texts], NOW)

    await database.write(work)
    return database


async def test_a_page_begins_after_the_asked_number_and_holds_no_more_than_asked(hundred):
    page = await hundred.read(lambda tables: read(tables, SESSION, after=3, limit=4))

    assert [entry.seq for entry in page.entries] == [4, 5, 6, 7]
    assert (page.head, page.more) == (100, True)


async def test_a_page_ends_before_it_is_too_large(hundred):
    page = await hundred.read(lambda tables: read(tables, SESSION, limit_bytes=60_000))

    assert [entry.seq for entry in page.entries] == list(range(1, 20))
    assert page.more


async def test_a_page_is_measured_in_bytes_not_in_letters(database):
    letters = PAGE_BYTES // 4
    await database.write(lambda t: append(t, SESSION, [said("晴" * letters), said("x")], NOW))
    await database.write(lambda t: append(t, SESSION, [said("晴" * letters)], NOW))

    page = await database.read(lambda tables: read(tables, SESSION))

    assert sum(len(EVENTS[e.event.name].dump(e.event).encode()) for e in page.entries) <= PAGE_BYTES


async def test_one_entry_too_large_for_a_page_is_a_page_of_its_own(hundred):
    page = await hundred.read(lambda tables: read(tables, SESSION, after=9, limit_bytes=10))

    assert [entry.seq for entry in page.entries] == [10]


async def test_page_after_page_is_the_whole_timeline(hundred):
    numbers: list[int] = []
    more = True
    while more:
        after = numbers[-1] if numbers else 0
        page = await hundred.read(
            lambda tables, after=after: read(tables, SESSION, after=after, limit=7)
        )
        numbers += [entry.seq for entry in page.entries]
        more = page.more

    assert numbers == list(range(1, 101))


@pytest.mark.parametrize("after", [100, 101, 10**12])
async def test_after_the_newest_there_is_nothing_and_no_more(hundred, after):
    page = await hundred.read(lambda tables: read(tables, SESSION, after=after))

    assert (page.entries, page.head, page.more) == ((), 100, False)


async def test_a_session_that_is_not_there_has_no_timeline(database):
    with pytest.raises(NotFound):
        await database.read(lambda tables: read(tables, SessionId("nowhere")))
    with pytest.raises(NotFound):
        await database.write(lambda t: append(t, SessionId("nowhere"), [said("x")], NOW))


async def test_the_newest_of_some_kinds_come_oldest_first(database):
    events = [event for event in EVERY_EVENT if isinstance(event, ToolStarted | ToolFinished)]
    await database.write(lambda tables: append(tables, SESSION, [*EVERY_EVENT, *events], NOW))

    kinds = (ToolStarted.name, ToolFinished.name)
    found = await database.read(lambda tables: of_types(tables, SESSION, kinds, last=3))

    assert found == tuple(events)


async def test_the_heads_of_many_sessions_are_one_question(database):
    other = SessionId("session-2")
    await database.write(lambda tables: keep_session(tables, other))
    await database.write(lambda tables: append(tables, other, [said("a"), said("b")], NOW))

    found = await database.read(lambda tables: heads(tables, [SESSION, other, SessionId("gone")]))

    assert found == {SESSION: 0, other: 2}


async def test_every_event_comes_back_as_it_was_told(database):
    await database.write(lambda tables: append(tables, SESSION, EVERY_EVENT, NOW))

    page = await database.read(lambda tables: read(tables, SESSION))

    assert tuple(entry.event for entry in page.entries) == EVERY_EVENT
    assert {entry.at for entry in page.entries} == {NOW}


def test_the_samples_hold_every_event_there_is():
    assert {event.name for event in EVERY_EVENT} == NAMES


def test_every_event_is_known_to_the_rows_and_to_the_wire():
    assert set(EVENTS) == set(ENTRY_DATA) == NAMES


@pytest.mark.parametrize("event", EVERY_EVENT, ids=lambda event: event.name)
def test_every_event_becomes_the_data_that_the_protocol_promises(event):
    entry = entry_json(SESSION, 1, NOW, event, _address)

    assert entry["type"] == event.name
    assert type(data_for(event, _address)) is ENTRY_DATA[event.name]
    assert json.loads(json.dumps(entry, allow_nan=False)) == entry


WORDS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(text=WORDS, client_id=st.none() | WORDS, suggestions=st.lists(WORDS, max_size=3))
def test_any_words_come_back_as_they_were_said(text, client_id, suggestions):
    event = MessageAdded(
        message_id=MessageId("msg-1"),
        sender="user",
        text=text,
        client_id=client_id,
        suggestions=tuple(suggestions),
    )

    assert _there_and_back(event) == event


@given(result=st.none() | st.dictionaries(WORDS, JSON, max_size=5), details=JSON)
def test_any_json_a_tool_gives_comes_back_as_it_was_given(result, details):
    error = Failure(code="internal", message="", details={"found": details})
    event = ToolFinished(call_id=CallId("call-1"), tool="x", ok=True, result=result, error=error)

    assert _there_and_back(event) == event


def _there_and_back(event: SessionEvent) -> Any:
    codec = EVENTS[event.name]
    return codec.load(codec.dump(event))


def _address(path: str) -> str:
    return f"https://here/{path}"
