"""One GET to a stranger's server, made so that it can only go to a public address.

The check stands between asking for a name's addresses and connecting to one of them, and what is
connected to is what was checked: a name that answers differently the second time is not asked a
second time. Importing this costs 60 ms, so `fetching` does it at the first use.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Protocol

import httpcore

from tools.domain.hosts import Address, Destination, Unreached, is_public

USER_AGENT = "Reelroom/1 (reference images)"
_ADDRESSES_TRIED = 4
_LOOKUPS_AT_ONCE = 4
_CONNECT_S = 5.0


class Network(Protocol):
    """Names and connections. It is not asked to check anything: that is done between the two."""

    async def resolve(self, name: str) -> Sequence[Address]:
        """Every address of `name`. Raises OSError."""
        ...

    async def connect(
        self, address: Address, port: int, *, limit_s: float
    ) -> httpcore.AsyncNetworkStream:
        """Raises what httpcore raises."""
        ...


class Internet:
    """The network this machine is on."""

    def __init__(self) -> None:
        # A name server that hangs must not hold the threads that write everybody's files.
        self._names = ThreadPoolExecutor(_LOOKUPS_AT_ONCE, "names")
        self._backend = httpcore.AnyIOBackend()

    async def resolve(self, name: str) -> Sequence[Address]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._names, lambda: socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        )
        return [ip_address(place[0]) for *_, place in found]

    async def connect(
        self, address: Address, port: int, *, limit_s: float
    ) -> httpcore.AsyncNetworkStream:
        return await self._backend.connect_tcp(str(address), port, timeout=limit_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`headers` by lower-case name, the last of each; `body` is read while it comes."""

    status: int
    headers: dict[str, str]
    body: AsyncIterator[bytes]


@asynccontextmanager
async def asked(
    destination: Destination, *, network: Network, certificates: ssl.SSLContext, idle_s: float
) -> AsyncIterator[Answer]:
    """Raises Unreached, also from within the block. The connection is closed at its end."""
    url = httpcore.URL(
        scheme=destination.scheme,
        host=destination.host,
        port=destination.port,
        target=destination.path,
    )
    # Nothing of ours goes along: no cookie, no referrer, no key; and nothing comes compressed.
    headers = {
        "Host": destination.host_header,
        "User-Agent": USER_AGENT,
        "Accept": "image/png,image/jpeg,image/webp,image/svg+xml",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    limits = {"connect": _CONNECT_S, "read": idle_s, "write": idle_s, "pool": idle_s}
    with _unreached():
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=certificates, network_backend=_Guard(network), max_connections=1
            ) as pool,
            pool.stream(
                "GET", url, headers=list(headers.items()), extensions={"timeout": limits}
            ) as response,
        ):
            yield Answer(
                status=response.status,
                headers={
                    name.decode("latin-1").lower(): value.decode("utf-8", "replace")
                    for name, value in response.headers
                },
                body=response.aiter_stream(),
            )


class _Guard(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only, and to no other than the one it has judged."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's own signature
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._addresses(host)
        if not addresses:
            raise httpcore.ConnectError
        if not all(is_public(address) for address in addresses):
            raise Unreached("that address does not lead to a public place")
        failure: Exception = httpcore.ConnectError()
        for address in addresses[:_ADDRESSES_TRIED]:
            try:
                return await self._network.connect(address, port, limit_s=timeout or _CONNECT_S)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _addresses(self, host: str) -> Sequence[Address]:
        try:
            return [ip_address(host)]
        except ValueError:
            pass
        try:
            return await self._network.resolve(host)
        except (OSError, UnicodeError) as error:
            raise Unreached("there is no such name") from error


@contextmanager
def _unreached() -> Iterator[None]:
    """What httpcore raises, in our words. The only place that knows theirs."""
    try:
        yield
    except httpcore.ConnectError as error:
        if isinstance(error.__cause__ or error.__context__, ssl.SSLError):
            raise Unreached("its certificate is not a good one") from error
        raise Unreached("nobody answers there") from error
    except httpcore.TimeoutException as error:
        raise Unreached("it takes too long") from error
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
        httpcore.ConnectionNotAvailable,
        httpcore.ProxyError,
    ) as error:
        raise Unreached("the answer broke off or is not one") from error
