"""Tells that a message is not English: enough to be polite about it, no more."""

import re
import unicodedata

_WORDS = {
    "de": "und der das ein eine einen für mit unser unsere unseren bitte ich wir nicht ist auf "
    "mach erstelle kannst du hallo danke guten tag welche gibt es",
    "fr": "le la les une des pour avec notre nos je nous est sur dans fais faire créer bonjour "
    "merci un salut quels du vous",
    "es": "el los las una para con nuestro nuestra por favor hola crea haz quiero gracias qué un "
    "de puedes vídeo",
    "it": "il gli una per con nostro nostra crea ciao voglio grazie un che fai della puoi quali",
    "pt": "uma para com nosso nossa olá quero faça obrigado obrigada um vídeo você não",
    "nl": "het een voor met onze ons wij niet maak graag hallo bedankt kun je welke ik",
    "sv": "och att ett för med vår vårt gör jag vi hej är tack kan du en film om",
    "pl": "jest dla nasz nasza proszę zrób cześć dziękuję czy można i z",
}
_FOREIGN = {code: frozenset(words.split()) for code, words in _WORDS.items()}
_ENGLISH_WORDS = (
    "the a an and of to for with our my we i you is are in on it make made please video film about "
    "what which how can use show want need this that from at be your"
)
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_TELLING_WORDS = 2
"""One foreign word may be a brand's name."""
_GREETINGS = {
    "hola": "es", "bonjour": "fr", "salut": "fr", "hallo": "de", "ciao": "it", "olá": "pt",
    "hej": "sv", "cześć": "pl", "merci": "fr", "danke": "de", "gracias": "es", "grazie": "it",
    "tack": "sv", "bedankt": "nl", "obrigado": "pt", "obrigada": "pt", "moin": "de",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_READ_CHARS = 600


def foreign_language(said: str) -> str | None:
    """A language code, "" for a script or language we cannot name, None for (likely) English."""
    words = _WORD.findall(said[:_READ_CHARS])
    if not words:
        return None
    if len(words) == 1 and words[0] in _GREETINGS:
        return _GREETINGS[words[0]]
    if _is_other_script(words):
        return ""
    english = sum(word in _ENGLISH for word in words)
    counts = {code: sum(word in known for word in words) for code, known in _FOREIGN.items()}
    code = max(counts, key=lambda name: counts[name])
    return code if counts[code] >= _TELLING_WORDS and counts[code] > english else None


def _is_other_script(words: list[str]) -> bool:
    letters = "".join(words)
    latin = sum("LATIN" in unicodedata.name(letter, "") for letter in letters)
    return latin * 2 < len(letters)
