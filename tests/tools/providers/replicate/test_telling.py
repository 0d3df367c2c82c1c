"""What the log tells of a purchase: enough to follow it, and no key, address or prompt."""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.fakes import replicate_words as words
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import Fails, Redirects
from tests.fakes.replicate_orders import an_image, an_order, opening
from tools.errors import OutputLost, ProviderRefused
from tools.providers.replicate.provider import ReplicateProvider
from tools.rendering.ports import OrderRefused

Open = Callable[..., Awaitable[ReplicateProvider]]
Told = Callable[[], str]


async def bought(provider: ReplicateProvider, fake: FakeReplicate, folder: Path) -> None:
    """From the reference to the file."""
    image = an_image(folder / "a.png", size=(640, 360), is_noisy=True)
    images = await provider.hand_over((image,))
    order = an_order("veo-3.1-fast", images=images, image_input=opening("veo-3.1-fast"))
    prediction_id = await provider.submit(order)
    await fake.until(lambda: fake.created[0].is_over)
    await provider.poll(prediction_id)
    await provider.collect(prediction_id, folder / "into")


async def test_a_purchase_can_be_followed_from_the_reference_to_the_file(
    provider: ReplicateProvider,
    fake: FakeReplicate,
    caplog: pytest.LogCaptureFixture,
    told: Told,
    tmp_path: Path,
) -> None:
    await bought(provider, fake, tmp_path)

    ours = [each for each in caplog.records if each.name == "reelroom.ReplicateClient"]
    assert [each.message for each in ours] == [
        "an image was uploaded",
        "ordering a clip",
        "a clip is ordered",
        "a prediction moved",
        "a clip is rendered",
        "a clip is fetched",
    ]
    facts = {name: value for each in ours for name, value in vars(each).items()}
    assert facts["model"] == "google/veo-3.1-fast"
    assert (facts["clip_s"], facts["references"], facts["output"]) == (4, 1, "string")
    assert facts["prediction_id"] == fake.created[0].id
    assert facts["size_bytes"] == len(await fake.film_of(fake.created[0]))
    assert facts["seconds"] > 0
    assert facts["took_s"] > 0


async def test_no_key_address_or_prompt_is_in_the_log(
    opened: Open, fake: FakeReplicate, hook: Callable[..., str], told: Told, tmp_path: Path
) -> None:
    provider = await opened(webhook=hook)
    fake.ways.output = lambda url: f"{url}?signature=s3cret"
    await bought(provider, fake, tmp_path)

    order, everything = an_order(), told()
    for secret in (
        fake.token,
        order.sent_prompt,
        order.prompt,
        "http://",
        "https://",
        "s3cret",
        "127.0.0.1",
        "data:",
    ):
        assert secret not in everything


async def test_a_prompt_is_in_the_log_where_that_was_asked_for(opened: Open, told: Told) -> None:
    await (await opened(log_prompts=True)).submit(an_order())

    assert an_order().sent_prompt in told()


async def test_what_went_wrong_is_in_the_log_without_their_words(
    provider: ReplicateProvider,
    fake: FakeReplicate,
    caplog: pytest.LogCaptureFixture,
    told: Told,
    tmp_path: Path,
) -> None:
    """Also where whoever asked writes down the whole error."""
    fake.answer_create(words.insufficient_credit())
    with pytest.raises(OrderRefused) as refused:
        await provider.submit(an_order())
    fake.will(Fails(words.SENSITIVE))
    prediction_id = await provider.submit(an_order())
    await fake.until(lambda: fake.created[0].is_over)
    with pytest.raises(OutputLost) as lost:
        await provider.collect(prediction_id, tmp_path)
    fake.token = "r8_another"
    with pytest.raises(ProviderRefused) as denied:
        await provider.poll(prediction_id)

    for each in (refused.value, lost.value, denied.value):
        logging.getLogger("somebody").error("it failed", exc_info=each)
    everything = told() + caplog.text
    for theirs in ("credit to run", "replicate.com/account", "flagged", "did not pass a valid"):
        assert theirs not in everything
    levels = {each.message: each.levelname for each in caplog.records}
    assert levels["the account with the provider has no credit left"] == "ERROR"
    assert levels["the provider refused the key"] == "ERROR"
    assert levels["a clip came to nothing"] == "WARNING"


async def test_a_schema_that_drifted_is_told_to_whoever_runs_the_studio(
    provider: ReplicateProvider, fake: FakeReplicate, told: Told
) -> None:
    fake.answer_create(words.invalid(words.invalid_field("enum", "input.duration", "no")))
    with pytest.raises(OrderRefused):
        await provider.submit(an_order())

    assert "schema drift" in told()
    assert "'fields': ['input.duration']" in told()


async def test_a_film_that_leads_elsewhere_is_told_without_the_address(
    provider: ReplicateProvider, fake: FakeReplicate, told: Told, tmp_path: Path
) -> None:
    prediction_id = await provider.submit(an_order())
    await fake.until(lambda: fake.created[0].is_over)
    fake.answer("download", Redirects(to="https://evil.example/x?signature=s3cret"))
    with pytest.raises(OutputLost):
        await provider.collect(prediction_id, tmp_path)

    assert "a film lies on a host that is not allowed" in told()
    assert "evil.example" not in told()
