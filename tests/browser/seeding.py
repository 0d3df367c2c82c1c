"""Long stories without waiting for them: written into the record as the studio writes, and so announced."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from server.clocks import mint
from server.memory import creatives, timeline
from server.memory.journal import Transaction
from server.memory.tables import jobs
from tests.fakes.house import OpenHouse
from tools.domain.events import CreativeAdded, MessageAdded, VideoQueued
from tools.domain.identity import CreativeId, JobId, MessageId, SessionId


async def copy_film(house: OpenHouse, session_id: str, copies: int) -> None:
    """The first film of a session, so many times more: each ordered and finished."""

    def work(transaction: Transaction) -> None:
        session = SessionId(session_id)
        events = [
            each.event for each in timeline.read(transaction.connection, session, after=0).entries
        ]
        queued = next(each for each in events if isinstance(each, VideoQueued))
        film = next(each.creative for each in events if isinstance(each, CreativeAdded))
        row = transaction.connection.execute(sa.select(jobs).where(jobs.c.id == film.job_id)).one()
        for number in range(copies):
            job_id = JobId(f"{film.job_id}-{number}")
            copy = replace(film, id=CreativeId(f"{film.id}-{number}"), job_id=job_id)
            transaction.connection.execute(sa.insert(jobs).values({**row._mapping, "id": job_id}))
            creatives.add(transaction, copy)
            transaction.tell(session, replace(queued, job_id=job_id))
            transaction.tell(session, CreativeAdded(job_id=job_id, creative=copy))

    await house.house.journal.write(work)


WRITTEN_AT_ONCE = 100
"""A browser that is listening and 500 frames behind is cut off."""


async def tell_long_story(
    house: OpenHouse, session_id: str, messages: int, *, text: Callable[[int], str]
) -> None:
    """So many messages more, of the assistant, each with its own words."""

    def work(transaction: Transaction, first: int) -> None:
        for number in range(first, min(first + WRITTEN_AT_ONCE, messages)):
            said = MessageAdded(
                message_id=MessageId(mint("msg")), sender="assistant", text=text(number)
            )
            transaction.tell(SessionId(session_id), said)

    for first in range(0, messages, WRITTEN_AT_ONCE):
        await house.house.journal.write(partial(work, first=first))
