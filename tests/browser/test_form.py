"""The form of a film: filled in, priced, made, and empty again.

Its studio stands on an internet of one server, so that images can be given by their address.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.screen import Screen, Watch
from tests.browser.test_accessibility import AXE, SCHEMES, objections
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.image_host import PUBLIC, Internet, image_host
from tests.fakes.pictures import logo_png
from tests.patience import IN_THE_END_S
from tools.media.fetching import GuardedFetcher

BOAT = "A paper boat sails across a pond at dawn"
LOGO = "http://images.example.com/logo.png"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenHouse]:
    folder = tmp_path_factory.mktemp("form")
    async with image_host() as host:
        internet = Internet(
            names={"images.example.com": [[PUBLIC]]}, places={(PUBLIC, 80): host.port}
        )
        fetcher = GuardedFetcher(network=internet, total_s=IN_THE_END_S, idle_s=IN_THE_END_S)
        async with open_studio(
            folder / "data", adapters=lambda given: replace(given, fetcher=fetcher)
        ) as opened:
            yield opened


class Form:
    def __init__(self, screen: Screen) -> None:
        page = screen.page
        self.toggle = page.get_by_role("button", name="🎬 Videos")
        self.card = page.get_by_role("form", name="New film")
        self.prompt = self.card.get_by_role("textbox", name="Prompt", exact=True)
        self.link = self.card.get_by_role("textbox", name="Add an image by its address")
        self.images = self.card.locator("li.attachment")
        self.model = self.card.get_by_role("combobox", name="Model")
        self.length = self.card.get_by_role("slider", name="Length")
        self.seconds = self.card.locator(".line .figures")
        self.generate = self.card.get_by_role("button", name="Generate free draft")
        self.advanced = self.card.get_by_text("Advanced")
        self.refinement = self.card.get_by_role("textbox", name="How to refine the prompt")

    async def open(self) -> "Form":
        await self.toggle.click()
        await expect(self.prompt).to_be_focused()
        await expect(self.generate).to_be_enabled()
        return self


@pytest.fixture
async def form(screen: Screen) -> Form:
    return await Form(screen).open()


def logo(folder: Path) -> Path:
    path = folder / "havra.png"
    path.write_bytes(logo_png())
    return path


async def test_a_film_with_a_logo_by_file_and_one_by_address_stands_where_the_form_stood(
    screen: Screen, form: Form, tmp_path: Path
):
    await expect(form.toggle).to_have_attribute("aria-pressed", "true")
    await expect(form.card).to_contain_text("Draft animatic instead of Sora 2 Pro · 1 clip")
    await form.prompt.fill(BOAT)
    await give(form, logo(tmp_path))
    await form.link.fill(LOGO)
    await form.link.press("Enter")
    await expect(form.images).to_have_count(2)
    for name in ("havra.png", "logo.png"):
        image = form.images.filter(has_text=name)
        await expect(image).to_have_class("attachment done")
        await expect(image.locator("img")).to_have_js_property("complete", value=True)
    await form.images.last.get_by_role("radio", name="Product").check()
    await expect(form.images.last).to_have_class("attachment done")
    await form.advanced.click()
    await form.card.get_by_role("button", name="Cinematic, premium quality").click()
    await form.length.press("Home")
    await expect(form.seconds).to_have_text("5 s")
    await expect(form.generate).to_be_enabled()
    await screen.picture("17-form")
    await form.generate.click()
    await expect(form.card).to_have_count(0)
    await expect(form.toggle).to_be_focused()

    film = await screen.film()
    await expect(film.locator(".about .meta")).to_contain_text(
        re.compile(r"Draft animatic instead of Sora 2 Pro · 5 s · 16:9 · .* · Free · .*\d+:\d\d")
    )
    await expect(film.get_by_role("link", name="Download")).to_be_visible()
    await screen.picture("17-film")
    (result,) = await screen.events("video-generated")
    assert (result["prompt"], result["model"], result["duration"]) == (BOAT, "draft", 5)
    assert result["requestedModel"] == "sora-2-pro"
    assert len(result["referenceImages"]) == 2
    assert result["videoUrl"]
    assert result["refinedPrompt"]

    await film.get_by_role("button", name="Generate another").click()
    await expect(form.prompt).to_have_value("")
    await expect(form.prompt).to_be_focused()
    await expect(form.images).to_have_count(0)
    await expect(form.seconds).to_have_text("6 s")
    await form.advanced.click()
    await expect(form.card.locator("dl")).to_contain_text(BOAT)
    await expect(form.card.locator("dl")).to_contain_text(result["refinedPrompt"][-40:])


async def test_it_opens_in_sight_also_where_it_is_shorter_than_the_conversation_is_high(
    screen: Screen,
):
    await screen.page.set_viewport_size({"width": 1280, "height": 1100})
    for question in ("What models can I use?", "Which templates are there?"):
        await screen.ask(question)
    form = await Form(screen).open()

    await expect(form.generate).to_be_in_viewport(ratio=1)


async def test_another_model_clamps_the_length_where_it_is_seen_and_puts_images_aside(
    screen: Screen, form: Form, tmp_path: Path
):
    await screen.give("drop", logo(tmp_path), on=form.prompt)
    await expect(form.images).to_have_class("attachment done")
    await expect(screen.attachments).to_have_count(1)
    await form.length.press("End")
    await expect(form.seconds).to_have_text("60 s")
    await form.model.select_option("veo-3.1")
    await expect(form.seconds).to_have_text("8 s")
    await expect(form.card.get_by_text("Google Veo 3.1 makes 4–8 s.")).to_be_visible()
    await expect(form.card.get_by_role("radio", name="1:1")).to_have_count(0)
    await form.model.select_option("runway-gen3")
    await expect(form.link).to_be_disabled()
    await expect(form.card.get_by_role("group", name="Reference images")).to_contain_text(
        "Runway Gen-3 takes no reference images: they are not sent."
    )
    await expect(form.card).to_contain_text("It was retired on 30 Jul 2026. Draft animatic stands")
    await screen.picture("17-form-no-images")


async def test_what_is_wrong_is_said_at_its_field(screen: Screen, form: Form, watch: Watch):
    await form.generate.click()
    await expect(form.prompt).to_have_accessible_description("Describe the film first.")
    await expect(form.prompt).to_be_focused()
    await form.link.fill("logo.png")
    await form.link.press("Enter")
    await expect(form.card.get_by_role("alert").last).to_contain_text("begins with https://")
    watch.bearable = ("status of 422", "ERR_FAILED", "ERR_CONNECTION")
    await form.link.fill("https://nobody.example.com/logo.png")
    await form.link.press("Enter")
    await expect(form.images).to_have_class("attachment failed")
    await screen.page.route("**/api/video/quote", lambda route: route.abort())
    await form.length.press("ArrowRight")
    await expect(form.card).to_contain_text("The server did not answer. Try again.")
    # No price is shown that is not the film's.
    await expect(form.card.get_by_role("button", name="Generate for …")).to_be_disabled()
    await screen.page.unroute("**/api/video/quote")
    await form.card.get_by_role("button", name="Retry").last.click()
    await expect(form.generate).to_be_enabled()


async def test_what_is_filled_in_outlives_a_reload_and_a_look_at_the_creatives(
    screen: Screen, form: Form, tmp_path: Path
):
    await form.prompt.fill(BOAT)
    await give(form, logo(tmp_path))
    await form.model.select_option("kling-v3")
    await form.length.press("Home")
    await screen.creatives.click()
    await screen.page.get_by_role("tab", name="Chat").click()
    await screen.page.reload()
    await screen.ready()
    await expect(form.prompt).to_have_value(BOAT)
    await expect(form.model).to_have_value("kling-v3")
    await expect(form.seconds).to_have_text("3 s")
    await expect(form.images.locator("img")).to_have_js_property("complete", value=True)
    await form.images.get_by_role("radio", name="Style").check()
    await expect(form.images.get_by_role("radio", name="Style")).to_be_checked()
    await expect(form.images).to_have_class("attachment done")


async def test_the_whole_way_goes_by_keyboard(screen: Screen):
    form = Form(screen)
    await form.toggle.focus()
    await screen.page.keyboard.press("Enter")
    await expect(form.prompt).to_be_focused()
    await screen.page.keyboard.type(BOAT)
    await screen.page.keyboard.press("Escape")
    await expect(form.card).to_have_count(0)
    await expect(form.toggle).to_be_focused()
    await screen.page.keyboard.press("Space")
    await expect(form.prompt).to_have_value(BOAT)
    await expect(form.generate).to_be_enabled()
    for _ in range(20):
        await screen.page.keyboard.press("Tab")
        if await form.generate.evaluate("button => button.getRootNode().activeElement === button"):
            break
    await screen.page.keyboard.press("Enter")
    await expect(screen.job).to_be_visible()
    await expect(form.toggle).to_be_focused()


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: npm --prefix web ci")
@SCHEMES
async def test_axe_finds_nothing_also_on_the_narrowest_phone(
    screen: Screen, form: Form, tmp_path: Path, scheme: str
):
    await give(form, logo(tmp_path))
    await form.generate.click()
    await form.advanced.click()
    await expect(form.prompt).to_have_accessible_description("Describe the film first.")
    assert await objections(screen, scheme) == []
    await screen.picture(f"17-form-{scheme}")
    await screen.page.set_viewport_size({"width": 320, "height": 700})
    await form.model.select_option("runway-gen3")
    assert await objections(screen, scheme) == []
    assert await screen.overflow() == 0
    await screen.picture(f"17-form-320-{scheme}")


async def test_an_image_by_its_address_goes_with_a_message(screen: Screen, open_tab: OpenTab):
    await screen.page.get_by_role("button", name="Add an image by its address").click()
    link = screen.page.get_by_role("textbox", name="Add an image by its address")
    await expect(link).to_be_focused()
    await link.fill(LOGO)
    await link.press("Enter")
    await expect(screen.attachments).to_have_class("attachment done")
    await screen.ask("Here is our logo")
    await expect(screen.conversation.locator("figure.sent img")).to_have_js_property(
        "complete", value=True
    )


async def give(form: Form, file: Path) -> None:
    async with form.card.page.expect_file_chooser() as chooser:
        await form.card.get_by_role("button", name="Add images").click()
    await (await chooser.value).set_files(file)
    await expect(form.images.filter(has_text=file.name)).to_have_class("attachment done")
