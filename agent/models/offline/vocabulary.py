"""The words that ask for a film without saying what is in it. Data, so that rules stay readable."""

import re

from agent.models.offline.wording import without_settings


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILLERS = _words(
    "a an the and or but for of to in into on at with by from as is are it its it's be me us i we you "
    "our my your this that these those some any one more another please can could would will want need "
    "like love let's lets let just also now then again same version make create generate produce film "
    "render shoot animate build design do give get show turn put prepare craft try video videos films "
    "clip clips teaser trailer ad ads advert advertisement commercial spot animation animatic reel reels "
    "promo movie footage short shorter shorts long longer story stories post logo logos image images "
    "photo photos picture pictures upload uploads use using used include add format ratio aspect seconds "
    "second sec minute minutes length about model draft quick new nice good great cool brief something "
    "anything hey hi hello ok okay so well i'd we'd social media content hook opening different take once "
    "instead only change keep redo remake retry repeat have has im i'm us company brand campaign product "
    "too well though really actually pls vid vids yes much even little bit vertical horizontal square wide "
    "tall all load fetch open says "
)
"""What is left of a request without these is its content."""

VERBS = (
    r"(?:make|create|generate|produce|film|render|shoot|animate|build|design|do|draw|give|get|"
    r"want|need|like|show|turn|put|prepare|craft|try|record|visuali[sz]e|have|start|draft)"
)
NOUNS = (
    r"(?:videos?|vids?|films?|clips?|teasers?|trailers?|ads?|adverts?|advertisements?|commercials?|"
    r"spots?|animations?|animatics?|reels?|promos?|movies?|stories|story|footage|bumpers?|"
    r"cutdowns?|loops?|shorts|stings?)"
)
ASKS_FILM = re.compile(
    rf"\b{VERBS}\b.{{0,120}}?\b{NOUNS}\b|"
    rf"\b{NOUNS}\b (?:for|about|of|with|showing|where|that|in which|featuring|to promote|in|on)\b|"
    rf"\b{VERBS}\b (?:me |us )?something (?:for|about|with|on)\b|"
    r"^(?:film|shoot|animate|render|generate|visuali[sz]e|video|make|create|produce) "
    r"(?!it\b|that\b|this$|sure\b|sense\b)\w"
)
ASKS = re.compile(
    r"^(?:what|which|how|who|where|when|why|is|are|do|does|did|was|were|has|have|am|should|tell|"
    r"list|compare|whats|what's|who's|explain)\b"
)
"""A question, or something asked like one."""

_WORD = re.compile(r"[^\W_][\w'.-]{0,60}")


def content_words(said: str) -> list[str]:
    """The words of a plain message that say what to film: no settings, no asking, no fillers."""
    words = (word.strip("'.-") for word in _WORD.findall(without_settings(said)))
    return [word for word in words if word and word not in FILLERS and not word.isdigit()]
