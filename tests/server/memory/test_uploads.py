from dataclasses import replace
from datetime import timedelta

import pytest

from server.memory import uploads
from server.memory.records import Jobs
from tests.fakes.samples import NOW, REFERENCE, UPLOAD, a_chained_quote, a_job, a_request
from tools.domain.identity import UploadId
from tools.domain.jobs import Plan
from tools.domain.money import Money
from tools.domain.transitions import cancelled, declined, proposed, proposed_anew, queued

MONTH = timedelta(days=30)
OTHER = replace(UPLOAD, id=UploadId("upload-2"), path="videos/references/upload-2.png")


@pytest.fixture
async def given(journal):
    """Two images, given now."""
    for upload in (UPLOAD, OTHER):
        await journal.write(lambda each, u=upload: uploads.add(each, u))
    return journal


@pytest.fixture
def records(given):
    return Jobs(given, budget=Money.usd("1.00"))


WITH_IMAGE = a_request(references=(REFERENCE,))


async def _unused(journal, since):
    found = await journal.read(lambda tables: uploads.unused_since(tables, since))
    return [upload.id for upload in found]


async def test_an_image_that_was_never_used_is_as_old_as_it_was_given(given):
    assert await _unused(given, NOW) == []
    assert await _unused(given, NOW + timedelta(seconds=1)) == [UPLOAD.id, OTHER.id]


async def test_an_image_is_used_when_a_film_is_asked_for_with_it(given, records, clock):
    clock.passes(hours=1)
    job = await records.add(queued(a_job(request=WITH_IMAGE)))
    await records.commit(cancelled(job, at=clock()))

    assert await _unused(given, clock()) == [OTHER.id]
    assert await _unused(given, clock() + timedelta(seconds=1)) == [UPLOAD.id, OTHER.id]


async def test_an_image_is_used_when_a_proposal_is_changed_to_have_it(given, records, clock):
    asked = proposed(a_job(), "price", expires_at=NOW + MONTH)
    job = await records.add(asked)
    clock.passes(hours=1)
    quote = a_chained_quote("0.10", clips=1)
    plan = Plan(request=WITH_IMAGE, quote=quote, provider="local", clips=job.clips)
    job = await records.commit(proposed_anew(job, "price", plan=plan, expires_at=NOW + MONTH))
    await records.commit(declined(job, at=clock()))

    assert await _unused(given, clock()) == [OTHER.id]


async def test_an_image_of_a_film_that_is_not_over_is_needed_however_old_it_is(given, records):
    await records.add(queued(a_job(request=WITH_IMAGE)))

    assert await _unused(given, NOW + 2 * MONTH) == [OTHER.id]


async def test_an_image_that_is_forgotten_is_not_there_any_more(given):
    await given.write(lambda each: uploads.forget(each, UPLOAD.id))

    assert await given.read(lambda tables: uploads.find(tables, UPLOAD.id)) is None
    assert await given.read(lambda tables: uploads.find(tables, OTHER.id)) == OTHER
