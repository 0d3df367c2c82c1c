import pytest

from server.memory import jobs
from server.memory.request_keys import find, forget_old_keys, keep
from tests.fakes.samples import a_job
from tools.rendering.ports import ProgramKey

KEY = ProgramKey(text="order-7", asked="a film of a kettle")


@pytest.fixture
async def asked(journal):
    """Somebody asked for a job under the key."""
    job = a_job()

    def work(transaction):
        jobs.add(transaction, job)
        keep(transaction, job, KEY)

    await journal.write(work)
    return job


async def _found(journal, job):
    return await journal.read(lambda tables: find(tables, job.tenant_id, job.user_id, KEY))


@pytest.mark.parametrize(("hours", "is_known"), [(24.9, True), (25.1, False)])
async def test_a_programs_key_is_kept_for_25_hours(journal, clock, asked, hours, is_known):
    clock.passes(hours=hours)
    await journal.write(forget_old_keys)

    assert (await _found(journal, asked) == asked.id) is is_known
