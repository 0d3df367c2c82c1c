"""A film that costs more than goes by itself: the person in front of the client may be asked.

Only where their program said that it can ask a person (elicitation); a model's word is no yes. The
answer counts up to the price that was shown. Whatever comes of the asking, the question stands in the
chat too, and the first answer wins.

Until 2025-11-25 a question is a request of ours in the midst of the call. From 2026-07-28 on the call
ends with the question, and is made again with the answer: what was asked travels with it, sealed.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from mcp import types as mcp
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from tools.contract import ToolContext
from tools.domain.identity import JobId
from tools.domain.jobs import Stage, VideoJob
from tools.domain.money import Money
from tools.errors import InvalidPayload
from tools.rendering.studio import Studio

logger = logging.getLogger("reelroom.mcp")

ANSWER_LIMIT_S = 300.0
"""How long a person is waited for in the midst of a call. The film waits longer, in the chat."""
SHOWN_CHARS = 300
_KEY, _FIELD = "approval", "approve"

Request = ServerRequestContext[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which film, at what price: a yes is to no more than that."""

    job_id: JobId
    price: Money

    @classmethod
    def about(cls, job: VideoJob) -> Self:
        return cls(job_id=job.id, price=job.quote.total)

    @classmethod
    def from_state(cls, state: str) -> Self:
        """Raises InvalidPayload for what was not written here."""
        try:
            job_id, micros = json.loads(state)
        except ValueError as error:
            raise InvalidPayload("This answer belongs to no question.") from error
        return cls(job_id=JobId(job_id), price=Money(micros))

    def to_state(self) -> str:
        return json.dumps([self.job_id, self.price.micros])


class Consent:
    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def ask_now(
        self, request: Request, job: VideoJob, context: ToolContext
    ) -> VideoJob | mcp.InputRequiredResult:
        """The job as it is when somebody was asked, or nobody could be; or the question to be sent."""
        if job.stage is not Stage.PROPOSED or not _can_ask(request.session.client_capabilities):
            return job
        question = Question.about(job)
        form = _form(job)
        if request.protocol_version in MODERN_PROTOCOL_VERSIONS:
            return mcp.InputRequiredResult(
                input_requests={_KEY: mcp.ElicitRequest(params=form)},
                request_state=question.to_state(),
            )
        answer = await _answer_to(request, form)
        return job if answer is None else await self._heard(question, answer, job, context)

    async def hear(
        self,
        question: Question,
        answers: Mapping[str, Any] | None,
        job: VideoJob,
        context: ToolContext,
    ) -> VideoJob:
        """The call was made again with an answer, or with none."""
        answer = (answers or {}).get(_KEY)
        if not isinstance(answer, mcp.ElicitResult):
            return job
        return await self._heard(question, answer, job, context)

    async def _heard(
        self, question: Question, answer: mcp.ElicitResult, job: VideoJob, context: ToolContext
    ) -> VideoJob:
        """The job as it is now, whoever answered first. Raises BudgetExceeded."""
        match answer.action:
            case "accept" if (answer.content or {}).get(_FIELD) is True:
                return await self._studio.approve(
                    question.job_id, context=context, up_to=question.price
                )
            case "accept" | "decline":
                return await self._studio.decline(question.job_id, context=context)
            case _:
                # They looked away: the question stands.
                return job


def _can_ask(capabilities: mcp.ClientCapabilities | None) -> bool:
    """In a form. A client that says no more than that it can ask can do that."""
    asking = None if capabilities is None else capabilities.elicitation
    return asking is not None and (asking.form is not None or asking.url is None)


def _form(job: VideoJob) -> mcp.ElicitRequestFormParams:
    request, price = job.request, job.quote.total
    prompt = request.prompt[:SHOWN_CHARS] + ("…" if len(request.prompt) > SHOWN_CHARS else "")
    stands_in = f" (in the place of {job.quote.requested_key})" if job.quote.requested_key else ""
    cost = f"It costs {price}." if price else "It is free of charge."
    notes = "".join(f" {each.message}" for each in job.quote.warnings)
    return mcp.ElicitRequestFormParams(
        message=(
            f"Make this film of {request.length_s} seconds with {job.quote.model_key}{stands_in}? "
            f"{cost}{notes} “{prompt}”"
        ),
        requested_schema={
            "type": "object",
            "properties": {
                _FIELD: {
                    "type": "boolean",
                    "title": f"Make it for {price}" if price else "Make it",
                    "description": "Yes: it is made, and costs up to this price. No: it is not made.",
                }
            },
            "required": [_FIELD],
        },
    )


async def _answer_to(
    request: Request, form: mcp.ElicitRequestFormParams
) -> mcp.ElicitResult | None:
    """None: nobody answered in time, or the client could not ask after all."""
    try:
        async with asyncio.timeout(ANSWER_LIMIT_S):
            return await request.session.elicit_form(
                form.message, form.requested_schema, related_request_id=request.request_id
            )
    except (TimeoutError, MCPError, ValueError) as error:
        # ValueError: an answer of another shape than any answer has.
        logger.info("nobody answered", extra={"error": type(error).__name__})
        return None
