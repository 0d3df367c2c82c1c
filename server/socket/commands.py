"""What each command of the socket does: looked up, asked for, answered. Shapes were checked before."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from server.access import context_for, job_for, session_for
from server.desk import Desk, Once, session_row
from server.memory import conversations
from server.memory.conversations import Session
from server.memory.journal import Journal, Transaction
from server.rates import Kind, Rates
from server.socket.announcer import Announcer, progress_out
from server.socket.visitor import Visitor
from server.turns import Turns
from server.wire.answers import (
    CreativeReviewed,
    JobAnswered,
    JobCancelled,
    Limits,
    LiveNow,
    LiveText,
    SessionOpened,
    SessionsListed,
    TurnStopped,
    User,
    VideoRequested,
)
from server.wire.base import WireModel
from server.wire.bodies import (
    CreativeReview,
    JobApprove,
    JobCancel,
    JobDecline,
    MessageSend,
    SessionList,
    SessionOpen,
    TurnRetry,
    TurnStop,
    VideoRequestCommand,
)
from tools.contract import ToolContext
from tools.domain.identity import SessionId, TurnId
from tools.domain.jobs import Origin, VideoJob
from tools.domain.money import Money
from tools.errors import Busy, Interrupted, NotFound
from tools.rendering.studio import Studio

UNREAD_FRAMES = 50
"""An opening may be answered with a megabyte: only to a browser that reads what it is sent."""
CLOSING = "This connection is closing."

Handler = Callable[[Visitor, Any], Awaitable[WireModel]]
A = TypeVar("A", bound=WireModel)


class Commands:
    def __init__(
        self,
        *,
        desk: Desk,
        turns: Turns,
        studio: Studio,
        journal: Journal,
        announcer: Announcer,
        rates: Rates,
        limits: Limits,
    ) -> None:
        self._desk = desk
        self._turns = turns
        self._studio = studio
        self._journal = journal
        self._announcer = announcer
        self._rates = rates
        self._limits = limits
        self.handlers: Mapping[str, Handler] = {
            "session.open": self._open,
            "message.send": self._send,
            "turn.stop": self._stop,
            "turn.retry": self._retry,
            "video.request": self._request,
            "job.approve": self._approve,
            "job.decline": self._decline,
            "job.cancel": self._cancel,
            "creative.review": self._review,
            "session.list": self._list,
        }

    async def _open(self, visitor: Visitor, command: SessionOpen) -> WireModel:
        async with visitor.opening:
            if visitor.outlet.unread >= UNREAD_FRAMES:
                raise Busy("This connection is too slow just now. It is tried again.")
            return await self._opened(visitor, command)

    async def _opened(self, visitor: Visitor, command: SessionOpen) -> WireModel:
        session = await self._desk.session(
            visitor.principal,
            session_id=command.session_id,
            campaign_id=command.campaign_id,
            new=command.new,
        )
        if not visitor.is_here:
            # It left while the session was looked up: nobody would take it out of the room again.
            raise Interrupted(CLOSING)
        # Into the room first: what is told while the timeline is read is heard, not lost between.
        visitor.enter(session, self._announcer)
        epoch = await self._desk.epoch()
        after = command.after if command.epoch in {None, epoch} else 0
        page = await self._desk.written(session.id, after=after)
        self._announcer.has_read(session.id, page.head)
        return SessionOpened(
            session_id=session.id,
            epoch=epoch,
            head=page.head,
            entries=page.entries,
            more=page.more,
            live=self._live(session.id),
            active_turn_id=self._turns.active_turn(session.id),
            user=User(id=visitor.principal.user_id, tenant=visitor.principal.tenant_id),
            limits=self._limits,
        )

    def _live(self, session_id: SessionId) -> LiveNow:
        text = self._turns.live_text(session_id)
        return LiveNow(
            texts=[LiveText(message_id=text[0], text=text[1])] if text else [],
            jobs=[progress_out(each) for each in self._announcer.progress_of(session_id)],
        )

    async def _send(self, visitor: Visitor, command: MessageSend) -> WireModel:
        principal = visitor.principal
        return await self._turns.send(
            lambda tables: session_for(tables, principal, command.session_id),
            command,
            allow=self._one_more(visitor),
        )

    async def _stop(self, visitor: Visitor, command: TurnStop) -> WireModel:
        session_id, turn_id = SessionId(command.session_id), TurnId(command.turn_id)
        # Whoever hears a session was let into it: the turn lets go now, and is put on the record when
        # the disk allows.
        was_running = session_id in visitor.rooms and self._turns.let_go(session_id, turn_id)
        session = await self._desk.known_session(visitor.principal, session_id)

        async def stopped() -> TurnStopped:
            if was_running:
                return TurnStopped(state="stopping")
            return await self._turns.stop(session, turn_id)

        return await self._once(session, command, TurnStopped, stopped)

    async def _retry(self, visitor: Visitor, command: TurnRetry) -> WireModel:
        session = await self._desk.known_session(visitor.principal, command.session_id)
        return await self._turns.retry(session, command, allow=self._one_more(visitor))

    def _one_more(self, visitor: Visitor) -> Callable[[], None]:
        """A message, or another answer to one: either has the language model work."""
        who = visitor.principal
        return partial(self._rates.take, Kind.MESSAGES, who.tenant_id, who.user_id)

    async def _request(self, visitor: Visitor, command: VideoRequestCommand) -> WireModel:
        session = await self._desk.known_session(visitor.principal, command.session_id)
        return await self._once(
            session, command, VideoRequested, lambda: self._requested(visitor, session, command)
        )

    async def _requested(
        self, visitor: Visitor, session: Session, command: VideoRequestCommand
    ) -> VideoRequested:
        context = context_for(visitor.principal, session)
        # A key of its own beside the command's: the job is kept once also when this process is
        # killed before the command's answer is.
        job = await self._studio.request(
            context=context,
            request=await self._desk.request(command.request, context),
            key=f"film.{command.client_id}",
            origin=Origin.PERSON,
            agreed=Money(command.max_cost.amount) if command.max_cost else None,
        )
        return VideoRequested(job_id=job.id, state=job.stage.state)

    async def _approve(self, visitor: Visitor, command: JobApprove) -> WireModel:
        """A yes to the newest quote; with a request, an edit that is quoted again."""
        session = await self._desk.known_session(visitor.principal, command.session_id)

        async def approved() -> JobAnswered:
            job, context = await self._job(visitor, session, command)
            if command.request is None:
                job = await self._studio.approve(
                    job.id,
                    context=context,
                    up_to=Money(command.max_cost.amount) if command.max_cost else None,
                )
            else:
                edited = await self._desk.request(command.request, context)
                job = await self._studio.edit(job.id, edited, context=context)
            return JobAnswered(state=job.stage.state)

        return await self._once(session, command, JobAnswered, approved)

    async def _decline(self, visitor: Visitor, command: JobDecline) -> WireModel:
        session = await self._desk.known_session(visitor.principal, command.session_id)

        async def declined() -> JobAnswered:
            job, context = await self._job(visitor, session, command)
            job = await self._studio.decline(job.id, context=context)
            return JobAnswered(state=job.stage.state)

        return await self._once(session, command, JobAnswered, declined)

    async def _cancel(self, visitor: Visitor, command: JobCancel) -> WireModel:
        session = await self._desk.known_session(visitor.principal, command.session_id)

        async def cancelled() -> JobCancelled:
            job, context = await self._job(visitor, session, command)
            job, charged = await self._studio.cancel(job.id, context=context)
            return JobCancelled(state=job.stage.state, will_be_charged=charged)

        return await self._once(session, command, JobCancelled, cancelled)

    async def _job(
        self, visitor: Visitor, session: Session, command: JobApprove | JobDecline | JobCancel
    ) -> tuple[VideoJob, ToolContext]:
        """The session's job. Raises NotFound, also for one of another session."""
        job = await self._journal.read(
            lambda tables: job_for(tables, visitor.principal, command.job_id)
        )
        if job.session_id != session.id:
            raise NotFound("That job")
        return job, context_for(visitor.principal, session)

    async def _review(self, visitor: Visitor, command: CreativeReview) -> WireModel:
        once = Once(
            session_id=SessionId(command.session_id),
            client_id=command.client_id,
            payload=command.model_dump(mode="json"),
        )
        _, seq = await self._desk.review(visitor.principal, command.creative_id, command, once=once)
        return CreativeReviewed(seq=seq)

    async def _list(self, visitor: Visitor, command: SessionList) -> WireModel:
        found = await self._desk.sessions(visitor.principal, command.campaign_id)
        return SessionsListed(sessions=[session_row(each) for each in found])

    async def _once(
        self,
        session: Session,
        command: TurnStop | JobApprove | JobDecline | JobCancel | VideoRequestCommand,
        answer: type[A],
        work: Callable[[], Awaitable[A]],
    ) -> A:
        """The first answer again under the same `clientId`. `work` itself may safely be done twice."""
        payload = command.model_dump(mode="json")

        def recall(transaction: Transaction) -> dict[str, Any] | None:
            return conversations.recall(transaction, session.id, command.client_id, payload)

        known = await self._journal.write(recall)
        if known is not None:
            return answer.model_validate(known)
        given = await work()

        def remember(transaction: Transaction) -> dict[str, Any]:
            first = recall(transaction)
            if first is None:
                first = given.json_ready()
                conversations.remember(transaction, session.id, command.client_id, payload, first)
            return first

        return answer.model_validate(await self._journal.write(remember))
