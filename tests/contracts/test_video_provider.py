"""What every video provider does, whoever it is. An adapter joins by a line in `PROVIDERS`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import av
import pytest

from tests.fakes import brand
from tools.domain.frames import AspectRatio, Frame
from tools.domain.identity import JobId, PredictionId
from tools.domain.uploads import ReferenceRole
from tools.errors import OutputLost
from tools.providers.draft import DraftProvider
from tools.rendering.ports import (
    LocalReference,
    Order,
    Rendered,
    Rendering,
    RenderLost,
    RenderStatus,
    VideoProvider,
)

Opened = AbstractAsyncContextManager[VideoProvider]


def draft(work: Path) -> Opened:
    return DraftProvider(work=work)


PROVIDERS: dict[str, Callable[[Path], Opened]] = {"draft": draft}


@pytest.fixture(params=PROVIDERS)
async def provider(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[VideoProvider]:
    async with PROVIDERS[request.param](tmp_path / "work") as opened:
        yield opened


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """Four small seconds with a logo."""
    prompt = "A teaser for our oat drink, use our logo"
    return Order(
        job_id=JobId("job-1"),
        model_key="draft",
        prompt=prompt,
        sent_prompt=prompt,
        length_s=4,
        aspect_ratio=AspectRatio.TALL,
        frame=Frame(270, 480),
        references=(
            LocalReference(file=brand.logo(tmp_path / "logo.png"), role=ReferenceRole.LOGO),
        ),
    )


Watch = Callable[[PredictionId], Awaitable[list[RenderStatus]]]


@pytest.fixture
def watch(provider: VideoProvider) -> Watch:
    """Every status until there is nothing more to wait for."""

    async def watched(prediction_id: PredictionId) -> list[RenderStatus]:
        seen: list[RenderStatus] = []
        async with asyncio.timeout(30):
            while True:
                seen.append(await provider.poll(prediction_id))
                if not isinstance(seen[-1], Rendering):
                    return seen
                await asyncio.sleep(provider.poll_interval_s / 4)

    return watched


class TestVideoProvider:
    async def test_an_ordered_film_is_made_as_it_was_ordered(
        self, provider: VideoProvider, order: Order, watch: Watch, tmp_path: Path
    ) -> None:
        prediction_id = await provider.submit(order)
        seen = await watch(prediction_id)
        film = await provider.collect(prediction_id, tmp_path / "mine")

        assert isinstance(seen[-1], Rendered)
        assert film.parent == tmp_path / "mine"
        with av.open(str(film)) as opened:
            stream = opened.streams.video[0]
            assert (stream.width, stream.height) == (270, 480)
            assert len(list(opened.decode(video=0))) == 4 * (stream.average_rate or 0)

    async def test_ordering_answers_long_before_the_film_is_made(
        self, provider: VideoProvider, order: Order
    ) -> None:
        prediction_id = await provider.submit(order)

        assert isinstance(await provider.poll(prediction_id), Rendering)

    async def test_a_known_progress_is_a_fraction_and_never_goes_back(
        self, provider: VideoProvider, order: Order, watch: Watch
    ) -> None:
        seen = await watch(await provider.submit(order))
        known = [s.fraction for s in seen if isinstance(s, Rendering) and s.fraction is not None]

        assert known == sorted(known)
        assert all(0 <= fraction <= 1 for fraction in known)

    async def test_it_can_be_collected_twice_until_it_is_discarded(
        self, provider: VideoProvider, order: Order, watch: Watch, tmp_path: Path
    ) -> None:
        prediction_id = await provider.submit(order)
        await watch(prediction_id)
        first = await provider.collect(prediction_id, tmp_path / "first")
        second = await provider.collect(prediction_id, tmp_path / "second")
        await provider.discard(prediction_id)

        assert first.read_bytes() == second.read_bytes()
        with pytest.raises(OutputLost):
            await provider.collect(prediction_id, tmp_path / "third")

    async def test_cancelling_says_whether_it_was_charged_and_can_be_repeated(
        self, provider: VideoProvider, order: Order
    ) -> None:
        prediction_id = await provider.submit(order)

        answers = [await provider.cancel(prediction_id) for _ in range(2)]

        assert set(answers) <= {"yes", "no", "unknown"}
        assert not isinstance(await provider.poll(prediction_id), Rendered)

    async def test_an_unknown_prediction_is_lost_and_harms_nothing(
        self, provider: VideoProvider, tmp_path: Path
    ) -> None:
        for stranger in ("never-heard-of-it", "../../etc/passwd", "draft-" + "0" * 20):
            prediction_id = PredictionId(stranger)
            assert isinstance(await provider.poll(prediction_id), RenderLost)
            assert await provider.cancel(prediction_id) in {"no", "unknown"}
            await provider.discard(prediction_id)
            with pytest.raises(OutputLost):
                await provider.collect(prediction_id, tmp_path)

    async def test_two_orders_are_two_films(
        self, provider: VideoProvider, order: Order, watch: Watch
    ) -> None:
        first, second = [await provider.submit(order) for _ in range(2)]

        assert first != second
        assert isinstance((await watch(first))[-1], Rendered)
        assert isinstance((await watch(second))[-1], Rendered)
