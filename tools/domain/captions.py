"""Captions: a person's own words, as many as can be read in the time, on at most two lines."""

import re

CHARS_PER_S = 17
"""How fast a caption may be read (captioning practice: 15 to 17 characters a second)."""

_WORD_CHARS = 34
"""A longer word would be set too small to read; the rest of it is left out."""
_HANGING = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "of", "on", "or", "our",
     "the", "to", "with", "your")
)  # fmt: skip
"""Words that no line should end in."""


def fitted(text: str, *, line_chars: int, chars: int) -> tuple[str, ...]:
    """`text` in at most two balanced lines, cut at a word where it would not fit or be readable.

    `chars` is what a reader has time for. A single word longer than a line stays on one: the
    renderer sets it smaller. Never ends in a word like "the" or "with" after a cut.
    """
    plain = re.sub(r"\s+", " ", text).strip(" .,;:-–—'\"“”‘’«»")
    words = [word[:_WORD_CHARS] for word in plain.split(" ")]
    kept = list(words)
    while len(kept) > 1 and not _fits(kept, line_chars, chars):
        kept.pop()
    if len(kept) < len(words):
        while len(kept) > 1 and kept[-1].casefold().strip(",;:") in _HANGING:
            kept.pop()
    return _lines(_sentence(" ".join(kept).strip(" ,;:-–—")), line_chars)


def _fits(words: list[str], line_chars: int, chars: int) -> bool:
    text = " ".join(words)
    return len(text) <= chars and all(len(line) <= line_chars for line in _lines(text, line_chars))


def _lines(text: str, line_chars: int) -> tuple[str, ...]:
    """One line where it fits, else the break that makes the two lines most alike."""
    if not text:
        return ()
    breaks = [i for i, char in enumerate(text) if char == " "]
    if len(text) <= line_chars or not breaks:
        return (text,)

    def cost(i: int) -> int:
        hangs = text[:i].rsplit(" ", 1)[-1].casefold() in _HANGING
        return abs(2 * i + 1 - len(text)) + (8 if hangs else 0)

    at = min(breaks, key=cost)
    return (text[:at], text[at + 1 :])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
