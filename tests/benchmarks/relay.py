"""The baseline: a plain relay, as one would write it in an afternoon.

    python -m tests.benchmarks.relay MODEL_URL

aiohttp, python-socketio and the openai SDK as they come (permessage-deflate on, chunks as the SDK
makes them, one `emit` a token); nobody is asked who he is, nothing is limited and nothing is kept.
"""

import asyncio
import sys

import socketio
from aiohttp import web
from openai import AsyncOpenAI

from tests.benchmarks.children import obey
from tests.benchmarks.completions import KEY, MODEL
from tests.benchmarks.vitals import vitals


async def main(model_url: str) -> None:
    server = socketio.AsyncServer(async_mode="aiohttp", transports=["websocket"])
    model = AsyncOpenAI(base_url=f"{model_url}/v1", api_key=KEY)
    turns: set[asyncio.Task[None]] = set()

    async def turn(sid: str, asked: str) -> None:
        stream = await model.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": asked}], stream=True
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                text = chunk.choices[0].delta.content
                await server.emit("token", {"text": text}, to=sid)
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
    asyncio.run(main(sys.argv[1]))
