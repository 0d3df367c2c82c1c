"""Replicate's own SDK, pointed at the fake one."""

from typing import Any

import httpx
from replicate import AsyncReplicate
from replicate.types import Prediction

from tests.fakes.replicate import FakeReplicate
from tests.patience import IN_THE_END_S

VEO = {"prompt": "A jar of honey", "duration": 4, "aspect_ratio": "16:9", "generate_audio": False}


def sdk(
    fake: FakeReplicate, *, token: str | None = None, read_s: float = IN_THE_END_S
) -> AsyncReplicate:
    return AsyncReplicate(
        bearer_token=token or fake.token,
        base_url=fake.url,
        max_retries=0,
        timeout=httpx.Timeout(IN_THE_END_S, read=read_s),
    )


async def create(client: AsyncReplicate, slug: str = "google/veo-3.1", **more: Any) -> Prediction:
    owner, name = slug.split("/")
    given: dict[str, Any] = {"input": VEO, **more}
    return await client.models.predictions.create(model_owner=owner, model_name=name, **given)
