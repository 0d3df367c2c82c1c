"""The doctor: what is looked at, what is found, what the server then knows, and how it is told."""

import asyncio
import json
import sys
from collections import namedtuple
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server import doctor
from server.doctor import Observation
from server.doctor.looking import LITTLE_BYTES, TOO_LITTLE_BYTES
from server.memory.findings import findings
from server.settings import Settings
from tests.fakes.bucket import FakeBucket, moto_server, new_bucket
from tests.fakes.house import open_studio, settings_for
from tests.fakes.issuer import as_jwk, issuer, private_key
from tests.fakes.poe import KEY, LEAD, SECOND, TOOLLESS, fake_poe
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import Refuses
from tests.fakes.selling import kept_in, selling
from tests.patience import IN_THE_END_S
from tools.domain.models import VideoModel

Seen = dict[str, Observation]


@pytest.fixture
async def fake() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate.running() as running:
        yield running


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture
async def bucket(s3: str) -> FakeBucket:
    # moto answers in a thread of its own: the asking must not hold the loop.
    return await asyncio.to_thread(new_bucket, s3)


async def looked(settings: Settings, **how: Any) -> Seen:
    """By part; where a part was seen twice, the last."""
    seen = await doctor.examine(doctor.patient_for(settings), **how)
    return {each.part: each for each in seen}


def states(seen: Seen) -> dict[str, str]:
    return {part: each.state for part, each in seen.items() if not part.startswith("model ")}


async def test_with_nothing_set_up_nothing_is_missing(tmp_path: Path):
    seen = await looked(settings_for(tmp_path, public_url="https://studio.example"))

    assert states(seen) == {
        "settings": "ok",
        "disk": "ok",
        "clock": "absent",
        "token": "absent",
        "storage": "absent",
        "chat": "absent",
        "sign-in": "absent",
    }
    assert doctor.is_healthy(seen.values())


# -- the video provider ------------------------------------------------------------------------


async def test_a_good_token_names_its_account_and_every_model_is_read(
    tmp_path: Path, fake: FakeReplicate
):
    seen = await looked(settings_for(tmp_path, **selling(fake)))
    models = {part: each.state for part, each in seen.items() if part.startswith("model ")}

    assert seen["token"].state == "ok"
    assert set(models.values()) == {"ok"}
    assert {"model veo-3.1", "model kling-v3", "model wan-3"} <= set(models)
    assert fake.created == []


async def test_a_refused_token_is_a_failure_in_the_seeds_words(tmp_path: Path, fake: FakeReplicate):
    settings = {**selling(fake), "replicate_api_key": "r8_of_nobody"}
    seen = await looked(settings_for(tmp_path, **settings))

    assert seen["token"].state == "failed"
    assert "Invalid API key" in seen["token"].words


async def test_a_model_that_is_gone_is_a_failure_with_the_reason(
    tmp_path: Path, fake: FakeReplicate
):
    del fake.models["google/veo-3.1"]
    seen = await looked(settings_for(tmp_path, **selling(fake)))

    assert seen["model veo-3.1"].state == "failed"
    assert "google/veo-3.1" in seen["model veo-3.1"].words
    assert seen["model kling-v3"].state == "ok"


async def test_a_changed_enumeration_is_a_failure_with_the_reason(
    tmp_path: Path, fake: FakeReplicate
):
    drift(fake, "google/veo-3.1", duration={"type": "integer", "enum": [6, 8], "default": 8})
    seen = await looked(settings_for(tmp_path, **selling(fake)))

    assert seen["model veo-3.1"].state == "failed"
    assert "duration" in seen["model veo-3.1"].words


async def test_drift_of_a_model_that_was_never_sold_is_a_warning(
    tmp_path: Path, fake: FakeReplicate
):
    del fake.models["alibaba/wan-3"]
    seen = await looked(settings_for(tmp_path, **selling(fake)))

    assert seen["model wan-3"].state == "warning"
    assert doctor.is_healthy(seen.values())


async def test_a_model_that_cannot_be_read_now_is_a_warning(tmp_path: Path, fake: FakeReplicate):
    fake.answer_always("model", Refuses(status=503))
    seen = await looked(settings_for(tmp_path, **selling(fake)))

    assert seen["model veo-3.1"].state == "warning"


def drift(fake: FakeReplicate, slug: str, **inputs: Any) -> None:
    model = fake.models[slug]
    fake.models[slug] = replace(model, inputs={**model.inputs, **inputs})


# -- who comes in ------------------------------------------------------------------------------


async def test_an_issuers_keys_are_counted(tmp_path: Path):
    async with issuer() as acme:
        settings = {"jwt_secret": None, "jwt_jwks_url": acme.url, "jwt_audience": "reelroom"}
        seen = await looked(settings_for(tmp_path, **settings))

    assert seen["sign-in"] == Observation(
        part="sign-in", state="ok", words="The issuer's keys that can be used: 1 (RS256)."
    )


async def test_an_issuer_whose_tokens_for_others_would_be_taken_is_a_warning(tmp_path: Path):
    async with issuer() as acme:
        seen = await looked(settings_for(tmp_path, jwt_secret=None, jwt_jwks_url=acme.url))

    assert seen["sign-in"].state == "warning"
    assert "JWT_AUDIENCE" in seen["sign-in"].words


async def test_keys_that_cannot_be_used_are_a_warning(tmp_path: Path):
    async with issuer() as acme:
        acme.keys.append(as_jwk(private_key("one"), "two", use="enc"))
        settings = {"jwt_secret": None, "jwt_jwks_url": acme.url, "jwt_audience": "reelroom"}
        seen = await looked(settings_for(tmp_path, **settings))

    assert seen["sign-in"].state == "warning"
    assert "cannot be used: 1." in seen["sign-in"].words


async def test_an_issuer_that_does_not_answer_is_a_failure(tmp_path: Path):
    async with issuer() as acme:
        acme.answers("", status=500)
        seen = await looked(settings_for(tmp_path, jwt_secret=None, jwt_jwks_url=acme.url))

    assert seen["sign-in"].state == "failed"
    assert acme.url not in seen["sign-in"].words


# -- what the server then knows ----------------------------------------------------------------


async def offered(studio: Any, key: str) -> dict[str, Any]:
    async with studio.http() as http, http.get("/api/video/models") as answer:
        return next(row for row in await answer.json() if row["key"] == key)


async def test_a_start_with_a_key_finds_out_by_itself(tmp_path: Path, fake: FakeReplicate):
    del fake.models["google/veo-3.1"]
    async with open_studio(tmp_path, **selling(fake)) as studio:
        async with asyncio.timeout(IN_THE_END_S):
            while (gone := await offered(studio, "veo-3.1"))["available"]:
                continue  # each asking is a request: others get their turn
        unread = await offered(studio, "wan-3")
    assert "google/veo-3.1" in gone["unavailableReason"]
    assert unread["available"]


async def test_what_was_found_counts_at_the_next_start_before_anybody_looks(
    tmp_path: Path, fake: FakeReplicate
):
    settings = settings_for(tmp_path, **selling(fake))
    async with open_studio(tmp_path, **selling(fake)):
        pass
    del fake.models["google/veo-3.1"]
    await looked(settings)
    fake.answer_always("model", Refuses(status=503))
    async with open_studio(tmp_path, **selling(fake)) as studio:
        assert not (await offered(studio, "veo-3.1"))["available"]


async def test_a_provider_that_hangs_does_not_hold_up_the_start(
    tmp_path: Path, fake: FakeReplicate
):
    fake.answer_always("model", Refuses(status=502))
    async with open_studio(tmp_path, **selling(fake)) as studio:
        assert (await offered(studio, "veo-3.1"))["available"]


async def test_where_no_server_has_been_the_doctor_leaves_no_tables(
    tmp_path: Path, fake: FakeReplicate
):
    settings = settings_for(tmp_path, **selling(fake))
    await looked(settings)

    assert not settings.database_file.exists()


async def test_a_running_server_learns_what_the_doctor_found(tmp_path: Path, fake: FakeReplicate):
    async with open_studio(tmp_path, **selling(fake)) as studio:
        async with asyncio.timeout(IN_THE_END_S):
            while not await studio.house.journal.read(findings):
                continue  # each reading is a hop to another thread
        del fake.models["google/veo-3.1"]
        await looked(settings_for(tmp_path, **selling(fake)))
        await doctor.recall_findings(studio.house.journal, studio.house.catalogue)
        assert not (await offered(studio, "veo-3.1"))["available"]


class Schemas:
    """A provider that tells of its models without a wire."""

    name = "local"

    def __init__(self, reason: str | None) -> None:
        self._reason = reason

    async def check_token(self) -> str:
        return "the account"

    async def examine(self, models: Iterable[VideoModel]) -> Mapping[str, str | None]:
        return {model.key: self._reason for model in models}


async def test_what_was_found_before_does_not_come_back_over_what_is_found_now(tmp_path: Path):
    async with open_studio(tmp_path) as studio:
        journal, catalogue = studio.house.journal, studio.house.catalogue
        await doctor.examine_models(Schemas("It is gone."), catalogue, journal)
        assert not (await offered(studio, "draft"))["available"]
        # The recalling reads what is kept before the examination writes, and marks after it began.
        await asyncio.gather(
            doctor.recall_findings(journal, catalogue),
            doctor.examine_models(Schemas(None), catalogue, journal),
        )
        assert (await offered(studio, "draft"))["available"]


# -- the bucket --------------------------------------------------------------------------------


async def test_a_bucket_is_written_read_and_emptied_again(tmp_path: Path, bucket: FakeBucket):
    seen = await looked(settings_for(tmp_path, **kept_in(bucket)))

    assert seen["storage"].state == "ok"


async def test_a_bucket_that_is_not_there_is_a_failure(tmp_path: Path, bucket: FakeBucket):
    gone = kept_in(bucket, r2_bucket_name="no-such-bucket")
    seen = await looked(settings_for(tmp_path, **gone))

    assert seen["storage"].state == "failed"
    assert not doctor.is_healthy(seen.values())


async def test_the_bucket_is_told_to_forget_handed_over_images_only_when_asked(
    tmp_path: Path, bucket: FakeBucket
):
    settings = settings_for(tmp_path, **kept_in(bucket))
    assert "references" not in await looked(settings)
    seen = await looked(settings, expire_references=True)

    assert seen["references"].state == "ok"
    assert "videos/references/handed/" in seen["references"].words
    assert await asyncio.to_thread(rules_of, bucket) == [("videos/references/handed/", 30)]


def rules_of(bucket: FakeBucket) -> list[tuple[str, int]]:
    import boto3  # noqa: PLC0415  slow to import, and for one test

    client = boto3.client(
        "s3",
        endpoint_url=bucket.url,
        region_name="auto",
        aws_access_key_id="an-access-key",
        aws_secret_access_key="a-secret-key",
    )
    try:
        found = client.get_bucket_lifecycle_configuration(Bucket=bucket.name)["Rules"]
    finally:
        client.close()
    return [(rule["Filter"]["Prefix"], rule["Expiration"]["Days"]) for rule in found]


async def test_a_folder_has_no_such_rule_and_says_so(tmp_path: Path):
    seen = await looked(settings_for(tmp_path), expire_references=True)

    assert seen["references"].state == "failed"


# -- the language model ------------------------------------------------------------------------


async def test_a_language_model_that_can_use_tools_answers(tmp_path: Path):
    async with fake_poe() as poe:
        seen = await looked(talking(tmp_path, poe.url, LEAD, (SECOND,)))
    assert (seen["chat"].state, seen["chat"].words) == ("ok", f"{LEAD} answers.")


async def test_a_stand_in_that_cannot_use_tools_is_a_warning(tmp_path: Path):
    async with fake_poe() as poe:
        patient = doctor.patient_for(talking(tmp_path, poe.url, LEAD, (TOOLLESS,)))
        seen = [each for each in await doctor.examine(patient) if each.part == "chat"]
    assert [each.state for each in seen] == ["ok", "warning"]
    assert TOOLLESS in seen[1].words


async def test_when_no_model_set_up_can_answer_it_is_a_failure(tmp_path: Path):
    async with fake_poe() as poe:
        patient = doctor.patient_for(talking(tmp_path, poe.url, "no-such-model", (TOOLLESS,)))
        seen = [each for each in await doctor.examine(patient) if each.part == "chat"]
    assert seen[0].state == "failed"


async def test_a_model_that_is_to_refine_and_is_not_there_is_a_warning(tmp_path: Path):
    async with fake_poe() as poe:
        settings = talking(tmp_path, poe.url, LEAD, (SECOND,))
        nobody = settings.model_copy(update={"poe_refine_model": "no-such-model"})
        seen = await doctor.examine(doctor.patient_for(nobody))
    told = [(each.state, each.words) for each in seen if each.part == "chat"]
    assert [state for state, _ in told] == ["ok", "warning"]
    assert "POE_REFINE_MODEL: no-such-model" in told[1][1]


async def test_a_refused_key_is_a_failure(tmp_path: Path):
    settings = talking(tmp_path, "http://127.0.0.1:9", LEAD, ())
    assert (await looked(settings))["chat"].state == "failed"


def talking(folder: Path, url: str, model: str, fallbacks: tuple[str, ...]) -> Settings:
    return settings_for(
        folder,
        poe_api_key=KEY,
        poe_api_url=url,
        poe_model=model,
        poe_fallback_models=fallbacks,
        poe_refine_model=SECOND,
    )


# -- this machine ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "state", "words"),
    [
        (timedelta(), "ok", ""),
        (timedelta(minutes=5), "warning", "ahead of"),
        (timedelta(minutes=-5), "warning", "behind"),
    ],
)
async def test_a_clock_is_compared_with_the_providers(
    tmp_path: Path, fake: FakeReplicate, off: timedelta, state: str, words: str
):
    seen = await looked(
        settings_for(tmp_path, **selling(fake)), clock=lambda: datetime.now(UTC) + off
    )
    assert seen["clock"].state == state
    assert words in seen["clock"].words


@pytest.mark.parametrize(
    ("free", "state"),
    [(LITTLE_BYTES, "ok"), (LITTLE_BYTES - 1, "warning"), (TOO_LITTLE_BYTES - 1, "failed")],
)
async def test_a_disk_that_is_nearly_full_is_noticed(
    tmp_path: Path, monkeypatch, free: int, state: str
):
    usage = namedtuple("usage", "total used free")  # noqa: PYI024  as the standard library's
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(0, 0, free))

    assert (await looked(settings_for(tmp_path)))["disk"].state == state


async def test_a_folder_that_cannot_be_made_is_a_failure(tmp_path: Path):
    (tmp_path / "data").write_text("a file")

    assert (await looked(settings_for(tmp_path / "data")))["disk"].state == "failed"


# -- telling -----------------------------------------------------------------------------------


async def reelroom(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server",
        *arguments,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(folder / "data"), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(IN_THE_END_S):
        out, errors = await process.communicate()
    return process.returncode or 0, out.decode(), errors.decode()


async def test_people_read_a_table_and_the_exit_code_says_that_all_is_well(tmp_path: Path):
    code, out, errors = await reelroom(tmp_path, "doctor")

    assert (code, errors) == (0, "")
    assert out.split()[:2] == ["ok", "settings"]


async def test_programs_read_json_and_the_exit_code_says_that_something_failed(
    tmp_path: Path, fake: FakeReplicate
):
    del fake.models["google/veo-3.1"]
    key = {"REPLICATE_API_KEY": fake.token, "REPLICATE_BASE_URL": fake.url}
    code, out, errors = await reelroom(tmp_path, "doctor", "--json", **key)
    told = json.loads(out)

    assert (code, errors) == (1, "")
    assert told["healthy"] is False
    assert [each["part"] for each in told["checks"] if each["state"] == "failed"] == [
        "model veo-3.1"
    ]
    assert fake.token not in out


async def test_settings_that_cannot_be_used_are_told_in_a_sentence(tmp_path: Path):
    code, _, errors = await reelroom(tmp_path, "doctor", R2_BUCKET_NAME="films")

    assert code == 2
    assert "R2_ACCESS_KEY_ID" in errors
