"""Composition sketches: a stage, a light and a stand-in for the subject, in the film's colours.

They show where things stand and how large, not what they look like: the stand-in is a plain ball.
"""

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tools.domain.colours import Rgb, mixed
from tools.domain.storyboard import Light, Role
from tools.media.palette import WHITE, Palette
from tools.media.shapes import Size, disc_gradient, rounded, shadow, smooth

_BLACK: Rgb = (0, 0, 0)
_LIT_FROM = {
    Light.LEFT: (0.32, 0.28),
    Light.RIGHT: (0.68, 0.28),
    Light.ABOVE: (0.5, 0.18),
    Light.BEHIND: (0.5, 0.08),
}
"""Where on the ball the light falls, in shares of its box."""


def _horizon(size: Size) -> float:
    """Where the ground begins: in a tall frame high, so that things stand above the words."""
    return 0.5 if size[1] > size[0] * 1.2 else 0.66


def stage(size: Size, palette: Palette, light: Light) -> Image.Image:
    """A wall or sky, a ground, and light from somewhere: the air of the film, without things."""
    k = 6
    w, h = size[0] // k + 1, size[1] // k + 1
    level = _horizon(size)
    horizon = round(h * level)
    plate = Image.new("RGB", (w, h))
    plate.paste(_ramp((w, horizon), mixed(palette.back, _BLACK, 0.22), palette.back), (0, 0))
    far, near = mixed(palette.ground, palette.glow, 0.2), mixed(palette.ground, _BLACK, 0.4)
    plate.paste(_ramp((w, h - horizon), far, near), (0, horizon))
    x, y = {
        Light.LEFT: (0.08, 0.14),
        Light.RIGHT: (0.92, 0.14),
        Light.ABOVE: (0.5, 0.0),
        Light.BEHIND: (0.5, level - 0.2),
    }[light]
    _add_glow(plate, palette.glow, (x, y), 1.0, 0.7)
    _add_glow(plate, palette.glow, (0.5, level), 0.5, 0.2)
    soft = plate.filter(ImageFilter.GaussianBlur(1.5)).resize(size, Image.Resampling.BICUBIC)
    return _grained(soft)


def _ramp(size: Size, top: Rgb, bottom: Rgb) -> Image.Image:
    mask = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), mask)


def _add_glow(
    plate: Image.Image, colour: Rgb, at: tuple[float, float], radius: float, strength: float
) -> None:
    """Light around `at` (shares of the plate), `radius` in shares of its longer side."""
    side = max(round(max(plate.size) * radius * 2), 2)
    falloff = [round(255 * strength * (1 - v / 255) ** 2) for v in range(256)]
    mask = disc_gradient().point(falloff).resize((side, side))
    corner = (round(plate.width * at[0] - side / 2), round(plate.height * at[1] - side / 2))
    plate.paste(colour, (*corner, corner[0] + side, corner[1] + side), mask)


def _grained(plate: Image.Image) -> Image.Image:
    """A breath of grain: without it the encoder turns a soft gradient into steps."""
    noise = Image.effect_noise(plate.size, 3)
    return ImageChops.add(plate, Image.merge("RGB", (noise, noise, noise)), 1, -128)


def sketch_plate(role: Role, size: Size, palette: Palette, light: Light) -> Image.Image:
    """Wide before an arch for the hook, close on a podium for the product, a row for the proof."""
    plate = stage(size, palette, light)
    w, h = size
    unit = min(w, h)
    is_wide, level = w > h * 1.2, _horizon(size)
    x = w * (0.7 if is_wide else 0.5)
    floor = h * (level + (0.06 if is_wide else 0.03))
    match role:
        case Role.HOOK:
            _arch(plate, (x, h * level), (unit * 0.5, min(unit * 0.8, h * level * 0.78)), palette)
            _ball(plate, (x, floor), unit * 0.3, palette, light)
        case Role.PRODUCT:
            top = _podium(plate, (x, floor + unit * 0.08), (unit * 0.7, unit * 0.2), palette)
            _ball(plate, (x, top), unit * 0.5, palette, light)
        case Role.PROOF | Role.CALL:
            for dx, side, down in ((-0.3, 0.24, 0.0), (0.3, 0.3, 0.02), (0.0, 0.44, 0.06)):
                _ball(plate, (x + unit * dx, floor + unit * down), unit * side, palette, light)
    return plate


def _arch(plate: Image.Image, foot: tuple[float, float], size: tuple[float, float],
          palette: Palette) -> None:  # fmt: skip
    """A niche in the wall, lighter than it: it says where to look."""
    w, h = round(size[0]), round(size[1])
    mask = rounded((w, h + w // 2), w // 2).crop((0, 0, w, h))
    lit = _ramp((w, h), mixed(palette.glow, WHITE, 0.25), mixed(palette.glow, palette.back, 0.35))
    plate.paste(lit, (round(foot[0] - w / 2), round(foot[1] - h)), mask)


def _podium(plate: Image.Image, foot: tuple[float, float], size: tuple[float, float],
            palette: Palette) -> float:  # fmt: skip
    """A round podium; gives the height at which a thing stands on it."""
    w, h = round(size[0]), round(size[1])
    rise = round(w * 0.2)
    left, top = round(foot[0] - w / 2), round(foot[1] - h)
    drum = Image.new("L", (w * 2, (h + rise) * 2), 0)
    draw = ImageDraw.Draw(drum)
    draw.rectangle((0, rise, w * 2, h * 2 + rise), fill=255)
    draw.ellipse((0, h * 2, w * 2 - 1, (h + rise) * 2 - 1), fill=255)
    side = drum.resize((w, h + rise), Image.Resampling.BOX)
    under = side.resize((round(w * 1.06), max(rise, 2)))
    shade = shadow(under, (round(foot[0] - under.width / 2), top + h), plate.size, w // 20, 0.7)
    plate.paste(mixed(palette.ground, _BLACK, 0.7), (0, 0), shade)
    body = Image.linear_gradient("L").rotate(90).resize(side.size)
    tone = mixed(palette.back, palette.glow, 0.35)
    lit, dark = Image.new("RGB", side.size, tone), Image.new(
        "RGB", side.size, mixed(palette.ground, _BLACK, 0.12)
    )  # fmt: skip
    plate.paste(Image.composite(dark, lit, body), (left, top), side)
    lid = rounded((w, rise), rise // 2)
    ellipse = Image.new("L", (w * 2, rise * 2), 0)
    ImageDraw.Draw(ellipse).ellipse((0, 0, w * 2 - 1, rise * 2 - 1), fill=255)
    plate.paste(mixed(tone, WHITE, 0.22), (left, top), ellipse.resize(lid.size))
    return top + rise * 0.62


def _ball(plate: Image.Image, foot: tuple[float, float], side: float, palette: Palette,
          light: Light) -> None:  # fmt: skip
    """A matt ball, lit from the light's side, standing on `foot`, with its shadow."""
    d = round(side)
    at = (round(foot[0] - d / 2), round(foot[1] - d))
    lean = {Light.LEFT: 0.22, Light.RIGHT: -0.22}.get(light, 0.0)
    cast = rounded((round(d * 0.92), max(round(d * 0.16), 4)), round(d * 0.08))
    under = (round(foot[0] - cast.width / 2 + lean * d), round(foot[1] - cast.height * 0.75))
    shade = shadow(cast, under, plate.size, max(round(d * 0.05), 4), 0.6)
    plate.paste(mixed(palette.ground, _BLACK, 0.75), (0, 0), shade)
    plate.paste(_shaded((d, d), palette, light), at, rounded((d, d), d // 2))


def _shaded(size: Size, palette: Palette, light: Light) -> Image.Image:
    """From the lit side to the shaded one, with light from the ground coming back below."""
    x, y = _LIT_FROM[light]
    w = size[0]
    reach = round(w * 1.75)
    fall = disc_gradient().resize((reach, reach))
    at = (round(w * x - reach / 2), round(w * y - reach / 2))
    tone = Image.new("L", size, 255)
    tone.paste(fall, at)
    lit, dark = mixed(palette.subject, WHITE, 0.42), mixed(palette.subject, palette.ground, 0.72)
    middle = Image.composite(
        Image.new("RGB", size, dark), Image.new("RGB", size, palette.subject),
        tone.point([round(255 * smooth((v - 40) / 215)) for v in range(256)]),
    )  # fmt: skip
    body = Image.composite(
        middle, Image.new("RGB", size, lit),
        tone.point([round(255 * smooth((v + 40) / 215)) for v in range(256)]),
    )  # fmt: skip
    rim = disc_gradient().resize(size)
    bounce = rim.point([round(90 * max(0.0, (v / 255 - 0.72) / 0.28) ** 2) for v in range(256)])
    low = Image.linear_gradient("L").resize(size)
    body.paste(palette.accent, (0, 0), ImageChops.multiply(bounce, low))
    return body
