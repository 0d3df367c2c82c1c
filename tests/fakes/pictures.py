"""Images for tests, drawn here."""

from io import BytesIO

import aiohttp
from PIL import Image, ImageDraw

LEAF = (31, 77, 58)
HONEY = (232, 163, 61)


def logo_png(side: int = 800) -> bytes:
    """A transparent logo of two flat colours, large enough to be taken without a warning."""
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((side * 0.15, side * 0.1, side * 0.85, side * 0.8), fill=(*LEAF, 255))
    draw.rectangle((side * 0.2, side * 0.84, side * 0.8, side * 0.95), fill=(*HONEY, 255))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def upload_form(image: bytes, **fields: str) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    form.add_field("file", image, filename="logo.png", content_type="image/png")
    return form
