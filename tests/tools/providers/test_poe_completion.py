"""One whole answer over the wire, or an error of ours without a word of theirs."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.fakes.completions import (
    Completions,
    completions,
    document,
    page,
    silence,
    status,
    text,
)
from tests.fakes.poe import KEY, Brain
from tools.errors import ProviderRefused, ProviderUnavailable
from tools.providers.poe_completion import PoeCompletion


@pytest.fixture
async def poe() -> AsyncIterator[Completions]:
    async with completions() as fake:
        yield fake


@pytest.fixture
async def ask(poe: Completions) -> AsyncIterator[PoeCompletion]:
    async with PoeCompletion(base_url=poe.url, api_key=KEY, model="GPT-4o") as complete:
        yield complete


async def test_the_words_of_the_model_come_back(poe: Completions, ask: PoeCompletion) -> None:
    poe.says = [text("A slow pour.")]

    assert await ask("You refine.", "tea") == "A slow pour."


async def test_no_more_is_sent_than_every_server_takes(
    poe: Completions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "somebody else's")
    poe.says = [text("yes")]

    async with PoeCompletion(base_url=poe.url, api_key=KEY, model="GPT-4o") as ask:
        await ask("You refine.", "tea")

    assert poe.asked == [
        {
            "model": "GPT-4o",
            "messages": [
                {"role": "system", "content": "You refine."},
                {"role": "user", "content": "tea"},
            ],
        }
    ]
    assert poe.server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert not {"OpenAI-Organization", "OpenAI-Project"} & set(poe.server.headers[0])


TROUBLES = [
    (status(400, "invalid_request_error"), ProviderRefused),
    (status(401, "authentication_error"), ProviderRefused),
    (status(402, "insufficient_credits"), ProviderRefused),
    (status(403, "moderation_error"), ProviderRefused),
    (status(404, "not_found_error"), ProviderRefused),
    (status(408, "timeout_error"), ProviderUnavailable),
    (status(429, "rate_limit_error"), ProviderUnavailable),
    (status(500, "provider_error"), ProviderUnavailable),
    (status(529, "overloaded_error"), ProviderUnavailable),
    (text(""), ProviderUnavailable),
    (document({"choices": [{"message": {"content": None}}]}), ProviderUnavailable),
    (text(" "), ProviderUnavailable),
    (document({}), ProviderUnavailable),
    (document({"choices": []}), ProviderUnavailable),
    (document({"choices": [{}]}), ProviderUnavailable),
    (document([]), ProviderUnavailable),
    (page("<html>Poe</html>"), ProviderUnavailable),
]


@pytest.mark.parametrize(("says", "error"), TROUBLES)
async def test_each_trouble_is_an_error_of_ours_without_their_words(
    poe: Completions, ask: PoeCompletion, says: Brain, error: type[Exception]
) -> None:
    poe.says = [says]

    with pytest.raises(error) as raised:
        await ask("You refine.", "tea")
    assert "secret" not in str(raised.value)
    assert KEY not in str(raised.value)


async def test_a_redirect_does_not_take_the_key_elsewhere(
    poe: Completions, ask: PoeCompletion
) -> None:
    poe.says = [status(307, location="/v1/elsewhere"), text("stolen")]

    with pytest.raises(ProviderRefused):
        await ask("You refine.", "tea")
    assert len(poe.asked) == 1


async def test_a_server_that_says_nothing_is_unavailable(poe: Completions) -> None:
    poe.says = [silence()]

    async with PoeCompletion(base_url=poe.url, api_key=KEY, model="m", limit_s=0.2) as ask:
        with pytest.raises(ProviderUnavailable):
            await ask("You refine.", "tea")


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    nowhere = "http://127.0.0.1:9/v1"

    async with PoeCompletion(base_url=nowhere, api_key=KEY, model="m") as ask:
        with pytest.raises(ProviderUnavailable):
            await ask("You refine.", "tea")


async def test_stopping_the_question_stops_the_request(
    poe: Completions, ask: PoeCompletion
) -> None:
    poe.says = [silence()]

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await ask("You refine.", "tea")


async def test_before_it_is_opened_it_is_unavailable() -> None:
    with pytest.raises(ProviderUnavailable):
        await PoeCompletion(base_url="http://127.0.0.1:9/v1", api_key=KEY, model="m")("a", "b")
