"""The tables, as the stores write them. Migrations make them; a test holds the two together.

Whole values (an event, a job, a creative) are kept as JSON in `data`; a column stands beside it only
where something is looked up, ordered or kept unique by it. Times are ISO 8601 text in UTC.
"""

import sqlalchemy as sa

metadata = sa.MetaData()

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""`epoch`: which life of the database this is. A restored copy gets a new one, and browsers start over."""

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("campaign_id", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("head", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("updated_at", sa.Text, nullable=False),
    sa.Index("sessions_by_campaign", "tenant_id", "campaign_id", "updated_at"),
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Index("turns_by_session", "session_id", "state", "place"),
)
"""`state`: queued, running or finished. `place` orders the turns of a session."""

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("session_id", sa.Text, primary_key=True),
    sa.Column("client_id", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Index("commands_by_age", "at"),
    sqlite_with_rowid=False,
)
"""Accepted commands and what they were answered, for 25 hours."""

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, nullable=True),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("uploaded_at", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Index("uploads_by_session", "session_id", "uploaded_at"),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("prediction_id", sa.Text, nullable=True, unique=True),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Index("jobs_by_stage", "stage", "created_at"),
    sa.Index("jobs_by_session", "session_id", "created_at"),
)

creatives = sa.Table(
    "creatives",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), nullable=False),
    sa.Column("campaign_id", sa.Text, nullable=False),
    sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id"), nullable=False, unique=True),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Index("creatives_by_session", "session_id", "created_at"),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("campaign_id", sa.Text, nullable=False),
    sa.Column("reserved_micros", sa.BigInteger, nullable=False),
    sa.Column("spent_micros", sa.BigInteger, nullable=True),
    sa.Column("reserved_at", sa.Text, nullable=False),
    sa.Column("settled_at", sa.Text, nullable=True),
    sa.Index("ledger_by_campaign", "tenant_id", "campaign_id"),
)
"""One row a job: what its quote reserved, and what it came to. Unsettled: `spent_micros` is null."""
