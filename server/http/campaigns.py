"""`/api/campaigns`: what one campaign has made and spent, across its sessions."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from server.access import campaign_for
from server.addresses import Addresses
from server.auth import Principal
from server.http.doors import Reception, json_response
from server.http.parts import CAMPAIGN_IN_PATH
from server.http.routes import Route, get
from server.memory import creatives, usage
from server.memory.journal import Journal
from server.wire import samples
from server.wire.answers import CampaignUsage, CreativesListed
from server.wire.base import MoneyOut
from server.wire.described import Answer, Operation, Tag, json_of
from server.wire.entries import creative_out
from tools.domain.creatives import Creative
from tools.domain.identity import CampaignId
from tools.domain.money import Money
from tools.errors import NotFound

NAME_CHARS = 128
WRITTEN_AT_ONCE = 50

USAGE = Operation(
    name="getCampaignUsage",
    tag=Tag.CAMPAIGNS,
    summary="What a campaign has spent",
    text="A campaign that nobody has used yet has used nothing.",
    parameters=(CAMPAIGN_IN_PATH,),
    answers=(
        Answer(
            status=200,
            text="Spent, held back by running films, the limit, and the bytes of its films.",
            contents=json_of(CampaignUsage, Usage=samples.USAGE),
        ),
    ),
    refusals=(NotFound,),
)
CREATIVES = Operation(
    name="listCampaignCreatives",
    tag=Tag.CAMPAIGNS,
    summary="A campaign's finished films",
    parameters=(CAMPAIGN_IN_PATH,),
    answers=(
        Answer(
            status=200,
            text="Of all its sessions, the oldest first.",
            contents=json_of(CreativesListed, Creatives=samples.CREATIVES),
        ),
    ),
    refusals=(NotFound,),
)


class Campaigns:
    """`budget`: the most that each campaign may spend."""

    def __init__(
        self, *, reception: Reception, journal: Journal, addresses: Addresses, budget: Money
    ) -> None:
        self._reception = reception
        self._journal = journal
        self._addresses = addresses
        self._budget = budget

    def routes(self) -> list[Route]:
        return [
            get("/api/campaigns/{campaign_id}/usage", self.usage, USAGE),
            get("/api/campaigns/{campaign_id}/creatives", self.creatives, CREATIVES),
        ]

    async def usage(self, request: web.Request) -> web.Response:
        """A campaign that nobody has used yet has used nothing: they are the customer's, not ours."""
        principal = await self._reception.principal(request)
        campaign = _asked(request, principal)
        used = await self._journal.read(
            lambda tables: usage.usage(tables, principal.tenant_id, campaign)
        )
        body = CampaignUsage(
            spent=MoneyOut.of(used.spent),
            reserved=MoneyOut.of(used.reserved),
            limit=MoneyOut.of(self._budget),
            bytes_stored=used.bytes_stored,
        )
        return json_response(body.json_ready())

    async def creatives(self, request: web.Request) -> web.Response:
        """Oldest first."""
        principal = await self._reception.principal(request)
        campaign = _asked(request, principal)
        found = await self._journal.read(
            lambda tables: creatives.of_campaign(tables, principal.tenant_id, campaign)
        )
        # Hundreds of films take longer to write down than the loop may be kept.
        is_short = len(found) <= WRITTEN_AT_ONCE
        body = self._listed(found) if is_short else await asyncio.to_thread(self._listed, found)
        return json_response(body)

    def _listed(self, found: Iterable[Creative]) -> dict[str, Any]:
        return CreativesListed(
            creatives=[creative_out(each, self._addresses.of) for each in found]
        ).json_ready()


def _asked(request: web.Request, principal: Principal) -> CampaignId:
    """Raises Forbidden where the token does not have it, NotFound for what is no name of one."""
    name = request.match_info["campaign_id"]
    if len(name) > NAME_CHARS:
        raise NotFound("That campaign")
    return campaign_for(principal, name)
