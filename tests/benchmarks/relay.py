"""The baseline: a plain relay, as one would write it in an afternoon.

aiohttp and python-socketio as they come (permessage-deflate on, one `emit` a token); nobody is asked
who he is, nothing is limited and nothing is kept.
"""

import asyncio

import socketio
from aiohttp import web

from tests.benchmarks.children import obey
from tests.benchmarks.script import answer_to
from tests.benchmarks.vitals import vitals


async def main() -> None:
    server = socketio.AsyncServer(async_mode="aiohttp", transports=["websocket"])
    turns: set[asyncio.Task[None]] = set()

    async def turn(sid: str, asked: str) -> None:
        async for piece in answer_to(asked):
            await server.emit("token", {"text": piece}, to=sid)
        await server.emit("end", {}, to=sid)

    async def message(sid: str, payload: dict[str, str]) -> dict[str, bool]:
        task = asyncio.create_task(turn(sid, payload["text"]))
        turns.add(task)
        task.add_done_callback(turns.discard)
        return {"ok": True}

    server.on("message", message)
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]

    async def where(_asked: object) -> dict[str, str]:
        return {"url": f"http://127.0.0.1:{port}"}

    await obey({**vitals(), "where": where})


if __name__ == "__main__":
    asyncio.run(main())
