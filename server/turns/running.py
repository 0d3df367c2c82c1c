"""One turn at work: how it is stopped, and how it ended, whatever became of it."""

import asyncio
import logging
from dataclasses import dataclass

from agent.turn import TurnResult
from server.scribe import TurnScribe
from tools.domain.events import TurnOutcome
from tools.domain.failures import Failure, failure_from
from tools.domain.identity import TurnId
from tools.errors import Internal, Interrupted

logger = logging.getLogger("reelroom.turns")

STOP_LIMIT_S = 0.8
"""What a model and its tools get to let go; a person who pressed Stop sees the end within a second."""
INTERRUPTED = failure_from(Interrupted("The server stopped in the middle of this answer."))


@dataclass(slots=True, kw_only=True)
class Running:
    turn_id: TurnId
    scribe: TurnScribe
    task: asyncio.Task[TurnResult]
    given_up: asyncio.Future[TurnResult]
    """Cancelled when a stopped turn has not ended in time: it is told as stopped all the same."""
    stop_asked: bool = False

    def stop(self) -> None:
        self.stop_asked = True
        self.task.cancel()
        asyncio.get_running_loop().call_later(STOP_LIMIT_S, self.given_up.cancel)


async def outcome_of(running: Running) -> tuple[TurnOutcome, Failure | None]:
    """Wait for the turn, whatever becomes of it: a stop, the end of the process, a bug."""
    try:
        result = await _first_of(running)
    except asyncio.CancelledError:
        if running.stop_asked:
            return TurnOutcome.STOPPED, None
        running.task.cancel()
        await asyncio.wait({running.task}, timeout=5)
        return TurnOutcome.INTERRUPTED, INTERRUPTED
    except Exception:
        logger.exception("a turn broke")
        return TurnOutcome.FAILED, failure_from(Internal())
    return TurnOutcome(result.outcome), result.error


async def _first_of(running: Running) -> TurnResult:
    """The turn's own end, or CancelledError when it was stopped and does not let go."""
    await asyncio.wait({running.task, running.given_up}, return_when=asyncio.FIRST_COMPLETED)
    if running.task.done():
        return running.task.result()
    # Cancelled already, and its scribe is closed with the turn: it can do nothing more here.
    logger.warning("a stopped turn did not let go in time")
    running.task.add_done_callback(_forget)
    raise asyncio.CancelledError


def _forget(task: asyncio.Task[TurnResult]) -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.warning("a stopped turn broke afterwards", exc_info=task.exception())
