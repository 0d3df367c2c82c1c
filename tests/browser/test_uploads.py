"""A logo comes in: dropped, pasted, picked; and what is no logo is refused where it was put."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Route, expect

from tests.browser.screen import Screen, Watch
from tests.fakes.house import OpenHouse
from tests.fakes.pictures import logo_png

SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600">
<rect width="800" height="600" fill="#ff5a1f"/><circle cx="400" cy="300" r="200" fill="#1e223c"/></svg>"""


def png(folder: Path) -> Path:
    path = folder / "havra.png"
    path.write_bytes(logo_png())
    return path


def jpeg(folder: Path) -> Path:
    path = folder / "havra.jpg"
    with Image.open(png(folder)) as image:
        image.convert("RGB").save(path)
    return path


def webp(folder: Path) -> Path:
    path = folder / "havra.webp"
    with Image.open(png(folder)) as image:
        image.save(path)
    return path


def svg(folder: Path) -> Path:
    path = folder / "havra.svg"
    path.write_text(SVG)
    return path


FORMATS = pytest.mark.parametrize("make", [png, jpeg, webp, svg])


@FORMATS
async def test_a_dropped_logo_is_seen_at_once_and_becomes_an_upload(
    screen: Screen, tmp_path: Path, make, house: OpenHouse, user: str
):
    await screen.give("drop", make(tmp_path))
    await _is_uploaded(screen, make(tmp_path).name)
    await screen.picture(f"3-dropped-{make.__name__}")
    (upload,) = await _uploads(house, user)
    assert upload["role"] == "logo"


async def test_a_pasted_logo_becomes_an_upload(
    screen: Screen, tmp_path: Path, house: OpenHouse, user: str
):
    await screen.give("paste", webp(tmp_path))
    await _is_uploaded(screen, "havra.webp")
    assert len(await _uploads(house, user)) == 1


async def test_a_picked_logo_becomes_an_upload(
    screen: Screen, tmp_path: Path, house: OpenHouse, user: str
):
    await screen.pick(svg(tmp_path))
    await _is_uploaded(screen, "havra.svg")
    assert len(await _uploads(house, user)) == 1


async def test_the_logo_goes_with_the_message_and_the_agent_knows_of_it(
    screen: Screen, tmp_path: Path
):
    await screen.give("drop", png(tmp_path))
    await _is_uploaded(screen, "havra.png")
    answer = await screen.ask("Here is our logo")
    await expect(screen.attachments).to_have_count(0)
    sent = screen.conversation.locator("figure.sent")
    await expect(sent).to_have_count(1)
    await expect(sent).to_contain_text("Logo")
    await expect(sent.locator("img")).to_have_js_property("complete", value=True)
    assert "logo" in answer.lower()


async def test_a_message_sent_while_an_image_uploads_waits_for_it(screen: Screen, tmp_path: Path):
    held: asyncio.Queue[Route] = asyncio.Queue()
    await screen.page.route("**/api/storage/upload", held.put)
    await screen.give("drop", png(tmp_path))
    await screen.composer.fill("Here is our logo")
    await expect(screen.send).to_be_disabled()
    await expect(screen.page.get_by_text("Waiting for the images…")).to_be_visible()
    await (await held.get()).continue_()
    await expect(screen.send).to_be_enabled()


async def test_a_small_image_is_taken_with_a_warning(screen: Screen, tmp_path: Path):
    path = tmp_path / "small.png"
    Image.new("RGB", (120, 90), (10, 120, 90)).save(path)
    await screen.give("drop", path)
    await _is_uploaded(screen, "small.png")
    await expect(screen.attachments).to_contain_text("512")


async def test_a_program_that_calls_itself_a_picture_is_refused_in_words(
    screen: Screen, tmp_path: Path, house: OpenHouse, user: str, watch: Watch
):
    watch.bearable = ("status of 415",)  # browsers write every refused request to the console
    path = tmp_path / "setup.png"
    path.write_bytes(b"MZ\x90\x00" + bytes(4000))
    assert "PNG" in await _refused(screen, path)
    assert await _uploads(house, user) == []
    await screen.picture("3-refused-program")


async def test_a_text_is_refused_before_it_is_sent_anywhere(screen: Screen, tmp_path: Path):
    path = tmp_path / "brief.txt"
    path.write_text("Make it pop.")
    assert "PNG" in await _refused(screen, path)


async def test_thirty_megabytes_are_refused_before_they_are_sent_anywhere(
    screen: Screen, tmp_path: Path
):
    path = tmp_path / "huge.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(30 * 1024 * 1024))
    assert "25 MB" in await _refused(screen, path)


async def test_more_pixels_than_it_may_have_are_refused_before_they_are_sent_anywhere(
    screen: Screen, tmp_path: Path
):
    path = tmp_path / "wall.png"
    Image.new("1", (9000, 9000)).save(path)
    assert "megapixels" in await _refused(screen, path)


async def test_a_refused_file_does_not_stop_the_message(screen: Screen, tmp_path: Path):
    path = tmp_path / "brief.txt"
    path.write_text("Make it pop.")
    await screen.give("drop", path)
    await screen.ask("What models can I use?")
    await expect(screen.said).to_have_count(1)


async def _is_uploaded(screen: Screen, name: str) -> None:
    chip = screen.attachments.filter(has_text=name)
    await expect(chip).to_have_class("attachment done")
    image = chip.locator("img")
    await expect(image).to_be_visible()
    assert await image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


async def _refused(screen: Screen, path: Path) -> str:
    await screen.pick(path)
    await expect(screen.attachments).to_have_class("attachment failed")
    alert = screen.attachments.get_by_role("alert")
    await expect(alert).to_be_visible()
    return await alert.inner_text()


async def _uploads(house: OpenHouse, user: str) -> list[dict[str, Any]]:
    async with house.visitor(user) as ada:
        await ada.open(campaignId="spring-26")
        return [entry["data"] for entry in ada.of_type("upload.added")]
