"""Settings of a studio that sells films, at a fake Replicate, and keeps them in a fake bucket."""

from typing import Any

from tests.fakes.bucket import FakeBucket
from tests.fakes.replicate import FakeReplicate


def selling(fake: FakeReplicate) -> dict[str, Any]:
    return {
        "replicate_api_key": fake.token,
        "replicate_base_url": fake.url,
        "replicate_output_hosts": (f"127.0.0.1:{fake.port}",),
    }


def kept_in(bucket: FakeBucket, **more: Any) -> dict[str, Any]:
    return {
        "r2_bucket_name": bucket.name,
        "r2_endpoint_url": bucket.url,
        "r2_access_key_id": "an-access-key",
        "r2_secret_access_key": "a-secret-key",
        **more,
    }
