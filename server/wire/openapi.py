"""Writes the described routes and the public shapes down as OpenAPI 3.1."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, assert_never

from pydantic.alias_generators import to_camel

from server.wire.described import (
    JSON,
    Access,
    Answer,
    Content,
    Header,
    Listed,
    Operation,
    Parameter,
    Tag,
)
from server.wire.schemas import AT, Json, Schemas, models_of
from tools.errors import (
    Forbidden,
    Internal,
    ProviderUnavailable,
    StudioError,
    TokenExpired,
    Unauthenticated,
)

VERSION = "3.1.0"
ABOUT = """\
Programs use the studio without the chat: films are asked for, quoted, waited for and judged here.

Every request carries a JWT (`Authorization: Bearer …`), but for the few that say so. Names are
camelCase, times are ISO 8601 in UTC, film lengths are whole seconds, money is in millionths of a US
dollar. What may be missing is absent, never null. A failure is `{"error": {code, message, …}}`: the
code is for programs and stays for ever, the message is for people."""
RETRY_AFTER = Header(
    name="Retry-After",
    text="When to come back, in whole seconds; where that is known.",
    shape={"type": "string", "pattern": "^[0-9]+$"},
)
SIGN_IN = Header(
    name="WWW-Authenticate", text="`Bearer`.", shape={"type": "string"}, is_certain=True
)
OF_REFUSALS = {401: SIGN_IN, 409: RETRY_AFTER, 429: RETRY_AFTER, 503: RETRY_AFTER}
WORDS = {
    400: "The request has the wrong shape. `field` names what is wrong.",
    401: "There is no token, or not a good one.",
    402: "It costs more than the budget has left.",
    403: "A good token that may not do this; or a name that this machine does not answer to.",
    404: "Not there, or somebody else's: the same answer.",
    409: "Something else came first, or has to end first.",
    413: "More than this door takes.",
    415: "Of a kind that this door does not take.",
    422: "Well-formed, and cannot be done. The message says what can.",
    429: "Too much in a short time.",
    500: "A mistake of ours. It is in the log.",
    502: "Who works for us refused, or lost what was made.",
    503: "Not now. Nothing was lost; try again later.",
}


def openapi(
    routes: Sequence[Listed], *, statuses: Mapping[str, int], url: str, version: str
) -> Json:
    """The document. `statuses`: HTTP's by the code of an error; `url`: where this server is."""
    schemas = _schemas(routes, statuses)
    writer = _Writer(schemas, statuses)
    paths: dict[str, Json] = {}
    for each in routes:
        paths.setdefault(_plain(each.path), {})[each.method.lower()] = writer.operation(each)
    return {
        "openapi": VERSION,
        "info": {"title": "Reelroom", "version": version, "description": ABOUT},
        "servers": [{"url": url}],
        "tags": [{"name": tag.value[0], "description": tag.value[1]} for tag in Tag],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "Claims: `sub` (user), `org` (tenant; `sub` when absent), "
                    "`campaigns` (a list; absent: all), `exp` (required).",
                }
            },
        },
    }


def _schemas(routes: Sequence[Listed], statuses: Mapping[str, int]) -> Schemas:
    operations = [each.operation for each in routes]
    bodies = [content for each in operations for content in each.body]
    answers = [content for each in operations for one in each.answers for content in one.contents]
    return Schemas(
        asked=models_of(shape for each in bodies for shape in each.shapes),
        told=models_of(shape for each in answers for shape in each.shapes),
        codes=list(statuses),
    )


def _plain(path: str) -> str:
    """`{campaign_id}` and `{path:.+}`, as aiohttp has them, are `{campaignId}` and `{path}` outside."""
    return "/".join(
        f"{{{to_camel(part[1:-1].partition(':')[0])}}}" if part.startswith("{") else part
        for part in path.split("/")
    )


class _Writer:
    def __init__(self, schemas: Schemas, statuses: Mapping[str, int]) -> None:
        self._schemas = schemas
        self._statuses = statuses

    def operation(self, listed: Listed) -> Json:
        told = listed.operation
        written: Json = {
            "operationId": told.name,
            "tags": [told.tag.value[0]],
            "summary": told.summary,
        }
        if told.text:
            written["description"] = told.text
        if told.access is not Access.TOKEN:
            written["security"] = _security(told.access)
        if told.parameters:
            written["parameters"] = [_parameter(each) for each in told.parameters]
        if told.body:
            written["requestBody"] = {"required": True, "content": self._contents(told.body)}
        written["responses"] = self._responses(told)
        return written

    def _responses(self, told: Operation) -> Json:
        responses = {str(each.status): self._answer(each) for each in told.answers}
        codes: dict[int, list[str]] = {}
        for error in dict.fromkeys((*_of_every_door(told.access), *told.refusals)):
            codes.setdefault(self._statuses[error.code], []).append(error.code)
        for status, named in sorted(codes.items()):
            responses[str(status)] = self._refusal(status, named, responses.get(str(status)))
        return dict(sorted(responses.items()))

    def _answer(self, answer: Answer) -> Json:
        written: Json = {"description": answer.text}
        if answer.headers:
            written["headers"] = {each.name: _header(each) for each in answer.headers}
        if answer.contents:
            written["content"] = self._contents(answer.contents)
        if answer.links:
            written["links"] = {
                each.name: {"operationId": each.to, "parameters": dict(each.parameters)}
                for each in answer.links
            }
        return written

    def _refusal(self, status: int, codes: Sequence[str], beside: Json | None) -> Json:
        """`beside`: what else that status says here, as `/readyz` does with 503."""
        schema = {
            "allOf": [
                {"$ref": f"{AT}ErrorAnswer"},
                {"properties": {"error": {"properties": {"code": {"enum": list(codes)}}}}},
            ]
        }
        written: Json = {"description": WORDS.get(status) or HTTPStatus(status).phrase}
        if (header := OF_REFUSALS.get(status)) is not None:
            written["headers"] = {header.name: _header(header)}
        written["content"] = {JSON: {"schema": schema}}
        if beside is None:
            return written
        other = beside["content"][JSON]["schema"]
        content = {**beside["content"][JSON], "schema": {"anyOf": [other, schema]}}
        return {**written, **beside, "content": {**beside["content"], JSON: content}}

    def _contents(self, contents: Iterable[Content]) -> Json:
        return {each.kind: self._content(each) for each in contents}

    def _content(self, content: Content) -> Json:
        written: Json = {}
        if content.shapes:
            shapes = [self._schemas.of(each) for each in content.shapes]
            schema = shapes[0] if len(shapes) == 1 else {"oneOf": shapes}
            if content.longest:
                held = {name: {"maxLength": most} for name, most in content.longest.items()}
                schema = {"allOf": [schema, {"properties": held}]}
            written["schema"] = {"type": "array", "items": schema} if content.is_list else schema
        if content.samples:
            written["examples"] = {
                name.replace(" ", "-"): {"summary": name, "value": value}
                for name, value in content.samples.items()
            }
        return written


def _of_every_door(access: Access) -> tuple[type[StudioError], ...]:
    if access is Access.OPEN:
        return (Forbidden, Internal)
    if access is Access.SIGNED_OR_TOKEN:
        return (Forbidden, Internal, ProviderUnavailable)
    if access is Access.SIGNATURE:
        return (Unauthenticated, Forbidden, Internal)
    # Where an issuer publishes its keys, they may be out of reach.
    return (Unauthenticated, TokenExpired, Forbidden, Internal, ProviderUnavailable)


def _security(access: Access) -> list[dict[str, list[Any]]]:
    match access:
        case Access.TOKEN:
            return [{"token": []}]
        case Access.OPEN | Access.SIGNATURE:
            return []
        case Access.SIGNED_OR_TOKEN | Access.TOKEN_OR_LOOPBACK:
            return [{"token": []}, {}]
        case _:
            assert_never(access)


def _parameter(parameter: Parameter) -> Json:
    written: Json = {
        "name": to_camel(parameter.name) if parameter.where == "path" else parameter.name,
        "in": parameter.where,
        "description": parameter.text,
        "required": parameter.is_required or parameter.where == "path",
        "schema": dict(parameter.shape),
    }
    if parameter.sample is not None:
        written["example"] = parameter.sample
    return written


def _header(header: Header) -> Json:
    return {
        "description": header.text,
        "required": header.is_certain,
        "schema": dict(header.shape),
    }
