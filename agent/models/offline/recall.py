"""What was said and done so far, read out of a ChatRequest: the only memory this model has.

A retry, another process and a restart read the same request, and so come to the same answer.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from agent.models.offline.rows import Json, as_object, as_text
from agent.ports import (
    AssistantSaid,
    ChatRequest,
    SystemSaid,
    ToolAnswered,
    ToolCall,
    UserSaid,
)
from tools.domain.creatives import Creative
from tools.domain.identity import CallId
from tools.domain.jobs import Stage, VideoJob
from tools.domain.models import ModelOffer
from tools.domain.money import Money
from tools.domain.uploads import ReferenceRole, Upload


@dataclass(frozen=True, slots=True)
class Done:
    """A call and its output; `output` is None where the history holds none."""

    tool: str
    arguments: Json
    output: Json | None

    @property
    def ok(self) -> bool:
        return self.output is not None and self.output.get("ok") is True

    @property
    def job_id(self) -> str:
        return str((self.output or {}).get("jobId", ""))

    @property
    def state(self) -> str:
        """Of the film that it asked for, at that time: "queued" or "proposed"."""
        return str((self.output or {}).get("state", ""))

    @property
    def requested(self) -> str | None:
        """The model that was asked for, where another one makes it."""
        return as_text(self._quote.get("requestedModel"))

    @property
    def stand_in(self) -> str | None:
        """The model that makes it in place of the one that was asked for."""
        return as_text(self._quote.get("model")) if self.requested else None

    @property
    def _quote(self) -> Json:
        return as_object((self.output or {}).get("quote"))

    @property
    def error(self) -> Json:
        return as_object((self.output or {}).get("error"))


@dataclass(slots=True)
class Turn:
    """One message of the user and everything until the next one."""

    user: UserSaid
    said: str = ""
    """The last thing the assistant said in it."""
    done: list[Done] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Talk:
    turns: tuple[Turn, ...]
    uploads: tuple[Upload, ...]
    """Logo first, then as they came."""
    creatives: tuple[Creative, ...]
    jobs: tuple[VideoJob, ...]
    """Films that are not over, as they stood when the last message came."""
    models: tuple[ModelOffer, ...]
    budget_left: Money | None
    tools: frozenset[str]
    calls: int
    """How many calls there were, for the next id."""

    @property
    def proposals(self) -> tuple[VideoJob, ...]:
        """Films that wait for the person's yes."""
        return tuple(job for job in self.jobs if job.stage is Stage.PROPOSED)

    @property
    def has_logo(self) -> bool:
        return any(upload.role is ReferenceRole.LOGO for upload in self.uploads)

    @property
    def for_a_film(self) -> list[Upload]:
        """A film carries one logo, the newest, and every other image."""
        logos = [upload for upload in self.uploads if upload.role is ReferenceRole.LOGO]
        others = [upload for upload in self.uploads if upload.role is not ReferenceRole.LOGO]
        return [*logos[-1:], *others]

    def given_in(self, at: int) -> tuple[Upload, ...]:
        """The images that came with the message of that turn."""
        return tuple(u for u in self.uploads if u.id in self.turns[at].user.uploads)

    def last_order(self, before: int, *, even_refused: bool = True) -> Done | None:
        """The newest film that was asked for in the turns before.

        A refused one is left aside when an earlier one was taken, unless `even_refused`.
        """
        asked = self._films(before)
        chosen = asked if even_refused else (self.orders(before) or asked)
        return chosen[0] if chosen else None

    def refused_field(self, before: int) -> str:
        """What was wrong with the newest film that was asked for; "" where it was taken."""
        asked = self._films(before)
        return str(asked[0].error.get("field") or "") if asked else ""

    def orders(self, before: int) -> list[Done]:
        """The films that were asked for and taken in the turns before, the newest first."""
        return [done for done in self._films(before) if done.ok]

    @property
    def finished_jobs(self) -> frozenset[str]:
        return frozenset(creative.job_id for creative in self.creatives)

    def _films(self, before: int) -> list[Done]:
        return [
            done
            for done in self._backwards(before)
            if done.tool == "generate-video" and done.arguments.get("prompt")
        ]

    def last_refinement(self, before: int) -> Done | None:
        """The newest refined prompt of which no film was asked for yet."""
        for done in self._backwards(before):
            if done.tool == "generate-video":
                return None
            if done.tool == "refine-prompt" and done.ok:
                return done
        return None

    def hooks(self, before: int) -> int:
        """How many films were asked for: each new hook takes the next way to open."""
        return sum(done.tool == "generate-video" for done in self._backwards(before))

    def _backwards(self, before: int) -> Iterator[Done]:
        for turn in reversed(self.turns[:before]):
            yield from reversed(turn.done)


def recall(request: ChatRequest) -> Talk:
    outputs: dict[CallId, Json] = {
        message.call_id: message.output
        for message in request.messages
        if isinstance(message, ToolAnswered)
    }
    turns: list[Turn] = []
    calls = 0
    for message in request.messages:
        match message:
            case UserSaid():
                turns.append(Turn(user=message))
            case AssistantSaid(text=text, calls=asked):
                calls += len(asked)
                if turns:
                    turns[-1].said = text or turns[-1].said
                    turns[-1].done += [_done(call, outputs) for call in asked]
            case ToolAnswered() | SystemSaid():  # outputs are read above, beside their calls
                pass
    uploads = request.briefing.uploads
    return Talk(
        turns=tuple(turns),
        uploads=tuple(sorted(uploads, key=lambda upload: upload.role is not ReferenceRole.LOGO)),
        creatives=request.briefing.creatives,
        jobs=request.briefing.jobs,
        models=request.briefing.models,
        budget_left=request.briefing.budget_left,
        tools=frozenset(spec.name for spec in request.tools),
        calls=calls,
    )


def _done(call: ToolCall, outputs: Mapping[CallId, Json]) -> Done:
    try:
        given = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        given = {}
    arguments = given if isinstance(given, dict) else {}
    return Done(call.tool, arguments, outputs.get(call.call_id))
