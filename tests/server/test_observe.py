"""What is written of a bug: where it happened, never what a person said."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.observe import configure_logging


@pytest.fixture
def api_log(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    # basicConfig(force=True) would close the handlers of pytest.
    root.handlers = []
    configure_logging(tmp_path)
    yield tmp_path / "api.log"
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = handlers, level


def broken(prompt: str) -> None:
    raise RuntimeError(len(prompt))


def test_a_traceback_is_logged_without_the_values_it_passed_through(api_log: Path):
    try:
        broken("secret" * 2)
    except RuntimeError:
        logging.getLogger("reelroom.test").exception("a bug")
    written = api_log.read_text()
    assert "RuntimeError" in written
    assert "secretsecret" not in written


def test_a_library_that_tells_every_address_it_asks_is_quiet(api_log: Path):
    logging.getLogger("httpx").info("HTTP Request: GET %s", "https://films.example/a?signature=s")

    assert "signature" not in api_log.read_text()
