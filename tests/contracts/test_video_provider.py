"""What every video provider does, whoever it is. An adapter joins by a line in `PROVIDERS`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest

from server.measured import Measured
from tests.fakes import brand
from tests.fakes.painter import Painter, make_film
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_orders import QUICK
from tests.patience import IN_THE_END_S
from tools.catalogue.reading import read_models
from tools.domain.frames import AspectRatio, Frame
from tools.domain.identity import JobId, PredictionId
from tools.domain.models import VideoModel
from tools.domain.uploads import ReferenceRole
from tools.errors import OutputLost
from tools.providers.draft import DraftProvider
from tools.providers.replicate.provider import ReplicateProvider
from tools.rendering.ports import (
    Image,
    Order,
    Rendered,
    Rendering,
    RenderStatus,
    VideoProvider,
    Window,
)

MODELS = {model.key: model for model in read_models()}
FRAME = Frame(270, 480)


@dataclass(frozen=True)
class Bench:
    """An opened provider, and a model that it makes."""

    provider: VideoProvider
    model: VideoModel
    linger: Callable[[], None] = lambda: None
    """Let no film that is ordered from now on come to its end, where it could before a test has asked."""


Opened = AbstractAsyncContextManager[Bench]


@asynccontextmanager
async def draft(work: Path) -> AsyncIterator[Bench]:
    async with DraftProvider(work=work) as provider:
        yield Bench(provider, MODELS["draft"])


@asynccontextmanager
async def painter(work: Path) -> AsyncIterator[Bench]:
    await asyncio.to_thread(work.mkdir)
    film = await asyncio.to_thread(make_film, work / "film.mp4", seconds=4, frame=FRAME)
    yield Bench(Painter(film), MODELS["draft"])


@asynccontextmanager
async def replicate(work: Path) -> AsyncIterator[Bench]:
    async def nowhere(_path: str, _seconds: int) -> str | None:
        return None

    frames = {"9:16": (FRAME.width, FRAME.height)}
    async with (
        FakeReplicate.running(frames=frames, render_s=0.6) as fake,
        ReplicateProvider(
            token=fake.token,
            base_url=fake.url,
            lend=nowhere,
            output_hosts=(f"127.0.0.1:{fake.port}",),
            limits=replace(QUICK, young_s=0),
        ) as provider,
    ):
        yield Bench(
            provider, MODELS["veo-3.1-fast"], linger=lambda: setattr(fake.ways, "render_s", None)
        )
        assert fake.complaints == []
        assert fake.token_leaks == []


@asynccontextmanager
async def measured(work: Path) -> AsyncIterator[Bench]:
    """Whoever is asked through the one who times it."""
    async with painter(work) as bench:
        yield replace(bench, provider=Measured(bench.provider, answered=lambda *_: None))


PROVIDERS: dict[str, Callable[[Path], Opened]] = {
    "draft": draft,
    "measured": measured,
    "painter": painter,
    "replicate": replicate,
}


@pytest.fixture(params=PROVIDERS)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    async with PROVIDERS[request.param](tmp_path / "work") as opened:
        yield opened


@pytest.fixture
def provider(bench: Bench) -> VideoProvider:
    return bench.provider


@pytest.fixture
async def order(bench: Bench, tmp_path: Path) -> Order:
    """Four small seconds with a logo, handed over."""
    prompt = "A teaser for our oat drink, use our logo"
    logo = Image(file=brand.logo(tmp_path / "logo.png"), role=ReferenceRole.LOGO)
    return Order(
        job_id=JobId("job-1"),
        clip=1,
        model=bench.model,
        prompt=prompt,
        sent_prompt=prompt,
        length_s=4,
        sound=False,
        seed=1234567,
        aspect_ratio=AspectRatio.TALL,
        frame=FRAME,
        images=await bench.provider.hand_over((logo,)),
        image_input=next(iter(bench.model.inputs.images), None),
    )


Watch = Callable[[PredictionId], Awaitable[list[RenderStatus]]]


@pytest.fixture
def watch(provider: VideoProvider) -> Watch:
    """Every status until there is nothing more to wait for."""

    async def watched(prediction_id: PredictionId) -> list[RenderStatus]:
        seen: list[RenderStatus] = []
        async with asyncio.timeout(IN_THE_END_S):
            while True:
                seen.append(await provider.poll(prediction_id))
                if not isinstance(seen[-1], Rendering):
                    return seen
                await asyncio.sleep(0.04)

    return watched


async def nobodys(_: PredictionId) -> bool:
    return True


async def somebodys(_: PredictionId) -> bool:
    return False


def just_now() -> Window:
    now = datetime.now(UTC)
    return Window(since=now - timedelta(minutes=5), until=now)


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
        self, bench: Bench, provider: VideoProvider, order: Order
    ) -> None:
        bench.linger()
        prediction_id = await provider.submit(order)

        assert isinstance(await provider.poll(prediction_id), Rendering)

    async def test_a_known_progress_is_a_fraction_and_never_goes_back(
        self, provider: VideoProvider, order: Order, watch: Watch
    ) -> None:
        seen = await watch(await provider.submit(order))
        known = [s.fraction for s in seen if isinstance(s, Rendering) and s.fraction is not None]

        assert known == sorted(known)
        assert all(0 <= fraction <= 1 for fraction in known)

    async def test_images_are_handed_over_in_their_order_and_as_they_are(
        self, provider: VideoProvider, tmp_path: Path
    ) -> None:
        images = tuple(
            Image(file=brand.logo(tmp_path / f"{role}.png"), role=role) for role in ReferenceRole
        )

        handed = await provider.hand_over(images)

        assert [replace(each, address=None) for each in handed] == list(images)

    async def test_a_film_without_images_is_made_too(
        self, provider: VideoProvider, order: Order, watch: Watch
    ) -> None:
        plain = replace(order, images=await provider.hand_over(()), image_input=None)

        assert isinstance((await watch(await provider.submit(plain)))[-1], Rendered)

    async def test_it_can_be_collected_twice(
        self, provider: VideoProvider, order: Order, watch: Watch, tmp_path: Path
    ) -> None:
        prediction_id = await provider.submit(order)
        await watch(prediction_id)
        first = await provider.collect(prediction_id, tmp_path / "first")
        second = await provider.collect(prediction_id, tmp_path / "second")

        assert first.read_bytes() == second.read_bytes()

    async def test_discarding_can_be_repeated_and_leaves_what_was_collected(
        self, provider: VideoProvider, order: Order, watch: Watch, tmp_path: Path
    ) -> None:
        prediction_id = await provider.submit(order)
        await watch(prediction_id)
        film = await provider.collect(prediction_id, tmp_path / "mine")
        for _ in range(2):
            await provider.discard(prediction_id)

        assert film.stat().st_size > 0

    async def test_cancelling_says_whether_it_was_charged_and_can_be_repeated(
        self, bench: Bench, provider: VideoProvider, order: Order
    ) -> None:
        bench.linger()
        prediction_id = await provider.submit(order)

        answers = [await provider.cancel(prediction_id) for _ in range(2)]

        assert set(answers) <= {"yes", "no", "unknown"}
        assert not isinstance(await provider.poll(prediction_id), Rendering | Rendered)

    async def test_what_was_cancelled_cannot_be_collected(
        self, bench: Bench, provider: VideoProvider, order: Order, tmp_path: Path
    ) -> None:
        bench.linger()
        prediction_id = await provider.submit(order)
        await provider.cancel(prediction_id)

        with pytest.raises(OutputLost):
            await provider.collect(prediction_id, tmp_path)

    async def test_an_unknown_prediction_is_no_film_and_harms_nothing(
        self, provider: VideoProvider, tmp_path: Path
    ) -> None:
        for stranger in ("never-heard-of-it", "../../etc/passwd", "draft-" + "0" * 20):
            prediction_id = PredictionId(stranger)
            assert not isinstance(await provider.poll(prediction_id), Rendering | Rendered)
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

    async def test_an_order_that_outlives_our_process_is_found_again(
        self, provider: VideoProvider, order: Order
    ) -> None:
        prediction_id = await provider.submit(order)

        found = await provider.find(order, just_now(), nobodys)

        assert found == prediction_id or (found is None and provider.grace_s == 0)

    async def test_an_order_that_is_somebodys_is_not_found_again(
        self, provider: VideoProvider, order: Order
    ) -> None:
        await provider.submit(order)

        assert await provider.find(order, just_now(), somebodys) is None

    async def test_an_order_that_was_not_placed_is_not_found(
        self, provider: VideoProvider, order: Order
    ) -> None:
        await provider.submit(replace(order, sent_prompt="Another film", seed=7))

        assert await provider.find(order, just_now(), nobodys) is None

    async def test_the_pause_between_two_questions_is_a_moment(
        self, provider: VideoProvider
    ) -> None:
        for watched_s in (0.0, 5.0, 60.0, 3600.0):
            assert 0 < provider.pause_s(watched_s) <= 15
