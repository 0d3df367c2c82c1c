"""moto's S3 on a port of its own, with one bucket: what the storage adapters are proven against."""

import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from moto.server import ThreadedMotoServer

from tests.patience import IN_THE_END_S
from tools.storage.r2 import R2Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeBucket:
    """Where it is, and a storage that uses it."""

    url: str
    name: str

    def storage(self, *, public_url: str | None = None, name: str | None = None) -> R2Storage:
        return R2Storage(
            bucket=self.name if name is None else name,
            access_key_id="an-access-key",
            secret_access_key="a-secret-key",
            endpoint_url=self.url,
            public_url=public_url,
            threads=4,
        )


@contextmanager
def moto_server() -> Iterator[str]:
    """The address of an S3 that is gone when the block ends."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def new_bucket(url: str) -> FakeBucket:
    """An empty bucket of a name that nobody has."""
    bucket = FakeBucket(url=url, name=f"films-{uuid.uuid4().hex[:12]}")
    # A plain PUT: moto wants to hear of a region, and "auto", which R2 wants, is none of Amazon's.
    request = urllib.request.Request(f"{url}/{bucket.name}", method="PUT")
    with urllib.request.urlopen(request, timeout=IN_THE_END_S):
        return bucket
