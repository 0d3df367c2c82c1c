"""Our server, whole: as `reelroom serve` opens it with POE_API_KEY and POE_API_URL set.

    python -m tests.benchmarks.product FOLDER MODEL_URL [--without-log]

`--without-log` answers a message without writing anything down: what the same server would cost if it
remembered nothing. It exists for this comparison alone.
"""

import sys
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from server import compose as house_plan
from server.lifecycle import address_of, bind, open_house, spare_the_collector
from server.memory.journal import Transaction
from server.observe import configure_logging
from server.settings import Settings
from tests.benchmarks.children import obey
from tests.benchmarks.completions import KEY, MODEL
from tests.benchmarks.script import SECRET
from tests.benchmarks.unlogged import UnloggedTurns
from tests.benchmarks.vitals import vitals
from tools.domain.events import MessageAdded
from tools.domain.identity import MessageId, SessionId

FILL_AT_ONCE = 100
"""Lines a transaction: browsers are listening, and one that is 500 frames behind is cut off."""


def lines(transaction: Transaction, asked: dict[str, Any], first: int) -> None:
    for number in range(first, min(first + FILL_AT_ONCE, asked["entries"])):
        words = f"Line {number} of a long talk about an oat drink and its summer film. " * 3
        said = MessageAdded(message_id=MessageId(f"msg-{number}"), sender="assistant", text=words)
        transaction.tell(SessionId(asked["session"]), said)


async def main(folder: Path, model_url: str) -> None:
    settings = Settings(
        data_dir=folder / "data",
        log_dir=folder / "logs",
        port=0,
        jwt_secret=SECRET,
        poe_api_key=KEY,
        poe_api_url=model_url,
        poe_model=MODEL,
        # One person's load is that of hundreds here.
        rate_messages_per_min=0,
    )
    configure_logging(settings.log_dir)
    listener = bind(settings)
    url = address_of(settings, listener)
    house = house_plan.compose(settings, public_url=url)

    async def where(_asked: object) -> dict[str, str]:
        return {"url": url}

    async def fill(asked: dict[str, Any]) -> dict[str, Any]:
        """Put a long story into a session that is there already."""

        for first in range(0, asked["entries"], FILL_AT_ONCE):
            await house.journal.write(partial(lines, asked=asked, first=first))
        return {}

    async with open_house(house, listener):
        spare_the_collector()
        await obey({**vitals(), "where": where, "fill": fill})


if __name__ == "__main__":
    if "--without-log" in sys.argv:
        setattr(house_plan, "Turns", UnloggedTurns)  # noqa: B010  the one part that writes turns down
    uvloop.run(main(Path(sys.argv[1]), sys.argv[2]))
