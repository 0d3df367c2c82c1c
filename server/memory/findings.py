"""What reading the models' live schemas showed, kept so that a start need not read them again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from server.memory import tables
from server.memory.journal import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`reason`: why the model cannot be sold, in words for people; None: it can."""

    model_key: str
    checked_at: datetime
    reason: str | None = None


def keep_findings(transaction: Transaction, found: Iterable[Finding]) -> None:
    """In the place of what was found about the same models before; others stay."""
    for each in found:
        transaction.connection.execute(
            sa.delete(tables.findings).where(tables.findings.c.model_key == each.model_key)
        )
        transaction.connection.execute(
            sa.insert(tables.findings).values(
                model_key=each.model_key,
                checked_at=each.checked_at.isoformat(),
                reason=each.reason,
            )
        )


def findings(connection: sa.Connection) -> Mapping[str, Finding]:
    """By the model's key."""
    return {
        row.model_key: Finding(
            model_key=row.model_key,
            checked_at=datetime.fromisoformat(row.checked_at),
            reason=row.reason,
        )
        for row in connection.execute(sa.select(tables.findings))
    }
