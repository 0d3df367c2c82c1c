"""Alembic's entry: runs inside the connection that `server.memory.migrate` hands over."""

from alembic import context

from server.memory.tables import metadata

connection = context.config.attributes["connection"]
# The caller's transaction is the only one: all steps take effect, or none.
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
