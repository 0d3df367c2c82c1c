"""What every refiner keeps, whatever it is made of."""

import pytest

from tools.domain.prompts import dissect
from tools.providers.refining import AnatomyRefiner
from tools.rendering.ports import Refiner

PROMPTS = [
    "Make a 6 second TikTok teaser for our oat drink, use our logo",
    "A runner crosses a desert at dawn, slow tracking shot",
    "我们的燕麦饮料",
    "Make a video",
]
MODELS = ["sora-2-pro", "veo-3.1", "runway-gen3", "draft", "", "a-model-nobody-knows"]


@pytest.fixture(params=[AnatomyRefiner], ids=["offline rules"])
def refiner(request: pytest.FixtureRequest) -> Refiner:
    made: Refiner = request.param()
    return made


class TestEveryRefiner:
    def test_says_who_it_is(self, refiner: Refiner) -> None:
        assert refiner.name

    @pytest.mark.parametrize("model_key", MODELS)
    @pytest.mark.parametrize("prompt", PROMPTS)
    async def test_gives_the_prompt_back_beside_a_refined_one(
        self, refiner: Refiner, prompt: str, model_key: str
    ) -> None:
        refinement = await refiner.refine(prompt, context="", model_key=model_key)

        assert refinement.prompt == prompt
        assert refinement.refined_prompt.strip()

    @pytest.mark.parametrize("model_key", MODELS)
    @pytest.mark.parametrize("prompt", PROMPTS)
    async def test_keeps_the_thing_the_film_is_about(
        self, refiner: Refiner, prompt: str, model_key: str
    ) -> None:
        refinement = await refiner.refine(prompt, context="cinematic", model_key=model_key)

        subject = dissect(prompt).subject.lower()
        assert subject in refinement.refined_prompt.lower()

    async def test_an_empty_context_is_no_wish(self, refiner: Refiner) -> None:
        refinement = await refiner.refine("our oat drink", context="", model_key="")

        assert isinstance(refinement.changes, tuple)
