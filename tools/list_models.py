"""The verb that tells which video models there are, and which of them can be had here."""

from typing import Protocol

from tools.catalogue.rows import model_row
from tools.contract import Arguments, ToolContext, ToolOutput
from tools.domain.models import ModelOffer

__all__ = ["ListModels", "ListModelsArguments", "model_row"]


class Offers(Protocol):
    def offers(self) -> tuple[ModelOffer, ...]: ...


class ListModelsArguments(Arguments):
    pass


class ListModels:
    """`{}` -> `{models: [...]}`, each row exactly one of `GET /api/video/models`."""

    name = "list-models"
    description = (
        "List the video models: lengths, shapes, references, quality, price, and whether each is "
        "available here, retired, or missing a setting."
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
        arguments: ListModelsArguments,  # noqa: ARG002  the port's shape
    ) -> ToolOutput:
        return ToolOutput(
            result={"models": [model_row(offer) for offer in self._catalogue.offers()]}
        )
