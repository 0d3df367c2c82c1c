"""Reads template files: our own, and an operator's beside them or in their place.

A file is a list of `[[template]]`, one or more. A wrong one is refused whole, with the file, the line, the
template and the reason, before anybody can ask for a film.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from tools.domain.templates import Template
from tools.library.rows import TemplateRow
from tools.library.values import plain

OWN_FOLDER = Path(__file__).with_name("templates")
OWN_ORDER = (
    "brand-animation",
    "product-showcase",
    "social-media",
    "launch-teaser",
    "offer-countdown",
    "logo-sting",
)
_OPENING = re.compile(r"^[ \t]*\[\[[ \t]*template[ \t]*\]\]", re.MULTILINE)


class WrongTemplates(Exception):
    """A file cannot be used: where and why, on one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A template, and where it stands: "teasers.toml, line 3, template 1 (teaser)"."""

    template: Template
    where: str


def read_templates(
    path: Path | None = None,
    *,
    default_model: str,
    known_models: Collection[str] | None = None,
) -> tuple[Template, ...]:
    """Our own templates, and those of `path`: a file, or a folder of `*.toml`.

    One with a key of ours takes its place, any other comes behind. `known_models`: the keys of
    the catalogue; None leaves them unchecked. Raises WrongTemplates.
    """
    own = [found for key in OWN_ORDER for found in _read(OWN_FOLDER / f"{key}.toml", default_model)]
    theirs = [found for file in _files(path) for found in _read(file, default_model)]
    if known_models is not None:
        _check_models(theirs, known_models)
        own = [_at_home(found, default_model, known_models) for found in own]
    _check_keys(theirs)
    by_key = {found.template.key: found for found in own}
    by_key |= {found.template.key: found for found in theirs}
    _check_titles(tuple(by_key.values()))
    return tuple(found.template for found in by_key.values())


def _files(path: Path | None) -> list[Path]:
    if path is None:
        return []
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.glob("*.toml") if not file.name.startswith("."))
    if not files:
        raise WrongTemplates(f"{path.name}: there is no .toml file in this folder")
    return files


def _read(file: Path, default_model: str) -> Iterator[_Found]:
    try:
        text = file.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise WrongTemplates(f"{file.name}: {error}") from error
    rows = data.get("template")
    if not isinstance(rows, list) or not rows or set(data) != {"template"}:
        raise WrongTemplates(f"{file.name}: it has to be a list of [[template]] and nothing else")
    lines = _lines(text, len(rows))
    for number, row in enumerate(rows, start=1):
        key = row.get("key") if isinstance(row, dict) else None
        where = f"{file.name}{lines[number - 1]}, template {number} ({key or 'without a key'})"
        try:
            template = TemplateRow.model_validate(row).template(default_model)
        except ValidationError as error:
            raise WrongTemplates(f"{where}: {_why(error)}") from error
        yield _Found(template=template, where=where)


def _lines(text: str, rows: int) -> list[str]:
    """Where each row begins, as ", line 3"; nothing where the text leaves it open."""
    starts = [text.count("\n", 0, found.start()) + 1 for found in _OPENING.finditer(text)]
    return [f", line {start}" for start in starts] if len(starts) == rows else [""] * rows


def _at_home(found: _Found, default_model: str, known_models: Collection[str]) -> _Found:
    """One of ours under an operator's catalogue, which may not have the model that suits it best."""
    if found.template.model_key in known_models:
        return found
    return replace(found, template=replace(found.template, model_key=default_model))


def _check_models(found: Sequence[_Found], known_models: Collection[str]) -> None:
    for one in found:
        if one.template.model_key not in known_models:
            raise WrongTemplates(
                f"{one.where}: there is no video model called {one.template.model_key!r}; "
                f"there is {', '.join(known_models)}"
            )


def _check_keys(found: Sequence[_Found]) -> None:
    seen: dict[str, str] = {}
    for one in found:
        key = one.template.key
        if key in seen:
            raise WrongTemplates(f"{one.where}: this key is already taken by {seen[key]}")
        seen[key] = one.where


def _check_titles(found: Sequence[_Found]) -> None:
    """People call templates by title or key: each has to lead to one."""
    names: dict[str, _Found] = {plain(one.template.key): one for one in found}
    for one in found:
        other = names.setdefault(plain(one.template.title), one)
        if other is not one:
            raise WrongTemplates(
                f"{one.where}: its title is already the name of “{other.template.key}”"
            )


def _why(error: ValidationError) -> str:
    return "; ".join(
        ": ".join(
            part
            for part in (".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, "))
            if part
        )
        for one in error.errors(include_url=False, include_input=False)
    )
