"""The socket's door: a command comes in, is checked, called, and always answered.

`{ok: true, …}` or `{ok: false, error}`: also for an unknown command, a bug, a cancellation. Nothing
here knows how anything is done.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from socketio.exceptions import ConnectionRefusedError as RefusedConnection

from server.access import context_for, job_for
from server.addresses import Addresses
from server.auth import Doorkeeper, Principal
from server.desk import Desk, Once
from server.memory.journal import Journal
from server.replies import error_json
from server.socket.announcer import Announcer, progress_frame
from server.socket.strict import SocketOutlet, StrictServer
from server.turns import Turns
from server.wire.answers import (
    AuthRefreshed,
    CreativeReviewed,
    JobCancelled,
    Limits,
    LiveNow,
    LiveText,
    ProgressOut,
    SessionOpened,
    SessionRow,
    SessionsListed,
    User,
    VideoRequested,
)
from server.wire.base import WireModel
from server.wire.bodies import (
    COMMANDS,
    AuthRefresh,
    CreativeReview,
    Handshake,
    JobCancel,
    MessageSend,
    SessionList,
    SessionOpen,
    TurnRetry,
    TurnStop,
    VideoRequestCommand,
)
from server.wire.entries import entry_json
from tools.domain.identity import SessionId, TurnId
from tools.domain.money import Money
from tools.errors import (
    Busy,
    Interrupted,
    InvalidPayload,
    OriginDenied,
    RefusedRequest,
    StudioError,
    Unauthenticated,
)
from tools.rendering.studio import Studio

logger = logging.getLogger("reelroom.gateway")

PROTOCOL = 1
COMMAND_LIMIT_S = 20.0
EXPIRY_GRACE_S = 30.0
COMMANDS_AT_ONCE = 200
UNREAD_FRAMES = 50
"""An opening may be answered with a megabyte: only to a browser that reads what it is sent."""
CLOSING = "This connection is closing."


class UnknownCommand(RefusedRequest):
    code = "unknown_command"


class UnsupportedProtocol(StudioError):
    code = "unsupported_protocol"


class ApprovalRequired(RefusedRequest):
    code = "approval_required"


@dataclass(slots=True, kw_only=True)
class _Visitor:
    """One open socket."""

    principal: Principal
    outlet: SocketOutlet
    rooms: set[SessionId]
    expiry: asyncio.TimerHandle | None = None
    commands: int = 0
    """Those that are being worked on."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_here: bool = True


Handler = Callable[[_Visitor, Any], Awaitable[WireModel]]


class Gateway:
    def __init__(
        self,
        *,
        server: StrictServer,
        doorkeeper: Doorkeeper,
        desk: Desk,
        turns: Turns,
        studio: Studio,
        journal: Journal,
        announcer: Announcer,
        addresses: Addresses,
        limits: Limits,
        origins: Sequence[str],
        clock: Callable[[], datetime],
    ) -> None:
        self._server = server
        self._doorkeeper = doorkeeper
        self._desk = desk
        self._turns = turns
        self._studio = studio
        self._journal = journal
        self._announcer = announcer
        self._addresses = addresses
        self._limits = limits
        self._origins = frozenset(origins)
        self._clock = clock
        self._visitors: dict[str, _Visitor] = {}
        self._handlers: Mapping[str, Handler] = {
            "session.open": self._open,
            "message.send": self._send,
            "turn.stop": self._stop,
            "turn.retry": self._retry,
            "video.request": self._request,
            "job.cancel": self._cancel,
            "creative.review": self._review,
            "session.list": self._list,
            "auth.refresh": self._refresh,
        }
        server.on("connect", self._connect)
        server.on("disconnect", self._disconnect)
        server.on("*", self._command)

    # -- coming and going ---------------------------------------------------------------------

    async def _connect(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        """A refusal is a `connect_error` whose `data` is the error object."""
        try:
            self._check_origin(environ)
            shaken = Handshake.model_validate(auth if isinstance(auth, dict) else {})
            if shaken.protocol != PROTOCOL:
                raise UnsupportedProtocol(f"This server speaks protocol {PROTOCOL}. Please reload.")
            principal = self._doorkeeper.admit(shaken.token)
        except (ValidationError, StudioError) as error:
            if isinstance(error, ValidationError) and not _names_a_token(auth):
                error = Unauthenticated("Please sign in: this needs a token.")
            body = error_json(error)
            raise RefusedConnection(body["message"], body) from None
        visitor = _Visitor(principal=principal, outlet=self._server.outlet(sid), rooms=set())
        self._visitors[sid] = visitor
        self._watch_expiry(sid, visitor)

    async def _disconnect(self, sid: str, reason: object = None) -> None:  # noqa: ARG002
        """Leaves the rooms. Stops nothing: turns and jobs belong to their session."""
        visitor = self._visitors.pop(sid, None)
        if visitor is None:
            return
        visitor.is_here = False
        if visitor.expiry is not None:
            visitor.expiry.cancel()
        for session_id in visitor.rooms:
            self._announcer.leave(session_id, visitor.outlet)

    def _check_origin(self, environ: Mapping[str, Any]) -> None:
        """A browser's page must be ours or on the list. Programs send no Origin: they have a token."""
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or origin in self._origins:
            return
        if origin.partition("://")[2] != environ.get("HTTP_HOST"):
            raise OriginDenied(
                "This page may not talk to the studio: ALLOWED_ORIGINS does not name it."
            )

    def _watch_expiry(self, sid: str, visitor: _Visitor) -> None:
        """A socket does not outlive its token by more than the grace."""
        if visitor.expiry is not None:
            visitor.expiry.cancel()
        left_s = (visitor.principal.expires_at - self._clock()).total_seconds()
        visitor.expiry = asyncio.get_running_loop().call_later(
            max(0.0, left_s) + EXPIRY_GRACE_S, self._server.cut_sid, sid
        )

    # -- commands -----------------------------------------------------------------------------

    async def _command(self, name: str, sid: str, *arguments: object) -> dict[str, Any]:
        """Whatever happens, an ack."""
        try:
            async with asyncio.timeout(COMMAND_LIMIT_S):
                answer = await self._call(name, sid, arguments)
        except asyncio.CancelledError:
            # The process is ending. The library would ack `null`, which says nothing.
            return {"ok": False, "error": error_json(Interrupted("The server is stopping."))}
        except TimeoutError:
            slow = Interrupted("That took too long. Please try again.")
            return {"ok": False, "error": error_json(slow)}
        except Exception as error:  # noqa: BLE001  told as an error, logged in error_json if it is a bug
            return {"ok": False, "error": error_json(error)}
        return {"ok": True, **answer.json_ready()}

    async def _call(self, name: str, sid: str, arguments: tuple[object, ...]) -> WireModel:
        handler, shape = self._handlers.get(name), COMMANDS.get(name)
        if handler is None or shape is None:
            raise UnknownCommand(f"There is no command called {name[:60]!r}.")
        visitor = self._visitors.get(sid)
        if visitor is None:
            raise Interrupted(CLOSING)
        if visitor.commands >= COMMANDS_AT_ONCE:
            raise Busy("That is too much at once. Please wait for the answers.")
        visitor.commands += 1
        try:
            match arguments:
                case [dict() as payload]:
                    command = shape.model_validate(payload, by_alias=True, by_name=False)
                    return await handler(visitor, command)
                case _:
                    raise InvalidPayload(f"{name} takes one object.")
        finally:
            visitor.commands -= 1

    async def _open(self, visitor: _Visitor, command: SessionOpen) -> WireModel:
        async with visitor.opening:
            if visitor.outlet.unread >= UNREAD_FRAMES:
                raise Busy("This connection is too slow just now. It is tried again.")
            return await self._opened(visitor, command)

    async def _opened(self, visitor: _Visitor, command: SessionOpen) -> WireModel:
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
        visitor.rooms.add(session.id)
        self._announcer.enter(session.id, visitor.outlet)
        epoch = await self._desk.epoch()
        after = command.after if command.epoch in {None, epoch} else 0
        head, more, entries = await self._read(session.id, after)
        self._announcer.has_read(session.id, head)
        return SessionOpened(
            session_id=session.id,
            epoch=epoch,
            head=head,
            entries=entries,
            more=more,
            live=self._live(session.id),
            active_turn_id=self._turns.active_turn(session.id),
            user=User(id=visitor.principal.user_id, tenant=visitor.principal.tenant_id),
            limits=self._limits,
        )

    async def _read(self, session_id: SessionId, after: int) -> tuple[int, bool, list[Any]]:
        page = await self._desk.page(session_id, after=after)
        address = self._addresses.of

        def written() -> list[Any]:
            return [
                entry_json(entry.session_id, entry.seq, entry.at, entry.event, address)
                for entry in page.entries
            ]

        # A thousand entries take longer to write down than the loop may be kept.
        few = 50
        entries = written() if len(page.entries) <= few else await asyncio.to_thread(written)
        return page.head, page.more, entries

    def _live(self, session_id: SessionId) -> LiveNow:
        text = self._turns.live_text(session_id)
        return LiveNow(
            texts=[LiveText(message_id=text[0], text=text[1])] if text else [],
            jobs=[
                ProgressOut.model_validate(
                    progress_frame(each).model_dump(exclude={"session_id", "type"})
                )
                for each in self._announcer.progress_of(session_id)
            ],
        )

    async def _send(self, visitor: _Visitor, command: MessageSend) -> WireModel:
        session = await self._desk.known_session(visitor.principal, command.session_id)
        return await self._turns.send(session, command)

    async def _stop(self, visitor: _Visitor, command: TurnStop) -> WireModel:
        session = await self._desk.known_session(visitor.principal, command.session_id)
        return await self._turns.stop(session, TurnId(command.turn_id))

    async def _retry(self, visitor: _Visitor, command: TurnRetry) -> WireModel:
        session = await self._desk.known_session(visitor.principal, command.session_id)
        return await self._turns.retry(session, command)

    async def _request(self, visitor: _Visitor, command: VideoRequestCommand) -> WireModel:
        session = await self._desk.known_session(visitor.principal, command.session_id)
        context = context_for(visitor.principal, session)
        request = await self._desk.request(command.request, context)
        price = self._studio.quote(request).total
        limit = Money(command.max_cost.amount) if command.max_cost else Money()
        if price > limit:
            raise ApprovalRequired(
                f"This film would cost {price}, more than the {limit} that was agreed to.",
                field="maxCost",
            )
        job = await self._studio.request(context=context, request=request, key=command.client_id)
        return VideoRequested(job_id=job.id, state=job.stage.state)

    async def _cancel(self, visitor: _Visitor, command: JobCancel) -> WireModel:
        session = await self._desk.known_session(visitor.principal, command.session_id)
        job = await self._journal.read(
            lambda tables: job_for(tables, visitor.principal, command.job_id)
        )
        job, charged = await self._studio.cancel(
            job.id, context=context_for(visitor.principal, session)
        )
        return JobCancelled(state=job.stage.state, will_be_charged=charged)

    async def _review(self, visitor: _Visitor, command: CreativeReview) -> WireModel:
        once = Once(
            session_id=SessionId(command.session_id),
            client_id=command.client_id,
            payload=command.model_dump(mode="json"),
        )
        _, seq = await self._desk.review(visitor.principal, command.creative_id, command, once=once)
        return CreativeReviewed(seq=seq)

    async def _list(self, visitor: _Visitor, command: SessionList) -> WireModel:
        found = await self._desk.sessions(visitor.principal, command.campaign_id)
        return SessionsListed(
            sessions=[
                SessionRow(
                    session_id=each.id,
                    title=each.title,
                    updated_at=each.updated_at,
                    head=each.head,
                )
                for each in found
            ]
        )

    async def _refresh(self, visitor: _Visitor, command: AuthRefresh) -> WireModel:
        principal = self._doorkeeper.admit(command.token)
        same = (principal.tenant_id, principal.user_id) == (
            visitor.principal.tenant_id,
            visitor.principal.user_id,
        )
        if not same:
            raise InvalidPayload(
                "That token is somebody else's. Connect again with it.", field="token"
            )
        visitor.principal = principal
        sid = next(key for key, value in self._visitors.items() if value is visitor)
        self._watch_expiry(sid, visitor)
        return AuthRefreshed(expires_at=principal.expires_at)


def _names_a_token(auth: object) -> bool:
    return isinstance(auth, dict) and isinstance(auth.get("token"), str) and bool(auth["token"])
