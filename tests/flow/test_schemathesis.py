"""The running server against its own document: whatever is sent, the answer is one that is written there."""

import asyncio
import os
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.compose import Adapters
from tests.fakes.editor import TinyEditor
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.image_host import PUBLIC, Internet, image_host
from tests.fakes.painter import Painter, TinyPress, make_film
from tests.patience import IN_THE_END_S
from tools.domain.frames import Frame
from tools.media.fetching import GuardedFetcher
from tools.providers.replicate.listening import Listener

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = 10
"""For each operation in each phase: some 1,200 calls, a quarter of a minute on two free cores."""
LIMIT_S = 600.0
HOOK_SECRET = "whsec_" + b64encode(b"a secret of the tests, known to nobody").decode()
CAMPAIGN = "spring-26"
"""The only one of the token: no shape can say that a session has to be of the named campaign."""
KNOWN = """
[[operations]]
include-path-regex = "{paths}"
[operations.parameters]
"path.id" = {{ dictionary = "{name}", probability = 0.6 }}
"""
"""Paths in which the id of something that is there is tried too."""


async def _no_secret() -> str:
    return HOOK_SECRET


@pytest.fixture
async def quick(tmp_path: Path) -> AsyncIterator[OpenHouse]:
    """A studio whose films are there at once, on an internet of one server with one image."""
    film = await asyncio.to_thread(make_film, tmp_path / "film.mp4", seconds=4, frame=Frame(64, 36))
    async with image_host() as host:
        names = {name: [[PUBLIC]] for name in ("example.com", "images.example.com")}
        internet = Internet(names=names, places={(PUBLIC, 80): host.port})

        def adapters(given: Adapters) -> Adapters:
            painter = Painter(film, polls=0)
            painter.poll_interval_s = 0.01
            return replace(
                given,
                providers={painter.name: painter},
                editor=TinyEditor(),
                press=TinyPress(),
                fetcher=GuardedFetcher(network=internet, total_s=1, idle_s=1),
                verify_webhook=Listener(_no_secret, secret=HOOK_SECRET).verify,
            )

        async with open_studio(
            tmp_path / "data",
            adapters=adapters,
            generate_wait_s=2,
            rate_generations_per_min=0,
            rate_uploads_per_min=0,
            rate_messages_per_min=0,
        ) as house:
            yield house


async def config_for(studio: OpenHouse, folder: Path) -> Path:
    """Ours, and what is there to be asked for: one film, its job and its session."""
    async with (
        studio.visitor(campaigns=[CAMPAIGN]) as ada,
        studio.http(campaigns=[CAMPAIGN]) as http,
    ):
        await ada.open(campaignId=CAMPAIGN)
        body = {"prompt": "A kettle", "model": "draft", "duration": 4, "sessionId": ada.session_id}
        async with http.post("/api/video/generate", json=body) as answer:
            job_id = (await answer.json())["jobId"]
        # A film that is not there within `generate_wait_s` is not in the answer.
        added = await ada.until_entry("creative.added", jobId=job_id)
        async with http.get("/api/sessions") as answer:
            (session,) = (await answer.json())["sessions"]
    known = {
        "jobs": job_id,
        "creatives": added["data"]["creative"]["_id"],
        "sessions": session["sessionId"],
    }
    parts = [CONFIG.read_text()]
    parts += [f'[dictionaries.{name}]\nvalues = ["{one}"]\n' for name, one in known.items()]
    parts.append('[parameters."body.sessionId"]\ndictionary = "sessions"\nprobability = 0.8\n')
    parts += [KNOWN.format(name=name, paths=f"/{name}/") for name in known]
    config = folder / "schemathesis.toml"
    config.write_text("\n".join(parts))
    return config


async def test_schemathesis_finds_nothing(quick: OpenHouse, tmp_path: Path):
    config = await config_for(quick, tmp_path)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "schemathesis.cli",
        f"--config-file={config}",
        "--no-color",
        "run",
        f"{quick.url}/api/openapi.json",
        f"--header=Authorization: Bearer {quick.token(campaigns=[CAMPAIGN])}",
        f"--max-examples={EXAMPLES}",
        "--continue-on-failure",
        f"--request-timeout={2 * IN_THE_END_S:.0f}",
        cwd=tmp_path,
        # A proxy of this machine's is not for its own studio.
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            told, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    assert process.returncode == 0, told.decode()
