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

request_keys = sa.Table(
    "request_keys",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id"), nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Index("request_keys_by_age", "at"),
    sqlite_with_rowid=False,
)
"""Programs' own names for their requests, for 25 hours. `asked`: a digest of what was asked under it."""

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, nullable=True),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("uploaded_at", sa.Text, nullable=False),
    sa.Column("used_at", sa.Text, nullable=True),
    sa.Column("data", sa.Text, nullable=False),
    sa.Index("uploads_by_session", "session_id", "uploaded_at"),
)
"""`used_at`: when a film was last asked for with it; null: never."""

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), nullable=False),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("cancel_requested", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Index("jobs_by_stage", "stage", "created_at"),
    sa.Index("jobs_by_session", "session_id", "created_at"),
)
"""`data` holds everything but the clips: those are rows of their own."""

clips = sa.Table(
    "clips",
    metadata,
    sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("prediction_id", sa.Text, nullable=True, unique=True),
    sa.Column("data", sa.Text, nullable=False),
)
"""The pieces a film is made of. `prediction_id`: the order that is making it, or made it."""

purchases = sa.Table(
    "purchases",
    metadata,
    sa.Column("prediction_id", sa.Text, primary_key=True),
    sa.Column("job_id", sa.Text, nullable=False),
    sa.Column("clip", sa.Integer, nullable=False),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("model_key", sa.Text, nullable=False),
    sa.Column("seconds", sa.Integer, nullable=False),
    sa.Column("sound", sa.Boolean, nullable=False),
    sa.Column("bought_at", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("ended_at", sa.Text, nullable=True),
    sa.Column("cost_micros", sa.BigInteger, nullable=True),
    sa.Column("took_s", sa.Float, nullable=True),
    sa.Index("purchases_by_model", "model_key", "seconds", "ended_at"),
)
"""Every order that a provider took, also those that came to nothing. `job_id` may be of no job here:
a prediction that turns up is written down before anybody knows whose it is."""

creatives = sa.Table(
    "creatives",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), nullable=False),
    sa.Column("campaign_id", sa.Text, nullable=False),
    sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id"), nullable=False, unique=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Index("creatives_by_session", "session_id", "created_at"),
    sa.Index("creatives_by_campaign", "tenant_id", "campaign_id", "created_at"),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("campaign_id", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=True),
    sa.Column("reserved_micros", sa.BigInteger, nullable=False),
    sa.Column("spent_micros", sa.BigInteger, nullable=True),
    sa.Column("reserved_at", sa.Text, nullable=False),
    sa.Column("settled_at", sa.Text, nullable=True),
    sa.Index("ledger_by_campaign", "tenant_id", "campaign_id"),
    sa.Index("ledger_by_user", "tenant_id", "user_id", "settled_at"),
)
"""One row a job: what its quote reserved, and what it came to. Unsettled: `spent_micros` is null."""

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("webhook_id", sa.Text, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Index("deliveries_by_age", "at"),
)
"""Webhooks that were taken, so that none is taken twice: also after a restart."""

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("model_key", sa.Text, primary_key=True),
    sa.Column("checked_at", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=True),
)
"""What was found when a model's live schema was last read. `reason`: why it cannot be sold; null: it can."""
