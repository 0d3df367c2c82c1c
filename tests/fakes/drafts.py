"""The free local model, whose films a test can hold at their half: a slow browser loses a race against them."""

import asyncio
from dataclasses import replace
from pathlib import Path

from server.house import Adapters
from tools.domain.identity import PredictionId
from tools.providers.draft import DraftProvider
from tools.rendering.ports import Rendered, Rendering, RenderStatus

HALF_WAY = Rendering(fraction=0.5)


class HeldDrafts(DraftProvider):
    """Draws as ever; only what it says of that is held, until `go_on` is set."""

    def __init__(self, data: Path) -> None:
        super().__init__(work=data / "work" / "drafts")
        self.go_on = asyncio.Event()
        self.go_on.set()

    def instead(self, given: Adapters) -> Adapters:
        """In the place of the studio's own."""
        return replace(given, providers={**given.providers, self.name: self}, makers=(self,))

    async def poll(self, prediction_id: PredictionId) -> RenderStatus:
        status = await super().poll(prediction_id)
        if self.go_on.is_set():
            return status
        match status:
            case Rendered():
                return HALF_WAY
            case Rendering(fraction=float(done)) if done > 0.5:
                return HALF_WAY
            case _:
                return status
