"""A real Reelroom in a process of its own that dies or falls asleep where it was told to.

    python -m tests.torture.studio

It is put together as `server.__main__` does it, from the same settings. Only what stands behind the
ports is wrapped (`mortal`), its waits are short, and webhooks may come over plain http:

TORTURE_STEPS     where to die (see `steps`), and in TORTURE_NOTE it is written down
TORTURE_WEBHOOK   the door that orders report to; absent: none
TORTURE_CONTROL   1: orders in doubt are not looked for
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import uvloop

from server.compose import Adapters, House, adapters_for, compose
from server.lifecycle import address_of, bind, open_house, spare_the_collector
from server.observe import configure_logging
from server.settings import Settings, load_settings
from tests.torture.mortal import (
    MortalEditor,
    MortalPress,
    MortalProvider,
    MortalStorage,
    watch_commits,
)
from tests.torture.steps import Steps
from tools.domain.identity import JobId
from tools.providers.replicate.client import Limits
from tools.providers.replicate.listening import Listener
from tools.providers.replicate.provider import ReplicateProvider

LIMITS = Limits(
    connect_s=2.0,
    answer_s=2.0,
    order_s=0.9,
    list_lag_s=1.1,
    stop_s=10.0,
    again_s=0.1,
    idle_s=3.0,
    download_s=20.0,
)
"""An order that nobody heard of is looked for after 3 s."""


def mortal(settings: Settings, steps: Steps) -> Adapters:
    """As `adapters_for` wires them with a key; the provider in a hurry, and every hand mortal."""
    real = adapters_for(settings)
    hook = _hook()
    provider = ReplicateProvider(
        token=settings.replicate_token or "",
        base_url=settings.replicate_base_url,
        lend=real.storage.lend,
        webhook=hook,
        output_hosts=settings.replicate_output_hosts,
        limits=LIMITS,
    )
    listener = Listener(provider.fetch_secret, first_pause_s=0.2)
    is_control = os.environ.get("TORTURE_CONTROL") == "1"
    hands = MortalProvider(provider, steps, reconciles=not is_control)
    others = tuple(each for each in real.services if not isinstance(each, ReplicateProvider))
    return replace(
        real,
        providers={**real.providers, provider.name: hands},
        services=(*others, provider, *((listener,) if hook else ())),
        verify_webhook=listener.verify if hook else None,
        storage=MortalStorage(real.storage, steps),
        editor=MortalEditor(real.editor, steps),
        press=MortalPress(real.press, steps),
    )


def _hook() -> Callable[[JobId, int], str] | None:
    door = os.environ.get("TORTURE_WEBHOOK")
    if not door:
        return None
    return lambda job_id, clip: f"{door}?{urlencode({'job': job_id, 'clip': clip})}"


async def serve() -> None:
    settings = load_settings()
    steps = Steps.from_environment()
    listener = bind(settings)
    configure_logging(settings.log_dir)
    address = address_of(settings, listener)
    house = compose(settings, public_url=address, adapters=mortal(settings, steps))
    watch_commits(house.journal, steps)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    await _open(house, listener, address, over)


async def _open(house: House, listener, address: str, over: asyncio.Event) -> None:
    async with open_house(house, listener) as died:
        spare_the_collector()
        sys.stdout.write(f"open at {address}\n")
        sys.stdout.flush()
        waits = [asyncio.ensure_future(event.wait()) for event in (over, died)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
    if died.is_set():
        sys.exit(1)


if __name__ == "__main__":
    uvloop.run(serve())
