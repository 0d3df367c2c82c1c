"""A session's turns: who may ask, who is running, what each starts from, what a crash leaves."""

from server.turns.asking import QUEUE_PLACES
from server.turns.briefing import Facts
from server.turns.turns import Allow, Answer, FindSession, Turns

__all__ = ["QUEUE_PLACES", "Allow", "Answer", "Facts", "FindSession", "Turns"]
