"""python-socketio, stricter: what is malformed closes its connection, who never introduces himself is let go.

The library logs a traceback for a malformed packet and keeps the connection; one that opens a
WebSocket and never sends CONNECT stays for ever.
"""

import asyncio
import logging
from typing import Any

import socketio
from engineio import packet as eio_packet
from engineio.async_drivers import aiohttp as eio_driver

logger = logging.getLogger("reelroom.socket")

INTRODUCTION_LIMIT_S = 5.0
GOODBYE_LIMIT_S = 1.0
QUEUE_FRAMES = 500
"""Frames one browser may be behind: a reader that never reads is cut, and opens again later."""


class StrictServer(socketio.AsyncServer):
    """An AsyncServer that trusts no frame."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  the library types them
        super().__init__(**options)
        self.eio._async = {**self.eio._async, "websocket": _Connection}  # noqa: SLF001  its only way
        self._closing: set[asyncio.Task[None]] = set()

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)  # type: ignore[misc]  # not in the stubs
        loop = asyncio.get_running_loop()
        loop.call_later(INTRODUCTION_LIMIT_S, self._let_go_if_unknown, eio_sid)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:  # noqa: ANN401  the wire's
        if self.unread(eio_sid) >= QUEUE_FRAMES:
            # Who does not read its answers is not answered: they would pile up here.
            self.abort(eio_sid)
            return
        try:
            if not isinstance(data, str) or data[:1] in {"5", "6"}:
                message = "binary frames are not part of the protocol"
                raise ValueError(message)  # noqa: TRY301  one way out for everything malformed
            await super()._handle_eio_message(eio_sid, data)  # type: ignore[misc]  # not in the stubs
        except Exception as error:  # noqa: BLE001  whatever the library trips over is the sender's
            logger.info("malformed frame", extra={"reason": type(error).__name__})
            self._cut(eio_sid)

    def _let_go_if_unknown(self, eio_sid: str) -> None:
        if eio_sid in self.eio.sockets and not self.manager.sid_from_eio_sid(eio_sid, "/"):
            self._cut(eio_sid)

    def _cut(self, eio_sid: str) -> None:
        task = asyncio.ensure_future(self._close(eio_sid))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close(self, eio_sid: str) -> None:
        """Say goodbye, shortly; then close the connection, which the library leaves to the client."""
        transport = self.transport_of(eio_sid)
        try:
            async with asyncio.timeout(GOODBYE_LIMIT_S):
                await self.eio.disconnect(eio_sid)
        except TimeoutError:
            logger.info("no goodbye: the client does not read")
        if transport is not None:
            transport.close()

    def cut_sid(self, sid: str) -> None:
        """Close the connection behind a Socket.IO sid."""
        eio_sid = self.manager.eio_sid_from_sid(sid, "/")
        if eio_sid is not None:
            self._cut(eio_sid)

    def unread(self, eio_sid: str) -> int:
        """Frames that this browser has not taken yet."""
        socket = self.eio.sockets.get(eio_sid)
        return 0 if socket is None else int(socket.queue.qsize())

    def abort(self, eio_sid: str) -> None:
        """End the connection of a reader that is too slow, without a goodbye that it would not read."""
        logger.info("slow reader cut off")
        transport = self.transport_of(eio_sid)
        if transport is not None:
            transport.abort()

    def outlet(self, sid: str) -> "SocketOutlet":
        return SocketOutlet(self, self.manager.eio_sid_from_sid(sid, "/") or "")

    def transport_of(self, eio_sid: str) -> asyncio.Transport | None:
        """The connection under a browser's socket. (uvloop's is no subclass of asyncio's: no check.)"""
        environ = self.environ.get(eio_sid)
        if environ is None:
            return None
        transport: asyncio.Transport | None = environ["aiohttp.request"].transport
        return transport


class _Connection(eio_driver.WebSocket):  # type: ignore[misc]  # the library has no types
    """The library's, but a close is an end and no OSError.

    The error's traceback would hold the task that holds the error: 40 KB for each browser that left,
    until the collector comes and stops the loop for all of them at once.
    """

    async def wait(self) -> str | bytes | None:
        """The next frame; None when there will be no more."""
        data = (await self._sock.receive()).data
        return data if isinstance(data, str | bytes) else None


class SocketOutlet:
    """`announcer.Outlet`: puts frames on the socket's own queue, past the room manager's per-frame work."""

    def __init__(self, server: StrictServer, eio_sid: str) -> None:
        self._server = server
        self._eio_sid = eio_sid
        self._is_cut = False

    @property
    def unread(self) -> int:
        """Frames that wait to be taken by this browser."""
        return self._server.unread(self._eio_sid)

    def send(self, packet: str) -> None:
        socket = self._server.eio.sockets.get(self._eio_sid)
        if socket is None or socket.closed or self._is_cut:
            return
        if self.unread >= QUEUE_FRAMES:
            self._is_cut = True
            self._server.abort(self._eio_sid)
            return
        socket.queue.put_nowait(eio_packet.Packet(eio_packet.MESSAGE, data=packet))
