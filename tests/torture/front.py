"""The address that stays while studios come and go: webhooks arrive here and are passed on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

HOOKS = "/api/webhooks/replicate"
PATIENCE_S = 2.0


class Front:
    """`studio`: who is behind it now; "" for nobody."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self.studio = ""
        self.url = ""

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator["Front"]:
        limit = aiohttp.ClientTimeout(total=PATIENCE_S)
        async with aiohttp.ClientSession(timeout=limit) as http:
            front = cls(http)
            app = web.Application()
            app.router.add_post(HOOKS, front.pass_on)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            front.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            try:
                yield front
            finally:
                await runner.cleanup()

    async def pass_on(self, request: web.Request) -> web.Response:
        """As it came, byte for byte: it is signed."""
        body = await request.read()
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower().startswith("webhook-") or name.lower() == "content-type"
        }
        try:
            async with self._http.post(
                f"{self.studio}{request.path_qs}", data=body, headers=headers
            ) as answer:
                return web.Response(status=answer.status)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return web.Response(status=502)
