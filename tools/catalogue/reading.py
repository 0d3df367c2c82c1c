"""Reads the video models: our own file, and an operator's laid over it.

A row of the operator's with a key of ours changes only the fields it names; one with a new key is a
model more. A wrong file is refused whole, with the file, the line, the row and the reason, before
anybody can ask for a film.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tools.catalogue import lines as places
from tools.catalogue.checks import Fault, faults_of, unknown_replacements
from tools.catalogue.written import ModelRow
from tools.domain.models import VideoModel

OWN_FILE = Path(__file__).with_name("models.toml")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")

Table = Mapping[str, Any]


class WrongCatalogue(Exception):
    """A file cannot be used: where and why, on one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A row as it stands in a file. `number` counts from 1."""

    file: Path
    lines: Mapping[places.Path, int]
    number: int
    key: str
    fields: Table

    def refused(self, faults: Sequence[Fault]) -> WrongCatalogue:
        top: places.Path = ("model", self.number - 1)
        told = sorted(
            (places.line_of((*top, *fault.path), self.lines) or 1, _sentence(fault))
            for fault in faults
        )
        first = told[0][0]
        sentences = [
            sentence if line == first else f"line {line}: {sentence}" for line, sentence in told
        ]
        return WrongCatalogue(
            f"{self.file.name}, line {first}, model {self.number} ({self.key}): "
            f"{'; '.join(dict.fromkeys(sentences))}"
        )


def read_models(overlay: Path | None = None) -> tuple[VideoModel, ...]:
    """Every model, in the order of our file; the operator's new ones behind ours, before the draft.

    Raises WrongCatalogue.
    """
    own = _read(OWN_FILE)
    theirs = {} if overlay is None else _read(overlay)
    merged = {key: row.fields for key, row in own.items()}
    for key, row in theirs.items():
        merged[key] = _laid_over(merged.get(key, {}), row.fields)
    sources = own | theirs
    rows = {
        key: _checked(sources[key], fields, is_ours=key in own) for key, fields in merged.items()
    }
    for key, checked in rows.items():
        if faults := tuple(unknown_replacements(checked, rows)):
            raise sources[key].refused(faults)
    in_order = sorted(rows.values(), key=lambda row: row.is_draft)
    return tuple(row.model() for row in in_order)


def _read(file: Path) -> dict[str, _Written]:
    try:
        text = file.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongCatalogue(_syntax(file, error)) from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise WrongCatalogue(f"{file.name}: {error}") from error
    lines = places.lines_of(text)
    _check_top(file, data, lines)
    rows: dict[str, _Written] = {}
    for number, fields in enumerate(data["model"], start=1):
        row = _written(file, lines, number, fields)
        if row.key in rows:
            reason = f"this key is already taken by model {rows[row.key].number}"
            raise row.refused([Fault(path=("key",), reason=reason)])
        rows[row.key] = row
    return rows


def _syntax(file: Path, error: tomllib.TOMLDecodeError) -> str:
    """As the reader says it, with its line where ours are: "models.toml, line 2: Invalid value"."""
    message = str(error)
    place = _AT_LINE.search(message)
    if place is None:
        return f"{file.name}: {message}"
    return f"{file.name}, line {place[1]}: {message[: place.start()]}"


def _check_top(file: Path, data: Table, lines: Mapping[places.Path, int]) -> None:
    stranger = next((name for name in data if name != "model"), None)
    line = None if stranger is None else places.line_of((stranger,), lines)
    rows = data.get("model")
    if stranger is not None or not isinstance(rows, list) or not rows:
        where = file.name if line is None else f"{file.name}, line {line}"
        raise WrongCatalogue(f"{where}: it has to be a list of [[model]] and nothing else")


def _written(file: Path, lines: Mapping[places.Path, int], number: int, fields: object) -> _Written:
    named = fields.get("key") if isinstance(fields, dict) else None
    row = _Written(
        file=file,
        lines=lines,
        number=number,
        key=named if isinstance(named, str) else "without a key",
        fields=fields if isinstance(fields, dict) else {},
    )
    if not isinstance(named, str):
        raise row.refused([Fault(path=("key",), reason="every model needs one, as text")])
    return row


def _laid_over(below: Table, above: Table) -> Table:
    """Tables are merged field by field; a list or a value takes the place of the one below."""
    merged = dict(below)
    for name, value in above.items():
        under = merged.get(name)
        both = isinstance(value, dict) and isinstance(under, dict)
        merged[name] = _laid_over(under or {}, value) if both else value
    return merged


def _checked(source: _Written, fields: Table, *, is_ours: bool) -> ModelRow:
    try:
        row = ModelRow.model_validate(fields)
    except ValidationError as error:
        raise source.refused(tuple(_faults(error, fields, is_ours=is_ours))) from error
    faults = [*faults_of(row)]
    if not row.is_retired:
        faults += [
            Fault(path=(day,), reason='it wants state = "retired"')
            for day in ("retired_on", "gone_by")
            if day in source.fields
        ]
    if faults:
        raise source.refused(faults)
    return row


def _faults(error: ValidationError, fields: Table, *, is_ours: bool) -> Iterator[Fault]:
    for one in error.errors(include_url=False, include_input=False):
        is_missing = one["type"] == "missing"
        path = _path(one["loc"], fields, is_missing=is_missing)
        reason = one["msg"].removeprefix("Value error, ")
        if is_missing and len(path) == 1 and not is_ours:
            reason = "it is missing: no model of ours has this key, and a new one needs it"
        yield Fault(path=path, reason=reason)


def _path(location: tuple[int | str, ...], fields: Table, *, is_missing: bool) -> places.Path:
    """Without what only our own shapes know: which of two ways to write a field was tried."""
    path: places.Path = ()
    value: Any = fields
    for step in location:
        is_there = (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        )
        if is_there:
            path, value = (*path, step), value[step]
    return (*path, location[-1]) if is_missing else path


def _sentence(fault: Fault) -> str:
    return ": ".join(part for part in (".".join(map(str, fault.path)), fault.reason) if part)
