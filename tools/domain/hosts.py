"""Which addresses somebody's URL may lead to: public ones, however they are spelt.

A server that fetches what it is told can be sent to its own network: to a database that trusts its
neighbours, to the cloud's metadata service that hands out keys. So a URL is taken apart here once,
and what connects (`tools.media.guarded`) uses these parts and judges every address again.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import quote, urlsplit

Address = IPv4Address | IPv6Address

_URL_CHARS = 4_000
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_OWN_NAMES = ("localhost", "internal", "local", "localdomain", "lan", "intranet", "home.arpa")
_AMBIGUOUS = frozenset("ßς\u200c\u200d")
"""Letters that old and new rules for names spell differently: two hosts, who knows which."""
_WEB_PORTS = frozenset((80, 443))
_FIRST_FREE_PORT = 1024
_OTHER_TRADES = frozenset(
    (1433, 1521, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061,
     5432, 5672, 5900, 5984, 6000, 6379, *range(6660, 6670), 6697, 7001, 8086, 9042, 9092, 9200,
     9300, 10080, 10250, 11211, 27017)
)  # fmt: skip
"""Databases, queues, mail and the like; browsers shut out many of them too (Fetch, bad ports)."""
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_NEVER = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments; Oracle's metadata
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv4Network("168.63.129.16/32"),  # public by its look: Azure's metadata
    IPv6Network("3fff::/20"),  # documentation, younger than Python's table
)


class Unreached(Exception):
    """Why a URL is not followed, in words for a person, to stand behind a colon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A URL taken apart. `host` is ASCII; `address` is set where it is no name."""

    scheme: str
    host: str
    port: int
    path: str
    """With the query, encoded as it goes over the wire."""
    address: Address | None

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if isinstance(self.address, IPv6Address) else self.host
        return host if self.port == _default_port(self.scheme) else f"{host}:{self.port}"


def destination_of(url: str) -> Destination:
    """Raises Unreached for what is no public http(s) address by its looks alone."""
    if len(url) > _URL_CHARS:
        raise Unreached("that address is too long")
    url = url.strip(" ")
    if "\\" in url or any(ord(c) < 32 or ord(c) == 127 for c in url):  # noqa: PLR2004  control characters
        raise Unreached("that is not an address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Unreached("that is not an address") from error
    if parts.scheme not in {"http", "https"}:
        raise Unreached("only http and https addresses are followed")
    if "@" in parts.netloc:
        raise Unreached("an address with a user name in it is not followed")
    host, address = _host(parts.netloc, parts.hostname or "")
    if address is not None and not is_public(address):
        raise Unreached("that address is not a public one")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?[]|") if parts.query else ""
    return Destination(
        scheme=parts.scheme,
        host=host,
        port=_port(port, parts.scheme),
        path=path + query,
        address=address,
    )


def refused_at_the_door(url: str) -> str | None:
    """Why nobody need try this URL, None where it is worth it. Asks nobody: not where a name leads."""
    try:
        destination_of(url)
    except Unreached as error:
        return str(error)
    return None


def is_public(address: Address) -> bool:
    """Whether everybody on the internet reaches it. Addresses within addresses are looked into."""
    if isinstance(address, IPv4Address):
        return (
            address.is_global
            and not (address.is_multicast or address.is_reserved or address.is_unspecified)
            and not any(address in network for network in _NEVER)
        )
    if address.scope_id is not None:
        return False
    inside = _within(address)
    if inside:
        return all(is_public(each) for each in inside)
    return (
        address in _GLOBAL_UNICAST
        and address.is_global
        and not any(address in network for network in _NEVER)
    )


def _within(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that this one leads to: mapped, NAT64, 6to4, Teredo (server and client)."""
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFF_FFFF),)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    return address.teredo or ()


def _host(netloc: str, hostname: str) -> tuple[str, Address | None]:
    if netloc.startswith("["):
        try:
            address = IPv6Address(hostname)
        except AddressValueError as error:
            raise Unreached("that is not an address") from error
        return address.compressed, address
    name = _ascii(hostname)
    labels = name.split(".")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        four = _four(labels)
        return str(four), four
    if len(labels) == 1 or any(name == own or name.endswith(f".{own}") for own in _OWN_NAMES):
        raise Unreached("that address is not a public one")
    return name, None


def _ascii(hostname: str) -> str:
    """The name as it is asked for: full-width digits, circled letters and dots are what they mean."""
    if "%" in hostname or _AMBIGUOUS & set(hostname):
        raise Unreached("the name in that address is not a plain one")
    try:
        name = hostname.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise Unreached("that is not an address") from error
    if not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise Unreached("that is not an address")
    return name


def _four(labels: list[str]) -> IPv4Address:
    """`127.1`, `0x7f000001`, `017700000001`: what the C library makes of it, which is what connects."""
    try:
        numbers = [_number(label) for label in labels]
    except ValueError as error:
        raise Unreached("that is not an address") from error
    *first, last = numbers
    free_bytes = 4 - len(first)
    if free_bytes < 1 or max(first, default=0) > 255 or last >= 256**free_bytes:  # noqa: PLR2004  a byte
        raise Unreached("that is not an address")
    return IPv4Address(sum(number << (8 * (3 - i)) for i, number in enumerate(first)) + last)


def _number(label: str) -> int:
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8) if label.startswith("0") else int(label)


def _port(port: int | None, scheme: str) -> int:
    if port is None:
        return _default_port(scheme)
    if port not in _WEB_PORTS and (port < _FIRST_FREE_PORT or port in _OTHER_TRADES):
        raise Unreached("that port is not one for images")
    return port


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
