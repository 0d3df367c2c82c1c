"""Bodies that were made to hurt, at every route that reads one: a typed refusal, within limits, unlogged.

The routes are read off the application, so that a new one cannot be forgotten.
"""

import asyncio
import gzip
import json
import logging
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import psutil
import pytest

from server.http import doors
from tests.fakes.house import OpenHouse, StudioProcess, studio_process
from tests.fakes.raw_http import RawAnswer, request, sent

JSON = "Content-Type: application/json"
MB = 1_000_000
UNREAD = {
    "/api/video/jobs/{id}/cancel",  # takes no body: what comes is not looked at
    "/api/webhooks/replicate",  # answers for its own signature first
    "/socket.io/",
}


def routes_with_bodies(studio: OpenHouse) -> list[tuple[str, str]]:
    found = {
        (route.method, route.resource.canonical)
        for route in studio.house.app.router.routes()
        if route.resource is not None and route.method not in {"GET", "HEAD", "OPTIONS"}
    }
    return sorted((method, path) for method, path in found if path not in UNREAD)


@pytest.fixture(autouse=True)
def nothing_is_worth_a_line(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Neither a bug nor a traceback, whatever a stranger sends."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [each.getMessage() for each in caplog.records if each.name != "asyncio"] == []


async def posted(
    studio: OpenHouse, method: str, path: str, *headers: str, body: bytes = b""
) -> RawAnswer:
    token = f"Authorization: Bearer {studio.token()}"
    whole = request(method, path.replace("{id}", "video-1"), token, *headers, body=body)
    return await sent(studio.url, whole)


def is_refused(answer: RawAnswer, *statuses: int) -> bool:
    """As the contract says it: a code, words, and nothing of what was sent."""
    assert answer.status in (statuses or (400, 413, 415, 422)), (answer.status, answer.body[:300])
    assert answer.error["code"] in {
        "invalid_payload",
        "too_large",
        "unsupported_media",
        "not_found",
    }
    assert b"Traceback" not in answer.body
    assert len(answer.body) < 2_000
    return True


# -- what is no JSON object --------------------------------------------------------------------

NO_OBJECT = {
    "nothing": b"",
    "white space": b" \r\n\t ",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"prompt"',
    "a number": b"7",
    "half an object": b'{"prompt": "a"',
    "two objects": b"{}{}",
    "a comma too many": b'{"prompt": "a",}',
    "quotes of the wrong kind": b"{'prompt': 'a'}",
    "a comment": b'{/* */"prompt": "a"}',
    "not a number": b'{"duration": NaN}',
    "infinity": b'{"duration": Infinity}',
    "minus infinity": b'{"duration": -Infinity}',
    "a number with a plus": b'{"duration": +1}',
    "a key twice": b'{"prompt": "a", "prompt": "b"}',
    "a key twice, written otherwise": b'{"prompt": "a", "prom\\u0070t": "b"}',
    "a key twice, far within": b'{"a": [{"b": {"c": 1, "c": 2}}]}',
    "no UTF-8": b'{"prompt": "\xff\xfe"}',
    "overlong UTF-8": b'{"prompt": "\xc0\xaf"}',
    "half a pair": b'{"prompt": "\xed\xa0\x80"}',
    "UTF-16": '{"prompt": "a"}'.encode("utf-16"),
    "UTF-32": '{"prompt": "a"}'.encode("utf-32"),
    "a mark in front": b'\xef\xbb\xbf{"prompt": "a"}',
    "control characters": b'{"prompt": "a\x00b"}',
    "lists without end": b"[" * 900_000,
    "objects without end": b'{"a":' * 150_000,
    "lists deep within": b'{"prompt": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "objects deep within": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "gzip that nobody named": gzip.compress(b'{"prompt": "a"}'),
    "a page": b"<html></html>",
    "XML that reads files": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a pickle": b"\x80\x04\x95\x0b\x00\x00\x00.",
}


@pytest.mark.parametrize("kind", NO_OBJECT)
async def test_what_is_no_object_is_refused_everywhere(studio: OpenHouse, kind: str):
    for method, path in routes_with_bodies(studio):
        answer = await posted(studio, method, path, JSON, body=NO_OBJECT[kind])
        assert is_refused(answer, 400)


# -- objects that are none of ours -------------------------------------------------------------

NUMBERS = ("1e400", "-1e400", "1" + "0" * 400, "9" * 100_000, "1e-400", "-0", "1.5", "0x10", "6.0")
VALUES = {
    "a deep nest": b"[" * 500 + b"]" * 500,
    "a nested object": b'{"a": {"b": {"c": {}}}}',
    "half a pair": b'"\\ud800"',
    "NUL": b'"\\u0000"',
    "a long text": b'"' + b"x" * 900_000 + b'"',
    "a long list": b"[" + b"0," * 400_000 + b"0]",
    "true": b"true",
    "an empty list": b"[]",
    **{f"the number {number[:12]}": number.encode() for number in NUMBERS},
}
FIELDS = (
    "prompt",
    "model",
    "duration",
    "aspectRatio",
    "referenceImageUrls",
    "sessionId",
    "campaignId",
    "refinementPrompt",
    "productName",
    "platform",
    "brandImages",
    "url",
    "role",
    "status",
    "note",
    "__proto__",
    "constructor",
    "model_config",
    "campaign_id",
    "",
    "a" * 10_000,
)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field[:20])
async def test_no_value_in_no_field_is_more_than_refused(studio: OpenHouse, field: str):
    """At every route; a body that is short of what it needs anyway, so nothing is made of it."""
    for method, path in routes_with_bodies(studio):
        for value in VALUES.values():
            body = b"{" + json.dumps(field).encode() + b": " + value + b', "unknown": 1}'
            answer = await posted(studio, method, path, JSON, body=body)
            assert is_refused(answer)


async def test_forty_thousand_unknown_fields_are_one_refusal(studio: OpenHouse):
    body = json.dumps({f"field-{number}": number for number in range(40_000)}).encode()
    for method, path in routes_with_bodies(studio):
        assert is_refused(await posted(studio, method, path, JSON, body=body), 400, 415)


async def test_a_model_that_is_no_name_is_told_back_shortly(studio: OpenHouse):
    body = json.dumps({"prompt": "a", "model": "\x1b[31m" + "x" * 70}).encode()
    answer = await posted(studio, "POST", "/api/video/generate", JSON, body=body)
    assert (answer.status, answer.error["code"]) == (422, "unknown_model")
    assert "\x1b" not in answer.error["message"]


# -- other kinds of body -----------------------------------------------------------------------

KINDS = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "text/json",
    "application/jsonp",
    "application/json; charset=utf-16",
    "application/json; charset=bogus",
    "application/json, text/plain",
    "multipart/mixed; boundary=x",
    "application/xml",
    "",
    "/",
    "x" * 4000,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[:30])
async def test_another_kind_of_body_is_refused_unread(studio: OpenHouse, kind: str):
    body = b'{"prompt": "a", "url": "https://a.example/a.png", "status": "approved"}'
    for method, path in routes_with_bodies(studio):
        header = f"Content-Type: {kind}"
        assert is_refused(await posted(studio, method, path, header, body=body), 415)
    for method, path in routes_with_bodies(studio):
        answer = await posted(studio, method, path, JSON, "Content-Encoding: br", body=body)
        assert is_refused(answer, 400, 404, 415)


# -- too much ----------------------------------------------------------------------------------


async def test_ten_megabytes_are_too_many(studio: OpenHouse):
    body = b'{"prompt": "' + b"x" * (10 * MB) + b'"}'
    for method, path in routes_with_bodies(studio):
        assert is_refused(await posted(studio, method, path, JSON, body=body), 413)


async def test_chunks_without_end_are_cut(studio: OpenHouse):
    token = f"Authorization: Bearer {studio.token()}"
    head = request("POST", "/api/video/quote", token, JSON, "Transfer-Encoding: chunked")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    assert is_refused(await sent(studio.url, head, *[chunk] * 160), 413)


def _zipped(size: int, how: str) -> bytes:
    """So many blanks and an object: small on the wire."""
    raw = b" " * size + b"{}"
    return gzip.compress(raw, 9) if how == "gzip" else zlib.compress(raw, 9)


@pytest.mark.parametrize("how", ["gzip", "deflate"])
async def test_a_bomb_is_not_let_go_off(studio: OpenHouse, how: str):
    body = await asyncio.to_thread(_zipped, 100 * MB, how)
    assert len(body) < 200_000
    for method, path in routes_with_bodies(studio):
        answer = await posted(studio, method, path, JSON, f"Content-Encoding: {how}", body=body)
        assert is_refused(answer, 415)


async def test_what_is_not_as_it_was_packed_is_refused_like_what_is(studio: OpenHouse):
    for method, path in routes_with_bodies(studio):
        encoding = "Content-Encoding: gzip"
        answer = await posted(studio, method, path, JSON, encoding, body=b"this is not packed")
        assert is_refused(answer, 415)


# -- too slow ----------------------------------------------------------------------------------


async def test_a_body_that_never_ends_is_given_up(
    studio: OpenHouse, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(doors, "BODY_LIMIT_S", 0.3)
    token = f"Authorization: Bearer {studio.token()}"
    head = request("POST", "/api/video/quote", token, JSON, "Content-Length: 100")
    answer = await sent(studio.url, head + b'{"prompt":')
    assert is_refused(answer, 400)
    assert "in time" in answer.error["message"]


# -- broken frames -----------------------------------------------------------------------------

TOKENLESS = "POST /api/video/quote HTTP/1.1\r\nHost: 127.0.0.1\r\n"
FRAMES = {
    "a negative length": TOKENLESS + "Content-Length: -1\r\n\r\n",
    "a length in words": TOKENLESS + "Content-Length: ten\r\n\r\n",
    "two lengths": TOKENLESS + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "a length and chunks": TOKENLESS
    + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk in words": TOKENLESS + "Transfer-Encoding: chunked\r\n\r\nten\r\n{}\r\n0\r\n\r\n",
    "chunks under another name": TOKENLESS + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a header without a name": TOKENLESS + ": nothing\r\n\r\n",
    "a header with a blank": TOKENLESS + "X y: z\r\n\r\n",
    "a folded header": TOKENLESS + "X: a\r\n b\r\n\r\n",
    "a bare line feed in a header": TOKENLESS + "X: a\nY: b\r\n\r\n",
    "a zero byte": TOKENLESS + "X: a\0b\r\n\r\n",
    "another version": "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "no HTTP": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "an address too long": f"GET /{'a' * 20_000} HTTP/1.1\r\nHost: x\r\n\r\n",
    "a query too long": f"GET /api/sessions?campaignId={'a' * 20_000} HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header too long": f"GET / HTTP/1.1\r\nHost: x\r\nX: {'a' * 20_000}\r\n\r\n",
    "too many headers": "GET / HTTP/1.1\r\nHost: x\r\n"
    + "".join(f"X-{n}: a\r\n" for n in range(5_000))
    + "\r\n",
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
async def test_what_is_no_http_is_refused_as_the_rest_is(studio: OpenHouse, frame: str):
    answer = await sent(studio.url, frame.encode("latin-1"))
    if answer.status == 401:
        return  # it could be read after all, and has no token
    assert is_refused(answer, 400, 413)
    assert b"aaaa" not in answer.body


BROKEN_CHUNKS = (
    b"ten\r\n{}\r\n",
    b"-1\r\n{}\r\n",
    b"2\r\n{}x\r\n",
    b"0x2\r\n{}\r\n",
)


@pytest.mark.parametrize("chunks", BROKEN_CHUNKS, ids=lambda chunks: repr(chunks[:12]))
async def test_chunks_that_are_none_are_refused_at_each_route(studio: OpenHouse, chunks: bytes):
    for method, path in routes_with_bodies(studio):
        token = f"Authorization: Bearer {studio.token()}"
        target = path.replace("{id}", "video-1")
        head = request(method, target, token, JSON, "Transfer-Encoding: chunked")
        assert is_refused(await sent(studio.url, head, chunks), 400, 413)


SECRET_HEADER = "Authorization: Bearer abc\x01def"


async def test_a_token_in_a_broken_request_is_neither_told_nor_logged(
    studio: OpenHouse, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.INFO):
        answer = await sent(studio.url, request("GET", "/api/sessions", SECRET_HEADER))
    assert answer.status == 400
    assert b"abc" not in answer.body
    assert "abc" not in caplog.text


# -- everybody else ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StudioProcess]:
    async with studio_process(tmp_path_factory.mktemp("process")) as opened:
        yield opened


async def test_many_of_them_at_once_cost_little_and_disturb_nobody(
    process: StudioProcess, tmp_path: Path
):
    """Ten megabytes each, packed and plain, forty at a time; meanwhile somebody else works."""
    of = psutil.Process(process.pid)
    headers = {"Authorization": f"Bearer {process.token('ada')}"}
    token = f"Authorization: Bearer {process.token('mallory')}"
    plain = request("POST", "/api/video/generate", token, JSON, body=b"[" * (10 * MB))
    bomb = await asyncio.to_thread(_zipped, 100 * MB, "gzip")
    packed = request(
        "POST", "/api/video/generate", token, JSON, "Content-Encoding: gzip", body=bomb
    )
    nested = request("POST", "/api/video/quote", token, JSON, body=b"[" * 900_000)
    async with aiohttp.ClientSession(process.url, headers=headers) as http:
        await _quotes(http, 3)
        before, worked_s = of.memory_info().rss, _work_s(of)
        attack = asyncio.gather(
            *(sent(process.url, each) for _ in range(13) for each in (plain, packed, nested)),
            return_exceptions=True,
        )
        await _quotes(http, 20)
        answers = [each for each in await attack if isinstance(each, RawAnswer)]
    assert answers
    assert {answer.status for answer in answers} <= {400, 413, 415}
    # Work, not time: others work on this machine, too. Thirteen bombs unpacked to their ends are 3 s.
    assert _work_s(of) - worked_s < 1.5
    assert of.memory_info().rss - before < 60 * MB


def _work_s(of: psutil.Process) -> float:
    spent = of.cpu_times()
    return spent.user + spent.system


async def _quotes(http: aiohttp.ClientSession, times: int) -> None:
    """So many, one after the other."""
    for _ in range(times):
        async with http.post("/api/video/quote", json={"prompt": "A lamp"}) as answer:
            assert answer.status == 200
