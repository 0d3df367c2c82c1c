"""Turns that are not written down: the same agent and the same way out, without the event log."""

from collections import defaultdict

from agent.ports import Briefing, ChatRequest, UserSaid
from server.clocks import utc_now
from server.memory.conversations import Session
from server.memory.timeline import Entry
from server.scribe import TurnScribe
from server.socket.announcer import Announcer
from server.turns import Allow, FindSession, Turns
from server.wire.answers import MessageSent
from server.wire.bodies import MessageSend
from tools.contract import ToolContext
from tools.domain.events import MessageAdded, SessionEvent, TurnFinished, TurnOutcome
from tools.domain.identity import MessageId, SessionId, TurnId


class UnloggedScribe(TurnScribe):
    """Live text as ever; the one message a script says goes straight to the browsers."""

    numbers: "Numbers"

    def ends(self, message_id: MessageId, text: str) -> None:
        message = MessageAdded(
            turn_id=self._turn_id, message_id=message_id, sender="assistant", text=text
        )
        self.numbers.tell(self._session_id, message)


class Numbers:
    """Numbers of entries that are announced and kept nowhere."""

    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer
        self._heads: defaultdict[SessionId, int] = defaultdict(lambda: 1)

    def tell(self, session_id: SessionId, event: SessionEvent) -> int:
        self._heads[session_id] += 1
        seq = self._heads[session_id]
        entry = Entry(session_id=session_id, seq=seq, at=utc_now(), event=event)
        self._announcer.announce([entry])
        return seq


class UnloggedTurns(Turns):
    """One greeting is on the record of every session; numbers go on from there in memory."""

    async def send(
        self,
        find: FindSession,
        command: MessageSend,
        *,
        allow: Allow = lambda: None,
    ) -> MessageSent:
        assert isinstance(self._live, Announcer)
        if not hasattr(self, "_numbers"):
            self._numbers = Numbers(self._live)
        session = await self._journal.read(find)
        turn_id = TurnId(self._mint("turn"))
        said = MessageAdded(
            turn_id=turn_id,
            message_id=MessageId(self._mint("msg")),
            sender="user",
            text=command.text,
            client_id=command.client_id,
        )
        seq = self._numbers.tell(session.id, said)
        assert self._group is not None
        self._group.create_task(self._forgotten(session, turn_id, command.text))
        return MessageSent(seq=seq, turn_id=turn_id)

    async def _forgotten(self, session: Session, turn_id: TurnId, text: str) -> None:
        context = ToolContext(
            tenant_id=session.tenant_id,
            user_id=session.user_id,
            campaign_id=session.campaign_id,
            session_id=session.id,
            turn_id=turn_id,
        )
        request = ChatRequest(
            instructions="",
            briefing=Briefing(today=utc_now().date()),
            messages=(UserSaid(text=text),),
        )
        scribe = UnloggedScribe(
            journal=self._journal,
            live=self._live,
            session_id=session.id,
            turn_id=turn_id,
            mint=self._mint,
        )
        scribe.numbers = self._numbers
        result = await self._answer(request, scribe, context, self._mint)
        finished = TurnFinished(turn_id=turn_id, outcome=TurnOutcome(result.outcome))
        self._numbers.tell(session.id, finished)
