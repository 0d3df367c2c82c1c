"""The tools as a client is told of them: what they take, what they give, what they do to the world."""

from typing import Any, Literal

from mcp import types as mcp

from agent.toolbox import Toolbox
from server.wire.answers import VideoModelRow
from server.wire.base import NoticeOut, WireModel
from server.wire.entries import QuoteOut
from tools.apply_template import ApplyTemplate
from tools.contract import AnyTool
from tools.generate_video import GenerateVideo
from tools.list_models import ListModels
from tools.refine_prompt import RefinePrompt


class Recommended(WireModel):
    model: str
    because: str


class ModelsListed(WireModel):
    models: list[VideoModelRow]
    recommended: Recommended | None = None


class PromptRefined(WireModel):
    prompt: str
    refined_prompt: str
    changes: list[str]
    warnings: list[str]


class PricedQuote(QuoteOut):
    """`price`: the total in words."""

    price: str


class FilmAsked(WireModel):
    """`message` says what the state means, and what to do. `job`: where to look how far it is."""

    job_id: str
    state: Literal["proposed", "queued", "running", "finished", "failed", "cancelled", "declined"]
    quote: PricedQuote
    session_id: str
    job: str
    message: str


class Missing(WireModel):
    name: str
    question: str


class TemplateApplied(WireModel):
    """`request`: arguments for generate-video, null while something is missing."""

    request: dict[str, Any] | None
    missing: list[Missing]


RESULTS: dict[str, type[WireModel]] = {
    ListModels.name: ModelsListed,
    RefinePrompt.name: PromptRefined,
    ApplyTemplate.name: TemplateApplied,
    GenerateVideo.name: FilmAsked,
}
TITLES = {
    ListModels.name: "List video models",
    RefinePrompt.name: "Refine a prompt",
    ApplyTemplate.name: "Fill a film template",
    GenerateVideo.name: "Ask for a film",
}
ASKS_OTHERS = frozenset({RefinePrompt.name, GenerateVideo.name})
"""A language model, a provider: somebody outside may be asked."""

__all__ = ["RESULTS", "FilmAsked", "NoticeOut", "PricedQuote", "offered"]


def offered(tools: tuple[AnyTool, ...]) -> list[mcp.Tool]:
    specs = {spec.name: spec for spec in Toolbox(tools).specs()}
    return [_offer(tool, dict(specs[tool.name].parameters)) for tool in tools]


def _offer(tool: AnyTool, parameters: dict[str, Any]) -> mcp.Tool:
    is_free = tool.is_free_of_effects
    return mcp.Tool(
        name=tool.name,
        title=TITLES[tool.name],
        description=tool.description,
        input_schema=parameters,
        output_schema=RESULTS[tool.name].model_json_schema(by_alias=True),
        annotations=mcp.ToolAnnotations(
            title=TITLES[tool.name],
            read_only_hint=is_free,
            # A film is added to others; nothing that was there is changed or lost.
            destructive_hint=False,
            idempotent_hint=is_free,
            open_world_hint=tool.name in ASKS_OTHERS,
        ),
    )
