"""`reelroom mcp` as clients start it: a process of its own, with and without a server beside it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from mcp import Client

from server.auth import TokenMaker
from server.clocks import utc_now
from server.memory import jobs
from server.memory.database import Database
from server.memory.migrate import migrate
from tests.fakes.agents import ERAS, agent_process, asked, job, process, yes
from tests.fakes.films import frames
from tests.fakes.house import SECRET, StudioProcess, studio_process
from tests.fakes.replicate import FakeReplicate
from tests.fakes.visitor import Visitor
from tests.patience import FILM_S, IN_THE_END_S
from tools.domain.identity import JobId
from tools.domain.jobs import Stage, VideoJob

DRAFT = {"prompt": "A kettle comes to the boil", "model": "draft", "duration": 4}
PAID = {"prompt": "A kettle comes to the boil", "model": "veo-3.1-fast", "duration": 4}
OVER = {"finished", "failed", "cancelled", "declined"}


def token(user: str = "ada", **claims: Any) -> str:
    return TokenMaker(SECRET, clock=utc_now).make_token(user, **claims)


def signed_in(**environment: str) -> dict[str, str]:
    return {"REELROOM_TOKEN": token(), **environment}


@pytest.fixture
async def fake() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate.running() as running:
        yield running
        assert running.complaints == []


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path) -> Iterator[None]:
    """A test that fails midway leaves nobody behind who goes on for hours."""
    yield
    for left in (*processes_of(tmp_path, "mcp"), *processes_of(tmp_path, "finish")):
        left.kill()


def at(fake: FakeReplicate, **more: str) -> dict[str, str]:
    """The environment of a studio that sells films of this Replicate."""
    return {
        "REPLICATE_API_KEY": fake.token,
        "REPLICATE_BASE_URL": fake.url,
        "REPLICATE_OUTPUT_HOSTS": f"127.0.0.1:{fake.port}",
        **more,
    }


async def over(agent: Client, uri: str) -> dict[str, Any]:
    async with asyncio.timeout(FILM_S):
        while (status := await job(agent, uri))["state"] not in OVER:  # noqa: ASYNC110  its process tells nobody
            await asyncio.sleep(0.2)
    return status


async def rendering(agent: Client, uri: str) -> None:
    """Until it is bought, and that is written down: before that, an order is looked for at length."""
    async with asyncio.timeout(FILM_S):
        while (await job(agent, uri)).get("stage") != "rendering":  # noqa: ASYNC110  as above
            await asyncio.sleep(0.05)


async def over_in(folder: Path, job_id: str) -> VideoJob:
    """As `over`, where nobody is there to be asked."""
    database = Database(folder / "data" / "reelroom.sqlite3")
    await database.open(migrate)
    try:
        async with asyncio.timeout(FILM_S):
            while True:
                found = await database.read(lambda tables: jobs.find(tables, JobId(job_id)))
                assert found is not None
                if found.stage.is_final:
                    return found
                await asyncio.sleep(0.2)
    finally:
        await database.close()


def processes_of(folder: Path, command: str) -> list[psutil.Process]:
    """Those that work on this test's own folder."""
    found = []
    for each in psutil.process_iter():
        try:
            is_it = each.cmdline()[-3:] == ["-m", "server", command]
            if is_it and each.environ().get("DATA_DIR") == str(folder / "data"):
                found.append(each)
        except psutil.Error:
            continue
    return found


def mcp_of(folder: Path) -> psutil.Process:
    """The one that this test started: a child of it that has just begun looks the same."""
    (running,) = (each for each in processes_of(folder, "mcp") if each.ppid() == os.getpid())
    return running


def kill_mcp(folder: Path) -> None:
    mcp_of(folder).kill()


@pytest.mark.parametrize("mode", ERAS)
async def test_it_speaks_both_eras_of_the_protocol(tmp_path: Path, mode: str):
    async with agent_process(tmp_path, mode=mode, env=signed_in()) as agent:
        tools = (await agent.list_tools()).tools
        answer = await agent.call_tool("list-models", {})
    assert len(tools) == 4
    assert answer.structured_content["models"][0]["key"] == "sora-2-pro"


async def test_nothing_but_the_protocol_goes_over_the_wire(tmp_path: Path):
    opening = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": _SELF}
    lines: list[object] = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": opening},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        "this is no message",
        {"jsonrpc": "2.0", "id": 2, "method": "no/such/method"},
        {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": _call(DRAFT)},
        {"jsonrpc": "2.0", "id": 4, "method": "tools/list"},
    ]
    spoken = b"".join(
        (each if isinstance(each, str) else json.dumps(each)).encode() + b"\n" for each in lines
    )
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server",
        "mcp",
        env=dict(process(DATA_DIR=str(tmp_path / "data")).env or {}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(spoken)
    answers: dict[int, dict[str, Any]] = {}
    async with asyncio.timeout(FILM_S):
        while len(answers) < 4:
            answer = json.loads(await running.stdout.readline())
            answers[answer["id"]] = answer
        kill_mcp(tmp_path)
        rest, logged = await running.communicate()
    assert rest == b""
    assert answers[2]["error"]["code"] == -32601
    assert answers[3]["result"]["structuredContent"]["state"] in {"queued", "running"}
    assert b"video requested" in logged


async def test_without_a_token_it_does_not_even_start(tmp_path: Path):
    starting = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server",
        "mcp",
        env=dict(process(DATA_DIR=str(tmp_path / "data"), JWT_SECRET=SECRET).env or {}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(IN_THE_END_S):
        said, complaint = await starting.communicate()
    assert (starting.returncode, said) == (2, b"")
    assert b"Please sign in" in complaint


async def test_without_a_server_it_makes_the_film_itself(tmp_path: Path):
    async with agent_process(tmp_path, env=signed_in()) as agent:
        told = await asked(agent, **DRAFT)
        status = await over(agent, told["job"])
    assert status["state"] == "finished"
    assert len(list(frames(Path(status["file"])))) == 4 * 30


async def test_where_nobody_set_up_who_may_come_in_it_is_the_machines_guest(tmp_path: Path):
    async with agent_process(tmp_path, env={"JWT_SECRET": ""}) as agent:
        assert not (await agent.call_tool("list-models", {})).is_error


async def test_a_paid_film_above_the_limit_is_a_question_and_nothing_is_bought(
    tmp_path: Path, fake: FakeReplicate
):
    async with agent_process(tmp_path, env=signed_in(**at(fake))) as agent:
        told = await asked(agent, **PAID)
    assert (told["state"], told["quote"]["price"]) == ("proposed", "$0.60")
    assert fake.created == []
    assert processes_of(tmp_path, "finish") == []


async def test_a_paid_film_below_the_limit_is_made(tmp_path: Path, fake: FakeReplicate):
    below = at(fake, AUTO_APPROVE_BELOW_USD="1")
    async with agent_process(tmp_path, env=signed_in(**below)) as agent:
        told = await asked(agent, **PAID)
        status = await over(agent, told["job"])
    assert (status["state"], status["charged"]) == ("finished", "yes")
    assert len(fake.created) == 1


@pytest.mark.parametrize("mode", ERAS)
async def test_a_person_who_is_asked_over_the_wire_can_say_yes(
    tmp_path: Path, fake: FakeReplicate, mode: str
):
    given = signed_in(**at(fake))
    async with agent_process(tmp_path, env=given, mode=mode, person=yes()) as agent:
        told = await asked(agent, **PAID)
        status = await over(agent, told["job"])
    assert status["state"] == "finished"
    assert len(fake.created) == 1


# -- beside a server -------------------------------------------------------------------------------


async def test_beside_a_server_it_asks_and_the_server_makes_the_film(tmp_path: Path):
    async with (
        studio_process(tmp_path) as studio,
        Visitor.connected(studio.url, token()) as ada,
    ):
        await ada.open()
        async with agent_process(tmp_path, env=signed_in()) as agent:
            told = await asked(agent, **DRAFT)
            await _drawn_by(studio)
        film = await ada.until_entry("creative.added", FILM_S, jobId=told["jobId"])
    assert film["sessionId"] == told["sessionId"]


async def test_what_waits_for_a_yes_is_approved_in_the_servers_chat(
    tmp_path: Path, fake: FakeReplicate
):
    async with (
        studio_process(tmp_path, **at(fake)) as studio,
        Visitor.connected(studio.url, token()) as ada,
        agent_process(tmp_path, env=signed_in(**at(fake))) as agent,
    ):
        await ada.open()
        told = await asked(agent, **PAID)
        await ada.until_entry("video.proposed", jobId=told["jobId"])
        await ada.done(
            "job.approve", sessionId=ada.session_id, clientId="yes-1", jobId=told["jobId"]
        )
        status = await over(agent, told["job"])
    assert status["state"] == "finished"
    assert len(fake.created) == 1


async def test_a_yes_over_the_wire_wakes_the_server(tmp_path: Path, fake: FakeReplicate):
    async with (
        studio_process(tmp_path, **at(fake)),
        agent_process(tmp_path, env=signed_in(**at(fake)), person=yes()) as agent,
    ):
        await asked(agent, **PAID)
        # Without word of it the server would look after half a minute.
        await fake.until(lambda: fake.created, limit_s=25)


async def test_a_server_that_starts_goes_on_with_what_was_begun(
    tmp_path: Path, fake: FakeReplicate
):
    fake.ways.render_s = None
    below = at(fake, AUTO_APPROVE_BELOW_USD="1")
    async with agent_process(tmp_path, env=signed_in(**below)) as agent:
        told = await asked(agent, **PAID)
        await rendering(agent, told["job"])
        async with studio_process(tmp_path, **below):
            await fake.finish(fake.created[0])
            status = await over(agent, told["job"])
    assert (status["state"], len(fake.created)) == ("finished", 1)


# -- ends ------------------------------------------------------------------------------------------


async def test_a_film_whose_process_is_killed_is_finished_by_the_next(
    tmp_path: Path, fake: FakeReplicate
):
    fake.ways.render_s = None
    given = signed_in(**at(fake, AUTO_APPROVE_BELOW_USD="1"))
    async with agent_process(tmp_path, env=given) as agent:
        told = await asked(agent, **PAID)
        await rendering(agent, told["job"])
        kill_mcp(tmp_path)
    await fake.finish(fake.created[0])
    async with agent_process(tmp_path, env=given) as agent:
        status = await over(agent, told["job"])
    assert (status["state"], len(fake.created)) == ("finished", 1)


async def test_a_draft_whose_process_is_killed_is_drawn_again_by_a_server(tmp_path: Path):
    async with agent_process(tmp_path, env=signed_in()) as agent:
        told = await asked(agent, **DRAFT)
        kill_mcp(tmp_path)
    async with studio_process(tmp_path):
        assert (await over_in(tmp_path, told["jobId"])).stage is Stage.FINISHED


async def test_a_film_that_its_client_does_not_wait_for_is_brought_home(
    tmp_path: Path, fake: FakeReplicate
):
    fake.ways.render_s = None
    given = signed_in(**at(fake, AUTO_APPROVE_BELOW_USD="1"))
    async with agent_process(tmp_path, env=given) as agent:
        told = await asked(agent, **PAID)
        await rendering(agent, told["job"])
    finishing = processes_of(tmp_path, "finish")
    assert len(finishing) == 1
    await fake.finish(fake.created[0])
    made = await over_in(tmp_path, told["jobId"])
    assert (made.stage, len(fake.created)) == (Stage.FINISHED, 1)
    _, alive = await asyncio.to_thread(psutil.wait_procs, finishing, timeout=IN_THE_END_S)
    assert alive == []


async def test_two_at_once_make_every_film_once(tmp_path: Path, fake: FakeReplicate):
    given = signed_in(**at(fake, AUTO_APPROVE_BELOW_USD="1"))
    other = {**PAID, "prompt": "A cup of tea"}
    async with agent_process(tmp_path, env=given) as one, agent_process(tmp_path, env=given) as two:
        told = await asyncio.gather(asked(one, **PAID), asked(two, **other))
        films = await asyncio.gather(*(over(one, each["job"]) for each in told))
    assert [film["state"] for film in films] == ["finished", "finished"]
    assert len(fake.created) == 2


async def test_when_the_one_that_makes_films_is_killed_the_other_goes_on(
    tmp_path: Path, fake: FakeReplicate
):
    fake.ways.render_s = None
    given = signed_in(**at(fake, AUTO_APPROVE_BELOW_USD="1"))
    async with agent_process(tmp_path, env=given) as one:
        told = await asked(one, **PAID)
        await rendering(one, told["job"])
        first = mcp_of(tmp_path)
        async with agent_process(tmp_path, env=given) as two:
            first.kill()
            await fake.finish(fake.created[0])
            status = await over(two, told["job"])
    assert (status["state"], len(fake.created)) == ("finished", 1)


_SELF = {"name": "a test", "version": "1"}


def _call(arguments: dict[str, object]) -> dict[str, object]:
    return {"name": "generate-video", "arguments": arguments}


async def _drawn_by(studio: StudioProcess) -> None:
    """Wait until a child of the server draws."""
    server = psutil.Process(studio.pid)

    def draws() -> bool:
        for each in server.children():
            # One that has just ended has no words any more.
            with suppress(psutil.Error):
                if "draft_film" in " ".join(each.cmdline()):
                    return True
        return False

    async with asyncio.timeout(IN_THE_END_S):
        while not draws():  # noqa: ASYNC110  what another process does sets no event
            await asyncio.sleep(0.02)
