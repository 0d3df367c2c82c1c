"""The API's document: whole, true to the routes and the codes, and readable by people."""

import re
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from typing import Any

import aiohttp
import pytest
import schemathesis
from jsonschema import Draft202012Validator

from server.http.openapi.page import page_of
from server.http.routes import ROUTES, Unlisted
from server.replies import STATUS
from server.wire.described import Access, Answer, Listed, Operation, Tag, json_of
from server.wire.openapi import openapi
from tests.fakes.house import OpenHouse, open_studio
from tools.errors import Busy, Forbidden

Json = dict[str, Any]
OF_THE_SOCKET = {"origin_denied", "approval_required", "unknown_command", "unsupported_protocol"}
CAMEL = re.compile(r"^_id$|^[a-z][a-zA-Z0-9]*$")


@pytest.fixture(scope="module")
async def studio(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenHouse]:
    async with open_studio(tmp_path_factory.mktemp("openapi") / "data") as house:
        yield house


@pytest.fixture(scope="module")
async def document(studio: OpenHouse) -> Json:
    async with studio.http(user=None) as http, http.get("/api/openapi.json") as answer:
        assert answer.status == 200
        found: Json = await answer.json()
        return found


@pytest.fixture(scope="module")
async def page(studio: OpenHouse) -> tuple[aiohttp.ClientResponse, str]:
    async with studio.http(user=None) as http, http.get("/api/docs") as answer:
        return answer, await answer.text()


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield method.upper(), path, told


def contents(told: Json) -> Iterator[Json]:
    for holder in (told.get("requestBody", {}), *told["responses"].values()):
        yield from holder.get("content", {}).values()


def codes_of(answer: Json) -> list[str]:
    """The codes that an error answer may have; none for what is no error."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    for each in (schema, *schema.get("anyOf", ())):
        if "allOf" in each:
            found: list[str] = each["allOf"][1]["properties"]["error"]["properties"]["code"]["enum"]
            return found
    return []


async def test_every_route_says_what_it_is_for(studio: OpenHouse):
    served = {
        (route.method, route.resource.canonical)
        for route in studio.house.app.router.routes()
        if route.resource is not None and not route.resource.canonical.startswith("/socket.io")
    }

    # A HEAD comes with its GET.
    assert {each for each in served if each[0] != "HEAD"} == {
        (each.method, each.path.replace(":.+", "")) for each in studio.house.app[ROUTES]
    }


async def test_the_document_has_the_described_routes_and_no_others(
    studio: OpenHouse, document: Json
):
    described = [
        (each.method, each.told.name)
        for each in studio.house.app[ROUTES]
        if isinstance(each.told, Operation)
    ]

    written = [(method, told["operationId"]) for method, _, told in operations(document)]
    assert sorted(written) == sorted(described)


async def test_only_parts_of_our_own_pages_are_left_out(studio: OpenHouse):
    unlisted = {each.path for each in studio.house.app[ROUTES] if isinstance(each.told, Unlisted)}

    words = {f"/campaign-chat.{language}.json" for language in ("ar", "de", "es")}
    assert unlisted == {"/demo.js", "/demo.css", "/favicon.svg", "/api/docs.css", *words}


async def test_it_is_openapi_3_1(document: Json):
    assert document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(document).validate()


async def test_every_operation_has_a_name_of_its_own(document: Json):
    names = [told["operationId"] for _, _, told in operations(document)]

    assert sorted(set(names)) == sorted(names)


async def test_every_example_fits_its_own_shape(document: Json):
    wrong = [
        f"{path} {name}: {error.message}"
        for _, path, told in operations(document)
        for content in contents(told)
        for name, example in content.get("examples", {}).items()
        for error in Draft202012Validator(
            {**content["schema"], "components": document["components"]}
        ).iter_errors(example["value"])
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/video/generate",
        "/api/video/quote",
        "/api/video/examples/brand-animation",
        "/api/video/examples/product-showcase",
        "/api/video/examples/social-media",
        "/api/creatives/{id}",
    ],
)
async def test_every_body_is_shown_by_an_example(document: Json, path: str):
    (told,) = document["paths"][path].values()

    assert all(content["examples"] for content in told["requestBody"]["content"].values())


async def test_codes_stand_under_the_status_that_they_are_answered_with(document: Json):
    wrong = [
        (path, status, code)
        for _, path, told in operations(document)
        for status, answer in told["responses"].items()
        for code in codes_of(answer)
        if STATUS[code] != int(status)
    ]

    assert wrong == []


async def test_every_code_is_given_by_some_route(document: Json):
    given = {
        code
        for _, _, told in operations(document)
        for answer in told["responses"].values()
        for code in codes_of(answer)
    }

    assert given == set(STATUS) - OF_THE_SOCKET


async def test_every_error_answer_says_which_codes_it_may_have(document: Json):
    silent = [
        (path, status)
        for _, path, told in operations(document)
        for status, answer in told["responses"].items()
        if int(status) >= 400 and answer.get("content") and not codes_of(answer)
        if "text/plain" not in answer["content"]
    ]

    assert silent == [("/readyz", "503")]


async def test_the_errors_own_shape_has_every_code(document: Json):
    assert document["components"]["schemas"]["Error"]["properties"]["code"]["enum"] == list(STATUS)


async def test_what_is_said_to_be_open_is_open_and_the_rest_is_not(
    studio: OpenHouse, document: Json
):
    said = {
        (method, path): {} in told["security"] or told["security"] == []
        if "security" in told
        else False
        for method, path, told in operations(document)
    }
    found = {}
    async with studio.http(user=None) as http:
        for method, path in said:
            async with http.request(method, re.sub(r"{\w+}", "x-1", path)) as answer:
                found[method, path] = answer.status != 401

    assert found == said


async def test_all_names_are_camel_case(document: Json):
    names = [
        name
        for shape in document["components"]["schemas"].values()
        for name in shape.get("properties", {})
    ]
    names += [
        each["name"]
        for _, _, told in operations(document)
        for each in told.get("parameters", ())
        if each["in"] != "header"
    ]

    assert [name for name in names if not CAMEL.match(name)] == []


async def test_the_names_in_a_path_are_its_parameters(document: Json):
    wrong = [
        path
        for _, path, told in operations(document)
        if set(re.findall(r"{(\w+)}", path))
        != {each["name"] for each in told.get("parameters", ()) if each["in"] == "path"}
    ]

    assert wrong == []


async def test_what_goes_out_is_absent_and_never_null(document: Json):
    incoming = {name for name in document["components"]["schemas"] if name.endswith("Body")}
    nullable = [
        name
        for name, shape in document["components"]["schemas"].items()
        if name not in incoming and '"null"' in str(shape).replace("'", '"')
    ]

    assert nullable == []


async def test_a_film_is_answered_with_the_headers_of_the_contract(document: Json):
    told = document["paths"]["/api/video/generate"]["post"]

    assert [each["name"] for each in told["parameters"]] == ["Prefer", "Idempotency-Key"]
    assert set(told["responses"]["202"]["headers"]) == {
        "Location",
        "Preference-Applied",
        "Deprecation",
        "Sunset",
        "Link",
    }
    assert "Retry-After" in told["responses"]["429"]["headers"]


async def test_an_upload_is_a_form_or_an_address(document: Json):
    body = document["paths"]["/api/storage/upload"]["post"]["requestBody"]["content"]

    assert set(body) == {"multipart/form-data", "application/json"}
    assert body["multipart/form-data"]["schema"]["properties"]["file"]["format"] == "binary"


async def test_a_webhook_needs_its_signature_and_no_token(document: Json):
    told = document["paths"]["/api/webhooks/replicate"]["post"]

    assert told["security"] == []
    headers = [each for each in told["parameters"] if each["in"] == "header"]
    assert [(each["name"], each["required"]) for each in headers] == [
        ("webhook-id", True),
        ("webhook-timestamp", True),
        ("webhook-signature", True),
    ]


async def test_the_lengths_of_an_examples_words_are_its_templates(document: Json):
    told = document["paths"]["/api/video/examples/product-showcase"]["post"]
    schema = told["requestBody"]["content"]["application/json"]["schema"]

    assert schema["allOf"][1]["properties"] == {
        "productName": {"maxLength": 120},
        "productDescription": {"maxLength": 600},
    }


class _Anchors(HTMLParser):
    """Where a page leads within itself, what it loads, and what its policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: set[str] = set()
        self.loaded: list[str] = []
        self.refused: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"script", "style"} or any(
            name == "style" or name.startswith("on") for name in given
        ):
            self.refused.append(tag)
        if "id" in given:
            self.ids.append(given["id"] or "")
        if tag == "link":
            self.loaded.append(given.get("href") or "")
        elif (href := given.get("href") or "").startswith("#"):
            self.targets.add(href[1:])


@pytest.fixture(scope="module")
def anchors(page: tuple[aiohttp.ClientResponse, str]) -> _Anchors:
    found = _Anchors()
    found.feed(page[1])
    return found


async def test_the_page_shows_every_operation_and_every_shape(document: Json, anchors: _Anchors):
    wanted = {told["operationId"] for _, _, told in operations(document)}
    wanted |= {f"shape-{name}" for name in document["components"]["schemas"]}

    assert wanted <= set(anchors.ids)


async def test_every_link_within_the_page_leads_somewhere(anchors: _Anchors):
    assert anchors.targets - set(anchors.ids) == set()
    assert len(set(anchors.ids)) == len(anchors.ids)


async def test_the_page_needs_no_script_and_nothing_from_elsewhere(
    page: tuple[aiohttp.ClientResponse, str], anchors: _Anchors
):
    policy = page[0].headers["Content-Security-Policy"]

    assert anchors.refused == []
    assert all(each.startswith("/") for each in anchors.loaded)
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy


async def test_what_the_page_loads_is_there(studio: OpenHouse):
    async with studio.http(user=None) as http, http.get("/api/docs.css") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/css"


async def test_the_page_shows_the_seeds_example_as_a_command(
    page: tuple[aiohttp.ClientResponse, str], studio: OpenHouse
):
    assert f"curl -X POST {studio.url}/api/video/generate" in page[1]
    assert "Brand logo animation with motion graphics" in page[1]


def _listed(operation: Operation) -> Json:
    return openapi(
        [Listed(method="GET", path="/x", operation=operation)],
        statuses=STATUS,
        url="https://api.example.com",
        version="1",
    )


def test_a_status_that_is_both_an_answer_and_a_refusal_has_both_shapes():
    document = _listed(
        Operation(
            name="x",
            tag=Tag.OPERATION,
            summary="x",
            access=Access.OPEN,
            answers=(Answer(status=409, text="Now.", contents=json_of({"type": "string"})),),
            refusals=(Busy,),
        )
    )

    answer = document["paths"]["/x"]["get"]["responses"]["409"]
    shown, refused = answer["content"]["application/json"]["schema"]["anyOf"]
    assert shown == {"type": "string"}
    assert refused["allOf"][0] == {"$ref": "#/components/schemas/ErrorAnswer"}
    assert answer["description"] == "Now."


def test_words_are_text_on_the_page_and_never_markup():
    document = _listed(
        Operation(
            name="x",
            tag=Tag.OPERATION,
            summary="<script>",
            text="a `<b>` c",
            access=Access.OPEN,
            answers=(Answer(status=200, text="<i>"),),
            refusals=(Forbidden,),
        )
    )

    page = page_of(document)

    assert "<script>" not in page
    assert "<i>" not in page
    assert "<code>&lt;b&gt;</code>" in page
