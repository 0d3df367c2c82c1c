"""Every order that a provider took: whose it is, what became of it, what it cost and how long it took."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from math import ceil, floor
from statistics import quantiles
from typing import Any

import sqlalchemy as sa

from server.memory.journal import Transaction
from server.memory.tables import purchases
from tools.domain.clips import Outcome, Purchase
from tools.domain.identity import JobId, PredictionId
from tools.domain.models import Span
from tools.domain.money import Money
from tools.rendering.ports import PredictionTaken

LAST_TIMES = 20
ENOUGH_TIMES = 3
"""From so few films on it can be said how long a model takes."""

_TIMED = (purchases.c.outcome == Outcome.RENDERED.value, purchases.c.took_s.is_not(None))
_FIND = sa.select(purchases).where(purchases.c.prediction_id == sa.bindparam("the_prediction"))
_UPDATE = sa.update(purchases).where(purchases.c.prediction_id == sa.bindparam("the_prediction"))
_TIMES = (
    sa.select(purchases.c.took_s)
    .where(
        purchases.c.model_key == sa.bindparam("model_key"),
        purchases.c.seconds == sa.bindparam("clip_s"),
        *_TIMED,
    )
    .order_by(purchases.c.ended_at.desc(), purchases.c.prediction_id)
    .limit(LAST_TIMES)
)


def find(connection: sa.Connection, prediction_id: PredictionId) -> Purchase | None:
    row = connection.execute(_FIND, {"the_prediction": prediction_id}).first()
    return None if row is None else _purchase(row)


def keep(transaction: Transaction, purchase: Purchase) -> None:
    """Write down a new order, or what became of a known one. Raises PredictionTaken.

    An order belongs to one clip of one job for ever.
    """
    known = find(transaction.connection, purchase.prediction_id)
    if known is None:
        transaction.connection.execute(sa.insert(purchases), _row(purchase))
    elif (known.job_id, known.clip) != (purchase.job_id, purchase.clip):
        raise PredictionTaken(purchase.prediction_id)
    else:
        transaction.connection.execute(
            _UPDATE, {"the_prediction": purchase.prediction_id, **_row(purchase)}
        )


def keep_unknown(transaction: Transaction, purchase: Purchase) -> None:
    """Write it down unless it is known already, whosever it is."""
    if find(transaction.connection, purchase.prediction_id) is None:
        transaction.connection.execute(sa.insert(purchases), _row(purchase))


def times(connection: sa.Connection, model_key: str, clip_s: int) -> tuple[float, ...]:
    """How long the last clips of this model and length took, in seconds, newest first."""
    asked = {"model_key": model_key, "clip_s": clip_s}
    return tuple(connection.execute(_TIMES, asked).scalars())


def typical_spans(connection: sa.Connection) -> Mapping[str, Span]:
    """By model: how long most of its last clips took, from the 10th to the 90th hundredth."""
    age = (
        sa.func.row_number()
        .over(partition_by=purchases.c.model_key, order_by=purchases.c.ended_at.desc())
        .label("age")
    )
    timed = sa.select(purchases.c.model_key, purchases.c.took_s, age).where(*_TIMED).subquery()
    newest = sa.select(timed.c.model_key, timed.c.took_s).where(timed.c.age <= LAST_TIMES)
    by_model: dict[str, list[float]] = defaultdict(list)
    for row in connection.execute(newest):
        by_model[row.model_key].append(row.took_s)
    return {
        model_key: _middle(took)
        for model_key, took in by_model.items()
        if len(took) >= ENOUGH_TIMES
    }


def _middle(took: list[float]) -> Span:
    tenths = quantiles(took, n=10, method="inclusive")
    return Span(low_s=floor(tenths[0]), high_s=ceil(tenths[-1]))


def _row(purchase: Purchase) -> dict[str, object]:
    return {
        "prediction_id": purchase.prediction_id,
        "job_id": purchase.job_id,
        "clip": purchase.clip,
        "provider": purchase.provider,
        "model_key": purchase.model_key,
        "seconds": purchase.seconds,
        "sound": purchase.sound,
        "bought_at": purchase.bought_at.isoformat(),
        "outcome": purchase.outcome.value,
        "ended_at": None if purchase.ended_at is None else purchase.ended_at.isoformat(),
        "cost_micros": None if purchase.cost is None else purchase.cost.micros,
        "took_s": purchase.took_s,
    }


def _purchase(row: sa.Row[Any]) -> Purchase:
    return Purchase(
        prediction_id=PredictionId(row.prediction_id),
        job_id=JobId(row.job_id),
        clip=row.clip,
        provider=row.provider,
        model_key=row.model_key,
        seconds=row.seconds,
        sound=row.sound,
        bought_at=datetime.fromisoformat(row.bought_at),
        outcome=Outcome(row.outcome),
        ended_at=None if row.ended_at is None else datetime.fromisoformat(row.ended_at),
        cost=None if row.cost_micros is None else Money(row.cost_micros),
        took_s=row.took_s,
    )
