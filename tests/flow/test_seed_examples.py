"""The seed's examples, by two clients, at a studio without any key and at one that sells films."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.certificates import authority
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.image_host import PUBLIC, Internet, image_host
from tests.fakes.pictures import logo_png
from tests.fakes.replicate import FakeReplicate
from tests.fakes.selling import selling
from tests.flow.clients.seed import Answer, SeedClient
from tools.media.fetching import GuardedFetcher

HOSTS = ("company.com", "example.com")
CLIENT_LIMIT_S = 1800
NODE = shutil.which("node")
SMALL_DRAFTS = """
[[model]]
key = "draft"
sizes = { "16:9" = "320x180", "9:16" = "180x320", "1:1" = "180x180" }
"""
"""As an operator may: two minutes of film are drawn here, and how fine they are is no matter."""

SEEDS_FIELDS = {
    "videoUrl", "videoPath", "prompt", "refinedPrompt", "model", "duration", "referenceImages",
    "metadata",
}  # fmt: skip
OUR_FIELDS = {"jobId", "creativeId", "cost", "warnings"}
MODEL_FIELDS = {
    "key", "name", "description", "durationRange", "supportsReferenceImages", "quality",
}  # fmt: skip
LOGO = "https://example.com/logo.png"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is known of a film before it is made. `prompt` None: a template wrote it."""

    asked: str = "sora-2-pro"
    seconds: int
    prompt: str | None = None
    images: tuple[str, ...] = ()
    ratio: float = 16 / 9


SUNSET = Wanted(seconds=6, prompt="Sunset on a beach with crashing waves")
LAUNCH = ("https://company.com/product.png", "https://company.com/logo.png")
WANTED = {
    "generate": [
        Wanted(seconds=8, prompt="Brand logo animation with motion graphics", images=(LOGO,))
    ],
    "brandAnimation": [Wanted(seconds=6, images=(LOGO,))],
    "productShowcase": [Wanted(seconds=8, images=(LOGO,))],
    "socialMedia": [Wanted(seconds=12, images=(LOGO,), ratio=9 / 16)],
    "example1": [
        Wanted(
            seconds=6,
            prompt="Animated brand logo with motion graphics and transitions",
            images=("https://company.com/logo.png", "https://company.com/brand-colors.png"),
        )
    ],
    "example2": [Wanted(seconds=10, prompt="Professional product showcase video")],
    "example3": [
        Wanted(seconds=15, images=LAUNCH, ratio=9 / 16),
        Wanted(seconds=12, images=LAUNCH, ratio=9 / 16),
        Wanted(seconds=15, images=LAUNCH),
    ],
    "example4": [replace(SUNSET, asked=each) for each in ("sora-2-pro", "veo-3.1", "runway-gen3")],
    "fourthModel": [replace(SUNSET, asked="runway-gen2")],
}
"""By example, in the order in which it asks for them."""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A studio, and who makes its films."""

    house: OpenHouse
    provider: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one client was answered at one shop."""

    shop: Shop
    answers: dict[str, list[Answer]]
    printed: list[str]

    def films(self, example: str) -> list[Any]:
        """In the order in which they were asked for."""
        return [each["body"] for each in self.answers[example] if "videoUrl" in each["body"]]


@asynccontextmanager
async def _internet(folder: Path) -> AsyncIterator[GuardedFetcher]:
    """The seed's two sites; every picture of theirs is a logo."""
    ca = authority()
    async with image_host(ca.server(folder, *HOSTS)) as host:
        for name in ("/brand-colors.png", "/product.png"):
            host.gives(name, logo_png(600))
        yield GuardedFetcher(
            network=Internet(
                names={name: [[PUBLIC]] for name in HOSTS}, places={(PUBLIC, 443): host.port}
            ),
            certificates=ca.believed(),
        )


@pytest.fixture(scope="module", params=["draft", "replicate"])
async def visited(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, asyncio.Task[Told]]]:
    """Both clients, at work at the same shop at the same time."""
    folder = tmp_path_factory.mktemp("shop")
    image = folder / "product.png"
    image.write_bytes(logo_png())
    async with AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(_internet(folder))
        settings: dict[str, Any] = {"campaign_budget_usd": 1000}
        if request.param == "replicate":
            settings |= selling(await stack.enter_async_context(FakeReplicate.running()))
        else:
            settings["catalogue_path"] = folder / "small.toml"
            settings["catalogue_path"].write_text(SMALL_DRAFTS)
        house = await stack.enter_async_context(
            open_studio(
                folder / "data", adapters=lambda given: replace(given, fetcher=fetcher), **settings
            )
        )
        shop = Shop(house=house, provider={"draft": "local"}.get(request.param, request.param))
        clients = {"python": _python(shop)}
        if NODE is not None:
            clients["javascript"] = _javascript(NODE, shop, image)
        at_work = {name: asyncio.create_task(each, name=name) for name, each in clients.items()}
        try:
            yield at_work
        finally:
            for each in at_work.values():
                each.cancel()
            await asyncio.wait(at_work.values())


@pytest.fixture(scope="module", params=["python", "javascript"])
async def told(request: pytest.FixtureRequest, visited: dict[str, asyncio.Task[Told]]) -> Told:
    if request.param not in visited:
        pytest.skip("there is no Node on this machine")
    return await asyncio.shield(visited[request.param])


async def _python(shop: Shop) -> Told:
    async with shop.house.http() as http:
        client = SeedClient(http, logo_png())
        await client.run()
    return Told(shop=shop, answers=client.answers, printed=client.printed)


async def _javascript(node: str, shop: Shop, image: Path) -> Told:
    process = await asyncio.create_subprocess_exec(
        node,
        str(Path(__file__).parent / "clients" / "seed.mjs"),
        env={
            "PATH": os.environ["PATH"],
            "STUDIO_URL": shop.house.url,
            "STUDIO_TOKEN": shop.house.token("grace"),
            "IMAGE": str(image),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(CLIENT_LIMIT_S):
            out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()[-2000:]
    return Told(shop=shop, **json.loads(out))


async def test_the_health_check_lists_the_seeds_models_first(told: Told):
    (answer,) = told.answers["health"]
    assert answer["status"] == 200
    rows = answer["body"]
    assert [row["key"] for row in rows][:4] == [
        "sora-2-pro",
        "veo-3.1",
        "runway-gen3",
        "runway-gen2",
    ]
    assert [row["key"] for row in rows if not row.keys() >= MODEL_FIELDS] == []


@pytest.mark.parametrize("example", WANTED)
async def test_every_film_is_answered_202_with_the_seeds_fields_and_no_others(
    told: Told, example: str
):
    films = [each for each in told.answers[example] if "/storage/" not in each["path"]]
    assert {each["status"] for each in films} == {202}
    for film in (each["body"] for each in films):
        stands_in = {"requestedModel"} if "requestedModel" in film else set()
        assert set(film) == SEEDS_FIELDS | OUR_FIELDS | stands_in
        assert set(film["metadata"]) == {"generatedAt", "provider", "resolution"}
        assert all(set(each) == {"url", "uploadedAt"} for each in film["referenceImages"])


@pytest.mark.parametrize("example", WANTED)
async def test_every_film_is_what_was_asked_for(told: Told, example: str):
    films = told.films(example)
    assert len(films) == len(WANTED[example])
    for film, wanted in zip(films, WANTED[example], strict=True):
        assert film["duration"] == wanted.seconds
        assert wanted.prompt in {None, film["prompt"]}
        assert film["refinedPrompt"] != film["prompt"]
        assert film.get("requestedModel", film["model"]) == wanted.asked
        if wanted.images:
            assert tuple(each["url"] for each in film["referenceImages"]) == wanted.images


@pytest.mark.parametrize("example", WANTED)
async def test_who_really_made_it_is_said(told: Told, example: str):
    is_draft = told.shop.provider == "local"
    for film in told.films(example):
        assert film["metadata"]["provider"] == told.shop.provider
        assert (film["model"] == "draft") is is_draft
        assert (film["cost"]["amount"] == 0) is is_draft
        assert film["model"] not in {"sora-2-pro", "runway-gen3", "runway-gen2"}


async def test_an_uploaded_image_is_named_by_the_address_it_was_given(told: Told):
    upload, film = told.answers["example2"]
    assert upload["status"] == 201
    assert [each["url"] for each in film["body"]["referenceImages"]] == [upload["body"]["url"]]


@pytest.mark.parametrize("example", ["example3", "socialMedia"])
async def test_each_platform_gets_its_own_shape(told: Told, example: str):
    for film, wanted in zip(told.films(example), WANTED[example], strict=True):
        width, height = map(int, film["metadata"]["resolution"].split("x"))
        assert width / height == pytest.approx(wanted.ratio, abs=0.01)


async def test_every_line_that_the_examples_print_has_something_to_say(told: Told):
    assert len(told.printed) == 2 + 3 + 3 + 1
    assert [line for line in told.printed if "undefined" in line or "None" in line] == []


@pytest.mark.parametrize("example", WANTED)
async def test_every_film_can_be_fetched_by_whoever_has_its_address(told: Told, example: str):
    house = told.shop.house
    async with house.http(user=None) as nobody:
        for film in told.films(example):
            async with nobody.get(film["videoUrl"].removeprefix(house.url)) as reply:
                assert reply.status == 200
                assert (await reply.read())[4:8] == b"ftyp"
