"""What an operator can see: JSON lines on stderr, readable lines in `LOG_DIR/api.log`.

Facts stand beside a static name; ids come from the context. Prompts, keys and signed addresses are
not logged.
"""

import logging
import logging.handlers
import re
import sys
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

import orjson
import structlog

KEPT_BYTES = 10_000_000
KEPT_FILES = 3
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What begins a line, moves a cursor or turns the writing round; a name or a word may hold any of it."""


def configure_logging(folder: Path | None) -> None:
    """Called once, by the process that serves. `folder` None: stderr alone."""
    handlers: list[logging.Handler] = [
        _json_lines(),
        *([] if folder is None else [_readable(folder)]),
    ]
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    for noisy in (
        "aiohttp.access",
        "engineio",
        "socketio",
        "alembic",
        "asyncio",
        "httpx",  # tells the address of every request: of films, with their signatures
        "httpx2",
        "openai",
        "botocore",
        "boto3",
        "s3transfer",
        "urllib3",
        "httpcore",
        "replicate",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]


def _json_lines() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    renderer = structlog.processors.JSONRenderer(
        serializer=lambda facts, **_: _seen(orjson.dumps(facts, default=str).decode())
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    return handler


def _readable(folder: Path) -> logging.Handler:
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "api.log", maxBytes=KEPT_BYTES, backupCount=KEPT_FILES, encoding="utf-8"
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _on_one_line,
                # The default draws tracebacks in colour wherever rich is installed: with the values of
                # variables (prompts, keys), and the loop stands still for a tenth of a second.
                structlog.dev.ConsoleRenderer(colors=False, exception_formatter=_indented),
            ],
        )
    )
    return handler


def _seen(text: str) -> str:
    return _UNSEEN.sub(lambda unseen: f"\\u{ord(unseen[0]):04x}", text)


def _on_one_line(_logger: Any, _method: str, facts: Any) -> Any:  # noqa: ANN401  structlog's own types
    """Words and texts; anything else is written as a literal by the renderer."""
    return {
        name: _seen(value) if isinstance(value, str) else value for name, value in facts.items()
    }


def _indented(out: TextIO, error: Any) -> None:  # noqa: ANN401  structlog's own types
    """A traceback whose error speaks in lines of its own cannot forge one of ours."""
    whole = StringIO()
    structlog.dev.plain_traceback(whole, error)
    out.write("\n".join(f"  {_seen(line)}" for line in whole.getvalue().split("\n")))
