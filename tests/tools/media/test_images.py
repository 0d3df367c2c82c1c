"""What may come in as an image, what leaves, and what a hostile file can do: nothing."""

import asyncio
import base64
import io
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from PIL import Image

from tests.fakes import brand
from tests.patience import IN_THE_END_S
from tools.errors import Busy, TooLarge, UnsupportedMedia
from tools.media.images import MAX_BYTES, ImageIntake, TakenImage

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {}>{}</svg>'
)
BOX = 'viewBox="0 0 100 50"'


@pytest.fixture(scope="session")
def intake() -> ImageIntake:
    return ImageIntake()


TakeIn = Callable[[bytes], "asyncio.Future[TakenImage]"]


@pytest.fixture
def take_in(intake: ImageIntake, tmp_path: Path) -> TakeIn:
    """Bytes under a name that says nothing."""

    def take(data: bytes) -> "asyncio.Future[TakenImage]":
        source = tmp_path / "received"
        source.write_bytes(data)
        return asyncio.ensure_future(intake.take_in(source, tmp_path))

    return take


def encoded(image: Image.Image, kind: str, **how: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


def picture(mode: str = "RGB", size: tuple[int, int] = (600, 520)) -> Image.Image:
    return Image.radial_gradient("L").resize(size).convert(mode)


def opened(taken: TakenImage) -> Image.Image:
    image = Image.open(taken.file)
    image.load()
    return image


# -- what is taken ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content_type"), [("PNG", "image/png"), ("WEBP", "image/png"), ("JPEG", "image/jpeg")]
)
async def test_png_jpeg_and_webp_are_taken_and_measured(
    take_in: TakeIn, kind: str, content_type: str
) -> None:
    taken = await take_in(encoded(picture(), kind))

    assert (taken.content_type, taken.width, taken.height) == (content_type, 600, 520)
    assert taken.size_bytes == taken.file.stat().st_size
    assert taken.warnings == ()
    assert opened(taken).size == (600, 520)


async def test_a_logos_pixels_are_the_same_after(take_in: TakeIn, tmp_path: Path) -> None:
    logo = brand.logo(tmp_path / "logo.png")

    taken = await take_in(logo.read_bytes())

    assert opened(taken).tobytes() == Image.open(logo).tobytes()


async def test_a_photo_stands_upright_and_keeps_no_place_and_no_comment(take_in: TakeIn) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)  # latitude
    photo = encoded(picture(), "JPEG", exif=exif, comment=b"shot at home")

    taken = await take_in(photo)

    assert (taken.width, taken.height) == (520, 600)
    assert len(opened(taken).getexif()) == 0
    assert b"Exif" not in taken.file.read_bytes()
    assert b"shot at home" not in taken.file.read_bytes()


async def test_a_jpeg_keeps_full_colour_resolution(take_in: TakeIn) -> None:
    taken = await take_in(encoded(picture(), "JPEG"))

    layers = [(h, v) for _, h, v, _ in opened(taken).layer]  # type: ignore[attr-defined]  # of JPEGs only
    assert layers == [(1, 1)] * 3


async def test_a_small_image_is_taken_with_a_warning(take_in: TakeIn) -> None:
    taken = await take_in(encoded(picture(size=(600, 200)), "PNG"))

    assert [notice.code for notice in taken.warnings] == ["small_image"]
    assert "600×200" in taken.warnings[0].message


async def test_a_cmyk_jpeg_becomes_rgb(take_in: TakeIn) -> None:
    taken = await take_in(encoded(Image.new("CMYK", (600, 600), (0, 255, 255, 0)), "JPEG"))

    red, green, blue = opened(taken).getpixel((300, 300))  # type: ignore[misc]
    assert (red > 200, green < 60, blue < 60) == (True, True, True)


async def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off(take_in: TakeIn) -> None:
    taken = await take_in(encoded(Image.new("I;16", (600, 600), 0x8000), "PNG"))

    assert opened(taken).convert("RGB").getpixel((5, 5)) == (128, 128, 128)


async def test_a_palette_with_transparency_becomes_rgba(take_in: TakeIn) -> None:
    image = Image.new("P", (600, 600), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (0, 0, 300, 600))

    taken = await take_in(encoded(image, "PNG", transparency=0))

    after = opened(taken)
    assert after.mode == "RGBA"
    assert after.getpixel((10, 10)) == (0, 0, 255, 255)
    assert after.getpixel((500, 10))[3] == 0  # type: ignore[index]


async def test_an_svg_is_drawn_with_its_longer_side_2048_and_exact_colours(
    take_in: TakeIn,
) -> None:
    svg = SVG.format(BOX, '<rect width="50" height="50" fill="#ff5a1f"/>')

    taken = await take_in(svg.encode())

    assert (taken.content_type, taken.width, taken.height) == ("image/png", 2048, 1024)
    assert opened(taken).getpixel((500, 500)) == (255, 90, 31, 255)
    assert opened(taken).getpixel((1500, 500)) == (0, 0, 0, 0)


async def test_an_svg_with_text_is_taken_with_a_warning(take_in: TakeIn) -> None:
    svg = SVG.format('width="600" height="600"', '<text x="1" y="9">Oat</text>')

    taken = await take_in(svg.encode())

    assert [notice.code for notice in taken.warnings] == ["svg_text"]


async def test_an_old_editors_svg_with_a_plain_doctype_is_taken(take_in: TakeIn) -> None:
    head = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x/svg.dtd">'

    taken = await take_in((head + SVG.format(BOX, '<path d="M0 0h9v9z"/>')).encode())

    assert taken.width == 2048


# -- what is not -----------------------------------------------------------------------------------


def png_that_claims(width: int, height: int) -> bytes:
    """A small file with an enormous promise in its header."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def animated(kind: str) -> bytes:
    others = [picture(size=(520, 520)).rotate(turn) for turn in (30, 60)]
    return encoded(picture(size=(520, 520)), kind, save_all=True, append_images=others)


def half_of(data: bytes) -> bytes:
    return data[: len(data) // 2]


def laughing() -> str:
    entities = "".join(
        f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' if i else '<!ENTITY l0 "ha">' for i in range(10)
    )
    return f"<!DOCTYPE svg [{entities}]>" + SVG.format(BOX, "<text>&l9;</text>")


ENTITY = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"

REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not an image"),
    "text": (b"hello", "not an image"),
    "a web page": (HTML, "not an image"),
    "a GIF": (encoded(picture("P"), "GIF"), "GIF"),
    "a BMP": (encoded(picture(), "BMP"), "not an image"),
    "a TIFF": (encoded(picture(), "TIFF"), "not an image"),
    "a truncated PNG": (half_of(encoded(Image.effect_noise((600, 600), 90), "PNG")), "damaged"),
    "a truncated JPEG": (half_of(encoded(Image.effect_noise((600, 600), 90), "JPEG")), "damaged"),
    "a truncated WebP": (half_of(encoded(Image.effect_noise((600, 600), 90), "WEBP")), "damaged"),
    "a PNG that lies about its size": (png_that_claims(6000, 6000), "damaged"),
    "an animated WebP": (animated("WEBP"), "Animated"),
    "an animated PNG": (animated("PNG"), "Animated"),
    "a PNG with a page behind it": (encoded(picture(), "PNG") + HTML, "something else"),
    "a JPEG with an archive behind it": (encoded(picture(), "JPEG") + b"PK\x03\x04x", "something else"),
    "a JPEG with a page inside": (encoded(picture(), "JPEG", comment=HTML), "something else"),
    "an SVG with an entity of a file": ((ENTITY + SVG.format(BOX, "<text>&x;</text>")).encode(), "entities"),
    "an SVG that laughs a billion times": (laughing().encode(), "entities"),
    "an SVG of absurd size": (SVG.format('width="200000" height="200000"', "").encode(), "size"),
    "an SVG as thin as a hair": (SVG.format('viewBox="0 0 1 100000" width="9"', "").encode(), "size"),
    "an SVG without a size": (SVG.format("", "<path/>").encode(), "size"),
    "an SVG that is no XML": (SVG.format(BOX, "<g>").encode(), "could not be read"),
    "an SVG in UTF-16": (SVG.format(BOX, "").encode("utf-16"), "not an image"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
async def test_it_is_refused_with_words(take_in: TakeIn, what: str) -> None:
    data, words = REFUSED[what]

    with pytest.raises(UnsupportedMedia, match=words) as refused:
        await take_in(data)

    assert refused.value.field == "file"
    assert refused.value.message.endswith(".")


async def test_fifty_thousand_by_fifty_thousand_is_too_large_before_it_is_decoded(
    take_in: TakeIn,
) -> None:
    with pytest.raises(TooLarge, match="40 megapixels"):
        await take_in(png_that_claims(50_000, 50_000))


async def test_over_25_mb_is_too_large_without_a_look_inside(
    intake: ImageIntake, tmp_path: Path
) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    with pytest.raises(TooLarge, match="25 MB"):
        await intake.take_in(big, tmp_path)


async def test_a_name_and_an_ending_mean_nothing(intake: ImageIntake, tmp_path: Path) -> None:
    liar = tmp_path / "logo.png"
    liar.write_bytes(encoded(picture(), "JPEG"))

    assert (await intake.take_in(liar, tmp_path)).content_type == "image/jpeg"


# -- what an SVG may not do ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "element",
    [
        '<image width="100" height="50" href="{file}"/>',
        '<image width="100" height="50" xlink:href="file://{file}"/>',
        '<image width="100" height="50" href="../{name}"/>',
        '<style>@import url("{file}"); rect {{ fill: url({file}) }}</style>',
        '<foreignObject width="100" height="50"><img src="{file}"/></foreignObject>',
        '<script>document.location="{file}"</script>',
        '<use href="{file}#x"/>',
    ],
)
async def test_nothing_outside_the_file_is_drawn(
    take_in: TakeIn, tmp_path: Path, element: str
) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (100, 50), (255, 0, 0)).save(secret)
    svg = SVG.format(BOX, element.format(file=secret, name=secret.name))

    taken = await take_in(svg.encode())

    assert opened(taken).getextrema() == ((0, 0),) * 4


async def test_a_picture_inside_the_file_is_drawn(take_in: TakeIn) -> None:
    data = base64.b64encode(encoded(Image.new("RGB", (8, 4), (255, 0, 0)), "PNG")).decode()
    svg = SVG.format(BOX, f'<image width="100" height="50" href="data:image/png;base64,{data}"/>')

    taken = await take_in(svg.encode())

    assert opened(taken).convert("RGB").getpixel((1000, 500)) == (255, 0, 0)


async def test_a_deep_svg_kills_its_child_at_most(take_in: TakeIn) -> None:
    deep = SVG.format(BOX, "<g>" * 200_000 + "</g>" * 200_000)

    with pytest.raises(UnsupportedMedia):
        await take_in(deep.encode())


# -- the child -------------------------------------------------------------------------------------


def children() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        # One that has just ended has no words any more.
        with suppress(psutil.Error):
            if "tools.media.take_in_image" in " ".join(child.cmdline()):
                found.append(child)
    return found


async def test_an_image_that_takes_too_long_is_given_up_and_its_child_ended(
    tmp_path: Path,
) -> None:
    source = tmp_path / "slow"
    source.write_bytes(encoded(picture(), "PNG"))

    with pytest.raises(UnsupportedMedia, match="too long"):
        await ImageIntake(limit_s=0.01).take_in(source, tmp_path)

    assert children() == []


async def test_whoever_stops_waiting_leaves_no_child_behind(
    intake: ImageIntake, tmp_path: Path
) -> None:
    source = tmp_path / "photo"
    source.write_bytes(encoded(Image.effect_noise((5000, 5000), 90), "PNG", compress_level=1))
    taking = asyncio.create_task(intake.take_in(source, tmp_path))
    async with asyncio.timeout(IN_THE_END_S):
        while not children():  # noqa: ASYNC110  # another process has no event to wait for
            await asyncio.sleep(0.01)

    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking

    assert children() == []


async def test_two_at_a_time_all_are_taken(intake: ImageIntake, tmp_path: Path) -> None:
    source = tmp_path / "photo"
    source.write_bytes(encoded(picture(), "PNG"))

    taken = await asyncio.gather(*(intake.take_in(source, tmp_path) for _ in range(5)))

    assert len({image.file for image in taken}) == 5


async def test_who_waits_too_long_for_a_place_is_told_so(tmp_path: Path):
    full = ImageIntake(at_once=0, wait_limit_s=0.01)
    source = tmp_path / "received"
    source.write_bytes(encoded(picture(), "PNG"))
    with pytest.raises(Busy):
        await full.take_in(source, tmp_path)
