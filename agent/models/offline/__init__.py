"""The embedded chat model: an honest rule-follower, chosen where no language model is set up.

model       streams one step of the answer
doing       the next step of a plan            deciding    message + history -> plan
understanding, wording, templates, languages   one message -> its meaning
facts, occasions, repeats                      ... and the kinds of meaning with rules of their own
recall      the history, read from the request     voice, telling, notes   the sentences
"""

from agent.models.offline.model import OfflineModel
from agent.models.offline.voice import STARTERS

__all__ = ["STARTERS", "OfflineModel"]
