from dataclasses import replace

import pytest

from server.memory import conversations, creatives, uploads
from server.memory.records import Jobs
from server.memory.usage import Usage, usage
from tests.fakes.samples import (
    CAMPAIGN,
    NOW,
    SESSION,
    TENANT,
    UPLOAD,
    a_creative,
    a_job,
    a_session,
)
from tools.domain.identity import CampaignId, MessageId, SessionId, TenantId, UploadId
from tools.domain.money import Money
from tools.domain.transitions import finished, queued

AUTUMN = {"campaign_id": CampaignId("autumn")}
ELSEWHERE = [{"tenant_id": TenantId("globex")}, AUTUMN]


@pytest.fixture
def records(journal):
    return Jobs(journal, budget=Money.usd("10"))


async def _film(records, number, price, **facts):
    job = await records.add(queued(a_job(f"job-{number}", price=price, **facts)))
    creative = replace(a_creative(job, f"video-{number}"), cost=Money.usd("0.25"))
    change = finished(job, creative, announcement_id=MessageId(f"msg-{number}"), at=NOW)
    return await records.commit(change)


async def _image(journal, name, session_id):
    upload = replace(UPLOAD, id=UploadId(name), path=name, session_id=session_id)
    await journal.write(lambda each: uploads.add(each, upload))


async def _session(journal, name, **facts):
    session = a_session(SessionId(name), **facts)
    await journal.write(lambda each: conversations.add_session(each, session))
    return session.id


async def _usage(journal):
    return await journal.read(lambda tables: usage(tables, TENANT, CAMPAIGN))


async def test_a_campaign_nobody_used_has_used_nothing(journal):
    assert await _usage(journal) == Usage(spent=Money(), reserved=Money(), bytes_stored=0)


async def test_usage_is_what_was_spent_what_is_held_back_and_what_is_stored(journal, records):
    await _film(records, 1, "0.60")
    await _film(records, 2, "0.60")
    await records.add(queued(a_job("job-3", price="0.40")))
    await _image(journal, "upload-1", SESSION)
    await _image(journal, "upload-2", await _session(journal, "session-2"))

    assert await _usage(journal) == Usage(
        spent=Money.usd("0.50"),
        reserved=Money.usd("0.40"),
        bytes_stored=2 * 1_000_000 + 2 * UPLOAD.size_bytes,
    )


@pytest.mark.parametrize("facts", ELSEWHERE)
async def test_what_others_use_is_not_counted(journal, records, facts):
    session_id = await _session(journal, "session-2", **facts)
    await _film(records, 1, "0.60", session_id=session_id, **facts)
    await _image(journal, "upload-1", session_id)
    await _image(journal, "upload-2", None)

    assert await _usage(journal) == Usage(spent=Money(), reserved=Money(), bytes_stored=0)


async def test_a_campaigns_films_are_those_of_all_its_sessions_newest_last(journal, records):
    second = await _session(journal, "session-2")
    other = await _session(journal, "session-3", **AUTUMN)
    await _film(records, 0, "0")
    await _film(records, 1, "0", session_id=second)
    await _film(records, 2, "0", session_id=other, **AUTUMN)
    await _film(records, 3, "0")

    found = await journal.read(lambda tables: creatives.of_campaign(tables, TENANT, CAMPAIGN))
    assert [each.id for each in found] == ["video-0", "video-1", "video-3"]
