"""One studio for all the hostile: whatever one of them did, the next finds it as it should be."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.image_host import ImageHost, Internet, image_host
from tools.media.fetching import GuardedFetcher


@pytest.fixture(scope="module")
async def host() -> AsyncIterator[ImageHost]:
    """A server of images that nobody here may be led to."""
    async with image_host() as opened:
        yield opened


@pytest.fixture(scope="module")
def internet(host: ImageHost) -> Internet:
    """Every private address leads to that server: what is fetched wrongly is seen there."""
    return Internet(places=dict.fromkeys(((each, 80) for each in PRIVATE), host.port))


@pytest.fixture(scope="module")
async def studio(
    tmp_path_factory: pytest.TempPathFactory, internet: Internet
) -> AsyncIterator[OpenHouse]:
    fetcher = GuardedFetcher(network=internet, total_s=5, idle_s=2)
    async with open_studio(
        tmp_path_factory.mktemp("studio"),
        adapters=lambda given: replace(given, fetcher=fetcher),
        allowed_origins=("https://campaigns.example",),
    ) as house:
        yield house


PRIVATE = (
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "::1",
    "fd00:ec2::254",
    "fe80::1",
    "192.168.1.1",
    "0.0.0.0",
)
