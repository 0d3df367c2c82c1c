"""After a crash: the turns that the killed process was running are closed."""

from server.memory import conversations, timeline
from server.memory.conversations import TurnState
from server.memory.journal import Transaction
from server.scribe import STOPPED
from server.turns.briefing import HISTORY_EVENTS
from server.turns.running import INTERRUPTED
from tools.domain.events import SessionEvent, ToolFinished, ToolStarted, TurnFinished, TurnOutcome
from tools.domain.identity import SessionId, TurnId


def interrupt_cut_off_turns(transaction: Transaction) -> set[SessionId]:
    """Close the turns that a killed process was running; the sessions where others still wait."""
    for turn in conversations.turns_in(transaction.connection, TurnState.RUNNING):
        started = timeline.of_types(
            transaction.connection,
            turn.session_id,
            (ToolStarted.name, ToolFinished.name),
            last=HISTORY_EVENTS,
        )
        for call in _open_calls(started, turn.id):
            transaction.tell(
                turn.session_id,
                ToolFinished(
                    turn_id=turn.id, call_id=call.call_id, tool=call.tool, ok=False, error=STOPPED
                ),
            )
        conversations.move_turn(
            transaction, turn.id, expected=TurnState.RUNNING, to=TurnState.FINISHED
        )
        finished = TurnFinished(turn_id=turn.id, outcome=TurnOutcome.INTERRUPTED, error=INTERRUPTED)
        transaction.tell(turn.session_id, finished)
    waiting = conversations.turns_in(transaction.connection, TurnState.QUEUED)
    return {turn.session_id for turn in waiting}


def _open_calls(happened: tuple[SessionEvent, ...], turn_id: TurnId) -> tuple[ToolStarted, ...]:
    over = {event.call_id for event in happened if isinstance(event, ToolFinished)}
    return tuple(
        event
        for event in happened
        if isinstance(event, ToolStarted) and event.turn_id == turn_id and event.call_id not in over
    )
