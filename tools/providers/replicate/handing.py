"""Getting images to where the models can read them: our own storage, the order itself, their files."""

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from tools.errors import ProviderRefused, ProviderUnavailable, UnsupportedMedia
from tools.providers.replicate.client import INVALID_KEY, NotKnown, ReplicateClient
from tools.rendering.ports import Image

logger = logging.getLogger("reelroom.ReplicateClient")

Lend = Callable[[str, int], Awaitable[str | None]]
LENT_S = 3 * 3600
"""Longer than the longest queue: an image is read when the work begins, not when it is ordered."""
_DATA_URI_BYTES = 256_000
_FAILED = "Reference images failed to upload: the video provider did not take them."


async def handed_over(client: ReplicateClient, lend: Lend, image: Image) -> Image:
    """The image with its address. Raises StorageUnavailable, ProviderUnavailable, UnsupportedMedia."""
    if image.path is not None:
        address = await lend(image.path, LENT_S)
        if address is not None:
            logger.info("an image is lent", extra={"role": image.role})
            return replace(image, address=address)
    content = await asyncio.to_thread(image.file.read_bytes)
    content_type = _type_of(content, image.file)
    facts = {"role": image.role, "size_bytes": len(content), "content_type": content_type}
    if len(content) <= _DATA_URI_BYTES:
        logger.info("an image goes with the order", extra=facts)
        said = base64.b64encode(content).decode()
        return replace(image, address=f"data:{content_type};base64,{said}")
    name = f"image.{content_type.removeprefix('image/')}"
    try:
        address = await client.upload(name, content, content_type)
    except (ProviderUnavailable, NotKnown) as error:
        raise ProviderUnavailable(_FAILED) from error
    except ProviderRefused as error:
        if error.message == INVALID_KEY:
            raise
        raise ProviderRefused(_FAILED) from error
    logger.info("an image was uploaded", extra=facts)
    return replace(image, address=address)


def _type_of(content: bytes, file: Path) -> str:
    """By its first bytes: a name may say anything."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    logger.warning("a reference is no image", extra={"suffix": file.suffix[:8]})
    raise UnsupportedMedia(
        "Reference images failed to upload: one of them is no PNG, JPEG or WebP."
    )
