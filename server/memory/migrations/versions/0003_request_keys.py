"""What programs asked for under a key of their own, so that it is made once however often they ask."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, primary_key=key)


def upgrade() -> None:
    op.create_table(
        "request_keys",
        text("tenant_id", key=True),
        text("user_id", key=True),
        text("key", key=True),
        text("asked"),
        sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id"), nullable=False),
        text("at"),
        sqlite_with_rowid=False,
    )
    op.create_index("request_keys_by_age", "request_keys", ["at"])
