"""One message in, one meaning out: pure, ordered rules, first match wins.

The order is the point: what could be an attack is looked at before anything is done, what was
asked as a question is answered before a film is made of it, and a film is only made when somebody
asked for one.
"""

import re
from dataclasses import replace

from agent.models.offline.facts import fact_asked_in
from agent.models.offline.languages import foreign_language
from agent.models.offline.meanings import (
    Describes,
    Foreign,
    Meaning,
    Small,
    WantsFilm,
    WantsRefinement,
)
from agent.models.offline.occasions import occasion_in
from agent.models.offline.repeats import describes_anew, repeat_in
from agent.models.offline.small_talk import attack_in, question_in, small_talk_in
from agent.models.offline.templates import in_their_letters, template_in
from agent.models.offline.vocabulary import ASKS, ASKS_FILM, NOUNS, content_words
from agent.models.offline.wording import Settings, plain, settings_in

_READ_CHARS = 4000
"""A prompt is no longer than this; what is behind it cannot change what is wanted."""

_COURTESY = re.compile(
    r"^(?:(?:hi|hello|hey|ok|okay|so|well|great|nice|cool|perfect|thanks|thank you|"
    r"looks (?:great|good)|love it|and|now|then|please|"
    r"yes|yeah|sorry|actually|oh|hmm|wait|no(?=,))\b(?: there| all)?[ ,.!:-]{1,4}){0,4}"
    r"(?:(?:can|could|would|will) (?:you|u) (?:please |kindly )?|please |let's |i'd like you to |"
    r"i want you to |we need you to )?"
)
_TRAILING = re.compile(r"(?<=\w)(?:,? (?:please|pls))?[ .!?,;:)]{0,40}$")
_REFINE = re.compile(
    r"^(?:help(?: me| us)? (?:to )?)?(?:please )?(?P<verb>refine|improve|polish|sharpen|enhance|"
    r"rewrite|optimi[sz]e|better|fix|write|better prompt)\b(?P<rest>.{0,4000})$"
)
_PROMPT_WORDS = re.compile(
    r"^[ ,]{0,2}(?:me |us )?(?:a |an |my |our |the |this |that |it\b ?|following )?"
    r"(?:better |good |last |great |video |film |strong(?:er)? ){0,3}(?:prompts?|it|this|that|"
    r"description|brief)?\b(?: for (?:me|us))?[ :,\"'-]{0,6}"
)
_NEEDS_FILM = re.compile(
    rf"\bfilm (?:it|this|that)$|^(?:an? |one |some )?(?:[\w:'-]{{1,20}} ){{0,6}}{NOUNS}(?:$|[,:;.])"
)
_TOLD = re.compile(
    r"^(?:i|we|they|he|she|it|you|my|our|your|there|and|but|with)\b(?!(?:'d)? (?:want|need|like|love)\b)"
)
"""A sentence about something, where a brief names it."""
_TOPIC_WORDS = 2
_CHORE = re.compile(
    r"^(?:write|sing|calculate|solve|code|book|order|call|email|send|search|google)\b"
)


SECOND_REQUEST = re.compile(
    r"(?<=\w)[,.;]? (?:and|then|plus) (?:(?:also|then|please) ){0,2}"
    r"(?:(?:tell|list|explain)(?: me| us)?|(?:show|give) (?:me|us)) "
    r"(?:what|which|how|who|the models|all|a list)\b.{0,300}$",
    re.IGNORECASE | re.DOTALL,
)
"""A question behind a request: one message is one request, and the other is owned up to."""


def understand(text: str) -> Meaning:
    """The meaning of one message by itself; never raises, linear in the length of the text."""
    said = plain(text[:_READ_CHARS])[:_READ_CHARS]
    if not said:
        return Small("silence")
    if attack := attack_in(said):
        return attack
    whole = _TRAILING.sub("", said) or said
    if small := small_talk_in(whole):
        return small
    asked = _COURTESY.sub("", whole, count=1) or whole
    if besides := SECOND_REQUEST.search(asked):
        asked, text = asked[: besides.start()], SECOND_REQUEST.sub("", text)
    return (
        fact_asked_in(asked)
        or question_in(asked, whole)
        or _refinement(asked, text)
        or _film(asked, text)
        or _rest(asked, text)
    )


def _refinement(asked: str, text: str) -> Meaning | None:
    found = _REFINE.search(asked)
    if found is None:
        return None
    verb, rest = found["verb"], found["rest"]
    says_prompt = "prompt" in rest or "description" in rest or "brief" in rest
    if verb in {"write", "better", "fix", "improve", "enhance", "optimise", "optimize"} and not (
        says_prompt or (verb != "write" and ":" in rest)
    ):
        return None
    prompt = _PROMPT_WORDS.sub("", rest, count=1).strip(" :\"'-")
    settings = settings_in(asked)
    if not content_words(prompt):
        return WantsRefinement("", settings)
    return WantsRefinement(_as_written(text, prompt), settings)


def _as_written(text: str, tail: str) -> str:
    """The end of the message in the writer's own letters; `tail` is how it reads when plain."""
    kept = text[:_READ_CHARS].rstrip().rstrip(".!?\"'” ")
    start = len(kept) - len(tail)
    return kept[start:].strip() if start >= 0 and plain(kept[start:]) == tail else tail


def _film(asked: str, text: str) -> Meaning | None:
    settings = settings_in(asked)
    if again := repeat_in(asked, settings):
        return replace(again, change=in_their_letters(text, again.change))
    if not ASKS.search(asked) and (occasion := occasion_in(asked, text, settings)):
        return occasion
    if describes_anew(asked) and not settings.is_empty:
        return WantsFilm(text.strip(), settings, has_subject=True)
    if ASKS.search(asked):
        return None
    return template_in(asked, text, settings) or _free_film(asked, text, settings)


def _free_film(asked: str, text: str, settings: Settings) -> Meaning | None:
    if foreign_language(asked) is not None:
        return None
    content = content_words(asked)
    is_asked = (
        ASKS_FILM.search(asked)
        or _NEEDS_FILM.search(asked)
        or _is_brief(asked, text, settings, content)
    )
    if not is_asked and (content or settings.is_empty):
        return None
    return WantsFilm(text.strip(), settings, has_subject=bool(content))


def _is_brief(asked: str, text: str, settings: Settings, content: list[str]) -> bool:
    """A place or a length, and a topic: "20 seconds, facebook, bakery opening on Saturday"."""
    says_where = settings.length_s is not None or settings.ratio is not None
    is_told = _TOLD.search(asked) or _CHORE.search(asked) or text.rstrip().endswith("?")
    return says_where and len(content) >= _TOPIC_WORDS and not is_told


def _rest(asked: str, text: str) -> Meaning:
    language = foreign_language(asked)
    if language is not None:
        return Foreign(language)
    if ASKS.search(asked) or _CHORE.search(asked) or text.rstrip().endswith("?"):
        return Small("question")
    return Describes(text.strip())
