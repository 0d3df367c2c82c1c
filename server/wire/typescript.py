"""Writes the public shapes down as TypeScript: `reelroom protocol > web/src/protocol.ts`.

Only what our own shapes use of JSON schema is known here; anything else is an error, not `any`.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from server.wire.answers import (
    ACKS,
    LIVE_FRAMES,
    CampaignUsage,
    GenerationResult,
    UploadTaken,
    VideoModelRow,
)
from server.wire.base import ErrorOut, WireModel
from server.wire.bodies import COMMANDS
from server.wire.entries import ENTRY_DATA

Schema = Mapping[str, Any]

HEADER = """\
// Written by `reelroom protocol` from server/wire. Do not edit: change the Python and write it anew.
"""


def protocol() -> str:
    """The whole module."""
    outgoing: list[type[WireModel]] = [
        *ACKS.values(),
        *LIVE_FRAMES,
        *ENTRY_DATA.values(),
        ErrorOut,
        GenerationResult,
        UploadTaken,
        VideoModelRow,
        CampaignUsage,
    ]
    asked: list[tuple[type[BaseModel], JsonSchemaMode]] = []
    asked += [(model, "validation") for model in COMMANDS.values()]
    asked += [(model, "serialization") for model in dict.fromkeys(outgoing)]
    _, whole = models_json_schema(asked, by_alias=True)
    definitions: Schema = whole["$defs"]
    parts = [HEADER]
    parts += [_declaration(name, definitions[name]) for name in sorted(definitions)]
    parts += [_entry_union(), _live_union(), _map("Commands", COMMANDS), _map("Acks", ACKS)]
    return "\n".join(parts)


def _named(name: str) -> str:
    """Pydantic calls a shape with defaults `X-Input` where it is asked and `X-Output` where it is said."""
    return name.removesuffix("-Output").replace("-", "")


def _declaration(name: str, schema: Schema) -> str:
    name = _named(name)
    if schema.get("type") != "object" or "properties" not in schema:
        return f"export type {name} = {_type(schema)};\n"
    required = set(schema.get("required", ()))
    lines = [
        f"  readonly {_key(field)}{_mark(inner, is_required=field in required)}: {_type(inner)};"
        for field, inner in schema["properties"].items()
    ]
    return f"export interface {name} {{\n" + "\n".join(lines) + "\n}\n"


def _mark(schema: Schema, *, is_required: bool) -> str:
    """Null is never sent: what may be null is absent."""
    may_be_null = {"type": "null"} in schema.get("anyOf", ())
    return "" if is_required and not may_be_null else "?"


def _key(name: str) -> str:
    return name if name.isidentifier() else repr(name)


def _type(schema: Schema) -> str:  # noqa: C901, PLR0911  one case a kind of schema
    match schema:
        case {"$ref": str(ref)}:
            return _named(ref.rsplit("/", 1)[-1])
        case {"const": value}:
            return _literal(value)
        case {"enum": [*values]}:
            return " | ".join(_literal(value) for value in values)
        case {"anyOf": [*options]}:
            # Absent instead of null: `exclude_none` on the way out, optional on the way in.
            known = [_type(option) for option in options if option.get("type") != "null"]
            return " | ".join(dict.fromkeys(known))
        case {"type": "array", "items": items}:
            inner = _type(items)
            return f"readonly ({inner})[]" if " " in inner else f"readonly {inner}[]"
        case {"type": "object"}:
            return "Readonly<Record<string, unknown>>"
        case {"type": "string"}:
            return "string"
        case {"type": "integer" | "number"}:
            return "number"
        case {"type": "boolean"}:
            return "boolean"
        case _ if not set(schema) - {"title", "description", "default"}:
            return "unknown"
        case _:
            message = f"no TypeScript for {schema}"
            raise ValueError(message)


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def _entry_union() -> str:
    members = "\n".join(
        f'  | (EntryBase & {{ readonly type: "{name}"; readonly data: {model.__name__} }})'
        for name, model in ENTRY_DATA.items()
    )
    return (
        "export interface EntryBase {\n  readonly sessionId: string;\n  readonly seq: number;\n"
        "  readonly at: string;\n  readonly turnId?: string;\n  readonly jobId?: string;\n}\n\n"
        f"export type Entry =\n{members};\n"
    )


def _live_union() -> str:
    return f"export type LiveFrame = {' | '.join(model.__name__ for model in LIVE_FRAMES)};\n"


def _map(name: str, models: Mapping[str, type]) -> str:
    rows = "\n".join(f'  readonly "{key}": {model.__name__};' for key, model in models.items())
    return f"export interface {name} {{\n{rows}\n}}\n"
