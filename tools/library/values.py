"""What a person gave for a parameter, made fit to stand in a prompt: words, and nothing more."""

import re

from tools.domain.prompts import without_labels
from tools.domain.templates import Parameter, ParameterKind
from tools.errors import InvalidPayload

_NUMBER = re.compile(r"-?\d{1,9}")
_UPLOAD_ID = re.compile(r"[\w.-]{1,100}")
_JOINERS = "\u200c\u200d"
"""Invisible, and part of how Persian, Hindi and many emoji are written."""


def value_of(parameter: Parameter, given: str | int) -> str | int:
    """The value as the template takes it; "" where nothing was said.

    Raises InvalidPayload: too long, not among the choices, no whole number, out of its range.
    """
    words = one_line(str(given))
    if len(words) > parameter.max_chars:
        raise InvalidPayload(
            f"{parameter.name} may have {parameter.max_chars} characters; this has {len(words)}.",
            field=parameter.name,
        )
    if not words:
        return ""
    match parameter.kind:
        case ParameterKind.TEXT:
            return without_labels(words)
        case ParameterKind.CHOICE:
            return _choice(parameter, words)
        case ParameterKind.INTEGER:
            return _integer(parameter, words)
        case ParameterKind.UPLOAD:
            return _upload(parameter, words)


def one_line(text: str) -> str:
    """The text without what cannot be seen: controls, breaks, marks that turn the writing around."""
    seen = (c if c.isprintable() or c in _JOINERS else " " for c in text)
    return " ".join("".join(seen).split())


def plain(name: str) -> str:
    """A name as it is compared: letters and digits, without case."""
    return re.sub(r"[\W_]+", "", name[:200]).casefold()


def _choice(parameter: Parameter, words: str) -> str:
    chosen = next((one for one in parameter.choices if plain(one) == plain(words)), None)
    if chosen is None:
        raise InvalidPayload(
            f"{parameter.name} is one of {', '.join(parameter.choices)}, not {words[:80]!r}.",
            field=parameter.name,
        )
    return chosen


def _integer(parameter: Parameter, words: str) -> int:
    """As in "20", "20 %" and "3 days"; "2 or 3" and "1,000" leave open which number is meant."""
    numbers = _NUMBER.findall(words)
    number = int(numbers[0]) if len(numbers) == 1 else None
    if number is None or not parameter.low <= number <= parameter.high:
        raise InvalidPayload(
            f"{parameter.name} is a whole number from {parameter.low} to {parameter.high}, "
            f"not {words[:80]!r}.",
            field=parameter.name,
        )
    return number


def _upload(parameter: Parameter, words: str) -> str:
    if not _UPLOAD_ID.fullmatch(words):
        raise InvalidPayload(
            f"{parameter.name} is the uploadId of an image of this session, not {words[:80]!r}.",
            field=parameter.name,
        )
    return words
