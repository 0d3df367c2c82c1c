"""The public shapes as JSON schemas, as they really go over the wire: what may be null is absent."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from server.wire.answers import EntriesPage
from server.wire.base import ErrorOut
from server.wire.described import Shape
from server.wire.entries import ENTRY_DATA

Json = dict[str, Any]
AT = "#/components/schemas/"
NULL = {"type": "null"}
MARK = "Out"
"""Pydantic classes of ours are `QuoteOut` where the domain has a Quote; the world has only one."""


class Schemas:
    """Every shape by its public name, and how to point at one."""

    def __init__(
        self, *, asked: Iterable[type[BaseModel]], told: Iterable[type[BaseModel]], codes: list[str]
    ) -> None:
        """`asked` come in, `told` go out; `codes`: every code an error may have."""
        told = [*told, *ENTRY_DATA.values(), ErrorOut]
        wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = []
        wanted += [(each, "validation") for each in dict.fromkeys(asked)]
        wanted += [(each, "serialization") for each in dict.fromkeys(told)]
        refs, whole = models_json_schema(wanted, by_alias=True, ref_template=f"{AT}{{model}}")
        self._refs = {model: _renamed(ref) for (model, _), ref in refs.items()}
        incoming = {each.__name__ for each in asked}
        self.components: Json = {}
        for name, schema in whole["$defs"].items():
            tidy = _renamed(schema) if name in incoming else _as_sent(_renamed(schema))
            self.components[name.removesuffix(MARK)] = _untitled(tidy)
        self._finish(codes)

    def of(self, shape: Shape) -> Json:
        return dict(self._refs[shape]) if isinstance(shape, type) else dict(shape)

    def _finish(self, codes: list[str]) -> None:
        """What the shapes cannot say of themselves."""
        error = self.components[ErrorOut.__name__.removesuffix(MARK)]
        error["properties"]["code"] = {"type": "string", "enum": codes}
        self.components["ErrorAnswer"] = _closed({"error": {"$ref": f"{AT}Error"}})
        self.components["Entry"] = self._entry()
        if EntriesPage.__name__ in self.components:
            page = self.components[EntriesPage.__name__]
            page["properties"]["entries"]["items"] = {"$ref": f"{AT}Entry"}

    def _entry(self) -> Json:
        kinds = {name: f"{name.title().replace('.', '')}Entry" for name in ENTRY_DATA}
        for name, model in ENTRY_DATA.items():
            self.components[kinds[name]] = _closed(
                {
                    "sessionId": {"type": "string"},
                    "seq": {"type": "integer", "minimum": 1},
                    "at": {"type": "string", "format": "date-time"},
                    "type": {"const": name, "type": "string"},
                    "turnId": {"type": "string"},
                    "jobId": {"type": "string"},
                    "data": self.of(model),
                },
                absent={"turnId", "jobId"},
            )
        return {
            "description": "One row of a session's timeline, durable, never changed.",
            "oneOf": [{"$ref": f"{AT}{kind}"} for kind in kinds.values()],
            "discriminator": {
                "propertyName": "type",
                "mapping": {name: f"{AT}{kind}" for name, kind in kinds.items()},
            },
        }


def models_of(shapes: Iterable[Shape]) -> list[type[BaseModel]]:
    return [each for each in shapes if isinstance(each, type)]


def _closed(properties: Mapping[str, Any], *, absent: Iterable[str] = ()) -> Json:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in set(absent)],
        "additionalProperties": False,
    }


def _as_sent(schema: Json) -> Json:
    """Absent instead of null, on the way out."""
    properties: Mapping[str, Json] = schema.get("properties", {})
    nullable = {name for name, each in properties.items() if NULL in each.get("anyOf", ())}
    if not nullable:
        return schema
    kept = {
        name: _without_null(each) if name in nullable else each for name, each in properties.items()
    }
    required = [name for name in schema.get("required", ()) if name not in nullable]
    return {**schema, "properties": kept, "required": required}


def _without_null(schema: Json) -> Json:
    rest = [each for each in schema["anyOf"] if each != NULL]
    about = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
    return {**about, **rest[0]} if len(rest) == 1 else {**about, "anyOf": rest}


def _renamed(schema: Any) -> Any:  # noqa: ANN401  any JSON
    match schema:
        case dict():
            return {
                key: each.removesuffix(MARK)
                if key == "$ref" and isinstance(each, str)
                else _renamed(each)
                for key, each in schema.items()
            }
        case list():
            return [_renamed(each) for each in schema]
        case _:
            return schema


def _untitled(schema: Any, *, of_properties: bool = False) -> Any:  # noqa: ANN401  any JSON
    """Pydantic repeats each name as a title; a property may be called so itself."""
    match schema:
        case dict():
            return {
                key: _untitled(each, of_properties=key == "properties" and not of_properties)
                for key, each in schema.items()
                if key != "title" or of_properties
            }
        case list():
            return [_untitled(each) for each in schema]
        case _:
            return schema
