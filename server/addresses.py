"""URLs of stored files, made when they are read: signed, and good for a while; or a public domain's.

A browser's `<video>` and `<img>` can send no header, so the address itself must carry the right to
look. The same address with a Bearer token always works, also when its signature is old.
"""

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, unquote, urlsplit

LIFE = timedelta(days=7)
ROUND = timedelta(days=1)
"""Expiries fall on whole days, so that an address stays the same for a day and browsers can cache it."""

MEDIA = "/media/"
MAX_DIGITS = 12
DEFAULT_PORTS = {"http": 80, "https": 443}


class Addresses:
    """`public_media`: the domain that serves the storage to everybody, where there is one."""

    def __init__(
        self,
        *,
        public_url: str,
        secret: str,
        clock: Callable[[], datetime],
        public_media: str | None = None,
    ) -> None:
        self.public_url = public_url.rstrip("/")
        self._public_media = public_media.rstrip("/") if public_media else None
        self._key = sha256(b"media:" + secret.encode()).digest()
        self._clock = clock

    def of(self, path: str) -> str:
        """`{PUBLIC_URL}/media/{path}?expires=…&signature=…`; on a public domain it never ages."""
        if self._public_media is not None:
            return f"{self._public_media}/{quote(path)}"
        expires = self._expiry()
        signature = self._sign(path, expires)
        return f"{self.public_url}{MEDIA}{quote(path)}?expires={expires}&signature={signature}"

    def is_signed(self, path: str, query: Mapping[str, str]) -> bool:
        """Whether the query's signature is ours, for this path, and not yet old."""
        expires, signature = query.get("expires", ""), query.get("signature", "")
        if not (expires.isascii() and expires.isdigit() and len(expires) <= MAX_DIGITS):
            return False
        if int(expires) < self._clock().timestamp():
            return False
        if not signature.isascii():
            return False
        return hmac.compare_digest(signature, self._sign(path, int(expires)))

    def path_of(self, url: str) -> str | None:
        """The stored path behind an address of ours, however old; None for anybody else's.

        Also behind a signed one that was given before the storage had a domain.
        """
        bases = [self.public_url + MEDIA]
        if self._public_media is not None:
            bases.append(f"{self._public_media}/")
        return next((path for base in bases if (path := _beneath(base, url))), None)

    def _expiry(self) -> int:
        whole = int(ROUND.total_seconds())
        return (int((self._clock() + LIFE).timestamp()) // whole + 1) * whole

    def _sign(self, path: str, expires: int) -> str:
        return hmac.new(self._key, f"{path}\n{expires}".encode(), sha256).hexdigest()[:40]


def _beneath(base: str, url: str) -> str | None:
    """What `url` names beneath `base`, decoded and without its query; None when it is elsewhere."""
    prefix = urlsplit(base).path
    if _place(url) != _place(base) or not urlsplit(url).path.startswith(prefix):
        return None
    return unquote(urlsplit(url).path.removeprefix(prefix))


def _place(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port, however they were written; None for what is no address at all."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
