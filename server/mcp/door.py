"""What can be asked over MCP: the tools, and the jobs of films as resources."""

import json
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from mcp import types as mcp
from mcp.server import Server, ServerRequestContext
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.shared.exceptions import MCPError

from agent.ports import ToolCall
from agent.toolbox import Toolbox
from server.auth import Principal
from server.clocks import utc_now
from server.house import House
from server.mcp.caller import Caller
from server.mcp.consent import Consent, Question
from server.mcp.offering import PricedQuote, offered
from server.mcp.telling import (
    JOB_TEMPLATE,
    answered,
    film_asked,
    job_id_in,
    job_listed,
    job_told,
    refused,
)
from server.memory import jobs
from server.replies import error_json
from tools.catalogue.rows import quote_row
from tools.domain.identity import CallId
from tools.domain.jobs import VideoJob
from tools.errors import NotFound, StudioError, Unauthenticated

NAME = "reelroom"
LISTED_FOR = timedelta(days=7)
INSTRUCTIONS = (
    "Reelroom makes short campaign films. Choose a model with list-models, improve the words with "
    "refine-prompt, or start from apply-template; generate-video asks for the film and answers at "
    "once with its price. Films cost money: one whose state is `proposed` is not being made, and only "
    "a person can approve it. Say what a film costs before and after it is asked for. How far a film "
    "is, and where it lies when it is finished, is told by the resource reelroom://jobs/{id}."
)

Request = ServerRequestContext[Any, Any]


class Door:
    def __init__(self, house: House, caller: Caller) -> None:
        self._house = house
        self._caller = caller
        self._tools = {tool.name: tool for tool in house.tools}
        self._toolbox = Toolbox(house.tools)
        self._consent = Consent(house.studio)

    def server(self) -> Server[Any]:
        server = Server[Any](
            NAME,
            title="Reelroom",
            version=version(NAME),
            instructions=INSTRUCTIONS,
            on_list_tools=self.list_tools,
            on_call_tool=self.call_tool,
            on_list_resources=self.list_jobs,
            on_list_resource_templates=self.list_templates,
            on_read_resource=self.read_job,
        )
        # What a question was about comes back from outside: it is sealed, with a key of this process.
        seal = RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=NAME)
        server.middleware.append(seal)
        return server

    # -- tools -----------------------------------------------------------------------------------

    async def list_tools(
        self,
        request: Request,  # noqa: ARG002  the handler's shape
        params: mcp.PaginatedRequestParams | None,  # noqa: ARG002
    ) -> mcp.ListToolsResult:
        return mcp.ListToolsResult(tools=offered(self._house.tools))

    async def call_tool(
        self, request: Request, params: mcp.CallToolRequestParams
    ) -> mcp.CallToolResult | mcp.InputRequiredResult:
        """A refusal is a result of the tool, for the model to read; a name that is none is not."""
        if params.name not in self._tools:
            known = ", ".join(self._tools)
            message = f"There is no tool called {params.name[:80]!r}. There is: {known}."
            raise MCPError(mcp.INVALID_PARAMS, message)
        try:
            return await self._answer(request, params)
        except Exception as error:  # noqa: BLE001  told as an error; a bug is logged by its telling
            return refused(error)

    async def _answer(
        self, request: Request, params: mcp.CallToolRequestParams
    ) -> mcp.CallToolResult | mcp.InputRequiredResult:
        principal = await self._caller.admit()
        if params.request_state is not None:
            return await self._with_answer(params, params.request_state, principal)
        call = ToolCall(
            call_id=CallId(self._house.mint("call")),
            tool=params.name,
            arguments=json.dumps(params.arguments or {}),
        )
        if self._tools[params.name].is_free_of_effects:
            return answered(await self._toolbox.call(self._caller.anywhere(principal), call))
        return await self._film(request, call, principal)

    async def _film(
        self, request: Request, call: ToolCall, principal: Principal
    ) -> mcp.CallToolResult | mcp.InputRequiredResult:
        context = await self._caller.somewhere(principal)
        result = await self._toolbox.call(context, call)
        job = await self._caller.job(principal, str(result["jobId"]))
        now = await self._consent.ask_now(request, job, context)
        if isinstance(now, mcp.InputRequiredResult):
            return now
        return film_asked(now, PricedQuote.model_validate(result["quote"]), chat=self._chat)

    async def _with_answer(
        self, params: mcp.CallToolRequestParams, state: str, principal: Principal
    ) -> mcp.CallToolResult:
        question = Question.from_state(state)
        job = await self._caller.job(principal, question.job_id)
        context = await self._caller.context_of(principal, job)
        job = await self._consent.hear(question, params.input_responses, job, context)
        return film_asked(job, _priced(job), chat=self._chat)

    @property
    def _chat(self) -> str:
        return self._house.public_url

    # -- jobs ------------------------------------------------------------------------------------

    async def list_templates(
        self,
        request: Request,  # noqa: ARG002  the handler's shape
        params: mcp.PaginatedRequestParams | None,  # noqa: ARG002
    ) -> mcp.ListResourceTemplatesResult:
        return mcp.ListResourceTemplatesResult(resource_templates=[JOB_TEMPLATE])

    async def list_jobs(
        self,
        request: Request,  # noqa: ARG002  the handler's shape
        params: mcp.PaginatedRequestParams | None,  # noqa: ARG002
    ) -> mcp.ListResourcesResult:
        """The films that were asked for lately in the session, the newest first."""
        try:
            session = await self._caller.known_session(await self._caller.admit())
        except StudioError as error:
            raise _refusal(error) from error
        if session is None:
            return mcp.ListResourcesResult(resources=[])
        since = utc_now() - LISTED_FOR
        found = await self._house.journal.read(
            lambda tables: jobs.asked_since(tables, session.id, since)
        )
        return mcp.ListResourcesResult(resources=[job_listed(job) for job in reversed(found)])

    async def read_job(
        self,
        request: Request,  # noqa: ARG002  the handler's shape
        params: mcp.ReadResourceRequestParams,
    ) -> mcp.ReadResourceResult:
        try:
            principal = await self._caller.admit()
            job = await self._caller.job(principal, job_id_in(params.uri))
        except StudioError as error:
            raise _refusal(error) from error
        return mcp.ReadResourceResult(contents=[job_told(job, self._house)])


def _priced(job: VideoJob) -> PricedQuote:
    return PricedQuote.model_validate(
        {**quote_row(job.quote), "price": str(job.quote.total or "free")}
    )


def _refusal(error: StudioError) -> MCPError:
    """For what is no tool. The codes of the protocol know few of ours: those come beside them."""
    code = mcp.INVALID_PARAMS if isinstance(error, NotFound) else mcp.INTERNAL_ERROR
    if isinstance(error, Unauthenticated):
        code = mcp.INVALID_REQUEST
    return MCPError(code, error.message, data=error_json(error))
