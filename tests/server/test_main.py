"""The command line, as an operator types it."""

import asyncio
import os
import sys
from pathlib import Path

from server.auth import Doorkeeper, SharedSecret
from server.clocks import utc_now
from server.wire.typescript import protocol
from tests.patience import IN_THE_END_S
from tools.domain.identity import CampaignId

SECRET = "a secret of the command line's own tests, long enough"


async def reelroom(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server",
        *arguments,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(folder / "data"), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(IN_THE_END_S):
        out, errors = await process.communicate()
    return process.returncode or 0, out.decode(), errors.decode()


async def test_token_prints_one_that_opens_the_door(tmp_path: Path):
    code, out, _ = await reelroom(
        tmp_path, "token", "ada", "--tenant", "acme", "--campaign", "spring", JWT_SECRET=SECRET
    )
    doorkeeper = Doorkeeper(SharedSecret(SECRET), clock=utc_now)
    principal = await doorkeeper.admit(out.strip())
    assert code == 0
    assert (principal.user_id, principal.tenant_id) == ("ada", "acme")
    assert principal.campaigns == frozenset({CampaignId("spring")})


async def test_where_an_issuer_signs_token_says_that_it_cannot(tmp_path: Path):
    issuer = "https://acme.example/keys.json"
    code, out, errors = await reelroom(tmp_path, "token", "ada", JWT_JWKS_URL=issuer)
    assert (code, out) == (2, "")
    assert errors.startswith("Tokens are made by the issuer behind JWT_JWKS_URL")
    assert "Traceback" not in errors


async def test_protocol_prints_the_typescript(tmp_path: Path):
    code, out, _ = await reelroom(tmp_path, "protocol")
    assert (code, out) == (0, protocol())


async def test_migrate_makes_the_tables_and_ends(tmp_path: Path):
    code, _, errors = await reelroom(tmp_path, "migrate")
    assert (code, errors) == (0, "")
    assert (tmp_path / "data" / "reelroom.sqlite3").is_file()


async def test_a_start_that_cannot_be_is_told_in_one_sentence(tmp_path: Path):
    code, _, errors = await reelroom(tmp_path, "serve", HOST="0.0.0.0")
    assert code == 2
    assert errors.startswith("Reelroom did not start.")
    assert "JWT_SECRET" in errors
    assert "Traceback" not in errors
