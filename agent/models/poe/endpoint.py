"""The API's address as people write it: with `/v1`, without, with what they copied behind it."""

from urllib.parse import urlsplit

POE = "https://api.poe.com/v1"


def base_url(given: str) -> str:
    """What the SDK puts `/chat/completions` behind; a bare host gets `/v1`.

    Raises ValueError in words that do not repeat the address: it may hold a password.
    """
    parts = urlsplit(given.strip())
    try:
        is_address = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ValueError("it has to be an address like https://api.poe.com")
    if parts.username or parts.password:
        raise ValueError("it must not hold a user or a password; the key is POE_API_KEY")
    if parts.query or parts.fragment:
        raise ValueError("it must not have a query or a fragment")
    path = parts.path.rstrip("/").removesuffix("/chat/completions").rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path or '/v1'}"
