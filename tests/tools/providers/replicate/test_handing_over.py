import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import replicate_words as words
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import Download, Drops, Refuses
from tests.fakes.replicate_orders import an_image, an_order, opening
from tools.errors import ProviderRefused, ProviderUnavailable, StorageUnavailable, UnsupportedMedia
from tools.providers.replicate.provider import ReplicateProvider
from tools.rendering.ports import Image

Open = Callable[..., Awaitable[ReplicateProvider]]


class Lender:
    def __init__(self) -> None:
        self.lent: list[tuple[str, int]] = []

    async def __call__(self, path: str, seconds: int) -> str | None:
        self.lent.append((path, seconds))
        return f"https://bucket.example/{path}?signature=s"


async def test_what_the_storage_can_lend_is_lent_for_longer_than_any_queue(
    opened: Open, fake: FakeReplicate, tmp_path: Path
) -> None:
    lend = Lender()
    provider = await opened(lend=lend)
    image = an_image(tmp_path / "a.png", path="videos/references/a.png")

    (handed,) = await provider.hand_over((image,))

    assert handed.address == "https://bucket.example/videos/references/a.png?signature=s"
    assert lend.lent == [("videos/references/a.png", 3 * 3600)]
    assert fake.requests == []


async def test_a_small_image_goes_with_the_order_itself(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    image = an_image(tmp_path / "a.png", path="videos/references/a.png")

    (handed,) = await provider.hand_over((image,))

    assert handed.address is not None
    head, _, body = handed.address.partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(body) == image.file.read_bytes()
    assert fake.requests == []


async def test_a_large_image_becomes_a_file_at_the_provider(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    image = an_image(tmp_path / "a.png", size=(640, 360), is_noisy=True)
    assert image.file.stat().st_size > 256_000

    (handed,) = await provider.hand_over((image,))

    (stored,) = fake.files.values()
    assert handed.address == f"{fake.url}/files/{stored.id}"
    assert stored.body == image.file.read_bytes()
    assert stored.content_type == "image/png"


async def test_an_uploaded_image_can_be_read_by_the_model(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    image = an_image(tmp_path / "a.png", size=(640, 360), is_noisy=True)
    handed = await provider.hand_over((image,))
    order = an_order("veo-3.1-fast", images=handed, image_input=opening("veo-3.1-fast"))
    await provider.submit(order)

    await fake.until(lambda: fake.created[0].is_over)
    assert [seen.size for seen in fake.created[0].images] == [(640, 360)]


async def test_images_keep_their_order_and_their_roles(
    provider: ReplicateProvider, tmp_path: Path
) -> None:
    images = tuple(an_image(tmp_path / f"{i}.png", size=(64, 36 + i)) for i in range(4))

    handed = await provider.hand_over(images)

    assert [each.file for each in handed] == [each.file for each in images]
    assert [each.role for each in handed] == [each.role for each in images]


HEADS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/webp": b"RIFF\x10\0\0\0WEBP",
}


@pytest.mark.parametrize("content_type", HEADS)
async def test_what_an_image_is_is_told_by_its_bytes_and_not_by_its_name(
    content_type: str, provider: ReplicateProvider, tmp_path: Path
) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(HEADS[content_type] + bytes(40))

    (handed,) = await provider.hand_over((Image(file=file, role=None),))

    assert handed.address is not None
    assert handed.address.startswith(f"data:{content_type};base64,")


async def test_what_is_no_image_is_not_sent(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"<svg onload=alert(1)>")

    with pytest.raises(UnsupportedMedia, match=r"^Reference images failed to upload"):
        await provider.hand_over((Image(file=file, role=None),))
    assert fake.requests == []


FAILURES: dict[str, tuple[Download, type[Exception], str]] = {
    "an edge's error": (
        words.bad_gateway(),
        ProviderUnavailable,
        r"^Reference images failed to upload",
    ),
    "dropped": (Drops(), ProviderUnavailable, r"^Reference images failed to upload"),
    "no address": (
        Refuses(status=201, body={"id": "x"}),
        ProviderUnavailable,
        r"^Reference images failed to upload",
    ),
    "too large": (
        words.problem(413, "Content too large", "https://evil.example"),
        ProviderRefused,
        r"^Reference images failed to upload",
    ),
    "bad key": (
        words.unauthenticated(),
        ProviderRefused,
        r"^Video generation failed: Invalid API key",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
async def test_an_upload_that_fails_is_told_in_the_seeds_words(
    case: str, provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    answer, error, said = FAILURES[case]
    fake.answer("file", answer)
    image = an_image(tmp_path / "a.png", size=(640, 360), is_noisy=True)

    with pytest.raises(error, match=said):
        await provider.hand_over((image,))


async def test_a_storage_that_is_down_is_told_as_it_is(opened: Open, tmp_path: Path) -> None:
    async def broken(*_: Any) -> str | None:
        raise StorageUnavailable("The storage cannot be reached.")

    provider = await opened(lend=broken)

    with pytest.raises(StorageUnavailable):
        await provider.hand_over((an_image(tmp_path / "a.png", path="videos/references/a.png"),))
