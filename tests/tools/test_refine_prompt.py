import pytest
from pydantic import ValidationError

from tests.fakes.studio import context
from tools.errors import ProviderUnavailable
from tools.providers.refining import AnatomyRefiner
from tools.providers.refining_chat import ChatRefiner
from tools.refine_prompt import RefinePrompt, RefinePromptArguments

VERB = RefinePrompt(AnatomyRefiner())


async def test_before_and_after_are_shown_with_what_changed() -> None:
    asked = RefinePromptArguments(prompt="Make a teaser for our oat drink, use our logo")

    result = (await VERB.call(context(), asked)).result

    assert set(result) == {"prompt", "refinedPrompt", "changes", "warnings"}
    assert result["prompt"] == "Make a teaser for our oat drink, use our logo"
    assert "Subject: oat drink" in str(result["refinedPrompt"])
    assert result["changes"]
    assert result["warnings"]


async def test_the_model_decides_the_form() -> None:
    asked = RefinePromptArguments(prompt="our oat drink", model="sora-2-pro")

    result = (await VERB.call(context(), asked)).result

    assert str(result["refinedPrompt"]).startswith("Style: ")


@pytest.mark.parametrize("prompt", ["", " ", "x" * 4001])
def test_a_prompt_has_one_to_4000_characters(prompt: str) -> None:
    with pytest.raises(ValidationError):
        RefinePromptArguments(prompt=prompt)


async def test_who_refined_it_is_the_first_thing_to_watch_for_when_it_is_not_who_should_have() -> (
    None
):
    async def nobody(system: str, user: str) -> str:
        raise ProviderUnavailable("down")

    verb = RefinePrompt(ChatRefiner(nobody, name="GPT-4o"))

    result = (await verb.call(context(), RefinePromptArguments(prompt="our Nike shoe"))).result

    assert isinstance(result["warnings"], list)
    assert result["warnings"][0] == "Refined by rules: the language model did not answer."
    assert len(result["warnings"]) > 1
