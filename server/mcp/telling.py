"""What is told: results and refusals of tools, and jobs, each in words and in JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from mcp import types as mcp

from server.house import House
from server.mcp.offering import FilmAsked, PricedQuote
from server.replies import error_json
from server.wire.base import iso_utc
from tools.domain.jobs import Stage, VideoJob
from tools.errors import NotFound

JSON = "application/json"
JOBS = "reelroom://jobs/"
JOB_TEMPLATE = mcp.ResourceTemplate(
    name="job",
    title="A film and how far it is",
    uri_template=f"{JOBS}{{id}}",
    description=(
        "The job of a film that generate-video was asked for: state, stage, quote, and when it is "
        "finished its result, with the film's address and, where it lies on this machine, its file."
    ),
    mime_type=JSON,
)


@runtime_checkable
class KeptHere(Protocol):
    """A storage whose files lie on this machine."""

    def locate(self, path: str) -> Path: ...


def uri_of(job: VideoJob) -> str:
    return f"{JOBS}{job.id}"


def answered(result: Mapping[str, Any]) -> mcp.CallToolResult:
    return mcp.CallToolResult(content=[_text(_json(result))], structured_content=dict(result))


def refused(error: BaseException) -> mcp.CallToolResult:
    """In words a model can act on, and the contract's error object. A bug is logged, not told."""
    told = error_json(error)
    return mcp.CallToolResult(
        content=[_text(told["message"]), _text(_json({"error": told}))], is_error=True
    )


def film_asked(job: VideoJob, quote: PricedQuote, *, chat: str) -> mcp.CallToolResult:
    """`chat`: where a person finds the card of a film that waits for them."""
    words = _words(job, chat)
    asked = FilmAsked.model_validate(
        {
            "jobId": job.id,
            "state": job.stage.state,
            "quote": quote,
            "sessionId": job.session_id,
            "job": uri_of(job),
            "message": words,
        }
    ).json_ready()
    return mcp.CallToolResult(
        content=[_text(words), _text(_json(asked)), job_link(job)], structured_content=asked
    )


def job_link(job: VideoJob) -> mcp.ResourceLink:
    return mcp.ResourceLink(**_about(job))


def job_listed(job: VideoJob) -> mcp.Resource:
    return mcp.Resource(**_about(job))


def job_told(job: VideoJob, house: House) -> mcp.TextResourceContents:
    """As `GET /api/video/jobs/{id}`; `file` where the film lies on this machine."""
    status = house.results.status(job).json_ready()
    storage = house.adapters.storage
    if job.creative is not None and isinstance(storage, KeptHere):
        status["file"] = str(storage.locate(job.creative.film.path).resolve())
    return mcp.TextResourceContents(uri=uri_of(job), mime_type=JSON, text=_json(status))


def job_id_in(uri: str) -> str:
    """Raises NotFound for what is no address of a job."""
    if not uri.startswith(JOBS):
        raise NotFound("That resource")
    return uri.removeprefix(JOBS)


def _about(job: VideoJob) -> dict[str, Any]:
    return {
        "name": job.id,
        "title": f"A {job.request.length_s} second film by {job.quote.model_key}",
        "uri": uri_of(job),
        "mime_type": JSON,
        "description": job.stage.state,
    }


def _words(job: VideoJob, chat: str) -> str:
    film = f"{job.request.length_s} seconds by {job.quote.model_key}"
    price = f"for {job.quote.total}" if job.quote.total else "free of charge"
    match job.stage:
        case Stage.PROPOSED:
            until = f" until {iso_utc(job.expires_at)}" if job.expires_at is not None else ""
            return (
                f"Nothing is being made or bought yet: this film ({film}, {price}) waits{until} for "
                f"a person's yes, which you cannot give. They find its card in the chat at {chat}. "
                f"Tell them so, with the price; {uri_of(job)} tells what became of it."
            )
        case Stage.DECLINED:
            return "The person said no: the film is not made, and nothing was bought."
        case _ if job.stage.is_final:
            return f"The film is {job.stage.state} already; {uri_of(job)} tells more."
        case _:
            return (
                f"The film is being made: {film}, {price}. This takes a while; read {uri_of(job)} "
                "to see how far it is, and do not ask for it again."
            )


def _text(text: str) -> mcp.TextContent:
    return mcp.TextContent(text=text)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
