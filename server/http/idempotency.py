"""`Idempotency-Key`: what a program asks for twice under one key is made once.

The answer to a repeat is the job's as it is now, however the first one came to its end: a lost answer,
a restart and two calls at once are all the same.
"""

import json
import re
from hashlib import sha256

from aiohttp import web

from server.memory.request_keys import HEADER
from server.wire.base import WireModel
from tools.errors import InvalidPayload
from tools.rendering.ports import ProgramKey

_KEY = re.compile(r"[!#-\[\]-~]{1,255}", re.ASCII)
"""Visible and without quotes: what stands between them counts, when it comes in quotes."""


def key_of(request: web.Request, body: WireModel) -> ProgramKey | None:
    """None: the program gave none, and every call is a film of its own. Raises InvalidPayload."""
    given = request.headers.getall(HEADER, ())
    if not given:
        return None
    key = given[0].strip()
    if len(key) > 1 and key.startswith('"') and key.endswith('"'):
        key = key[1:-1]
    if len(given) > 1 or not _KEY.fullmatch(key):
        raise InvalidPayload(
            f"{HEADER}: one key of 1 to 255 visible ASCII characters, for example a UUID.",
            field=HEADER,
        )
    return ProgramKey(text=key, asked=_digest(request.path, body))


def _digest(path: str, body: WireModel) -> str:
    # Without what is as it would be anyway: a later version's new fields must not make an old
    # request another one.
    asked = body.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return sha256(json.dumps([path, asked], sort_keys=True).encode()).hexdigest()
