"""The journey itself: a logo and one sentence become a film that is seen, judged and taken along."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import av
import pytest
from playwright.async_api import Browser, Locator, expect

from tests.browser.conftest import visiting
from tests.browser.screen import Screen, Watch
from tests.fakes.house import OpenHouse
from tests.fakes.pictures import logo_png

TEASER = "Make a 6 second TikTok teaser for our oat drink, use our logo"
ANNOUNCED = "✅ Video generated and added to creatives! Model: draft, Duration: 6s"
LOOK_AT_CARD = """
globalThis.bars = []
globalThis.stages = []
const look = () => {
    const card = document.querySelector("campaign-chat").shadowRoot.querySelector("article.job")
    const bar = card?.querySelector("progress")
    if (bar?.hasAttribute("value") && bar.value !== bars.at(-1)) bars.push(bar.value)
    const stage = card?.querySelector(".stage")?.textContent
    if (stage && stage !== stages.at(-1)) stages.push(stage)
    requestAnimationFrame(look)
}
look()
"""
"""What the card shows over time, looked at in every animation frame."""


@dataclass(kw_only=True)
class Teaser:
    """The film of this module, in the tab where it was asked for and which saw it come."""

    screen: Screen
    film: Locator
    address: str


@pytest.fixture(scope="module")
async def teaser(
    browser: Browser, house: OpenHouse, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Teaser]:
    watch = Watch(hosts={urlsplit(house.url).netloc})
    address = f"{house.url}/#token={house.token('the-teaser')}"
    async with visiting(browser, watch) as context:
        page = await context.new_page()
        await page.goto(address)
        screen = await Screen(page).ready()
        logo = tmp_path_factory.mktemp("teaser") / "havra.png"
        logo.write_bytes(logo_png())
        await screen.give("drop", logo)
        await expect(screen.attachments).to_have_class("attachment done")
        await page.evaluate(LOOK_AT_CARD)
        await screen.say(TEASER)
        await expect(screen.bar).to_be_visible()
        await screen.picture("4-making")
        film = await screen.film()
        await screen.answered()
        await screen.picture("4-film")
        yield Teaser(screen=screen, film=film, address=address)
    assert watch.troubles == []


@pytest.fixture
async def second_tab(teaser: Teaser) -> AsyncIterator[Screen]:
    page = await teaser.screen.page.context.new_page()
    await page.goto(teaser.address)
    yield await Screen(page).ready()
    await page.close()


async def test_the_steps_are_shown_as_they_happened(teaser: Teaser):
    names = teaser.screen.steps.locator(".name")
    await expect(names).to_have_text(["Refining the prompt", "Asking for a 6 second film"])


async def test_the_card_named_its_stages_in_order(teaser: Teaser):
    stages: list[str] = await teaser.screen.page.evaluate("stages")
    known = ["In the queue", "Refining the prompt", "Preparing images", "Ordering", "Rendering"]
    known.append("Saving")
    assert "Rendering" in stages
    assert stages == [stage for stage in known if stage in stages]


async def test_its_bar_showed_real_progress_and_never_ran_backwards(teaser: Teaser):
    bars: list[float] = await teaser.screen.page.evaluate("bars")
    assert len({bar for bar in bars if 0 < bar < 1}) >= 5
    assert bars == sorted(bars)


async def test_the_film_stands_where_its_card_stood(teaser: Teaser):
    await expect(teaser.screen.job).to_have_count(0)
    item = teaser.screen.conversation.locator(".is-job")
    await expect(item).to_have_count(1)
    await expect(item.locator("article.film")).to_have_count(1)


async def test_the_film_is_as_long_and_as_tall_as_tiktok_was_promised(teaser: Teaser):
    video = teaser.film.locator("video")
    await expect(video).to_have_js_property("videoWidth", 1080)
    await expect(video).to_have_js_property("videoHeight", 1920)
    await expect(video).to_have_js_property("duration", 6)


async def test_the_film_plays(teaser: Teaser):
    moved = await teaser.film.locator("video").evaluate(
        """async video => {
            video.muted = true
            await video.play()
            await new Promise(done => video.requestVideoFrameCallback(() =>
                video.requestVideoFrameCallback(done)))
            video.pause()
            return video.currentTime
        }"""
    )
    assert moved > 0


async def test_the_film_seeks(teaser: Teaser):
    there = await teaser.film.locator("video").evaluate(
        """video => new Promise(done => {
            video.addEventListener("seeked", () => done(video.currentTime), { once: true })
            video.currentTime = 4.5
        })"""
    )
    assert there == pytest.approx(4.5, abs=0.05)


async def test_the_film_can_be_downloaded_and_has_every_frame(teaser: Teaser, tmp_path: Path):
    async with teaser.screen.page.expect_download() as downloading:
        await teaser.film.get_by_role("link", name="Download").click()
    download = await downloading.value
    assert download.suggested_filename.endswith(".mp4")
    await download.save_as(tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as film:
        (video,) = film.streams.video
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height) == (1080, 1920)
        assert sum(1 for _ in film.decode(video)) == 180


async def test_it_says_that_it_is_a_draft_and_which_model_was_asked_for(teaser: Teaser):
    await expect(teaser.film).to_contain_text("DRAFT")
    await expect(teaser.film).to_contain_text("Draft animatic instead of Sora 2 Pro")


async def test_its_details_show_both_prompts_and_the_logo(teaser: Teaser):
    await teaser.film.locator("summary").click()
    await expect(teaser.film.get_by_text("Refined prompt", exact=True)).to_be_visible()
    await expect(teaser.film.get_by_role("img", name="Reference image")).to_have_count(1)
    await teaser.screen.picture("4-details")
    await teaser.film.locator("summary").click()


async def test_it_is_announced_once_in_the_seeds_words(teaser: Teaser):
    announcements = teaser.screen.announcements
    await expect(announcements).to_have_count(1)
    await expect(announcements).to_contain_text(ANNOUNCED)


async def test_the_page_hears_of_it_once_with_the_seeds_fields(teaser: Teaser):
    (detail,) = await teaser.screen.events("video-generated")
    assert detail["prompt"] == TEASER
    assert (detail["model"], detail["duration"]) == ("draft", 6)
    assert detail["videoUrl"].startswith("http")
    assert detail["videoPath"].startswith("videos/generated/video-")
    assert detail["refinedPrompt"]
    assert detail["metadata"]["provider"] == "local"
    assert detail["metadata"]["resolution"] == "1080x1920"
    assert detail["metadata"]["generatedAt"].endswith("Z")
    (reference,) = detail["referenceImages"]
    assert set(reference) == {"url", "uploadedAt"}
    assert detail["step"] == "assetGeneration"


async def test_a_tab_opened_later_shows_the_film_and_is_told_nothing_new(
    teaser: Teaser, second_tab: Screen
):
    await second_tab.film()
    await expect(second_tab.announcements).to_have_count(1)
    assert await second_tab.events("ready")
    assert await second_tab.events("video-generated") == []


async def test_two_tabs_tell_the_same_story(teaser: Teaser, second_tab: Screen):
    await second_tab.film()
    assert await second_tab.story() == await teaser.screen.story()


async def test_the_creatives_list_holds_it_for_review(teaser: Teaser, second_tab: Screen):
    await expect(second_tab.creatives).to_have_text("Creatives1")
    await second_tab.creatives.click()
    card = second_tab.page.locator(".gallery article.film")
    await expect(card).to_have_count(1)
    await expect(card.locator(".status")).to_have_text("Needs review")
    await expect(card.locator("img").first).to_have_js_property("complete", value=True)
    await second_tab.picture("4-creatives")
    await card.get_by_role("button", name="Play").click()
    await expect(card.locator("video")).to_have_js_property("paused", value=False)


async def test_a_verdict_is_seen_in_every_tab_and_after_a_reload(
    teaser: Teaser, second_tab: Screen
):
    there = (await second_tab.film()).locator(".status")
    await teaser.film.get_by_role("button", name="Approve").click()
    await expect(teaser.film.locator(".status")).to_have_text("Approved")
    await expect(there).to_have_text("Approved")
    await second_tab.page.reload()
    await expect(there).to_have_text("Approved")
    await expect(second_tab.films.get_by_role("button", name="Approve")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert [each["status"] for each in await teaser.screen.events("creative-updated")] == [
        "approved"
    ]


async def test_a_rejection_takes_a_reason_along(teaser: Teaser, second_tab: Screen):
    there = await second_tab.film()
    await teaser.film.get_by_role("button", name="Reject").click()
    await teaser.film.get_by_role("textbox", name="Note").fill("The logo comes too late")
    await teaser.film.get_by_role("button", name="Save").click()
    await expect(there.locator(".status")).to_have_text("Rejected")
    await expect(there).to_contain_text("The logo comes too late")
    await teaser.screen.picture("4-rejected")
