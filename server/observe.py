"""What an operator can see: JSON lines on stderr, readable lines in `LOG_DIR/api.log`.

Facts stand beside a static name; ids come from the context. Prompts, keys and signed addresses are
not logged.
"""

import logging
import logging.handlers
import sys
from pathlib import Path
from typing import Any

import orjson
import structlog

KEPT_BYTES = 10_000_000
KEPT_FILES = 3


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
        serializer=lambda facts, **_: orjson.dumps(facts, default=str).decode()
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
                # The default draws tracebacks in colour wherever rich is installed: with the values of
                # variables (prompts, keys), and the loop stands still for a tenth of a second.
                structlog.dev.ConsoleRenderer(
                    colors=False, exception_formatter=structlog.dev.plain_traceback
                ),
            ],
        )
    )
    return handler
