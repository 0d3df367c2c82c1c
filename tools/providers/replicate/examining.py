"""Drift: whether the models still take what the catalogue says they take.

Providers rename inputs and narrow enumerations without a word; found at the start, that is a model
which is not offered, and found at an order, a film that fails.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tools.domain.models import ImageInput, Scalar, VideoModel
from tools.errors import ProviderUnavailable
from tools.providers.replicate.client import NotKnown, ReplicateClient

logger = logging.getLogger("reelroom.ReplicateClient")

_AT_ONCE = 4
_LARGEST_SEED = 2**31 - 1
_DEPTH = 8
_TYPES: Mapping[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
Rule = Mapping[str, Any]
"""What a schema says of one input, references resolved."""


async def examine(client: ReplicateClient, models: Sequence[VideoModel]) -> dict[str, str | None]:
    places = asyncio.Semaphore(_AT_ONCE)
    found: dict[str, str | None] = {}

    async def look(model: VideoModel) -> None:
        if model.slug is None:
            return
        try:
            async with places:
                told = await client.model(model.slug)
        except NotKnown:
            found[model.key] = f"The provider has no model called {model.slug} any more."
        except ProviderUnavailable:
            logger.warning("a model could not be examined", extra={"model": model.slug})
        else:
            found[model.key] = drift(model, told)
        if (reason := found.get(model.key)) is not None:
            logger.warning("a model has drifted", extra={"model": model.slug, "reason": reason})

    try:
        async with asyncio.TaskGroup() as group:
            for model in models:
                group.create_task(look(model))
    except ExceptionGroup as errors:
        # The same for all: a refused key.
        raise errors.exceptions[0] from errors
    return found


def drift(model: VideoModel, told: Mapping[str, object]) -> str | None:
    """The first thing that differs, in words; None: the model takes what we send.

    `told`: what `GET /models/{owner}/{name}` answers.
    """
    schemas = _at(told, "latest_version", "openapi_schema", "components", "schemas")
    inputs = _resolved(schemas.get("Input"), schemas)
    properties = inputs.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        return "The provider shows no schema of its inputs."
    rules = {str(name): _resolved(each, schemas) for name, each in properties.items()}
    required = inputs.get("required")
    return next(_faults(model, rules, required if isinstance(required, list) else []), None)


def _faults(model: VideoModel, rules: Mapping[str, Rule], required: list[object]) -> Iterator[str]:
    sent = _sent(model)
    for name, values in sent.items():
        yield from _unsendable(name, values, rules.get(name))
    for image in model.inputs.images:
        yield from _image_faults(image, rules.get(image.name))
    for wanted in map(str, required):
        if wanted not in sent:
            yield f"It cannot be asked without {wanted}, which we do not always send."


def _sent(model: VideoModel) -> dict[str, tuple[Scalar, ...]]:
    """Every input that goes with every order, and the values that it may have."""
    names = model.inputs
    sent: dict[str, tuple[Scalar, ...]] = {name: (value,) for name, value in names.fixed.items()}
    sent |= {names.prompt: ("A film.",), names.length: model.clip_lengths}
    if names.aspect_ratio is not None:
        ratios = model.aspect_ratios
        sent[names.aspect_ratio] = tuple(names.aspect_values.get(r, r.value) for r in ratios)
    if names.sound is not None:
        sent[names.sound] = (True, False)
    if names.seed is not None:
        sent[names.seed] = (0, _LARGEST_SEED)
    return sent


def _unsendable(name: str, values: Iterable[Scalar], rule: Rule | None) -> Iterator[str]:
    if rule is None:
        yield f"It has no input called {name} any more."
        return
    for value in values:
        if not _takes(rule, value):
            yield f"Its input {name} does not take {value!r} any more."


def _takes(rule: Rule, value: Scalar) -> bool:
    kind = rule.get("type")
    if kind is not None and not (str(kind) in _TYPES and _TYPES[str(kind)](value)):
        return False
    allowed = rule.get("enum")
    if isinstance(allowed, list):
        return any(each == value and type(each) is type(value) for each in allowed)
    if isinstance(value, str | bool):
        return True
    low, high = rule.get("minimum"), rule.get("maximum")
    is_low_enough = not isinstance(high, int | float) or value <= high
    return is_low_enough and (not isinstance(low, int | float) or value >= low)


def _image_faults(image: ImageInput, rule: Rule | None) -> Iterator[str]:
    if rule is None:
        yield f"It has no input called {image.name} any more."
        return
    if rule.get("type") != ("array" if image.is_list else "string"):
        taken = "a list of images" if image.is_list else "one image"
        yield f"Its input {image.name} does not take {taken} any more."
    most = rule.get("maxItems")
    if isinstance(most, int) and most < image.most:
        yield f"Its input {image.name} takes only {most} images now."


def _at(told: object, *path: str) -> Mapping[str, Any]:
    for name in path:
        told = told.get(name) if isinstance(told, Mapping) else None
    return told if isinstance(told, Mapping) else {}


def _resolved(rule: object, schemas: Mapping[str, Any], depth: int = _DEPTH) -> dict[str, Any]:
    """A schema with what it refers to (`$ref`, `allOf`, a nullable `anyOf`) written into it."""
    if not isinstance(rule, Mapping) or not depth:
        return {}
    whole: dict[str, Any] = {}
    reference = rule.get("$ref")
    if isinstance(reference, str):
        whole |= _resolved(schemas.get(reference.rpartition("/")[2]), schemas, depth - 1)
    for each in _list(rule.get("allOf")):
        whole |= _resolved(each, schemas, depth - 1)
    ways = [_resolved(each, schemas, depth - 1) for each in _list(rule.get("anyOf"))]
    for way in [each for each in ways if each.get("type") != "null"][:1]:
        whole |= way
    return whole | {
        name: value for name, value in rule.items() if name not in {"$ref", "allOf", "anyOf"}
    }


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
