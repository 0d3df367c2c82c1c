"""What a route is for, in words and shapes: said beside it, written down as OpenAPI by `openapi`.

A door gives each of its routes an Operation (`server.http.routes`), so that none is added without a
word, and no word is left behind without its route.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from pydantic import BaseModel

from tools.errors import StudioError

Schema = Mapping[str, Any]
"""A JSON schema, 2020-12."""
Shape = type[BaseModel] | Schema
JSON = "application/json"


class Tag(Enum):
    """The chapters of the document, in their order."""

    VIDEO = ("Video", "Films: what there is to make them with, what they cost, how they are made.")
    EXAMPLES = ("Examples", "Templates of the library, filled and then generated.")
    STORAGE = ("Storage", "Images that are given to us, and the files of films.")
    SESSIONS = ("Sessions", "The timeline that the chat speaks, and a person's verdict on a film.")
    CAMPAIGNS = ("Campaigns", "What one campaign has made and spent, across its sessions.")
    WEBHOOKS = ("Webhooks", "For the providers that work for us.")
    OPERATION = ("Operation", "For whoever runs this server, and for the pages that it serves.")


class Access(Enum):
    """Who may come in."""

    TOKEN = 1
    OPEN = 2
    SIGNED_OR_TOKEN = 3
    """The address itself carries a signature; a token does as well."""
    SIGNATURE = 4
    """The body is signed with a secret that the sender shares with us."""
    TOKEN_OR_LOOPBACK = 5
    """Open to this machine alone where the server is bound to it; else with a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """`shape`: of one value, as text has it."""

    name: str
    where: Literal["path", "query", "header"]
    text: str
    shape: Schema
    is_required: bool = False
    sample: str | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Of an answer."""

    name: str
    text: str
    shape: Schema
    is_certain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One way to write a body. Several shapes: it is exactly one of them. None: bytes of that kind."""

    shapes: tuple[Shape, ...] = ()
    kind: str = JSON
    is_list: bool = False
    samples: Mapping[str, object] = field(default_factory=dict)
    """Whole bodies, by what they show."""
    longest: Mapping[str, int] = field(default_factory=dict)
    """The most characters of a property, where it is held shorter here than its shape says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What can be asked next. `parameters`: runtime expressions of OpenAPI by name."""

    name: str
    to: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """No contents: an empty body."""

    status: int
    text: str
    contents: tuple[Content, ...] = ()
    headers: tuple[Header, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`name`: what a generated client calls it. `body`: the ways to write it; empty for none.

    `refusals`: the errors it may answer with, beside those that every door of its access gives.
    """

    name: str
    tag: Tag
    summary: str
    text: str = ""
    access: Access = Access.TOKEN
    parameters: tuple[Parameter, ...] = ()
    body: tuple[Content, ...] = ()
    answers: tuple[Answer, ...]
    refusals: tuple[type[StudioError], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An operation in its place."""

    method: str
    path: str
    operation: Operation


def json_of(*shapes: Shape, **samples: object) -> tuple[Content, ...]:
    """JSON of one of these shapes. Samples by their name, its underscores read as spaces."""
    named = {name.replace("_", " "): value for name, value in samples.items()}
    return (Content(shapes=shapes, samples=named),)


def form(fields: Mapping[str, Schema], *, required: tuple[str, ...]) -> Content:
    """A `multipart/form-data` of these fields."""
    shape = {
        "type": "object",
        "properties": dict(fields),
        "required": list(required),
        "additionalProperties": False,
    }
    return Content(shapes=(shape,), kind="multipart/form-data")


def list_of(shape: Shape, **samples: object) -> tuple[Content, ...]:
    named = {name.replace("_", " "): value for name, value in samples.items()}
    return (Content(shapes=(shape,), is_list=True, samples=named),)
