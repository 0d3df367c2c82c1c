"""`reelroom`, the same as `python -m server`.

serve      open the studio (what `make run` does)
migrate    bring the tables up to date, without serving
protocol   print web/src/protocol.ts
doctor     look at everything a start relies on:  reelroom doctor [--json] [--expire-references]
token      print a token for trying things:  reelroom token USER [--tenant T] [--campaign C …]
mcp        the studio's tools for an agent, over stdio:  reelroom mcp [--campaign C] [--session S]
finish     make the films that were begun, then stop
"""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

from server.clocks import utc_now
from server.settings import Settings, SettingsError, load_settings
from tools.errors import StorageUnavailable, StudioError

T = TypeVar("T")


class NotHere(Exception):
    """What was asked for cannot be done with these settings."""


class PartDied(Exception):
    """A bug ended a part that the rest cannot do without."""


UNUSED = frozenset({"cryptography", "requests", "rich"})
"""What PyJWT, python-engineio and structlog load where it is installed, each for something that this
server does not do (no key but HMAC, no client, no tracebacks on a terminal): 15 MB of the process.
An issuer's keys (JWT_JWKS_URL) are what cryptography is for."""


def main() -> int:
    arguments = _parser().parse_args()
    try:
        return _done(arguments)
    except (SettingsError, StorageUnavailable) as error:
        sys.stderr.write(f"Reelroom did not start. {error}\n")
        return 2
    except NotHere as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except PartDied:
        sys.stderr.write("Reelroom stopped: a part of it died, the log says of what.\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _done(arguments: argparse.Namespace) -> int:
    """What was asked for, and the exit code that tells of it."""
    match arguments.command:
        case "protocol":
            from server.wire.typescript import protocol  # noqa: PLC0415  only this needs it

            sys.stdout.write(protocol())
        case "token":
            sys.stdout.write(_token(load_settings(), arguments) + "\n")
        case "doctor":
            return _run(_examine(load_settings(), arguments))
        case "mcp":
            _run(_serve_tools(load_settings(), arguments))
        case "finish":
            _run(_finish(load_settings()))
        case "migrate":
            _run(_migrate(load_settings()))
        case _:
            _run(_serve(load_settings()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reelroom", description="A chat that makes campaign films."
    )
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="open the studio")
    commands.add_parser("migrate", help="bring the tables up to date")
    commands.add_parser("protocol", help="print the protocol as TypeScript")
    doctor = commands.add_parser("doctor", help="look at everything a start relies on")
    doctor.add_argument("--json", action="store_true", help="for programs")
    doctor.add_argument(
        "--expire-references",
        action="store_true",
        help="have the bucket delete handed-over images after 30 days",
    )
    token = commands.add_parser("token", help="print a token for trying things")
    token.add_argument("user")
    token.add_argument("--tenant")
    token.add_argument("--campaign", action="append")
    mcp = commands.add_parser("mcp", help="the studio's tools for an agent, over stdio")
    mcp.add_argument(
        "--token", help="on whose behalf; better in REELROOM_TOKEN, which no list shows"
    )
    mcp.add_argument("--campaign", help="where films belong")
    mcp.add_argument("--session", help="one session; without it the newest of the campaign")
    commands.add_parser("finish", help="make the films that were begun, then stop")
    return parser


def _run(main_task: Coroutine[Any, Any, T]) -> T:
    if sys.platform == "win32":
        return asyncio.run(main_task)
    import uvloop  # noqa: PLC0415  not made for Windows

    return uvloop.run(main_task)


def _token(settings: Settings, arguments: argparse.Namespace) -> str:
    """Raises NotHere where tokens are somebody else's to make."""
    from server.auth import TokenMaker, own_secret  # noqa: PLC0415  see UNUSED

    if settings.jwt_jwks_url:
        message = (
            "Tokens are made by the issuer behind JWT_JWKS_URL: only it can sign them. "
            "Get one there, or unset JWT_JWKS_URL to try things with tokens of your own."
        )
        raise NotHere(message)
    tokens = TokenMaker(
        settings.jwt_secret or own_secret(settings.data_dir),
        audience=settings.jwt_audience,
        issuer=settings.jwt_issuer,
        clock=utc_now,
    )
    return tokens.make_token(arguments.user, tenant=arguments.tenant, campaigns=arguments.campaign)


async def _examine(settings: Settings, arguments: argparse.Namespace) -> int:
    """0: all is well, 1: something failed."""
    from server import doctor  # noqa: PLC0415  needs most of the house

    # What is seen is told once, in the table: not in the log of each part as well.
    logging.disable(logging.ERROR)
    patient = doctor.patient_for(settings)
    seen = await doctor.examine(patient, expire_references=arguments.expire_references)
    sys.stdout.write(doctor.as_json(seen) if arguments.json else doctor.as_table(seen))
    return 0 if doctor.is_healthy(seen) else 1


async def _migrate(settings: Settings) -> None:
    from server.memory.database import Database  # noqa: PLC0415  serving imports far more
    from server.memory.migrate import migrate  # noqa: PLC0415

    database = Database(settings.database_file)
    await database.open(migrate)
    await database.close()


async def _serve_tools(settings: Settings, arguments: argparse.Namespace) -> None:
    """Raises NotHere for a token, a campaign or a session that does not open anything."""
    from server import mcp  # noqa: PLC0415  the whole house, and a protocol of its own
    from server.observe import configure_logging  # noqa: PLC0415

    # A thread waits for stdin and cannot be woken. What a kill cuts off goes on at the next start.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Stdout is the wire, and stderr what clients keep.
    configure_logging(None)
    means = mcp.Means(
        token=arguments.token or settings.reelroom_token,
        campaign_id=arguments.campaign,
        session_id=arguments.session,
    )
    try:
        await mcp.serve(settings, means)
    except StudioError as error:
        raise NotHere(error.message) from error


async def _finish(settings: Settings) -> None:
    from server import mcp  # noqa: PLC0415  the whole house
    from server.observe import configure_logging  # noqa: PLC0415

    configure_logging(None)
    await mcp.finish(settings)


async def _serve(settings: Settings) -> None:
    unused = UNUSED - {"cryptography"} if settings.jwt_jwks_url else UNUSED
    sys.modules.update(dict.fromkeys(unused))  # type: ignore[arg-type]  # None: not to be had
    from server.compose import compose  # noqa: PLC0415  the whole house: only when it is opened
    from server.lifecycle import (  # noqa: PLC0415
        address_of,
        bind,
        open_house,
        spare_the_collector,
    )
    from server.observe import configure_logging  # noqa: PLC0415

    listener = bind(settings)
    configure_logging(settings.log_dir)
    address = address_of(settings, listener)
    house = compose(settings, public_url=address)
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    async with open_house(house, listener) as died:
        spare_the_collector()
        sys.stdout.write(f"\n  Reelroom is open at {address}\n\n")
        sys.stdout.flush()
        waits = [asyncio.ensure_future(event.wait()) for event in (over, died)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
    if died.is_set() and not over.is_set():
        raise PartDied


if __name__ == "__main__":
    sys.exit(main())
