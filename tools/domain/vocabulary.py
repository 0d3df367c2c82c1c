"""The words a marketer uses, sorted by the part of a film they speak of.

Data for `tools.domain.prompts`: a cue is one to three lower-case words, looked up at the beginning
and at the end of a phrase, so that a table may grow without making anything slower.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


_EDGES = " .,;:!?\"“”„«»()[]*'‘’-–—"


def bare(word: str) -> str:
    """A word as these tables hold it: lower case, without what stands around it."""
    return word.strip(_EDGES).lower()


DETERMINERS = _words(
    "a an the our my your this that these those some their his her its we i it's we're i'm "
    "this'll here's you"
)

REQUEST_OPENERS = _words(
    "hi hello hey there ok okay so now please kindly can could would will you u i we i'd we'd i'll "
    "want wants need needs like love to let's lets let just also then help try and"
)
REQUEST_VERBS = _words(
    "make makes making create creating generate generating produce producing render build shoot "
    "explain tell present promote advertise design do give get show use using add include put "
    "have want need craft prepare draft"
)
AFTER_REQUEST = _words(
    "me us it a an the one some another new short quick little brief simple be how"
)

KINDS = _words(
    "video videos vid vids something film films clip clips ad ads advert advertisement commercial "
    "teaser teasers pre-roll pre-rolls preroll "
    "reel reels short shorts spot promo trailer animation animatic story stories post bumper "
    "showcase demo explainer movie footage version content creative tiktok"
)
CONNECTIVES = _words("for about of showing featuring shows starring introducing promoting on")
RELATIVES = _words("that which where who")

SMALL_WORDS = _words(
    "a an the and or of to in on at with for by from as is are it its be into onto up down out "
    "off over through across past toward towards behind around along his her their our my your"
)

PLACE_LEADS = _words(
    "in on at inside outside under beneath above below beside near against along among across "
    "over through behind between around amid within atop"
)
SCENE_LEADS = _words("while as during showing featuring where that which who")
OTHER_LEADS = _words(
    "with while during as for to where showing featuring that which who without no"
)
PARTICLE_VERBS = _words(
    "push pushes pushing pushed pull pulls pulling zoom zooms zooming dolly dollies track tracks "
    "move moves moving fade fades fading close slow pan pans tilt tilts turn turns turning switch "
    "come comes coming go goes going lean leans bring brings"
)
PARTICLES = _words("in on out over up down off back around through")
CAMERA_JOINS = _words("on around across over through along behind from to toward with")

CAMERA = _phrases(
    "close-up, close-ups, closeup, close up, extreme close-up, wide shot, medium shot, long shot, "
    "shot, shots, macro, dolly, dolly in, dolly out, push-in, push in, pushes in, pull-back, pull "
    "back, pulls back, pull-out, pull out, pan, pans, panning, tilt, tilts, zoom, zooms, zoom in, "
    "zoom out, zooms in, zooms out, orbit, orbits, orbiting, crane, aerial, aerial view, drone, "
    "drone shot, handheld, hand-held, steadicam, tracking, tracking shot, lens, slow motion, "
    "slow-motion, slow-mo, timelapse, time-lapse, time lapse, hyperlapse, pov, point of view, "
    "bokeh, depth of field, low angle, high angle, low-angle, high-angle, top-down, top down, "
    "overhead, bird's eye view, dutch angle, camera, the camera, camera move, camera movement, "
    "framing, gimbal, one take, whip pan, static, locked-off, locked off, view, angle, fisheye"
)
LIGHT = _phrases(
    "light, lighting, lit, backlit, sunlit, sunlight, moonlight, candlelight, daylight, "
    "backlight, rim light, glow, shadows, golden hour, blue hour, sunset, sunrise, dawn, dusk, "
    "twilight, midnight, night, noon, silhouette, neon, neon lights, chiaroscuro, high-key, "
    "low-key, high key, low key, lens flare, lens flares, sunbeams, firelight, lamplight, studio "
    "lights"
)
SOUND = _phrases(
    "music, sound, sounds, soundtrack, sound design, sound effects, beat, beats, song, "
    "voice-over, voiceover, voice over, narration, narrator, ambience, audio, jingle, melody, "
    "piano, drums, guitar, sfx, jazz, lo-fi, hip hop, techno, synths, silence, chimes, birdsong, "
    "applause, asmr, sound of, sounds of, dialogue"
)
STYLE = _phrases(
    "style, look, aesthetic, aesthetics, mood, vibe, vibes, feel, feeling, tone, tones, grade, "
    "colour grade, color grade, grading, motion graphics, transitions, quality, colours, colors, "
    "colour palette, color palette, palette, in the style, film grain, grain, stop motion, "
    "pacing, hook, film look, animation style, energy, atmosphere"
)
STYLE_ADJECTIVES = _words(
    "cinematic premium luxury luxurious minimalist minimal modern retro vintage playful funny "
    "elegant bold energetic calm serene dreamy moody nostalgic realistic photorealistic stylised "
    "stylized documentary noir anime cartoon stop-motion claymation 3d 2d watercolour watercolor "
    "surreal futuristic cyberpunk gritty clean sleek corporate professional cosy cozy fun "
    "dramatic epic romantic fresh trendy viral emotional inspiring upbeat fast-paced dynamic "
    "whimsical magical rustic edgy cool youthful friendly animated high-quality beautiful "
    "stunning amazing gorgeous awesome great nice slick polished punchy catchy high-end warm "
    "vibrant colourful colorful soft pastel monochrome black-and-white hd"
)
DEGREES = _words("very more really super ultra slightly a bit and but yet & not too so feeling")

WANTS = _words("want wants need needs like love")
ANNOUNCING = _words("launching introducing announcing presenting releasing unveiling selling")
NOT_PLACES = _words(
    "once all first last least time sale stock general detail demand offer total addition fact "
    "case order advance style color colour every each"
)
PLACES = _words(
    "background backdrop studio kitchen beach forest city street office desert rooftop bedroom "
    "bathroom cafe café restaurant bar gym garden park countryside landscape skyline outdoors "
    "indoors interior exterior counter countertop tabletop market shop store field meadow lake "
    "seaside mountains woods jungle station airport stadium pool terrace balcony"
) | _phrases("living room, coffee shop, at home, city street, night sky, white cyc")

COLOURS = _words(
    "red orange yellow green blue purple violet pink brown black white grey gray gold golden "
    "silver beige cream ivory teal turquoise cyan magenta maroon burgundy navy olive lime mint "
    "peach coral salmon lavender lilac indigo amber copper bronze terracotta charcoal khaki "
    "mustard crimson scarlet emerald sapphire aqua fuchsia ochre sage sand"
)
COLOUR_MODIFIERS = _words(
    "dark light deep pale bright soft warm cool navy forest sky royal rose baby hot mint lime "
    "olive electric dusty burnt off sea pastel neon matte midnight"
)
NOT_A_COLOUR_BEFORE = _words(
    "hour juice friday cheese retriever leaf tea whale card ocean-view lining medal fish beach "
    "dunes market"
)

ACTION_STEMS = _words(
    "help keep find wink wait start lift show explain protect feel save bring pour open jump danc "
    "walk rid driv fly float spin rotat fall splash melt glid drift slid unfold unwrap unbox "
    "reveal appear emerg explod shatter assembl transform morph grow bloom blossom swirl sparkl "
    "shin flicker smil laugh hold lift tak pick grab sip cook bak slic stir swip tap sleep wak "
    "sit stand climb surf skat swim cross chas crash burst flow drip pop fizz bubbl leap land "
    "enter arriv leav hug kiss carr serv tast bit spread scatter shimmer breath gaz whisper "
    "celebrat cheer discover reach begin glow freez settl stretch wip blend brew steam"
)
AMBIGUOUS_VERBS = _words(
    "waves drinks looks cuts drops plays works rolls races forms turns rises runs rides stands "
    "lands pops taps falls shines bites cooks serves wakes slides flows reaches drives flies "
    "presses steams leaves blends"
)
NOT_ACTIONS = _words(
    "morning evening building ring spring string king thing something anything everything nothing "
    "wing ceiling clothing lighting packaging pudding wedding stocking earring feeling during "
    "offering viking duckling sterling beijing icing dining bring sling upcoming amazing stunning "
    "refreshing exciting relaxing charming inspiring"
)
ADJECTIVES_IN_ING = _words(
    "sparkling running training hiking cooking washing swimming gaming sewing charging banking "
    "cleaning cleansing moisturising moisturizing baking fishing sleeping drinking walking "
    "cycling climbing camping trading shopping marketing meeting parking chewing shaving skating "
    "whitening dancing flying sitting"
)
