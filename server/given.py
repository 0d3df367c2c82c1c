"""How settings are written: keys, addresses and names of hosts, as operators copy them.

A refusal is a ValueError in words that do not repeat what was given: it may hold a key.
"""

import base64
import binascii
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

OWN_PORTS = {"http": 80, "https": 443}
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
NOT_AN_ENDPOINT = ".r2.cloudflarecustomdomain.com"
"""What the seed's example shows: no such address exists."""
_HOST = re.compile(
    r"(?=.{1,259}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:\d{1,5})?"
)
"""A name, or a name and a port."""


def bare(value: object) -> object:
    """As copied: with the line's end behind it."""
    return value.strip() if isinstance(value, str) else value


def address(given: str) -> str:
    """Without the slash at its end."""
    parts = urlsplit(given)
    try:
        is_address = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        message = "it has to be an address that begins with https://"
        raise ValueError(message)
    if parts.username or parts.password or parts.query or parts.fragment:
        message = "it must not hold a user, a password, a query or a fragment"
        raise ValueError(message)
    return given.rstrip("/")


def api_address(given: str) -> str:
    """As it stands: gateways have paths of their own. A bare host gets `/v1`."""
    base = address(given)
    return base if urlsplit(base).path else f"{base}/v1"


def key_set_address(given: str) -> str:
    """As it stands, with its query. Whoever can change what comes from there can sign anything."""
    parts = urlsplit(given)
    try:
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    is_safe = parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS
    )
    if not (is_address and is_safe):
        message = (
            "it has to be an address that begins with https:// (http:// on this machine alone)"
        )
        raise ValueError(message)
    if parts.username or parts.password or parts.fragment:
        message = "it must not hold a user, a password or a fragment"
        raise ValueError(message)
    return given


def bucket_endpoint(given: str) -> str:
    base = address(given)
    if (urlsplit(base).hostname or "").endswith(NOT_AN_ENDPOINT):
        message = (
            "there is no such address; the endpoint of R2 is "
            "https://<account-id>.r2.cloudflarestorage.com (or leave it out and set R2_ACCOUNT_ID). "
            "A domain of your own that shows the bucket goes into R2_PUBLIC_URL"
        )
        raise ValueError(message)
    if urlsplit(base).path:
        message = "it ends with the host: the bucket's name goes into R2_BUCKET_NAME"
        raise ValueError(message)
    return base


def webhook_secret(given: str) -> str:
    try:
        is_secret = given.startswith("whsec_") and bool(
            base64.b64decode(given.removeprefix("whsec_"), validate=True)
        )
    except binascii.Error:
        is_secret = False
    if not is_secret:
        message = "it begins with whsec_ and goes on in base64, as Replicate shows it"
        raise ValueError(message)
    return given


def comma_separated(value: object) -> object:
    """A list, as environments hold one."""
    if isinstance(value, str):
        return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
    return value


def origins(given: tuple[str, ...]) -> tuple[str, ...]:
    """As browsers write them: lower case, names in ASCII, no port where it is the scheme's own."""
    return tuple(_origin(each) for each in given)


def _origin(given: str) -> str:
    message = "exact origins, comma-separated, each as https://host or https://host:port"
    parts = urlsplit(given)
    try:
        name, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        raise ValueError(message) from None
    has_more = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    # `null` is what every sandboxed page is called, and `*` everybody: neither is anybody.
    if has_more or not parts.scheme or not name or "*" in name:
        raise ValueError(message)
    host = f"[{name}]" if ":" in name else name
    is_usual = port is None or port == OWN_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}" + ("" if is_usual else f":{port}")


def host_names(given: tuple[str, ...]) -> tuple[str, ...]:
    """Lower case; `*.` in front says no more than the name alone. A port narrows it to that one."""
    names = tuple(each.lower().removeprefix("*.") for each in given)
    if not names or not all(_HOST.fullmatch(each) for each in names):
        message = "names of hosts, comma-separated, without https:// and without paths"
        raise ValueError(message)
    return names


Bare = BeforeValidator(bare)
Listed = BeforeValidator(comma_separated)
Key = Annotated[str, Bare, Field(pattern=r"^[!-~]+$")]
ModelName = Annotated[str, Bare, Field(min_length=1)]
BucketName = Annotated[str, Bare, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
AccountId = Annotated[str, Bare, Field(pattern=r"^[A-Za-z0-9]{1,63}$")]
StoragePath = Annotated[str, Field(pattern=r"^[\w-]+(/[\w-]+)*$")]
Address = Annotated[str, Bare, AfterValidator(address)]
ApiAddress = Annotated[str, Bare, AfterValidator(api_address)]
KeySetAddress = Annotated[str, Bare, AfterValidator(key_set_address)]
BucketEndpoint = Annotated[str, Bare, AfterValidator(bucket_endpoint)]
WebhookSecret = Annotated[Key, AfterValidator(webhook_secret)]
