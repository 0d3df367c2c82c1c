"""The fake Replicate's films: exact to the picture, joinable to the grey, and spoiled in every way."""

import base64
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import av
import numpy as np
import pytest
from PIL import Image

from tests.fakes import replicate_words as words
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import (
    AsUsual,
    Drops,
    EndsEarly,
    Redirects,
    Refuses,
    Serves,
    Succeeds,
    Swells,
    Trickles,
    Truncates,
)
from tests.fakes.replicate_films import levels, rises
from tests.fakes.replicate_ledger import Made


@pytest.fixture
async def fake() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate.running(render_s=0.0) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def ordered(
    fake: FakeReplicate, http: aiohttp.ClientSession, slug: str, **given: Any
) -> Made:
    """The prediction, over."""
    async with http.post(
        f"{fake.url}/models/{slug}/predictions",
        json={"input": {"prompt": "A jar of honey", **given}},
        headers={"Authorization": f"Bearer {fake.token}"},
        raise_for_status=True,
    ) as answer:
        made = fake.by_id[(await answer.json())["id"]]
    await fake.until(lambda: made.is_over)
    return made


async def fetched(http: aiohttp.ClientSession, made: Made, **how: Any) -> bytes:
    async with http.get(str(made.output), raise_for_status=True, **how) as answer:
        return await answer.read()


def last_picture(film: bytes) -> Image.Image:
    with av.open(io.BytesIO(film), "r") as container:
        *_, last = container.decode(video=0)
        image: Image.Image = last.to_image()
        return image


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def data_uri(image: Image.Image) -> str:
    return "data:image/png;base64," + base64.b64encode(png(image)).decode()


@pytest.mark.parametrize(
    ("slug", "given", "made_of"),
    [
        ("openai/sora-2-pro", {"seconds": 4, "aspect_ratio": "portrait"}, (4, (54, 96), True)),
        ("google/veo-3.1", {"duration": 6, "generate_audio": True}, (6, (96, 54), True)),
        ("google/veo-3.1-fast", {"duration": 4, "generate_audio": False}, (4, (96, 54), False)),
        ("runwayml/gen-4.5", {"duration": 5, "aspect_ratio": "1:1"}, (5, (54, 54), False)),
        ("kwaivgi/kling-v3-video", {"duration": 3, "generate_audio": True}, (3, (96, 54), True)),
        ("bytedance/seedance-2.0", {"duration": 4, "aspect_ratio": "9:16"}, (4, (54, 96), True)),
        ("minimax/hailuo-2.3", {"duration": 6}, (6, (96, 54), False)),
        ("alibaba/wan-3", {"duration": 30, "aspect_ratio": "9:16"}, (30, (54, 96), True)),
    ],
)
async def test_a_film_is_what_was_asked_for_to_the_picture(fake, http, slug, given, made_of):
    seconds, size, has_sound = made_of
    made = await ordered(fake, http, slug, **given)
    film = await fetched(http, made)

    with av.open(io.BytesIO(film), "r") as container:
        video = container.streams.video[0]
        pictures = sum(1 for _ in container.decode(video=0))
        assert (video.codec_context.name, video.width, video.height) == ("h264", *size)
        assert pictures == seconds * 24
        assert video.average_rate == 24
        assert bool(container.streams.audio) is has_sound
    assert set(rises(levels(film))) == {1}


async def test_a_sound_is_a_tone_as_long_as_the_film(fake, http):
    film = await fetched(http, await ordered(fake, http, "alibaba/wan-3", duration=2))

    with av.open(io.BytesIO(film), "r") as container:
        pieces = [frame.to_ndarray() for frame in container.decode(audio=0)]
    wave = np.concatenate(pieces, axis=1)[0]
    loud = np.abs(wave[4800:91200])
    assert 96_000 <= len(wave) <= 96_000 + 2048
    assert loud.max() == pytest.approx(0.2, abs=0.02)
    crossings = int((np.diff(np.signbit(wave[4800:52800])) != 0).sum())
    assert crossings == pytest.approx(880, abs=4)


@pytest.mark.parametrize("how", ["data", "file", "http"])
async def test_a_clip_goes_on_from_the_picture_it_was_given(fake, http, how):
    first = await fetched(http, await ordered(fake, http, "google/veo-3.1", duration=4))
    picture = last_picture(first).resize((1280, 720))
    if how == "data":
        address = data_uri(picture)
    else:
        headers = {"Authorization": f"Bearer {fake.token}"}
        async with http.post(
            f"{fake.url}/files", data={"content": io.BytesIO(png(picture))}, headers=headers
        ) as answer:
            address = (await answer.json())["urls"]["get"]
        if how == "http":
            fake.will(Succeeds(download=Serves(body=png(picture), content_type="image/png")))
            address = str((await ordered(fake, http, "google/veo-3.1", duration=4)).output)

    made = await ordered(fake, http, "google/veo-3.1", duration=4, image=address)
    second = await fetched(http, made)

    chain = levels(first) + levels(second)
    assert rises(chain).count(0) == 1  # the given picture, once more
    assert set(rises(chain)) == {0, 1}
    assert [(image.name, image.size) for image in made.images] == [("image", (1280, 720))]


async def test_an_image_that_cannot_be_fetched_fails_the_prediction(fake, http):
    gone = f"{fake.origin}/delivery/nothing/there.png"
    made = await ordered(fake, http, "google/veo-3.1", image=gone)

    assert made.status == "failed"
    assert made.error == "Failed to download or read image: ClientResponseError"


async def test_sora_refuses_a_reference_of_another_size_than_the_film(fake, http):
    picture = data_uri(Image.new("RGB", (1280, 720), (90, 90, 90)))
    wrong = await ordered(fake, http, "openai/sora-2-pro", input_reference=picture)
    right = await ordered(
        fake, http, "openai/sora-2-pro", input_reference=picture, aspect_ratio="landscape"
    )

    assert (wrong.status, wrong.error, right.status) == ("failed", words.SORA_SIZE, "succeeded")


async def test_a_download_that_breaks_off_is_seen_by_its_length(fake, http):
    fake.will(Succeeds(download=Truncates()))
    made = await ordered(fake, http, "google/veo-3.1")

    for _ in range(2):
        with pytest.raises(aiohttp.ClientPayloadError):
            await fetched(http, made)


async def test_a_download_that_ends_early_is_seen_only_by_its_film(fake, http):
    fake.will(Succeeds(download=EndsEarly()))
    made = await ordered(fake, http, "google/veo-3.1")
    half = await fetched(http, made)

    assert len(half) == len(await fake.film_of(made)) // 2
    with pytest.raises(av.error.InvalidDataError):
        levels(half)


async def test_a_list_of_downloads_is_gone_through_once(fake, http):
    fake.will(Succeeds(download=[Drops(), Drops(), Refuses(status=503), AsUsual()]))
    made = await ordered(fake, http, "google/veo-3.1")

    # aiohttp asks for a dropped GET once more by itself: the first error has cost two
    for error in (aiohttp.ClientConnectionError, aiohttp.ClientResponseError):
        with pytest.raises(error):
            await fetched(http, made)

    assert await fetched(http, made) == await fake.film_of(made)


async def test_a_slow_film_arrives_whole(fake, http):
    fake.will(Succeeds(download=Trickles(pieces=3, pause_s=0.01)))
    made = await ordered(fake, http, "google/veo-3.1")

    assert await fetched(http, made) == await fake.film_of(made)


@pytest.mark.parametrize("is_declared", [True, False])
async def test_a_body_can_be_larger_than_any_film(fake, http, is_declared):
    fake.will(Succeeds(download=Swells(size_bytes=3_000_000, is_declared=is_declared)))
    made = await ordered(fake, http, "google/veo-3.1")

    async with http.get(str(made.output)) as answer:
        assert answer.content_length == (3_000_000 if is_declared else None)
        assert len(await answer.read()) == 3_000_000


async def test_a_redirect_leads_home_or_astray(fake, http):
    fake.will(Succeeds(download=Redirects()), Succeeds(download=Redirects(to="foreign")))
    home = await ordered(fake, http, "google/veo-3.1")
    astray = await ordered(fake, http, "google/veo-3.1")

    assert await fetched(http, home) == await fake.film_of(home)
    await fetched(http, astray)

    assert len(fake.strayed) == 1


async def test_a_film_is_gone_with_its_hour_and_lives_where_it_is_told_to(http):
    base = "http://localhost:{port}/"
    async with FakeReplicate.running(render_s=0, output_base=base) as fake:
        fake.will(Succeeds(kept_s=0.0), Succeeds())
        gone = await ordered(fake, http, "google/veo-3.1")
        made = await ordered(fake, http, "google/veo-3.1")

        with pytest.raises(aiohttp.ClientResponseError, match="404"):
            await fetched(http, gone)
        assert str(made.output).startswith(f"http://localhost:{fake.port}/delivery/")
        assert await fetched(http, made) == await fake.film_of(made)


async def test_a_token_shown_to_the_films_host_is_remembered(fake, http):
    made = await ordered(fake, http, "google/veo-3.1")
    await fetched(http, made)
    assert fake.token_leaks == []

    await fetched(http, made, headers={"Authorization": f"Bearer {fake.token}"})

    assert fake.token_leaks == [f"127.0.0.1:{fake.port}/delivery/{made.id}/tmp0.mp4"]


async def test_a_hundred_films_cost_one(fake, http):
    bodies = {
        await fetched(http, await ordered(fake, http, "google/veo-3.1", duration=8))
        for _ in range(100)
    }

    assert len(bodies) == 1
    assert [made.downloads for made in fake.created] == [1] * 100
