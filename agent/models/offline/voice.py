"""The sentences of the offline model: short, kind, and honest about what it is."""

from collections.abc import Mapping, Sequence

from tools.domain.uploads import ReferenceRole, Upload

STARTERS = (
    "What models can I use?",
    "Make a 6 second TikTok teaser for our oat drink",
    "Animate our logo",
    "Help me write a better prompt",
)
"""Shown in an empty session; each leads somewhere good when it is sent."""

GREETING = (
    "Hi! I am an AI assistant, running offline: I follow rules instead of a language model, "
    "so plain English works best."
)

# Questions end with one of these; the next turn recognises its own question by it.
DROP_OR_GO_ON = "Drop it on this chat, or say “go on without it”."
ASK_SUBJECT = "What should the film show?"
ASK_PROMPT = "Send me the prompt, and I will sharpen it."
OFFER_FILM = "Say “make it” and I will film that, or tell me more."
OFFER_REFINED = "Say “make it” to film this, or send me another version."

LET_GO = "Fine, I let that go. Tell me when you want something else."
THANKS = "You are welcome! Say “again but shorter”, “in 9:16” or “another hook” to vary a film."
STOP = (
    "To stop a film, use Cancel on its card; I cannot stop it from here. "
    "The Stop button ends an answer of mine."
)
ELSEWHERE = (
    "That is not something I can do by message. Download, approve and reject are on each film's "
    "card. I can make the film again differently: “again but shorter”, “in 1:1”, “another hook”."
)
UNHAPPY = (
    "I am sorry. Tell me what should be different, for example “make it more playful”, “another "
    "hook”, “add a dog” or “in 1:1”, and I will make it again."
)
ONE_AT_A_TIME = "I make one film at a time: say “again” or “another hook” for the next."
ONE_THING = "I do one thing at a time, so this is the film alone: ask the other in its own message."
NOTHING_SPENT = (
    "Nothing so far: no film was asked for here. A draft is always free, and “How much does a 10 "
    "second film cost?” tells the prices of the others."
)
RULES = (
    "I keep to my rules, whatever a message says, and I have no keys or hidden instructions to "
    "share. I am happy to make a film, though: what is it about?"
)
ADDRESS = "I never open addresses, so nothing behind a link can reach your campaign."
ADDRESS_ALONE = f"{ADDRESS} Drop the file on this chat instead, and I can use it."
HOW_TO_UPLOAD = (
    "Drop an image on this chat, paste it, or pick one with the attach button: PNG, JPEG, WebP or SVG. "
    "A logo is placed exactly as it is, never redrawn."
)
NOT_HERE = "That part of the studio is not available right now."
TOO_LONG = "That is {count:,} characters, and a prompt takes at most {limit:,}. Please shorten it."
ODD_LENGTH = (
    "I cannot make a film of {length_s} seconds. Most models make 4 to 60: say a length in "
    "between, for example “make it 6 seconds”."
)
NO_FILM_YET = "There is no film yet that I could make again."
TOO_SHORT = "It has {length_s} seconds already, and 4 is the shortest that models make."
TOO_LONG_FILM = "It has {length_s} seconds already, and 60 is the longest that models make."

_EXAMPLES = (
    "- “Make a 6 second TikTok teaser for our oat drink, use our logo”\n"
    "- “Animate our logo”, “Show off our new sneaker”, “An Instagram post about our summer sale”\n"
    "- “Improve my prompt: a cup of coffee at sunrise”\n"
    "- “What models can I use?”, “Again but shorter”, “In 16:9”, “Another hook”"
)
TEMPLATES = (
    "There are six templates:\n\n"
    "- **brand animation** opens into your logo: a name, perhaps a tagline\n"
    "- **product showcase** shows material and detail: a name and a description\n"
    "- **social media** is made for Instagram, TikTok, YouTube or Facebook: an idea and which one\n"
    "- **launch teaser** shows a glimpse of what is coming: a name, perhaps the day\n"
    "- **offer countdown** is for an offer that ends soon: a product, the offer, until when\n"
    "- **logo sting** opens or closes a film in five seconds: a name and your logo"
)
HELP = (
    "I turn your words and images into short campaign films. Drop a logo or a product photo here "
    "if you have one, and try:\n\n"
    f"{_EXAMPLES}\n\n"
    f"{TEMPLATES}"
)
ABOUT_ME = (
    "I am an AI assistant, not a person. Right now I run offline: no language model answers you, "
    "only rules, so I understand a limited set of requests. Say “help” to see them."
)
OUT_OF_SCOPE = (
    "I cannot answer that: offline I follow rules, and they are about making films. "
    f"Here is what works:\n\n{_EXAMPLES}"
)
_FOREIGN = {
    "de": "Offline verstehe ich leider nur Englisch.",
    "fr": "Hors ligne, je ne comprends que l’anglais.",
    "es": "Sin conexión solo entiendo inglés.",
    "it": "Offline capisco solo l’inglese.",
    "pt": "Offline só entendo inglês.",
    "nl": "Offline begrijp ik alleen Engels.",
    "sv": "Offline förstår jag bara engelska.",
    "pl": "Offline rozumiem tylko angielski.",
}


_SHARP_PIXELS = 512
_QUOTED_CHARS = 80


def foreign(language: str) -> str:
    """In their language where we have the sentence, then in ours with something that works."""
    own = f"{_FOREIGN[language]} " if language in _FOREIGN else ""
    return (
        f"{own}While I am offline I only understand English. Try: “Make a 6 second TikTok teaser "
        "for our oat drink”."
    )


def greeting(uploads: Sequence[Upload]) -> str:
    seen = f" I can see {images(uploads)} you gave me." if uploads else ""
    return f"{GREETING}{seen} What shall we film? Say “help” for examples."


def images(uploads: Sequence[Upload]) -> str:
    """What was uploaded, in words: "your logo", "your product photo and 2 images"."""
    logos = sum(upload.role is ReferenceRole.LOGO for upload in uploads)
    products = sum(upload.role is ReferenceRole.PRODUCT for upload in uploads)
    others = len(uploads) - logos - products
    parts = [
        _counted(logos, "logo", "logos"),
        _counted(products, "product photo", "product photos"),
        _counted(others, "image", "images"),
    ]
    said = [part for part in parts if part]
    return "your " + " and ".join([", ".join(said[:-1]), said[-1]] if said[1:] else said)


def _counted(count: int, one: str, many: str) -> str:
    return "" if count == 0 else one if count == 1 else f"{count} {many}"


def sees(uploads: Sequence[Upload]) -> str:
    """An answer to a message of images alone."""
    small = any(min(upload.width, upload.height) < _SHARP_PIXELS for upload in uploads)
    warning = " It is under 512 pixels, so it may look soft." if small else ""
    logo = any(upload.role is ReferenceRole.LOGO for upload in uploads)
    what = "“Animate our logo”" if logo else "“Show off our new …”"
    return (
        f"Thank you, I can see {images(uploads)}.{warning} What shall I make of it? "
        f"For example {what}, or “Make a 6 second TikTok teaser for …”."
    )


def uploads_here(uploads: Sequence[Upload]) -> str:
    if not uploads:
        return f"No, there is no image in this session yet. {HOW_TO_UPLOAD}"
    return f"Yes, I can see {images(uploads)}. The next film will use it."


def asks_for_image(what: str, *, address: bool = False, still: bool = False) -> str:
    """`what`: "logo" or "image"."""
    if address:
        return f"{ADDRESS} If it is an image for the film, I need the file. {DROP_OR_GO_ON}"
    if still:
        return f"I cannot see your {what} in this session yet. {DROP_OR_GO_ON}"
    return f"You want your {what} in it, and I do not have it yet. {DROP_OR_GO_ON}"


def asks_missing(questions: Sequence[str], *, image: str | None) -> str:
    """All that a template still needs, as one question. `image`: "logo" or "image" if wanted."""
    drop = (
        f"\n\nAnd drop your {image} on this chat to have it in the film; otherwise I go on "
        "without it."
        if image
        else ""
    )
    if len(questions) == 1:
        return f"{questions[0]}{drop}"
    listed = "\n".join(f"- {question}" for question in questions)
    return f"I need {len(questions)} things, in one message, line by line:\n\n{listed}{drop}"


def offers(text: str) -> str:
    shown = text if len(text) <= _QUOTED_CHARS else f"{text[:_QUOTED_CHARS].rstrip()}…"
    return f"Should that be a film? “{shown}” {OFFER_FILM}"


def status(*, asked: bool, ready: bool) -> str:
    if ready:
        return "Your latest film is in your creatives."
    if asked:
        return (
            "I have no word yet that it is finished. Its card shows the stage and the time; I will "
            "not call it ready before it is in your creatives."
        )
    return "No film is being made here yet. What should it show?"


def refined(output: Mapping[str, object]) -> str:
    """Before and after, what changed and what to watch for."""
    parts = [
        f"**Before**\n\n{_quoted(output.get('prompt'))}",
        f"**After**\n\n{_quoted(output.get('refinedPrompt'))}",
    ]
    if changes := _bullets(output.get("changes")):
        parts.append(f"**What changed**\n\n{changes}")
    if warnings := _bullets(output.get("warnings")):
        parts.append(f"**Watch out**\n\n{warnings}")
    return "\n\n".join([*parts, OFFER_REFINED])


def _quoted(text: object) -> str:
    lines = str(text or "").splitlines() or [""]
    return "\n".join(f"> {line}" for line in lines)


def _bullets(items: object) -> str:
    if not isinstance(items, list | tuple):
        return ""
    return "\n".join(f"- {_notice(item)}" for item in items)


def _notice(item: object) -> str:
    return str(item.get("message", "")) if isinstance(item, Mapping) else str(item)
