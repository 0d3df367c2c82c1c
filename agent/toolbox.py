"""The tools as a chat model may use them: told by schema, called by name, refused in words.

A language model writes arguments as JSON text, and often wrongly. Everything it wrote is checked
here; what does not fit is refused in a sentence that says how to put it right.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from pydantic import ValidationError

from agent.ports import ToolCall, ToolSpec
from tools.contract import AnyTool, Arguments, ToolContext
from tools.errors import InvalidPayload, StudioError

_NAMED_FAULTS = 5
"""Faults told at once: enough to mend a call, too few to drown in."""
_SAFE_INTEGER = 2**53
"""Beyond it JSON readers disagree, and so would the timeline and the browser."""


class MalformedCall(InvalidPayload):
    """Not a call that any tool takes: no such tool, no JSON, other arguments. Nothing was run."""


class Toolbox:
    def __init__(self, tools: Iterable[AnyTool]) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._specs = tuple(_spec(tool) for tool in self._tools.values())

    def specs(self) -> tuple[ToolSpec, ...]:
        """What a chat model is told, in the order the tools were given."""
        return self._specs

    def title(self, call: ToolCall) -> str:
        """What a person sees while the call runs; a call that will be refused has a title too."""
        try:
            tool, arguments = self._checked(call)
            return tool.title(arguments)
        except StudioError:
            return f"Trying {call.tool[:80]}"

    def batches(self, calls: Iterable[ToolCall]) -> Iterator[tuple[ToolCall, ...]]:
        """The calls in order, those together that may run side by side.

        What has an effect runs alone: the order in which things were bought is then the order they
        were asked for. A call of no tool we know is refused, which has no effect.
        """
        for is_free, run in groupby(calls, key=self._is_free_of_effects):
            if is_free:
                yield tuple(run)
            else:
                yield from ((call,) for call in run)

    async def call(self, context: ToolContext, call: ToolCall) -> Mapping[str, object]:
        """The tool's result, JSON in camelCase.

        Raises MalformedCall before anything is run, and other StudioErrors, in words the model can
        act on; anything else is a bug of the tool.
        """
        tool, arguments = self._checked(call)
        output = await tool.call(replace(context, call_id=call.call_id), arguments)
        return output.result

    def _is_free_of_effects(self, call: ToolCall) -> bool:
        tool = self._tools.get(call.tool)
        return tool is None or tool.is_free_of_effects

    def _checked(self, call: ToolCall) -> tuple[AnyTool, Arguments]:
        tool = self._tools.get(call.tool)
        if tool is None:
            known = ", ".join(self._tools) or "none at all"
            raise MalformedCall(f"There is no tool called {call.tool[:80]!r}. There is: {known}.")
        given = arguments_of(call)
        try:
            return tool, tool.arguments.model_validate(given)
        except ValidationError as error:
            raise MalformedCall(_faults(tool, error), field=_first_field(error)) from None


def arguments_of(call: ToolCall) -> dict[str, object]:
    """The call's arguments as the JSON object they should be; no text at all means `{}`.

    Raises MalformedCall, also for what the timeline could not keep: half a surrogate pair, NaN,
    integers beyond 2**53, nesting without an end.
    """
    try:
        given = json.loads(call.arguments or "{}", parse_int=_integer)
        json.dumps(given, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise MalformedCall(
            f"The arguments of {call.tool[:80]} are not valid JSON. Send one JSON object."
        ) from None
    if not isinstance(given, dict):
        raise MalformedCall(f"The arguments of {call.tool[:80]} must be one JSON object.")
    return given


def _integer(digits: str) -> int:
    number = int(digits)
    if abs(number) > _SAFE_INTEGER:
        raise ValueError
    return number


def _spec(tool: AnyTool) -> ToolSpec:
    schema: dict[str, Any] = tool.arguments.model_json_schema(by_alias=True)
    # The class's own name and docstring are for us; the model gets the tool's description.
    schema.pop("title", None)
    schema.pop("description", None)
    schema.setdefault("properties", {})
    return ToolSpec(name=tool.name, description=tool.description, parameters=schema)


def _faults(tool: AnyTool, error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    told = [_fault(fault["type"], fault["loc"], fault["msg"]) for fault in found[:_NAMED_FAULTS]]
    more = f" And {len(found) - len(told)} more." if len(found) > len(told) else ""
    return f"{tool.name} was not called. {' '.join(told)}{more}"


def _fault(kind: str, where: tuple[int | str, ...], words: str) -> str:
    name = ".".join(str(part)[:80] for part in where) or "the arguments"
    if kind == "missing":
        return f"{name} is required."
    if kind == "extra_forbidden":
        return f"{name} is not an argument of it."
    return f"{name}: {words.removeprefix('Value error, ').rstrip('.')}."


def _first_field(error: ValidationError) -> str | None:
    where = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
    return ".".join(str(part)[:80] for part in where) or None
