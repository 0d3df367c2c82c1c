"""Concrete choices for what a prompt leaves open, by what it speaks of. Data for the refiner.

Each choice names things a camera can see (a lens, a lamp, three colours), because words such as
"beautiful" change nothing (reference: Sora, Veo and Runway guides). Deterministic: the same words
get the same choice.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What is filled in, by part of the anatomy; `words` are what calls for it."""

    name: str
    words: str
    action: str
    setting: str
    camera: str
    light: str
    palette: tuple[str, ...]
    sound: str
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Steer:
    """What a mood word means for camera, light, palette and style; "" leaves it to the theme."""

    words: str
    camera: str = ""
    light: str = ""
    palette: tuple[str, ...] = ()
    sound: str = ""
    style: str = ""


THEMES = (
    Choices(
        name="drinks",
        words="drink drinks coffee espresso latte tea juice water soda beer wine cocktail milk "
        "smoothie lemonade kombucha cider cola whisky gin oat barista",
        action="a slow pour catches the light; the surface swirls and settles",
        setting="on a pale oak counter beside a window, a little steam in the air",
        camera="slow push-in from a medium close-up, 85 mm lens, shallow depth of field",
        light="soft morning light from the left, a warm rim from behind",
        palette=("warm cream", "pale oak", "soft amber"),
        sound="a soft pour, a quiet room, one clear clink",
        style="tactile food film, true colours, unhurried",
    ),
    Choices(
        name="food",
        words="food burger pizza bread cake chocolate cheese fruit salad pasta snack cookie "
        "cookies granola breakfast restaurant recipe bakery ice-cream sauce soup sushi cereal",
        action="it is broken open slowly; steam rises and crumbs fall",
        setting="on a dark stone table, a linen cloth and two ingredients behind it, out of focus",
        camera="slow slide to the right at table height, 100 mm macro lens",
        light="low side light, gentle shadow toward us",
        palette=("toasted brown", "cream", "fresh green"),
        sound="a crisp crack, a light sizzle, a quiet kitchen",
        style="appetising food film, close and textured",
    ),
    Choices(
        name="technology",
        words="app software phone smartphone laptop computer ai gadget headphones earbuds watch "
        "smartwatch tablet camera robot device saas platform iphone drone speaker charger tv "
        "console keyboard data cloud tech",
        action="it turns slowly; a line of light travels along its edge and stops",
        setting="on a matte dark plinth, a seamless deep gradient behind",
        camera="slow orbit at product height, 85 mm lens, shallow depth of field",
        light="one strip light from above, thin cool rim lights on both sides",
        palette=("graphite", "cool white", "electric blue"),
        sound="a low hum, one precise click",
        style="precise product film, clean reflections",
    ),
    Choices(
        name="beauty",
        words="perfume fragrance skincare serum cream lipstick makeup cosmetics shampoo soap "
        "lotion hair nail beauty moisturiser moisturizer mascara",
        action="a drop falls and spreads in slow ripples; the product comes into focus",
        setting="on wet stone with a thin film of water, a soft plain background",
        camera="slow macro glide upward, 100 mm lens",
        light="large soft light from behind, a silver card in front",
        palette=("soft blush", "pearl white", "pale gold"),
        sound="a single drop, an airy tone",
        style="delicate beauty film, clean skin tones, fine texture",
    ),
    Choices(
        name="fashion",
        words="shoe shoes sneaker sneakers trainers dress jacket jeans fashion clothing clothes "
        "shirt hoodie bag handbag jewellery jewelry ring necklace sunglasses hat boots collection "
        "outfit wear socks",
        action="fabric and form move past the camera; it stops and holds its shape",
        setting="in a bare concrete studio with one tall window",
        camera="low tracking shot alongside, 35 mm lens",
        light="hard daylight from one side, one clean shadow",
        palette=("stone grey", "off-white", "deep black"),
        sound="footsteps, cloth in motion, a steady beat",
        style="editorial fashion film, confident and spare",
    ),
    Choices(
        name="travel",
        words="travel hotel resort beach island mountain mountains trip holiday vacation flight "
        "airline city tour cruise camping hiking adventure desert ocean sea forest lake road",
        action="the view opens from behind a foreground edge; clouds move across it",
        setting="at the edge of a wide natural view, a path leading the eye in",
        camera="slow aerial push forward, 24 mm lens, deep focus",
        light="golden hour, low sun from the side, long soft shadows",
        palette=("sand", "deep teal", "sunset orange"),
        sound="wind, distant water, a slow warm chord",
        style="wide travel film, natural colour, calm pace",
    ),
    Choices(
        name="sport",
        words="sport sports fitness gym run running runner yoga football soccer basketball bike "
        "cycling workout training athlete energy protein swim swimming tennis race marathon",
        action="one push off the ground; dust rises and hangs in the air",
        setting="on an open track at the edge of the city",
        camera="low tracking shot at speed, 35 mm lens, slight handheld shake",
        light="low sun from behind, a bright rim, soft shade toward us",
        palette=("asphalt grey", "signal red", "white"),
        sound="breath, one footfall, a rising drum",
        style="kinetic sports film, crisp motion",
    ),
    Choices(
        name="home",
        words="home house furniture sofa chair lamp kitchen bed mattress candle plant garden "
        "cleaning paint apartment interior decor family toy toys baby pet dog cat blanket pillow",
        action="sunlight moves slowly across it and rests",
        setting="in a lived-in room with a wooden floor and one green plant",
        camera="slow slide from behind a door frame, 35 mm lens",
        light="late morning sun through thin curtains, soft bounce from a white wall",
        palette=("warm white", "sage green", "honey wood"),
        sound="a quiet room, birds outside, a soft step",
        style="warm documentary film, honest and homely",
    ),
    Choices(
        name="cars",
        words="car cars suv motorcycle scooter truck van vehicle electric-car ev tyre tyres",
        action="it rolls out of the dark and comes to rest; headlights come on",
        setting="on wet asphalt under a wide concrete roof",
        camera="low tracking shot along the side, 40 mm anamorphic lens",
        light="one long overhead strip light, a clean line along the body",
        palette=("wet black", "steel blue", "tail-light red"),
        sound="tyres on wet ground, a deep hum",
        style="sleek automotive film, long clean reflections",
    ),
)

OTHERWISE = Choices(
    name="product",
    words="",
    action="it comes into focus; light moves slowly across it and rests",
    setting="in a calm, uncluttered studio space with a soft gradient behind",
    camera="slow push-in from a medium shot, 50 mm lens, shallow depth of field",
    light="soft key light from the left, gentle fill, a thin rim from behind",
    palette=("warm white", "slate grey", "soft gold"),
    sound="quiet room tone, one soft rising note",
    style="clean commercial film, natural colour",
)

STEERS = (
    Steer(
        words="cinematic filmic movie epic",
        camera="slow push-in, 40 mm anamorphic lens, shallow depth of field",
        style="fine film grain, soft highlight roll-off",
    ),
    Steer(
        words="dramatic moody intense noir mysterious",
        light="one hard key light from the side, deep shadows, a thin cool rim",
        palette=("near black", "cold steel", "ember orange"),
        sound="a low drone that swells and stops",
    ),
    Steer(
        words="golden sunset sunrise dusk dawn",
        light="golden hour, low warm sun from behind, long soft shadows",
        palette=("honey gold", "soft peach", "dusty blue"),
    ),
    Steer(
        words="luxury luxurious premium elegant high-end",
        camera="slow orbit, 85 mm lens, shallow depth of field",
        light="large soft key light, precise rim lights, deep clean blacks",
        palette=("deep charcoal", "champagne", "soft gold"),
        style="restrained luxury film, slow and exact",
    ),
    Steer(
        words="minimal minimalist clean simple corporate professional modern sleek",
        camera="locked-off medium shot, 50 mm lens, deep focus",
        light="even soft light, faint shadow on a plain ground",
        palette=("white", "cool grey", "one clear blue"),
        style="clean modern film, generous empty space",
    ),
    Steer(
        words="playful fun funny colourful colorful cheerful quirky",
        camera="quick push-in from low down, 28 mm lens",
        light="bright, even daylight with crisp little shadows",
        palette=("sunny yellow", "coral", "sky blue"),
        sound="a bouncy beat with hand claps",
        style="playful film, bold shapes, snappy rhythm",
    ),
    Steer(
        words="energetic dynamic fast fast-paced bold punchy",
        camera="handheld tracking shot, 28 mm lens, quick and close",
        sound="a driving beat, sharp hits on each movement",
        style="high-energy film, cuts on movement",
    ),
    Steer(
        words="calm serene peaceful relaxing gentle soft dreamy",
        camera="very slow push-in, 50 mm lens",
        light="soft diffused daylight, no hard edges",
        palette=("soft sage", "warm white", "pale sky"),
        sound="quiet ambience, one slow piano note",
        style="calm, unhurried film",
    ),
    Steer(
        words="retro vintage nostalgic 70s 80s 90s",
        camera="slow zoom in on a vintage 35 mm lens",
        light="warm tungsten lamps with a soft bloom",
        palette=("mustard", "burnt orange", "faded teal"),
        style="vintage film stock, visible grain, slight gate weave",
    ),
    Steer(
        words="neon futuristic cyberpunk night",
        light="neon signs as key and rim, wet reflections",
        palette=("magenta", "cyan", "ink blue"),
        sound="a pulsing synth, distant traffic",
    ),
    Steer(
        words="documentary authentic natural raw real handheld",
        camera="handheld medium shot, 35 mm lens, small natural movements",
        light="available light from a window",
        style="observational film, nothing staged",
    ),
)


def theme_of(text: str) -> Choices:
    """The theme most words of the text call for; the first of equals, `OTHERWISE` for none."""
    spoken = _spoken(text)
    counted = [(sum(word in spoken for word in theme.words.split()), theme) for theme in THEMES]
    most, theme = max(counted, key=lambda one: one[0])
    return theme if most else OTHERWISE


def steers_of(text: str) -> tuple[Steer, ...]:
    """The mood words of the text, in the table's order."""
    spoken = _spoken(text)
    return tuple(steer for steer in STEERS if any(word in spoken for word in steer.words.split()))


def _spoken(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w-]+", text.lower()))
