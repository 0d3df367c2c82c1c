"""Brings the tables up to date, at start, in one transaction."""

from pathlib import Path

import sqlalchemy as sa

HEAD = "0003"
"""The newest revision; a test compares it with the scripts."""

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(connection: sa.Connection) -> None:
    """Alembic costs a quarter of a second to import: only when there is something to do."""
    if current_revision(connection) == HEAD:
        return
    from alembic import command  # noqa: PLC0415  see above
    from alembic.config import Config  # noqa: PLC0415  see above

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def current_revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("select version_num from alembic_version")).scalar()
