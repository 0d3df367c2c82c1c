"""What the API takes, as strict as the strictest server behind it: a judge for the requests we send."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

FIELDS = {
    *("model", "messages", "max_tokens", "max_completion_tokens", "stream", "stream_options"),
    *("top_p", "temperature", "stop", "tools", "tool_choice", "parallel_tool_calls"),
}
ECHOED = {"extra_content", "reasoning_content"}
KEYS = {
    "system": {"role", "content"},
    "user": {"role", "content"},
    "assistant": {"role", "content", "tool_calls", *ECHOED},
    "tool": {"role", "content", "tool_call_id"},
}
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def faults_of(body: Mapping[str, Any]) -> list[str]:
    """Everything that some server would refuse; an empty list for a good request."""
    return [
        *(f"unknown field {name}" for name in body.keys() - FIELDS),
        *(
            ["stream_options without a stream"]
            if "stream_options" in body and not body.get("stream")
            else []
        ),
        *([] if body.get("model") else ["no model"]),
        *_faults_of_tools(body.get("tools")),
        *_faults_of_talk(body.get("messages") or []),
    ]


def _faults_of_tools(tools: Any) -> Iterator[str]:
    if tools == []:
        yield "an empty list of tools"
    for tool in tools or []:
        if tool.keys() != {"type", "function"} or tool["type"] != "function":
            yield f"a tool of another shape: {sorted(tool)}"
        elif not NAME.fullmatch(tool["function"]["name"]):
            yield f"a tool cannot be called {tool['function']['name']!r}"
        elif tool["function"]["parameters"].get("type") != "object":
            yield "parameters that are no object"


def _faults_of_talk(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    roles = [message.get("role") for message in messages]
    if roles[:1] != ["system"] or "system" in roles[1:]:
        yield "exactly one system message has to be the first"
    if roles[1:2] != ["user"]:
        yield "a talk begins with a person"
    if roles[-1:] not in (["user"], ["tool"]):
        yield f"nothing to answer: the last message is of {roles[-1:]}"
    for before, after in pairwise(roles):
        if before == after and after != "tool":
            yield f"two messages of {after} side by side"
    seen: set[str] = set()
    for place, message in enumerate(messages):
        yield from _faults_of_message(message)
        if message.get("tool_calls"):
            yield from _faults_of_calls(message["tool_calls"], messages[place + 1 :], seen)
        if message.get("role") == "tool" and message.get("tool_call_id") not in seen:
            yield "an output that nobody asked for"


def _faults_of_message(message: Mapping[str, Any]) -> Iterator[str]:
    role, content = message.get("role"), message.get("content", "absent")
    if role not in KEYS:
        yield f"unknown role {role}"
        return
    yield from (f"unknown key {key} of a message" for key in message.keys() - KEYS[role])
    if content == "absent":
        yield f"no content of {role}"
    elif content is None:
        if not message.get("tool_calls"):
            yield f"empty content of {role}"
    elif not isinstance(content, str) or not content.strip():
        yield f"empty content of {role}"
    else:
        try:
            content.encode()
        except UnicodeEncodeError:
            yield "half a character"
    if message.get("tool_calls") == []:
        yield "an empty list of calls"


def _faults_of_calls(
    calls: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], seen: set[str]
) -> Iterator[str]:
    ids = [call["id"] for call in calls]
    outputs: list[str] = []
    for message in after:
        if message.get("role") != "tool":
            break
        outputs.append(message["tool_call_id"])
    if sorted(outputs) != sorted(ids):
        yield f"calls {ids} are followed by the outputs of {outputs}"
    if len(set(ids)) != len(ids) or seen & set(ids):
        yield f"an id twice: {ids}"
    seen.update(ids)
    for call in calls:
        yield from (
            f"unknown key {key}" for key in call.keys() - {"id", "type", "function", *ECHOED}
        )
        if not call["id"] or call["type"] != "function":
            yield "a call without id or type"
        if not NAME.fullmatch(call["function"]["name"]):
            yield f"a call of {call['function']['name']!r}"
        try:
            is_object = isinstance(json.loads(call["function"]["arguments"]), dict)
        except ValueError:
            is_object = False
        if not is_object:
            yield "arguments that are no JSON object"
