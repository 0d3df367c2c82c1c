"""Masks that several drawings share."""

from PIL import Image, ImageDraw, ImageFilter

Size = tuple[int, int]


def rounded(size: Size, radius: int, opacity: int = 255) -> Image.Image:
    """A rounded rectangle as a mask, smooth at the corners."""
    k = 4 if max(size) < 600 else 2  # noqa: PLR2004  # large ones are smooth enough, and slow
    mask = Image.new("L", (size[0] * k, size[1] * k), 0)
    box = (0, 0, size[0] * k - 1, size[1] * k - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius * k, fill=opacity)
    return mask.resize(size, Image.Resampling.BOX)


def shadow(
    mask: Image.Image, at: tuple[int, int], size: Size, blur: int, opacity: float
) -> Image.Image:
    """The soft shadow of a mask at `at`, falling down; drawn small, because a blur is slow."""
    k = 8
    small = Image.new("L", (size[0] // k + 1, size[1] // k + 1), 0)
    shape = mask.resize((max(mask.width // k, 1), max(mask.height // k, 1)), Image.Resampling.BOX)
    small.paste(shape, (at[0] // k, (at[1] + blur) // k))
    soft = small.filter(ImageFilter.GaussianBlur(blur / k))
    table = [round(value * opacity) for value in range(256)]
    return soft.point(table).resize(size, Image.Resampling.BICUBIC)


def smooth(t: float) -> float:
    """From 0 to 1 with soft ends; outside it stays."""
    t = min(max(t, 0.0), 1.0)
    return t * t * (3 - 2 * t)


def disc_gradient() -> Image.Image:
    """From 0 in the middle to 255 at the rim of the disc that fits the square.

    Pillow's own reaches 255 only in the corners: on the sides it would end at 181 with an edge.
    """
    return Image.radial_gradient("L").point([min(round(v * 255 / 181), 255) for v in range(256)])
