"""Which colours a text names."""

import re

from tools.domain import vocabulary as words
from tools.domain.vocabulary import bare

_HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")


def colours_in(text: str) -> tuple[str, ...]:
    """The colours named, in order, each once: "dark green", "#ff5a1f"."""
    named = dict.fromkeys(_HEX_COLOUR.findall(text))
    spoken = [bare(word) for word in text.replace("-", " ").split()]
    for at, word in enumerate(spoken):
        after = spoken[at + 1] if at + 1 < len(spoken) else ""
        before = spoken[at - 1] if at else ""
        if word not in words.COLOURS or after in words.NOT_A_COLOUR_BEFORE:
            continue
        if word == "golden" and words.LIGHT & set(spoken[at + 1 : at + 3]):
            continue
        if after in words.COLOURS and word in words.COLOUR_MODIFIERS:
            continue  # "navy blue" is one colour, told by its second word
        named[f"{before} {word}" if before in words.COLOUR_MODIFIERS else word] = None
    return tuple(named)
