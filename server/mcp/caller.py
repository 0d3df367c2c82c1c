"""On whose behalf the tools work: the person whose token was given, in one campaign."""

from dataclasses import dataclass

from server.access import campaign_for, context_for, job_for
from server.auth import GUEST, Principal
from server.house import House
from server.memory import conversations
from server.memory.conversations import Session
from tools.contract import ToolContext
from tools.domain.identity import SessionId
from tools.domain.jobs import VideoJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """As it was started: a token (None: this machine's guest), and where films belong."""

    token: str | None = None
    campaign_id: str | None = None
    session_id: str | None = None


class Caller:
    def __init__(self, house: House, means: Means) -> None:
        self._house = house
        self._means = means

    async def admit(self) -> Principal:
        """Asked at each call: a token ends while the process lives. Raises Unauthenticated, Forbidden."""
        house, token = self._house, self._means.token
        if token is None and house.settings.has_guests:
            token = house.tokens.make_token(GUEST)
        principal = await house.doorkeeper.admit(token)
        campaign_for(principal, self._means.campaign_id)
        return principal

    async def check(self) -> None:
        """Whether it may work at all. Raises what `admit` does, and NotFound for the session."""
        principal = await self.admit()
        if self._means.session_id is not None:
            await self._house.desk.known_session(principal, self._means.session_id)

    def anywhere(self, principal: Principal) -> ToolContext:
        """For what leaves no trace: no session is made for it."""
        return ToolContext(
            tenant_id=principal.tenant_id,
            user_id=principal.user_id,
            campaign_id=campaign_for(principal, self._means.campaign_id),
            session_id=SessionId(self._means.session_id or ""),
        )

    async def somewhere(self, principal: Principal) -> ToolContext:
        """The session that was named; else the person's newest of the campaign, else a new one.

        It is the one that their chat opens, so that a film that has to be approved is seen there.
        """
        session = await self._house.desk.session(
            principal, session_id=self._means.session_id, campaign_id=self._means.campaign_id
        )
        return context_for(principal, session)

    async def known_session(self, principal: Principal) -> Session | None:
        """As `somewhere`, but none is made."""
        if self._means.session_id is not None:
            return await self._house.desk.known_session(principal, self._means.session_id)
        campaign = campaign_for(principal, self._means.campaign_id)
        return await self._house.journal.read(
            lambda tables: conversations.newest_session(
                tables, principal.tenant_id, campaign, principal.user_id
            )
        )

    async def job(self, principal: Principal, job_id: str) -> VideoJob:
        """Raises NotFound, also for another tenant's."""
        return await self._house.journal.read(lambda tables: job_for(tables, principal, job_id))

    async def context_of(self, principal: Principal, job: VideoJob) -> ToolContext:
        session = await self._house.desk.known_session(principal, job.session_id)
        return context_for(principal, session)
