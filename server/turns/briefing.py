"""What is on the record when a turn begins: the talk, and the facts of the campaign."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from agent.ports import Briefing
from server.memory import creatives, jobs, ledger, timeline, uploads
from server.memory.conversations import Session, TurnRow
from server.memory.journal import Clock
from tools.domain.events import (
    MessageAdded,
    SessionEvent,
    ToolFinished,
    ToolStarted,
    TurnFinished,
    TurnStarted,
)
from tools.domain.identity import SessionId
from tools.domain.models import ModelOffer
from tools.domain.money import Money
from tools.errors import StudioError

HISTORY_EVENTS = 600
TALK = tuple(
    kind.name for kind in (MessageAdded, TurnStarted, TurnFinished, ToolStarted, ToolFinished)
)
Offers = Callable[[], tuple[ModelOffer, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a turn starts from."""

    session: Session
    happened: tuple[SessionEvent, ...]
    briefing: Briefing


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A turn that is running. `known`: or why that could not be read."""

    turn: TurnRow
    known: Known | Exception


class Facts:
    """`offers`: the video models as they can be had now. `budget`: of a campaign."""

    def __init__(self, *, offers: Offers, budget: Money, clock: Clock) -> None:
        self._offers = offers
        self._budget = budget
        self._clock = clock

    def begun(self, tables: sa.Connection, session: Session, turn: TurnRow) -> "Begun":
        """With what is known at its beginning, in the transaction that begins it."""
        try:
            return Begun(turn=turn, known=self._of(tables, session))
        except (StudioError, ValueError, LookupError) as error:
            # A record that cannot be read is the turn's trouble: its message stands all the same.
            return Begun(turn=turn, known=error)

    def _of(self, tables: sa.Connection, session: Session) -> Known:
        happened = timeline.of_types(tables, session.id, TALK, last=HISTORY_EVENTS)
        money = ledger.balance(tables, session.tenant_id, session.campaign_id)
        left = self._budget - money.spent - money.reserved
        briefing = Briefing(
            today=self._clock().date(),
            uploads=uploads.of_session(tables, session.id),
            creatives=creatives.of_session(tables, session.id),
            jobs=jobs.unfinished_in(tables, session.id),
            models=self._offers(),
            budget_left=max(left, Money()),
            earlier_messages=_unread_messages(tables, session.id, happened),
        )
        return Known(session=session, happened=happened, briefing=briefing)


def _unread_messages(
    tables: sa.Connection, session_id: SessionId, happened: tuple[SessionEvent, ...]
) -> int:
    """Messages that are further back than a turn reads."""
    if len(happened) < HISTORY_EVENTS:
        return 0
    read = sum(isinstance(event, MessageAdded) for event in happened)
    return timeline.count(tables, session_id, MessageAdded.name) - read
