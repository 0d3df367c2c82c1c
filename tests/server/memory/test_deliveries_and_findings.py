from datetime import timedelta

import pytest

from server.memory.database import Database
from server.memory.deliveries import forget_old_deliveries, take_delivery
from server.memory.findings import Finding, findings, keep_findings
from server.memory.journal import Journal
from server.memory.migrate import migrate
from tests.fakes.samples import NOW


async def _take(journal, webhook_id):
    return await journal.write(lambda each: take_delivery(each, webhook_id))


async def test_a_webhook_is_taken_once(journal):
    assert [await _take(journal, name) for name in ("a", "a", "b")] == [True, False, True]


async def test_a_webhook_is_not_taken_again_after_a_restart(file, clock):
    taken = []
    for _ in range(2):
        database = Database(file)
        await database.open(migrate)
        journal = Journal(database, clock=clock, announce=lambda _told: None)
        taken.append(await _take(journal, "a"))
        await database.close()

    assert taken == [True, False]


@pytest.mark.parametrize(("hours", "is_new"), [(0.9, False), (1.1, True)])
async def test_webhooks_are_remembered_for_an_hour(journal, clock, hours, is_new):
    await _take(journal, "a")
    clock.passes(hours=hours)
    await journal.write(forget_old_deliveries)

    assert await _take(journal, "a") is is_new


async def test_the_latest_finding_about_a_model_stands_beside_those_about_others(journal):
    old = Finding(model_key="veo-3.1", checked_at=NOW, reason="It has no input `duration`.")
    other = Finding(model_key="wan-3", checked_at=NOW, reason="It is gone.")
    new = Finding(model_key="veo-3.1", checked_at=NOW + timedelta(hours=1))
    await journal.write(lambda each: keep_findings(each, [old, other]))
    await journal.write(lambda each: keep_findings(each, [new]))

    assert await journal.read(findings) == {"veo-3.1": new, "wan-3": other}
