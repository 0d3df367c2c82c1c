import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from server.memory import migrate
from server.memory.tables import metadata


async def test_migrations_make_exactly_the_tables_that_the_stores_write(database):
    def differences(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert await database.read(differences) == []


async def test_keys_and_shapes_that_alembic_does_not_compare_are_the_same_too(database, tmp_path):
    fresh = sa.create_engine(f"sqlite:///{tmp_path / 'fresh'}")
    with fresh.begin() as connection:
        metadata.create_all(connection)
        wanted = _shape(connection)
    fresh.dispose()

    assert await database.read(_shape) == wanted


def test_the_head_we_compare_with_is_the_newest_script():
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))

    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


async def test_migrating_again_changes_nothing(database):
    before = await database.read(_shape)
    await database.write(migrate.migrate)

    assert await database.read(_shape) == before
    assert await database.read(migrate.current_revision) == migrate.HEAD


def _shape(connection: sa.Connection) -> dict[str, object]:
    """Each table's columns, keys and indexes, as SQLite itself knows them. Where a column stands is no matter:
    it is always asked for by its name."""

    def rows(pragma: str) -> set[tuple[object, ...]]:
        return {tuple(row) for row in connection.exec_driver_sql(f"pragma {pragma}")}

    return {
        table: (
            {row[1:] for row in rows(f"table_info({table})")},
            {row[2:5] for row in rows(f"foreign_key_list({table})")},
            {(row[2], row[3], row[4]) for row in rows(f"index_list({table})")},
            [(row[2], row[4:]) for row in rows("table_list") if row[1] == table],
        )
        for table in metadata.tables
    }
