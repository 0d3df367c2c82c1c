"""The verb that tells which video models there are, and which of them can be had here."""

from typing import Protocol

from pydantic import Field

from tools.catalogue.recommending import Need, recommend
from tools.catalogue.rows import model_row
from tools.contract import Arguments, ToolContext, ToolOutput
from tools.domain.models import ModelOffer

__all__ = ["ListModels", "ListModelsArguments", "model_row"]


class Offers(Protocol):
    def offers(self) -> tuple[ModelOffer, ...]: ...


class ListModelsArguments(Arguments):
    need: Need | None = Field(
        default=None, description="What matters most; one model is recommended for it"
    )
    duration: int | None = Field(
        default=None, ge=1, le=3600, description="Whole seconds that the film should have"
    )


class ListModels:
    """`{need?, duration?}` -> `{models: [...], recommended?: {model, because}}`.

    Each row is exactly one of `GET /api/video/models`. Asked for a need or a length, one that can be
    had is recommended; `recommended` is absent where none can.
    """

    name = "list-models"
    description = (
        "List the video models: lengths, shapes, references, quality, price, typical time, and "
        "whether each is available here, retired, or missing a setting. With need or duration it "
        "also recommends one and says why, naming what stands in for what."
    )
    arguments = ListModelsArguments
    is_free_of_effects = True

    def __init__(self, catalogue: Offers) -> None:
        self._catalogue = catalogue

    def title(self, arguments: ListModelsArguments) -> str:  # noqa: ARG002  the port's shape
        return "Looking at the video models"

    async def call(
        self,
        context: ToolContext,  # noqa: ARG002  the port's shape
        arguments: ListModelsArguments,
    ) -> ToolOutput:
        offers = self._catalogue.offers()
        result: dict[str, object] = {"models": [model_row(offer) for offer in offers]}
        if arguments.need is not None or arguments.duration is not None:
            advice = recommend(offers, need=arguments.need, length_s=arguments.duration)
            if advice is not None:
                result["recommended"] = {"model": advice.model_key, "because": advice.because}
        return ToolOutput(result=result)
