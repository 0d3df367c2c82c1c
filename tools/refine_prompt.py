"""The verb that makes a prompt better before anybody pays for it."""

from typing import Annotated, Protocol

from pydantic import Field, StringConstraints

from tools.contract import Arguments, ToolContext, ToolOutput
from tools.domain.prompts import Refinement
from tools.domain.videos import PROMPT_CHARS


class Refiner(Protocol):
    async def refine(self, prompt: str, *, context: str, model_key: str) -> Refinement: ...


class RefinePromptArguments(Arguments):
    prompt: Annotated[
        str, StringConstraints(min_length=1, max_length=PROMPT_CHARS, strip_whitespace=True)
    ] = Field(description="The person's own words")
    context: Annotated[str, StringConstraints(max_length=2000)] | None = Field(
        default=None, description='How it should feel: "cinematic with dramatic lighting"'
    )
    model: Annotated[str, StringConstraints(max_length=80)] | None = Field(
        default=None, description="Key of the model it is written for"
    )


class RefinePrompt:
    """`{prompt, context?, model?}` -> `{prompt, refinedPrompt, changes[], warnings[]}`.

    The first warning says who refined it, where that is not who should have.
    """

    name = "refine-prompt"
    description = (
        "Rewrite a video prompt by the anatomy of a shot (subject, action, setting, camera, light, "
        "palette, sound) for a model. Shows what was added and what to watch for. Makes no film."
    )
    arguments = RefinePromptArguments
    is_free_of_effects = True

    def __init__(self, refiner: Refiner) -> None:
        self._refiner = refiner

    def title(self, arguments: RefinePromptArguments) -> str:  # noqa: ARG002  the port's shape
        return "Refining the prompt"

    async def call(
        self,
        context: ToolContext,  # noqa: ARG002  the port's shape
        arguments: RefinePromptArguments,
    ) -> ToolOutput:
        refinement = await self._refiner.refine(
            arguments.prompt, context=arguments.context or "", model_key=arguments.model or ""
        )
        return ToolOutput(
            result={
                "prompt": refinement.prompt,
                "refinedPrompt": refinement.refined_prompt,
                "changes": list(refinement.changes),
                "warnings": [note for note in (refinement.note,) if note]
                + list(refinement.warnings),
            }
        )
