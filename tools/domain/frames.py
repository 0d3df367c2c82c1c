"""The shapes a film can have."""

from dataclasses import dataclass
from enum import StrEnum


class AspectRatio(StrEnum):
    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture size in pixels, both sides even (H.264 with 4:2:0 needs that)."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


FULL_HD: dict[AspectRatio, Frame] = {
    AspectRatio.WIDE: Frame(1920, 1080),
    AspectRatio.TALL: Frame(1080, 1920),
    AspectRatio.SQUARE: Frame(1080, 1080),
}
"""The size every placement takes uncropped (reference: platforms' own ad specifications)."""
