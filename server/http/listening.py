"""aiohttp's connections, stricter: what is no HTTP gets our error, and who asks for nothing is let go.

The library answers a malformed request with its own bytes in a page of text, logs them with a
traceback as an error (a header may hold a token), and waits for a request for ever.
"""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage, HttpProcessingError, LineTooLong

from server.http.doors import error_response
from tools.errors import InvalidPayload, StudioError, TooLarge

logger = logging.getLogger("reelroom.http")

FIRST_REQUEST_S = 30.0
"""How long a new connection may take to ask for something, its headers to the end."""
UNREAD_S = 2.0
"""How long an answered request's body is still read, so that who is sending it hears the answer."""
KEPT_OPEN_S = 620.0
"""How long one that has been answered may stay for more: longer than load balancers keep theirs."""


class Listening(web.AppRunner):
    """An AppRunner whose connections are ours."""

    def __init__(self, app: web.Application, *, shutdown_timeout: float) -> None:
        super().__init__(
            app,
            access_log=None,
            shutdown_timeout=shutdown_timeout,
            keepalive_timeout=KEPT_OPEN_S,
            lingering_time=UNREAD_S,
            # What is packed is refused; reading on, the library would unpack it all the same.
            auto_decompress=False,
        )

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(
            made.request_handler,
            request_factory=made.request_factory,
            **made._kwargs,  # noqa: SLF001  its only way
        )


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    __slots__ = ("_patience",)

    def __init__(self, manager: web.Server, **options: Any) -> None:  # noqa: ANN401  the library types them
        super().__init__(manager, **options)
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._patience = self._loop.call_later(FIRST_REQUEST_S, self.force_close)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._patience is not None and self._request_count:
            self._be_patient()

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def log_exception(self, *args: Any, **kw: Any) -> None:  # noqa: ANN401  the library types them
        """A body that breaks off or is no chunk after all is its sender's, and no error of ours."""
        if not isinstance(kw.get("exc_info"), BadHttpMessage):
            super().log_exception(*args, **kw)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  it repeats what was sent
    ) -> web.StreamResponse:
        """The answer, after which the connection is closed. A bug is logged in error_response."""
        if request.writer.output_size > 0:
            logger.error("a bug broke an answer off", exc_info=exc)
            raise ConnectionError
        if isinstance(exc, HttpProcessingError) and status < HTTPStatus.INTERNAL_SERVER_ERROR:
            answer = error_response(_refusal(exc))
        else:
            answer = error_response(exc or RuntimeError(f"no answer, but status {status}"))
        answer.force_close()
        return answer


def _refusal(error: HttpProcessingError) -> StudioError:
    """Without a word of what was sent."""
    if isinstance(error, LineTooLong):
        return TooLarge("The request's address or one of its headers is too long.")
    return InvalidPayload("That is no request that this server understands.")
