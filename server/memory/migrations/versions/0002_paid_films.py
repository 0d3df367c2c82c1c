"""Films that are paid for: clips and purchases are rows, users and providers have limits.

Values are written here as they stood at this revision, not through the domain: a later change there
must not change what this step does.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Row = dict[str, Any]

_CHILDREN = ("creatives", "ledger")
_OUTCOMES = {"finished": "rendered", "failed": "failed", "cancelled": "cancelled"}
"""By a job's last stage; every other one is still being made."""

_JOBS = sa.table("jobs", *map(sa.column, ("id", "stage", "prediction_id", "created_at", "data")))


def text(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable, primary_key=key)


def size() -> sa.Column[int]:
    return sa.Column("size_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0"))


def upgrade() -> None:
    clips, purchases = _clips_table(), _purchases_table()
    for name, column in (
        ("jobs", text("user_id", nullable=True)),
        ("jobs", text("provider", nullable=True)),
        ("jobs", sa.Column("cancel_requested", sa.Boolean, nullable=True)),
        ("ledger", text("user_id", nullable=True)),
        ("creatives", size()),
        ("uploads", size()),
        ("uploads", text("used_at", nullable=True)),
    ):
        op.add_column(name, column)
    old = _old_jobs()
    for job in old:
        _fill_columns(job)
    op.bulk_insert(purchases, [_purchase(job) for job in old if job["prediction_id"]])
    _fill_sizes()
    _fill_uses(old)
    _rebuild_jobs()
    # After that: an unfinished job's clip refers to its row.
    op.bulk_insert(clips, [_clip_row(job) for job in old if job["stage"] not in _OUTCOMES])
    op.create_index(
        "creatives_by_campaign", "creatives", ["tenant_id", "campaign_id", "created_at"]
    )
    op.create_index("ledger_by_user", "ledger", ["tenant_id", "user_id", "settled_at"])
    op.create_table("deliveries", text("webhook_id", key=True), text("at"))
    op.create_index("deliveries_by_age", "deliveries", ["at"])
    op.create_table(
        "findings", text("model_key", key=True), text("checked_at"), text("reason", nullable=True)
    )


def _clips_table() -> sa.Table:
    return op.create_table(
        "clips",
        sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("prediction_id", sa.Text, nullable=True, unique=True),
        text("data"),
    )


def _purchases_table() -> sa.Table:
    table = op.create_table(
        "purchases",
        text("prediction_id", key=True),
        text("job_id"),
        sa.Column("clip", sa.Integer, nullable=False),
        text("provider"),
        text("model_key"),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("sound", sa.Boolean, nullable=False),
        text("bought_at"),
        text("outcome"),
        text("ended_at", nullable=True),
        sa.Column("cost_micros", sa.BigInteger, nullable=True),
        sa.Column("took_s", sa.Float, nullable=True),
    )
    op.create_index("purchases_by_model", "purchases", ["model_key", "seconds", "ended_at"])
    return table


def _old_jobs() -> list[Row]:
    rows = op.get_bind().execute(sa.select(_JOBS)).mappings()
    return [{**row, "data": json.loads(row["data"])} for row in rows]


def _fill_columns(job: Row) -> None:
    """What is looked up now stands in columns; a job that goes on says what it agreed to."""
    data = job["data"]
    facts: Row = {
        "user_id": data["user_id"],
        "provider": data["provider"],
        "cancel_requested": bool(data.get("cancel_requested")),
    }
    if job["stage"] not in _OUTCOMES:
        # Its film was not on this machine yet, whatever it was told: that came with the storing.
        stage = "rendering" if job["stage"] == "storing" else job["stage"]
        facts["stage"] = stage
        facts["data"] = json.dumps({**data, "stage": stage, "agreed": _price(data)})
    jobs = sa.table("jobs", sa.column("id"), *map(sa.column, facts))
    ledger = sa.table("ledger", sa.column("job_id"), sa.column("user_id"))
    op.execute(sa.update(jobs).where(jobs.c.id == job["id"]).values(**facts))
    op.execute(
        sa.update(ledger).where(ledger.c.job_id == job["id"]).values(user_id=data["user_id"])
    )


def _fill_sizes() -> None:
    connection = op.get_bind()
    for name in ("creatives", "uploads"):
        table = sa.table(name, *map(sa.column, ("id", "data", "size_bytes")))
        for row in connection.execute(sa.select(table.c.id, table.c.data)).all():
            data = json.loads(row.data)
            stored = data.get("film", data)["size_bytes"]
            op.execute(sa.update(table).where(table.c.id == row.id).values(size_bytes=stored))


def _fill_uses(old: list[Row]) -> None:
    """What films were asked for with lately must not look as if nobody had needed it for a month."""
    uses = {
        reference["upload_id"]: job["created_at"]
        for job in sorted(old, key=lambda each: each["created_at"])
        for reference in job["data"]["request"]["references"]
    }
    uploads = sa.table("uploads", *map(sa.column, ("id", "used_at")))
    for upload_id, used_at in uses.items():
        op.execute(sa.update(uploads).where(uploads.c.id == upload_id).values(used_at=used_at))


def _rebuild_jobs() -> None:
    """SQLite changes a table by making it anew; rows that refer to it would not let the old one go."""
    for child in _CHILDREN:
        op.execute(f"create table kept_{child} as select * from {child}")  # noqa: S608  names of our own
        op.execute(f"delete from {child}")  # noqa: S608  names of our own
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_column("prediction_id")
        for name, kind in (
            ("user_id", sa.Text()),
            ("provider", sa.Text()),
            ("cancel_requested", sa.Boolean()),
        ):
            jobs.alter_column(name, existing_type=kind, nullable=False)
    for child in _CHILDREN:
        op.execute(f"insert into {child} select * from kept_{child}")  # noqa: S608  names of our own
        op.execute(f"drop table kept_{child}")


def _price(data: Mapping[str, Any]) -> Row:
    return {"micros": sum(line["amount"]["micros"] for line in data["quote"]["lines"])}


def _clip(data: Mapping[str, Any]) -> Row:
    """Films were made in one piece; what the one order had was the whole job's."""
    return {
        "number": 1,
        "seconds": sum(line["seconds"] for line in data["quote"]["lines"]),
        "model_key": data["quote"]["model_key"],
        "provider": data["provider"],
        "sound": False,
        "price": _price(data),
    }


def _bought_at(data: Mapping[str, Any]) -> str:
    return _as_in_columns(data.get("started_at") or data["created_at"])


def _as_in_columns(moment: str) -> str:
    """Values say `Z`, columns `+00:00`: among themselves they must sort as they happened."""
    return datetime.fromisoformat(moment).isoformat()


def _clip_row(job: Row) -> Row:
    data, prediction_id = job["data"], job["prediction_id"]
    clip = _clip(data)
    if prediction_id is not None:
        clip |= {"prediction_id": prediction_id, "bought_at": _bought_at(data)}
    return {
        "job_id": job["id"],
        "number": 1,
        "prediction_id": prediction_id,
        "data": json.dumps(clip),
    }


def _purchase(job: Row) -> Row:
    data = job["data"]
    clip = _clip(data)
    ended_at, creative = data.get("ended_at"), data.get("creative")
    return {
        "prediction_id": job["prediction_id"],
        "job_id": job["id"],
        "clip": 1,
        "provider": clip["provider"],
        "model_key": clip["model_key"],
        "seconds": clip["seconds"],
        "sound": False,
        "bought_at": _bought_at(data),
        "outcome": _OUTCOMES.get(job["stage"], "rendering"),
        "ended_at": _as_in_columns(ended_at) if ended_at else None,
        "cost_micros": creative["cost"]["micros"] if creative else None,
        "took_s": None,
    }
