"""Whose turn it is: films that wait for a place at their provider, first come, first served."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from server.memory.tables import jobs
from tools.domain.identity import JobId, TenantId, UserId
from tools.domain.jobs import Stage, VideoJob
from tools.rendering.ports import Places

_RUNNING = (
    sa.select(jobs.c.provider, jobs.c.tenant_id, jobs.c.user_id, sa.func.count().label("films"))
    .where(jobs.c.stage.in_([stage.value for stage in Stage if stage.is_running]))
    .group_by(jobs.c.provider, jobs.c.tenant_id, jobs.c.user_id)
)
_WAITING = (
    sa.select(jobs.c.id, jobs.c.tenant_id, jobs.c.user_id)
    .where(
        jobs.c.stage == Stage.QUEUED.value,
        jobs.c.provider == sa.bindparam("provider"),
        # Who is leaving keeps nobody waiting.
        sa.or_(sa.not_(jobs.c.cancel_requested), jobs.c.id == sa.bindparam("the_job")),
    )
    .order_by(jobs.c.created_at, jobs.c.id)
)


@dataclass(frozen=True, slots=True)
class Person:
    """A user's name means one person within one tenant."""

    tenant_id: TenantId
    user_id: UserId


@dataclass(frozen=True, slots=True)
class Waiting:
    job_id: JobId
    person: Person


def place_in_line(connection: sa.Connection, job: VideoJob, places: Places) -> int:
    """0 when there is a place for it now; else its place in its provider's line, 1 is next."""
    at_provider = 0
    by_person: Counter[Person] = Counter()
    for row in connection.execute(_RUNNING):
        by_person[_person(row.tenant_id, row.user_id)] += row.films
        at_provider += row.films if row.provider == job.provider else 0
    rows = connection.execute(_WAITING, {"provider": job.provider, "the_job": job.id})
    line = [Waiting(JobId(row.id), _person(row.tenant_id, row.user_id)) for row in rows]
    free = None if places.of_provider is None else places.of_provider - at_provider
    return place_of(job.id, line, running=by_person, free=free, of_user=places.of_user)


def place_of(
    job_id: JobId,
    line: Iterable[Waiting],
    *,
    running: Mapping[Person, int],
    free: int | None,
    of_user: int | None,
) -> int:
    """As `place_in_line`. `free`: places left at the provider; `of_user`: each person's; None: no limit.

    Somebody whose places are all taken is passed over, and keeps nobody waiting but their own films.
    """
    taken = Counter(running)
    passed_over: Counter[Person] = Counter()
    in_front = 0
    for each in line:
        is_full = of_user is not None and taken[each.person] >= of_user
        if each.job_id == job_id:
            if not is_full and (free is None or in_front < free):
                return 0
            return in_front + passed_over[each.person] + 1
        if is_full:
            passed_over[each.person] += 1
        else:
            taken[each.person] += 1
            in_front += 1
    return in_front + 1


def _person(tenant_id: str, user_id: str) -> Person:
    return Person(TenantId(tenant_id), UserId(user_id))
