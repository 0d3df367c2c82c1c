"""A script that does what a golden dialogue asks for, and misbehaves around it as models do.

Each film is asked for twice in one step and once more in the next; a call comes in broken JSON first.
What the person pays for must be the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from agent.ports import AssistantSaid, ChatRequest, UserSaid
from tests.dialogues.table import Exchange, Golden
from tests.fakes.scripted_model import Act, Call, Say, ScriptedModel


def right_answers(golden: Golden) -> ScriptedModel:
    exchanges = iter(_told_apart(golden))
    current: list[Exchange] = []

    def script(request: ChatRequest) -> Iterable[Act]:
        step = _steps(request)
        if step == 0:
            current[:] = [next(exchanges)]
        return _step(current[0], step)

    return ScriptedModel(script)


def _told_apart(golden: Golden) -> Iterator[Exchange]:
    """Each film with a length of its own where the row leaves it open: the same twice is a slip."""
    for length_s, exchange in enumerate(golden.exchanges, start=5):
        film = {"duration": length_s, **exchange.film} if exchange.film else {}
        yield replace(exchange, film=film)


def _steps(request: ChatRequest) -> int:
    """How often this turn was answered already."""
    last = max(n for n, each in enumerate(request.messages) if isinstance(each, UserSaid))
    return sum(isinstance(each, AssistantSaid) for each in request.messages[last:])


def _step(exchange: Exchange, step: int) -> Iterator[Act]:
    film = _film(exchange)
    if step == 0 and (exchange.calls or film):
        yield Say("One moment.")
        yield Call("list-models", "{oops")
        for tool in exchange.calls:
            yield Call(tool, _arguments(tool, exchange))
        if film:
            yield Call("refine-prompt", {"prompt": film["prompt"]})
            yield Call("generate-video", film)
            yield Call("generate-video", film)
    elif step == 1 and film:
        yield Call("generate-video", film)
    else:
        words = exchange.asks[:1] or exchange.mentions[:1]
        yield Say(f"As you wish. {' '.join(words)}?")


def _film(exchange: Exchange) -> dict[str, Any]:
    if not exchange.film:
        return {}
    words = exchange.film.get("prompt") or ("tea",)
    return {**exchange.film, "prompt": " ".join(words)}


def _arguments(tool: str, exchange: Exchange) -> dict[str, Any]:
    if tool == "apply-template":
        return {"template": _template(exchange), "parameters": exchange.fills or _POST}
    return {"prompt": exchange.says} if tool == "refine-prompt" else {}


_POST = {"concept": "our summer sale", "platform": "instagram"}


def _template(exchange: Exchange) -> str:
    if "productDescription" in exchange.fills:
        return "product-showcase"
    return "brand-animation" if exchange.fills else "social-media"
