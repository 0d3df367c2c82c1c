"""What the person should know about a film that they did not ask for, a sentence each."""

import re
from collections.abc import Sequence

from agent.models.offline import voice
from agent.models.offline.choosing import why_chosen
from agent.models.offline.facts import ANSWERS, wants_another_language
from agent.models.offline.recall import Done, Talk
from agent.models.offline.rows import as_object
from agent.models.offline.understanding import SECOND_REQUEST
from agent.models.offline.wording import Settings, plain

_SEVERAL = re.compile(
    r"\b(?:[2-9]|two|three|four|five|several|some) (?:\w{1,20} )?"
    r"(?:videos|films|clips|ads|teasers|versions|variants|variations|options|alternatives|takes)\b",
    re.IGNORECASE,
)


def notes_on(
    settings: Settings, talk: Talk, done: Sequence[Done], *, has_address: bool = False
) -> list[str]:
    """`done`: the calls of this turn, the last of them the film that was asked for."""
    notes = [why_chosen(settings, talk.turns[-1].done)]
    used = done[-1].arguments.get("uploadIds")
    quote = as_object((done[-1].output or {}).get("quote"))
    # The quote's own warnings say which images are used, where not all are.
    if isinstance(used, list | tuple) and used and not quote.get("warnings"):
        chosen = [upload for upload in talk.uploads if upload.id in used]
        notes.append(f"It uses {voice.images(chosen)}." if chosen else "")
    if settings.odd_ratio:
        ratio = done[-1].arguments.get("aspectRatio")
        notes.append(f"I cannot make {settings.odd_ratio}, so I took {ratio}.")
    said = talk.turns[-1].user.text
    if _SEVERAL.search(said):
        notes.append(voice.ONE_AT_A_TIME)
    if SECOND_REQUEST.search(said):
        notes.append(voice.ONE_THING)
    if wants_another_language(plain(said)):
        notes.append(ANSWERS["language"])
    if has_address:
        notes.append(voice.ADDRESS)
    if any(call.tool == "refine-prompt" and not call.ok for call in done):
        notes.append("The prompt could not be refined, so your own words go as they are.")
    return [note for note in notes if note]
