"""A brand's own files, drawn here: a logo with large flat colours, a product, a photo."""

from pathlib import Path

from PIL import Image, ImageDraw

ORANGE, NAVY, VIOLET = (255, 90, 31), (30, 34, 60), (122, 43, 255)


def logo(path: Path) -> Path:
    """An orange square, a navy and a violet bar on nothing; each large and flat."""
    image = Image.new("RGBA", (900, 360), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((20, 20, 340, 340), 60, fill=(*ORANGE, 255))
    draw.rectangle((400, 60, 860, 150), fill=(*NAVY, 255))
    draw.rectangle((400, 200, 700, 290), fill=(*VIOLET, 255))
    image.save(path, "PNG")
    return path


def product(path: Path) -> Path:
    """A bottle on transparent ground."""
    image = Image.new("RGBA", (600, 1000), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((100, 200, 500, 980), 40, fill=(244, 238, 226, 255))
    draw.rectangle((230, 80, 370, 200), fill=(38, 120, 96, 255))
    image.save(path, "PNG")
    return path


def photo(path: Path, size: tuple[int, int] = (900, 1400)) -> Path:
    """Something with detail everywhere, as a JPEG."""
    Image.effect_mandelbrot(size, (-2, -1.3, 1, 1.3), 60).convert("RGB").save(path, "JPEG")
    return path
