"""A model of the fake Replicate: its schema as Replicate writes it, and how it judges an input."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.fakes.replicate_words import invalid_field

Property = Mapping[str, Any]
Input = Mapping[str, Any]
Sound = Literal["always", "never", "asked"]
_PYTHON = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list}


@dataclass(frozen=True, kw_only=True)
class Model:
    """`price`: micro-dollars per second of film, from the input with its defaults."""

    slug: str
    inputs: Mapping[str, Property]
    price: Callable[[Input], int]
    sound: Sound
    length: str = "duration"
    first_frame: str = "image"
    required: tuple[str, ...] = ("prompt",)
    forbidden: frozenset[str] = field(default=frozenset())
    """Inputs that exist, and that nobody of ours may send."""

    def filled(self, given: Input) -> dict[str, Any]:
        """The input with the defaults it was run with."""
        defaults = {
            name: each["default"] for name, each in self.inputs.items() if "default" in each
        }
        return {**defaults, **given}

    def has_sound(self, given: Input) -> bool:
        if self.sound == "asked":
            return bool(self.filled(given)["generate_audio"])
        return self.sound == "always"

    def faults(self, given: object) -> list[dict[str, str]]:
        """What Replicate would not take, as `invalid_fields`."""
        if not isinstance(given, dict):
            return [invalid_field("invalid_type", "input", "Invalid type. Expected: object")]
        missing = [
            invalid_field("required", "input", f"{name} is required")
            for name in self.required
            if name not in given
        ]
        wrong = (_fault(name, value, self.inputs.get(name)) for name, value in given.items())
        return missing + [fault for fault in wrong if fault]

    def served(self) -> dict[str, Any]:
        """`GET /v1/models/{owner}/{name}`."""
        owner, name = self.slug.split("/")
        version = {
            "id": "5d1b4a3f0e7c4a2e9f6b8c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f",
            "created_at": "2026-03-25T17:02:11.000000Z",
            "cog_version": "0.16.8",
            "openapi_schema": self._openapi(),
        }
        return {
            "url": f"https://replicate.com/{self.slug}",
            "owner": owner,
            "name": name,
            "description": "Makes films.",
            "visibility": "public",
            "is_official": True,
            "github_url": None,
            "paper_url": None,
            "license_url": None,
            "run_count": 184_000,
            "cover_image_url": None,
            "default_example": None,
            "latest_version": version,
        }

    def _openapi(self) -> dict[str, Any]:
        enums: dict[str, Any] = {}
        properties: dict[str, Any] = {}
        for order, (name, each) in enumerate(self.inputs.items()):
            rest = {key: value for key, value in each.items() if key not in {"type", "enum"}}
            if "enum" in each:
                reference = {"$ref": f"#/components/schemas/{name}"}
                properties[name] = {"allOf": [reference], "x-order": order, **rest}
                enums[name] = {
                    "enum": list(each["enum"]),
                    "type": each["type"],
                    "title": name,
                    "description": "An enumeration.",
                }
            else:
                title = name.replace("_", " ").capitalize()
                properties[name] = {**each, "title": title, "x-order": order}
        schema = {
            "type": "object",
            "title": "Input",
            "required": list(self.required),
            "properties": properties,
        }
        output = {"type": "string", "title": "Output", "format": "uri"}
        return {
            "openapi": "3.0.2",
            "info": {"title": "Cog", "version": "0.1.0"},
            "paths": {},
            "components": {"schemas": {"Input": schema, "Output": output, **enums}},
        }


def _fault(name: str, value: object, rule: Property | None) -> dict[str, str] | None:
    where = f"input.{name}"
    if rule is None:
        description = f"Additional property {name} is not allowed"
        return invalid_field("additional_property_not_allowed", "input", description)
    if value is None and rule.get("nullable"):
        return None
    kind = rule["type"]
    expected = _PYTHON[kind]
    if not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean"):  # type: ignore[arg-type]  # a type or a tuple of them
        return invalid_field("invalid_type", where, f"Invalid type. Expected: {kind}")
    if "enum" in rule and value not in rule["enum"]:
        allowed = ", ".join(json.dumps(each) for each in rule["enum"])
        description = f"{where} must be one of the following: {allowed}"
        return invalid_field("enum", where, description)
    return _size_fault(where, value, rule)


def _size_fault(where: str, value: Any, rule: Property) -> dict[str, str] | None:
    if "minimum" in rule and value < rule["minimum"]:
        description = f"Must be greater than or equal to {rule['minimum']}"
        return invalid_field("number_gte", where, description)
    if "maximum" in rule and value > rule["maximum"]:
        description = f"Must be less than or equal to {rule['maximum']}"
        return invalid_field("number_lte", where, description)
    if "maxLength" in rule and len(value) > rule["maxLength"]:
        description = f"String length must be less than or equal to {rule['maxLength']}"
        return invalid_field("string_lte", where, description)
    if "maxItems" in rule and len(value) > rule["maxItems"]:
        description = f"Array must have at most {rule['maxItems']} items"
        return invalid_field("array_max_items", where, description)
    addresses = value if rule["type"] == "array" else [value]
    if rule.get("format") == "uri" or rule.get("items", {}).get("format") == "uri":
        for address in addresses:
            if not str(address).startswith(("http://", "https://", "data:")):
                return invalid_field("format", where, "Does not match format 'uri'")
    return None
