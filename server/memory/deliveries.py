"""Webhooks that were taken already: a replayed one is refused, also after a restart."""

from datetime import timedelta

import sqlalchemy as sa

from server.memory.journal import Transaction
from server.memory.tables import deliveries

REMEMBERED_FOR = timedelta(hours=1)
"""Their signatures are too old to be taken after 300 s."""

_KNOWN = sa.select(deliveries.c.at).where(deliveries.c.webhook_id == sa.bindparam("the_webhook"))


def take_delivery(transaction: Transaction, webhook_id: str) -> bool:
    """False when it was taken before."""
    if transaction.connection.execute(_KNOWN, {"the_webhook": webhook_id}).first() is not None:
        return False
    row = {"webhook_id": webhook_id, "at": transaction.now.isoformat()}
    transaction.connection.execute(sa.insert(deliveries), row)
    return True


def forget_old_deliveries(transaction: Transaction) -> None:
    oldest = (transaction.now - REMEMBERED_FOR).isoformat()
    transaction.connection.execute(sa.delete(deliveries).where(deliveries.c.at < oldest))
