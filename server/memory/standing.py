"""How the studio stands: the films that are not over, and the money that they hold back."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from server.memory.tables import jobs, ledger
from tools.domain.jobs import Stage
from tools.domain.money import Money

_LIVE = (
    sa.select(
        jobs.c.stage,
        sa.func.count().label("films"),
        sa.func.coalesce(
            sa.func.sum(sa.case((ledger.c.settled_at.is_(None), ledger.c.reserved_micros))), 0
        ).label("reserved"),
    )
    .outerjoin_from(jobs, ledger, ledger.c.job_id == jobs.c.id)
    # By the index on stages: what is over is never walked, however much of it there is.
    .where(jobs.c.stage.in_([stage.value for stage in Stage if not stage.is_final]))
    .group_by(jobs.c.stage)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`live`: how many films are in each stage that is no end; one without films may be absent."""

    live: Mapping[Stage, int]
    reserved: Money


def standing(connection: sa.Connection) -> Standing:
    """Of everybody."""
    rows = connection.execute(_LIVE).all()
    return Standing(
        live={Stage(row.stage): row.films for row in rows},
        reserved=Money(sum(int(row.reserved) for row in rows)),
    )
