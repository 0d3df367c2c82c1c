"""What came of a message, judged against what should have: tools, arguments, questions, words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from agent.ports import ChatModel
from tests.dialogues.table import Exchange, Golden
from tests.fakes.dialogue import Dialogue, Heard, StudioInMemory

DEFAULTS = {"duration": 6, "aspectRatio": "16:9", "model": "sora-2-pro", "uploadIds": []}
MARKS = ("ended", "tools", "arguments", "questions", "words")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing that was looked at. `fault`: what was wrong, "" when it was right."""

    what: str
    fault: str = ""

    @property
    def is_right(self) -> bool:
        return not self.fault


def dialogue_for(golden: Golden, model: ChatModel) -> Dialogue:
    """A session as the row begins."""
    studio = StudioInMemory(paid=golden.paid)
    return Dialogue(model, uploads=list(golden.uploads), studio=studio)


async def marks_of(golden: Golden, dialogue: Dialogue) -> list[Mark]:
    """Play the whole dialogue and judge each answer."""
    marks: list[Mark] = []
    for exchange in golden.exchanges:
        if exchange.ready and dialogue.studio.bought:
            dialogue.announces()
        if exchange.answers and dialogue.studio.proposals:
            await (dialogue.approves() if exchange.answers == "approve" else dialogue.declines())
        heard = await dialogue.says(exchange.says, *exchange.drops)
        marks += judged(exchange, heard)
    return marks


def judged(exchange: Exchange, heard: Heard) -> Iterator[Mark]:
    """Only what the exchange has an opinion on. Silence is no virtue: what failed is all wrong."""
    failure = heard.result.error.message if heard.result.error else ""
    yield Mark(what="ended", fault=failure)
    for mark in _opinions(exchange, heard):
        yield mark if not failure else Mark(what=mark.what, fault="no answer")


def _opinions(exchange: Exchange, heard: Heard) -> Iterator[Mark]:
    yield Mark(what="tools", fault="; ".join(_tool_faults(exchange, heard)))
    if exchange.film or exchange.fills:
        yield Mark(what="arguments", fault="; ".join(_argument_faults(exchange, heard)))
    if exchange.asks:
        yield Mark(what="questions", fault=_question_fault(exchange, heard))
    if exchange.mentions or exchange.unsaid:
        yield Mark(what="words", fault="; ".join(_word_faults(exchange, heard)))


def _tool_faults(exchange: Exchange, heard: Heard) -> Iterator[str]:
    done = {tool for tool, _, ok in heard.calls if ok}
    wanted = {*exchange.calls, *(["generate-video"] if exchange.film else [])}
    for tool in sorted(wanted - done):
        yield f"{tool} was not called, or refused"
    state = "proposed" if exchange.proposed else "queued"
    if exchange.film and state not in heard.states:
        yield f"no film is {state}"
    forbidden = {*exchange.never, *(["generate-video"] if exchange.asks else [])}
    for tool in sorted(forbidden & done):
        yield f"{tool} was called"


def _argument_faults(exchange: Exchange, heard: Heard) -> Iterator[str]:
    if exchange.film:
        asked = _last(heard, "generate-video")
        given = DEFAULTS | {name: value for name, value in asked.items() if value is not None}
        for name, wanted in exchange.film.items():
            if not _fits(name, given.get(name), wanted):
                yield f"{name} is {given.get(name)!r}, not {wanted!r}"
    filled = _last(heard, "apply-template").get("parameters", {})
    for name, wanted in exchange.fills.items():
        if wanted.casefold() not in str(filled.get(name, "")).casefold():
            yield f"{name} is {filled.get(name)!r}, not {wanted!r}"


def _fits(name: str, given: Any, wanted: Any) -> bool:
    match name:
        case "prompt":
            return all(word.casefold() in str(given).casefold() for word in wanted)
        case "uploadIds":
            return set(given or ()) == set(wanted)
        case _:
            return bool(given == wanted)


def _last(heard: Heard, tool: str) -> dict[str, Any]:
    """The arguments of the newest call that worked."""
    worked = [dict(given) for name, given, ok in heard.calls if name == tool and ok]
    return worked[-1] if worked else {}


def _question_fault(exchange: Exchange, heard: Heard) -> str:
    if _says(heard, exchange.asks):
        return ""
    return f"speaks of none of {', '.join(exchange.asks)}: {heard.text[-200:]!r}"


def _word_faults(exchange: Exchange, heard: Heard) -> Iterator[str]:
    if exchange.mentions and not _says(heard, exchange.mentions):
        yield f"has none of {', '.join(exchange.mentions)}: {heard.text[-200:]!r}"
    for words in exchange.unsaid:
        if _says(heard, [words]):
            yield f"says {words!r}"


def _says(heard: Heard, words: Iterable[str]) -> bool:
    text = heard.text.casefold()
    return any(word.casefold() in text for word in words)


def table(rows: Iterable[tuple[str, list[Mark]]]) -> str:
    """Right of all, by kind and by what was looked at; the last line is the sum."""
    marks: dict[str, list[Mark]] = {}
    for kind, given in rows:
        marks.setdefault(kind, []).extend(given)
    marks["all"] = [mark for given in marks.values() for mark in given]
    lines = [f"{'':16}" + "".join(f"{what:>12}" for what in MARKS)]
    for kind, given in marks.items():
        cells = (_cell([mark for mark in given if mark.what == what]) for what in MARKS)
        lines.append(f"{kind:16}" + "".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines)


def _cell(marks: list[Mark]) -> str:
    return f"{sum(mark.is_right for mark in marks)}/{len(marks)}" if marks else "-"
