"""The golden dialogues as values, read from `data/*.toml` and checked: a misspelt field is no row."""

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from tests.fakes.dialogue import LOGO, PRODUCT
from tools.domain.uploads import Upload

DATA = Path(__file__).parent / "data"
IMAGES = {"logo": LOGO, "product": PRODUCT}
FILM_FIELDS = {"duration", "aspectRatio", "model", "uploadIds", "prompt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One message and what must come of it; README.md says what each field means."""

    says: str
    drops: tuple[Upload, ...] = ()
    ready: bool = False
    calls: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    film: dict[str, Any] = field(default_factory=dict)
    proposed: bool = False
    answers: Literal["approve", "decline", ""] = ""
    fills: dict[str, str] = field(default_factory=dict)
    asks: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    kind: str
    name: str
    language: str
    paid: bool
    uploads: tuple[Upload, ...]
    exchanges: tuple[Exchange, ...]


def golden_dialogues() -> tuple[Golden, ...]:
    """Every row of every file, in their order."""
    return tuple(
        _golden(file.stem, row)
        for file in sorted(DATA.glob("*.toml"))
        for row in tomllib.loads(file.read_text("utf-8"))["dialogue"]
    )


def _golden(kind: str, row: dict[str, Any]) -> Golden:
    unknown = set(row) - {"name", "language", "paid", "uploads", "turns"}
    assert not unknown, f"{row['name']}: {unknown}"
    return Golden(
        kind=kind,
        name=row["name"],
        language=row.get("language", "en"),
        paid=row.get("paid", False),
        uploads=tuple(IMAGES[name] for name in row.get("uploads", ())),
        exchanges=tuple(_exchange(turn) for turn in row["turns"]),
    )


def _exchange(turn: dict[str, Any]) -> Exchange:
    unknown = set(turn) - {each.name for each in fields(Exchange)}
    unknown |= set(turn.get("film", {})) - FILM_FIELDS
    assert not unknown, f"{turn['says']}: {unknown}"
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in turn.items()
    }
    given["drops"] = tuple(IMAGES[name] for name in turn.get("drops", ()))
    return Exchange(**given)
