"""Which Chromium the tests run in: one that is named, Playwright's own, or the machine's."""

import os
import shutil
from pathlib import Path

from playwright.async_api import Playwright

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
FLAGS = (
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
)
MISSING = (
    "no Chromium: set CHROMIUM to one, or install it (Debian: apt-get install chromium; "
    "elsewhere: python -m playwright install chromium)"
)


def find_chromium(playwright: Playwright) -> str | None:
    """The path of an executable, None where there is none."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given
    own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    return next((found for name in NAMES if (found := shutil.which(name))), None)
