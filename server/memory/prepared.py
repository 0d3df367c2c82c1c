"""Statements that every message asks, compiled once and put straight to the driver.

SQLAlchemy's execution costs eight times what SQLite needs for a statement like these, and a short turn
has twenty. What is written stays SQLAlchemy's, for any dialect; only texts and whole numbers go through
here, which drivers give and take as they are. Inside a transaction of `Database` alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, object]
Row = tuple[Any, ...]


class Prepared:
    """`columns`: those that an insert is given by name."""

    def __init__(self, statement: sa.sql.Executable, *, columns: Sequence[str] = ()) -> None:
        self._statement = statement
        self._columns = list(columns)
        self._sql = ""
        self._names: Sequence[str] = ()
        self._fixed: dict[str, Any] = {}

    def first(self, connection: sa.Connection, values: Values) -> Row | None:
        # To the end: what is left open keeps a transaction from being committed.
        found = self.rows(connection, values)
        return found[0] if found else None

    def rows(self, connection: sa.Connection, values: Values) -> list[Row]:
        found: list[Row] = self._run(connection, values).fetchall()
        return found

    def change(self, connection: sa.Connection, values: Values) -> int:
        """How many rows it changed."""
        return int(self._run(connection, values).rowcount)

    def add(self, connection: sa.Connection, rows: Iterable[Values]) -> None:
        cursor = self._cursor(connection)
        cursor.executemany(self._sql, [self._in_order(values) for values in rows])

    def _run(self, connection: sa.Connection, values: Values) -> Any:  # noqa: ANN401  the driver's cursor
        cursor = self._cursor(connection)
        cursor.execute(self._sql, self._in_order(values))
        return cursor

    def _cursor(self, connection: sa.Connection) -> Any:  # noqa: ANN401  the driver's own
        if not self._sql:
            self._compile(connection.dialect)
        return connection.connection.cursor()

    def _in_order(self, values: Values) -> Sequence[object]:
        if self._fixed:
            values = {**self._fixed, **values}
        return [values[name] for name in self._names]

    def _compile(self, dialect: sa.Dialect) -> None:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns or None)  # type: ignore[attr-defined]  # of every statement
        assert isinstance(compiled, SQLCompiler)
        given = {name: value for name, value in compiled.params.items() if value is not None}
        self._fixed = given
        self._names = compiled.positiontup or ()
        self._sql = str(compiled)


def any_of(column: sa.Column[str], values: Iterable[str]) -> sa.ColumnElement[bool]:
    """`column` is one of a few that never change: a place for each, as a statement for ever has them."""
    return column.in_([sa.bindparam(None, value) for value in values])
