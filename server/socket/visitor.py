"""One open socket: whose it is, which sessions it hears, what it is asking for."""

import asyncio
from dataclasses import dataclass, field

from server.auth import Principal
from server.memory.conversations import Session
from server.socket.announcer import Announcer
from server.socket.strict import SocketOutlet
from tools.domain.identity import CampaignId, SessionId

ROOMS = 20
"""Sessions that one socket hears at once; opening another one leaves the oldest."""


@dataclass(slots=True, kw_only=True)
class Visitor:
    sid: str
    principal: Principal
    outlet: SocketOutlet
    rooms: dict[SessionId, CampaignId] = field(default_factory=dict)
    expiry: asyncio.TimerHandle | None = None
    commands: int = 0
    """Those that are being worked on."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_here: bool = True

    def enter(self, session: Session, announcer: Announcer) -> None:
        self.rooms.pop(session.id, None)
        self.rooms[session.id] = session.campaign_id
        announcer.enter(session.id, self.outlet)
        while len(self.rooms) > ROOMS:
            self._leave(next(iter(self.rooms)), announcer)

    def becomes(self, principal: Principal, announcer: Announcer) -> None:
        """A newer token of the same person. What it may not hear any more, it leaves."""
        self.principal = principal
        for session_id, campaign_id in tuple(self.rooms.items()):
            if not principal.may_use(campaign_id):
                self._leave(session_id, announcer)

    def leave_all(self, announcer: Announcer) -> None:
        self.is_here = False
        for session_id in tuple(self.rooms):
            self._leave(session_id, announcer)

    def _leave(self, session_id: SessionId, announcer: Announcer) -> None:
        del self.rooms[session_id]
        announcer.leave(session_id, self.outlet)
