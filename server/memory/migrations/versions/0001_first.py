"""The first tables: sessions and their timelines, turns, commands, uploads, jobs, creatives, ledger."""

from secrets import token_hex

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def text(
    name: str, *, nullable: bool = False, unique: bool = False, key: bool = False
) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable, unique=unique, primary_key=key)


def upgrade() -> None:
    meta = op.create_table("meta", text("key", key=True), text("value"))
    op.bulk_insert(meta, [{"key": "epoch", "value": token_hex(8)}])
    op.create_table(
        "sessions",
        text("id", key=True),
        text("tenant_id"),
        text("campaign_id"),
        text("user_id"),
        text("title"),
        sa.Column("head", sa.Integer, nullable=False),
        text("created_at"),
        text("updated_at"),
    )
    op.create_index("sessions_by_campaign", "sessions", ["tenant_id", "campaign_id", "updated_at"])
    op.create_table(
        "entries",
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        text("at"),
        text("type"),
        text("data"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "turns",
        text("id", key=True),
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), nullable=False),
        text("message_id"),
        text("state"),
        sa.Column("place", sa.Integer, nullable=False),
    )
    op.create_index("turns_by_session", "turns", ["session_id", "state", "place"])
    op.create_table(
        "commands",
        text("session_id", key=True),
        text("client_id", key=True),
        text("fingerprint"),
        text("answer"),
        text("at"),
        sqlite_with_rowid=False,
    )
    op.create_index("commands_by_age", "commands", ["at"])
    op.create_table(
        "uploads",
        text("id", key=True),
        text("tenant_id"),
        text("session_id", nullable=True),
        text("path", unique=True),
        text("uploaded_at"),
        text("data"),
    )
    op.create_index("uploads_by_session", "uploads", ["session_id", "uploaded_at"])
    op.create_table(
        "jobs",
        text("id", key=True),
        text("tenant_id"),
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), nullable=False),
        text("stage"),
        sa.Column("version", sa.Integer, nullable=False),
        text("prediction_id", nullable=True, unique=True),
        text("created_at"),
        text("data"),
    )
    op.create_index("jobs_by_stage", "jobs", ["stage", "created_at"])
    op.create_index("jobs_by_session", "jobs", ["session_id", "created_at"])
    op.create_table(
        "creatives",
        text("id", key=True),
        text("tenant_id"),
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), nullable=False),
        text("campaign_id"),
        sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id"), nullable=False, unique=True),
        text("created_at"),
        text("data"),
    )
    op.create_index("creatives_by_session", "creatives", ["session_id", "created_at"])
    op.create_table(
        "ledger",
        sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id"), primary_key=True),
        text("tenant_id"),
        text("campaign_id"),
        sa.Column("reserved_micros", sa.BigInteger, nullable=False),
        sa.Column("spent_micros", sa.BigInteger, nullable=True),
        text("reserved_at"),
        text("settled_at", nullable=True),
    )
    op.create_index("ledger_by_campaign", "ledger", ["tenant_id", "campaign_id"])
