"""The models' live schemas: read, kept, and remembered at the next start."""

import asyncio
import logging
from collections.abc import Mapping

from server.doctor.patient import ExaminedProvider
from server.memory.findings import Finding, findings, keep_findings
from server.memory.journal import Journal, Transaction
from tools.catalogue.catalogue import Catalogue
from tools.domain.models import VideoModel
from tools.errors import ProviderUnavailable

logger = logging.getLogger("reelroom.doctor")

EXAMINATION_LIMIT_S = 60.0


def sold_by(provider: ExaminedProvider, catalogue: Catalogue) -> tuple[VideoModel, ...]:
    """What could be ordered, whether or not it is offered now."""
    return tuple(
        offer.model
        for offer in catalogue.offers()
        if offer.model.provider == provider.name and not offer.model.is_retired
    )


async def recall_findings(journal: Journal, catalogue: Catalogue) -> None:
    """What was found out before, here or by the doctor, counts until somebody looks again."""
    known = {offer.model.key for offer in catalogue.offers()}
    found = await journal.read(findings)
    catalogue.mark({key: each.reason for key, each in found.items() if key in known})


async def examine_models(
    provider: ExaminedProvider, catalogue: Catalogue, journal: Journal
) -> Mapping[str, str | None]:
    """Read the models' live schemas, mark the catalogue by them, and keep what was found.

    Raises ProviderRefused for a bad key, ProviderUnavailable.
    """
    try:
        async with asyncio.timeout(EXAMINATION_LIMIT_S):
            found = await provider.examine(sold_by(provider, catalogue))
    except TimeoutError as error:
        raise ProviderUnavailable("The video provider does not show its models.") from error
    drifted = {key: reason for key, reason in found.items() if reason is not None}
    for key, reason in drifted.items():
        logger.warning("a model is not offered", extra={"model": key, "reason": reason})
    facts = {"provider": provider.name, "read": len(found), "drifted": len(drifted)}
    logger.info("the models were examined", extra=facts)
    # Kept first: whoever recalls what was kept before would mark the catalogue by that afterwards.
    await journal.write(lambda transaction: keep(transaction, found))
    catalogue.mark(found)
    return found


def keep(transaction: Transaction, found: Mapping[str, str | None]) -> None:
    """In the place of what was found about the same models before."""
    at = transaction.now
    keep_findings(
        transaction,
        [Finding(model_key=key, checked_at=at, reason=reason) for key, reason in found.items()],
    )
