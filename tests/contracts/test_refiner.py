"""What every refiner keeps, whatever it is made of."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.fakes.completions import Asked, completions, status
from tests.fakes.poe import KEY, Reply, whole
from tools.domain.prompts import dissect
from tools.providers.poe_completion import PoeCompletion
from tools.providers.refining import AnatomyRefiner
from tools.providers.refining_chat import ChatRefiner
from tools.rendering.ports import Refiner

PROMPTS = [
    "Make a 6 second TikTok teaser for our oat drink, use our logo",
    "A runner crosses a desert at dawn, slow tracking shot",
    "我们的燕麦饮料",
    "Make a video",
]
MODELS = ["sora-2-pro", "veo-3.1", "runway-gen3", "draft", "", "a-model-nobody-knows"]


def a_good_answer(asked: Asked) -> Reply:
    prompt = json.loads(asked["messages"][1]["content"])["prompt"]
    about = dissect(prompt).subject or "a paper boat"
    refined = f"Subject: {about}\nAction: {dissect(prompt).action}"
    return whole(json.dumps({"refinedPrompt": refined}))


@pytest.fixture(params=["offline rules", "language model", "language model that is down"])
async def refiner(request: pytest.FixtureRequest) -> AsyncIterator[Refiner]:
    if request.param == "offline rules":
        yield AnatomyRefiner()
        return
    async with completions() as poe:
        poe.says = [status(503) if request.param.endswith("down") else a_good_answer]
        async with PoeCompletion(base_url=poe.url, api_key=KEY, model="GPT-4o") as complete:
            yield ChatRefiner(complete, name="GPT-4o")


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
