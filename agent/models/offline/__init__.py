"""The embedded chat model: an honest rule-follower, chosen where no language model is set up.

model       streams one step of the answer
doing       the next step of a plan            deciding    message + history -> plan
understanding, wording, templates, languages   one message -> its meaning
recall      the history, read from the request     voice, telling   the sentences
"""

from agent.models.offline.model import OfflineModel
from agent.models.offline.voice import STARTERS

__all__ = ["STARTERS", "OfflineModel"]
