"""On which line of a file a row of the catalogue, or a field of it, is written: TOML's reader forgets."""

import re
from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]
"""From the file's top to a field: `("model", 2, "inputs", "fixed")`. Rows of a list count from 0."""

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_NAME = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER = re.compile(rf"^[ \t]*(\[\[?)[ \t]*({_NAME})[ \t]*\]")
_FIELD = re.compile(rf"^[ \t]*({_NAME})[ \t]*=")
_BLOCK = re.compile(r"\"\"\"|'''")


def lines_of(text: str) -> Mapping[Path, int]:
    """Every header and field that begins a line, with its line, counted from 1.

    What stands inside a text of several lines is none. What is written inline has no line of its
    own: `line_of` answers with that of what holds it.
    """
    found: dict[Path, int] = {}
    lists: dict[Path, int] = {}
    prefix: Path = ()
    for number, line in _outside_of_texts(text):
        if header := _HEADER.match(line):
            names = _parts(header[2])
            prefix = _resolved(names, lists, is_new=header[1] == "[[")
            found.setdefault(prefix, number)
        elif field := _FIELD.match(line):
            path = prefix
            for name in _parts(field[1]):
                path = (*path, name)
                found.setdefault(path, number)
    return found


def line_of(path: Path, lines: Mapping[Path, int]) -> int | None:
    """The line of the field, else of the nearest thing around it; None: there is none."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _parts(name: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(_PART, name)]


def _resolved(names: list[str], lists: dict[Path, int], *, is_new: bool) -> Path:
    """The header's path with the row of every list that it goes through."""
    path: Path = ()
    for place, name in enumerate(names):
        path = (*path, name)
        if is_new and place == len(names) - 1:
            lists[path] = lists.get(path, -1) + 1
        if path in lists:
            path = (*path, lists[path])
    return path


def _outside_of_texts(text: str) -> Iterator[tuple[int, str]]:
    closing: str | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if closing is None:
            if line.lstrip().startswith("#"):
                continue
            yield number, line
        for mark in _BLOCK.findall(line):
            closing = mark if closing is None else None if mark == closing else closing
