"""The document as one page that needs no script: read, and searched by the browser itself."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

Json = Mapping[str, Any]
_CODE = re.compile(r"`([^`]+)`")
_JSON = "application/json"
_FORM = "multipart/form-data"


def page_of(document: Json) -> str:
    """HTML. `document`: OpenAPI as `server.wire.openapi` writes it, no more of it than that."""
    page = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page.filters.update(words=_words, kind=_kind, limits=_limits, pretty=_pretty, opened=_opened)
    url = document["servers"][0]["url"]
    return page.get_template("page.html").render(
        info=document["info"],
        url=url,
        chapters=list(_chapters(document, url)),
        shapes=document["components"]["schemas"],
    )


def _chapters(document: Json, url: str) -> Iterator[dict[str, Any]]:
    for tag in document["tags"]:
        operations = [
            {**told, "method": method.upper(), "path": path, "curl": _curl(method, path, told, url)}
            for path, methods in document["paths"].items()
            for method, told in methods.items()
            if tag["name"] in told["tags"]
        ]
        if operations:
            yield {**tag, "operations": operations}


def _curl(method: str, path: str, told: Json, url: str) -> str:
    """The first example, to be pasted into a shell."""
    lines = [f"curl {'' if method == 'get' else f'-X {method.upper()} '}{url}{_filled(path, told)}"]
    if told.get("security") != []:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    content = told.get("requestBody", {}).get("content", {})
    if _FORM in content:
        lines.append("-F file=@logo.png")
    elif _JSON in content:
        lines.append('-H "Content-Type: application/json"')
        samples = [each["value"] for each in content[_JSON].get("examples", {}).values()]
        written = _pretty(samples[0] if samples else {}).replace("'", r"'\''")
        lines.append(f"-d '{written}'")
    return " \\\n  ".join(lines)


def _filled(path: str, told: Json) -> str:
    for each in told.get("parameters", ()):
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", quote(str(each["example"])))
    return path


def _words(text: str) -> Markup:
    """Paragraphs, and code between backticks: all the markup there is in our own sentences."""
    paragraphs = (_CODE.sub(r"<code>\1</code>", str(escape(each))) for each in text.split("\n\n"))
    return Markup("").join(Markup(f"<p>{each}</p>") for each in paragraphs)  # noqa: S704  escaped above


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _kind(schema: Json) -> Markup:  # noqa: PLR0911  one case a kind of schema
    """What a value is, in a few words, with a link to its shape."""
    match schema:
        case {"$ref": str(ref)}:
            name = ref.rsplit("/", 1)[-1]
            return Markup('<a href="#shape-{0}">{0}</a>').format(name)
        case {"allOf": [{"$ref": str(ref)}, *_]}:
            return _kind({"$ref": ref})
        case {"oneOf": [*options]} | {"anyOf": [*options]}:
            return Markup(" or ").join(_kind(each) for each in options)
        case {"type": "array", "items": items}:
            return Markup("list of {}").format(_kind(items))
        case {"const": value} | {"enum": [value]}:
            return Markup("<code>{}</code>").format(json.dumps(value))
        case {"enum": [*values]}:
            each = (Markup("<code>{}</code>").format(json.dumps(value)) for value in values)
            return Markup(" ").join(each)
        case {"type": str(name)}:
            return Markup("{} {}").format(name, schema.get("format", "")).strip()
        case _:
            return Markup("anything")


def _opened(schema: Json, shapes: Json) -> Json:
    """The shape itself where only its name is given."""
    match schema:
        case {"$ref": str(ref)}:
            found: Json = shapes[ref.rsplit("/", 1)[-1]]
            return found
        case {"allOf": [inner, {"properties": held}]}:
            whole = _opened(inner, shapes)
            fields = {
                name: {**each, **held.get(name, {})} for name, each in whole["properties"].items()
            }
            return {**whole, "properties": fields}
        case _:
            return schema


def _limits(schema: Json) -> str:
    """`1 to 4000 characters`; empty where there is no limit."""
    found = [_range(each) for each in (schema, *schema.get("anyOf", ()))]
    return next((each for each in found if each), "")


def _range(schema: Json) -> str:
    for of, unit in (("Length", " characters"), ("Items", " items"), ("imum", "")):
        low, high = schema.get(f"min{of}"), schema.get(f"max{of}")
        if low is not None and high is not None:
            return f"{low} to {high}{unit}"
        if high is not None:
            return f"up to {high}{unit}"
        if low is not None:
            return f"{low} or more{unit}"
    return ""
