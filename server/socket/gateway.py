"""The socket's door: who comes in, who has to leave; a command is checked, called, and always answered.

`{ok: true, …}` or `{ok: false, error}`: also for an unknown command, a bug, a cancellation. Nothing
here knows how anything is done.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from socketio.exceptions import ConnectionRefusedError as RefusedConnection

from server.auth import Doorkeeper
from server.replies import error_json
from server.socket.announcer import Announcer
from server.socket.commands import CLOSING, Commands, Handler
from server.socket.strict import StrictServer
from server.socket.visitor import Visitor
from server.wire.answers import AuthRefreshed
from server.wire.base import WireModel
from server.wire.bodies import COMMANDS, AuthRefresh, Handshake
from tools.errors import (
    Busy,
    Interrupted,
    InvalidPayload,
    OriginDenied,
    RefusedRequest,
    StudioError,
    Unauthenticated,
)

PROTOCOL = 1
COMMAND_LIMIT_S = 20.0
EXPIRY_GRACE_S = 30.0
COMMANDS_AT_ONCE = 200
MAX_FIELDS = 200
"""Each unknown one would be found, and told: a frame holds more of them than the loop has time for."""


class UnknownCommand(RefusedRequest):
    code = "unknown_command"


class UnsupportedProtocol(StudioError):
    code = "unsupported_protocol"


class Gateway:
    def __init__(
        self,
        *,
        server: StrictServer,
        doorkeeper: Doorkeeper,
        commands: Commands,
        announcer: Announcer,
        origins: Sequence[str],
        clock: Callable[[], datetime],
    ) -> None:
        self._server = server
        self._doorkeeper = doorkeeper
        self._announcer = announcer
        self._origins = frozenset(origins)
        self._clock = clock
        self._visitors: dict[str, Visitor] = {}
        self._handlers: Mapping[str, Handler] = {
            **commands.handlers,
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
            principal = await self._doorkeeper.admit(shaken.token)
        except (ValidationError, StudioError) as error:
            if isinstance(error, ValidationError) and not _names_a_token(auth):
                error = Unauthenticated("Please sign in: this needs a token.")
            body = error_json(error)
            raise RefusedConnection(body["message"], body) from None
        visitor = Visitor(sid=sid, principal=principal, outlet=self._server.outlet(sid))
        self._visitors[sid] = visitor
        self._watch_expiry(visitor)

    async def _disconnect(self, sid: str, reason: object = None) -> None:  # noqa: ARG002
        """Leaves the rooms. Stops nothing: turns and jobs belong to their session."""
        visitor = self._visitors.pop(sid, None)
        if visitor is None:
            return
        if visitor.expiry is not None:
            visitor.expiry.cancel()
        visitor.leave_all(self._announcer)

    def _check_origin(self, environ: Mapping[str, Any]) -> None:
        """A browser's page must be ours or on the list. Programs send no Origin: they have a token."""
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or origin in self._origins:
            return
        if origin.partition("://")[2] != environ.get("HTTP_HOST"):
            raise OriginDenied(
                "This page may not talk to the studio: ALLOWED_ORIGINS does not name it."
            )

    def _watch_expiry(self, visitor: Visitor) -> None:
        """A socket does not outlive its token by more than the grace."""
        if visitor.expiry is not None:
            visitor.expiry.cancel()
        left_s = (visitor.principal.expires_at - self._clock()).total_seconds()
        visitor.expiry = asyncio.get_running_loop().call_later(
            max(0.0, left_s) + EXPIRY_GRACE_S, self._server.cut_sid, visitor.sid
        )

    async def _refresh(self, visitor: Visitor, command: AuthRefresh) -> WireModel:
        principal = await self._doorkeeper.admit(command.token)
        same = (principal.tenant_id, principal.user_id) == (
            visitor.principal.tenant_id,
            visitor.principal.user_id,
        )
        if not same:
            raise InvalidPayload(
                "That token is somebody else's. Connect again with it.", field="token"
            )
        visitor.becomes(principal, self._announcer)
        self._watch_expiry(visitor)
        return AuthRefreshed(expires_at=principal.expires_at)

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
                case [dict() as payload] if _fields(payload) > MAX_FIELDS:
                    raise InvalidPayload("That is more fields than any command has.")
                case [dict() as payload]:
                    command = shape.model_validate(payload, by_alias=True, by_name=False)
                    return await handler(visitor, command)
                case _:
                    raise InvalidPayload(f"{name} takes one object.")
        finally:
            visitor.commands -= 1


def _names_a_token(auth: object) -> bool:
    return isinstance(auth, dict) and isinstance(auth.get("token"), str) and bool(auth["token"])


def _fields(payload: Mapping[str, object]) -> int:
    return len(payload) + sum(len(each) for each in payload.values() if isinstance(each, dict))
