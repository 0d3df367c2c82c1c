"""One message in, one meaning out: pure, ordered rules, first match wins.

The order is the point: what could be an attack is looked at before anything is done, what was
asked as a question is answered before a film is made of it, and a film is only made when somebody
asked for one.
"""

import re

from agent.models.offline.languages import foreign_language
from agent.models.offline.meanings import (
    AsksModels,
    Describes,
    Foreign,
    GoesOn,
    Meaning,
    Small,
    WantsAgain,
    WantsFilm,
    WantsRefinement,
)
from agent.models.offline.templates import template_in
from agent.models.offline.wording import Settings, plain, settings_in, without_settings

_READ_CHARS = 4000
"""A prompt is no longer than this; what is behind it cannot change what is wanted."""

_RULES = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b (?:\w{1,20} ){0,3}"
    r"(?:rules|instructions?|prompts?|guidelines|restrictions|guardrails|training)\b|"
    r"\bsystem prompt\b|\bjailbreak|\bdeveloper mode\b|\byou are now\b|\bpretend (?:to be|you)\b|"
    r"\b(?:reveal|print|show|tell|give|leak|repeat)\b (?:\w{1,20} ){0,4}"
    r"(?:instructions|api ?keys?|secrets?|passwords?|tokens?|credentials|environment variables)\b"
)
_THIRD_PERSON = re.compile(
    r"\b(?:who|they|he|she|rebels?|kids|teens|people|children)\b[\w ]{0,20}$"
)
_ADDRESS = re.compile(r"\b(?:https?|ftp|file|data):/{0,3}\S{1,300}|\bwww\.\S{1,300}")
_FETCH = re.compile(
    r"\b(?:load|fetch|open|visit|download|import|browse|read|scrape|crawl|call|get|use|using|from|"
    r"at|to|see|with)\b[\w ,'-]{0,40}$"
)

_COURTESY = re.compile(
    r"^(?:(?:hi|hello|hey|ok|okay|so|well|great|nice|cool|perfect|thanks|thank you|and|now|then|"
    r"please|yes|yeah|sorry)\b(?: there| all)?[ ,.!:-]{1,4}){0,3}"
    r"(?:(?:can|could|would|will) you (?:please |kindly )?|please |let's |i'd like you to |"
    r"i want you to |we need you to )?"
)
_TRAILING = re.compile(r"[ .!?,;:)]{1,40}$")


def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{words})")


_GREETING = _whole(
    r"(?:hi|hello|hey|hiya|howdy|greetings|yo|good (?:morning|afternoon|evening|day))"
    r"(?:,? (?:there|all|team|reelroom|friend|everyone))?"
)
_THANKS = _whole(
    r"(?:(?:ok|okay|great|perfect|super|cool|nice)[ ,!.]{0,3})?"
    r"(?:thanks?(?: you)?(?: so much| a lot| very much)?|thx|ty|cheers|great|perfect|super|cool|"
    r"awesome|amazing|nice|wonderful|lovely|excellent|well done|good job|love it|i love it|"
    r"looks? (?:good|great)|that's great|wow)(?:,? (?:thanks|thank you|team|job|work))?"
)
_GO_ON = _whole(
    r"(?:ok(?:ay)?|yes|yeah|yep|sure|please|so|then)?[ ,]{0,2}"
    r"(?:go(?: ahead| on| for it)?|continue|proceed|yes(?: please)?|yeah|yep|sure|ok(?:ay)?|y|"
    r"do (?:it|that)|make (?:it|that|this)|film (?:it|that|this)|make the film|let's go|please do|"
    r"sounds good|use (?:it|that|this)|here(?: it is| you go| you are| they are|'s (?:the|our|my) "
    r"(?:logo|image|picture|photo))?|there(?: it is| you go)?|done|uploaded|i uploaded it|attached|"
    r"i(?:'ve| have)? (?:just )?(?:uploaded|attached|dropped|added) (?:it|them|the logo|our logo|"
    r"my logo)|this is (?:it|our logo|the logo|my logo)|our logo|my logo|the logo|with it)"
    r"(?:,? (?:please|now|then|thanks))?"
)
_WITHOUT = _whole(
    r"(?:(?:ok(?:ay)?|yes|no|just|please|then|so)[ ,]{1,2}){0,2}"
    r"(?:(?:go(?: ahead| on)?|continue|proceed|do it|make it)[ ,]{1,2})?"
    r"(?:without(?: (?:it|that|one|any|them|(?:the |a |our |my )?(?:logo|image|picture|photo)))?|"
    r"skip (?:it|that|the logo)|skip|no logo|no image|i don't have (?:one|a logo|it)|"
    r"i have no(?:ne| logo)|we don't have (?:one|a logo)|no)(?:,? (?:please|thanks))?"
)
_LET_GO = _whole(
    r"never ?mind|forget (?:it|that|about it)|cancel that|drop it|no thanks?|no thank you|"
    r"leave it|not now"
)
_STOP = re.compile(
    r"^(?:stop|cancel|abort|halt|quit)(?: (?:it|this|now|everything|please|the (?:film|video|job|"
    r"render|rendering|teaser)|my (?:film|video|job)|that (?:film|video))){0,2}$"
)
_HELP = re.compile(
    r"^(?:help(?: me)?|what can (?:you|i|we) do(?: here| for (?:me|us))?|how does (?:this|it) work|"
    r"what (?:is|are) (?:this|a brand animation|a product showcase|templates?)|what do i do|"
    r"how do i (?:start|begin|use (?:this|it)|make (?:a |my )?(?:first )?(?:video|film))|"
    r"(?:which|what) templates?\b.{0,40}|(?:show|list)(?: me)?(?: the| your| all)? templates|"
    r"get(?:ting)? started|start|menu|commands|options|examples?|what now|i(?:'m| am) (?:lost|stuck|new)"
    r"(?: here)?|\?{1,3})$"
)
_ABOUT_ME = re.compile(
    r"\b(?:who|what) are you\b|\bare you (?:an? )?(?:ai|bot|robot|human|real|person|chatgpt|gpt|"
    r"llm|offline|claude)\b|\bam i talking to\b|\bwhat model (?:are you|is this chat)\b|"
    r"\bwho made you\b|\byour name\b"
)
_ASKS = re.compile(
    r"^(?:what|which|how|who|where|when|why|is|are|do|does|did|was|were|has|have|am|should|tell|"
    r"list|compare|whats|what's|who's|explain)\b"
)
_PRICE = re.compile(
    r"\bhow much\b(?! (?:longer|time))|\b(?:price|prices|pricing|costs?|expensive|fee|fees|budget|"
    r"cheap(?:er|est)?)\b|\bfree\b(?=\?|$)|\bdo(?:es)? (?:it|this) cost\b"
)
_MODELS = re.compile(
    r"\bmodels\b|\bwhich model\b|\bwhat model\b|\bmodel (?:should|do you|is|can)\b|"
    r"\b(?:what|which) (?:video )?(?:engines?|generators?)\b|"
    r"^(?:is|are|do you (?:have|support)|can i use) (?:sora|veo|runway|kling|draft)\b"
)
_MODELS_ONLY = re.compile(
    r"^(?:(?:show|list|compare|give|tell)(?: me| us)?(?: about)? )?(?:all )?(?:the |your |available )?"
    r"(?:video )?models?(?: list| please)?$"
)
_FAST = re.compile(r"\b(?:fast(?:er|est)?|quick(?:er|est)?|speed|how long)\b")
_BEST = re.compile(r"\b(?:best|highest|quality|premium|recommend|should i)\b")
_STATUS = re.compile(
    r"\b(?:is|are) (?:it|the (?:film|video|teaser|clip)|my (?:film|video|teaser|clip)s?|they|we) "
    r"(?:ready|done|finished|there)\b|"
    r"\bwhere(?:'s| is| are) (?:it|my|the|our) ?(?:films?|videos?|teaser|clip|result)?|"
    r"\bhow (?:far|much longer|long (?:will|does|until|till))\b|"
    r"^(?:status|progress|ready|any news|done yet|is it ready yet)$"
)
_UPLOADS = re.compile(
    r"\b(?:see|get|got|have|receive[d]?|find|did)\b.{0,20}\b(?:logo|image|picture|photo|upload)s?\b|"
    r"^what (?:did|have) (?:i|we) upload"
)
_HOW_UPLOAD = re.compile(r"\bhow\b.{0,30}\b(?:upload|attach|add|send|give|drop)\b")
_ELSEWHERE = re.compile(
    r"^(?:delete|remove|download|share|publish|post it|export|approve|reject|save|rename|trim|"
    r"edit|cut|upscale|translate|undo)\b"
)
_REFINE = re.compile(
    r"^(?:help(?: me| us)? (?:to )?)?(?:please )?(?P<verb>refine|improve|polish|sharpen|enhance|"
    r"rewrite|optimi[sz]e|better|fix|write|better prompt)\b(?P<rest>.{0,4000})$"
)
_PROMPT_WORDS = re.compile(
    r"^[ ,]{0,2}(?:me |us )?(?:a |an |my |our |the |this |that |it\b ?|following )?"
    r"(?:better |good |last |great |video |film |strong(?:er)? ){0,3}(?:prompts?|it|this|that|"
    r"description|brief)?\b(?: for (?:me|us))?[ :,\"'-]{0,6}"
)

_VERBS = (
    r"(?:make|create|generate|produce|film|render|shoot|animate|build|design|do|draw|give|get|"
    r"want|need|like|show|turn|put|prepare|craft|try|record|visuali[sz]e|have|start|draft)"
)
_NOUNS = (
    r"(?:videos?|films?|clips?|teasers?|trailers?|ads?|adverts?|advertisements?|commercials?|"
    r"spots?|animations?|animatics?|reels?|promos?|movies?|stories|story|footage|bumpers?|"
    r"cutdowns?|loops?|shorts|stings?)"
)
_ASKS_FILM = re.compile(
    rf"\b{_VERBS}\b.{{0,120}}?\b{_NOUNS}\b|"
    rf"\b{_NOUNS}\b (?:for|about|of|with|showing|where|that|in which|featuring|to promote|in|on)\b|"
    r"^(?:film|shoot|animate|render|generate|visuali[sz]e|video|make|create|produce) "
    r"(?!it\b|that\b|this$|sure\b|sense\b)\w"
)
_NEEDS_FILM = re.compile(rf"^(?:an? |one |some )?(?:\w{{1,20}} ){{0,6}}{_NOUNS}$")
_AGAIN_START = re.compile(
    r"^(?:(?:and|but|just|now)[ ,]{1,2})?(?:again\b|once more\b|same\b|redo\b|remake\b|retry\b|"
    r"repeat\b|another (?:one|version|take|variant|cut|go|try|hook|opening)\b|one more\b|"
    r"(?:make|do|try|run|render|film|shoot|generate|create|turn|change|redo|keep|give) "
    r"(?:it|that|this one|the same|again|another (?:one|version|take|variant|hook|opening)|"
    r"one more|me another (?:one|version))\b|"
    r"(?:a |even |much |the same but )?(?:shorter|longer)\b)"
)
_AGAIN_ANYWHERE = re.compile(
    r"\bagain\b|\binstead\b|\bonce more\b|\bsame (?:film|video|one|thing)\b"
)
_HOOK = re.compile(
    r"\b(?:another|different|new|other|better|stronger|fresh|change the) (?:hook|opening|intro|start|"
    r"beginning|angle|take)s?\b"
)
_SHORTER = re.compile(r"\bshort(?:er)?\b(?! (?:film|video|clip|story))|\bcut it down\b|\btrim it\b")
_LONGER = re.compile(r"\blonger\b|\bextend (?:it|that)\b")
_FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "for",
        "of",
        "to",
        "in",
        "on",
        "at",
        "with",
        "by",
        "from",
        "as",
        "is",
        "are",
        "it",
        "its",
        "it's",
        "be",
        "me",
        "us",
        "i",
        "we",
        "you",
        "our",
        "my",
        "your",
        "this",
        "that",
        "these",
        "those",
        "some",
        "any",
        "one",
        "more",
        "another",
        "please",
        "can",
        "could",
        "would",
        "will",
        "want",
        "need",
        "like",
        "love",
        "let's",
        "let",
        "lets",
        "just",
        "also",
        "now",
        "then",
        "again",
        "same",
        "version",
        "make",
        "create",
        "generate",
        "produce",
        "film",
        "render",
        "shoot",
        "animate",
        "build",
        "design",
        "do",
        "give",
        "get",
        "show",
        "turn",
        "put",
        "prepare",
        "craft",
        "try",
        "video",
        "videos",
        "films",
        "clip",
        "clips",
        "teaser",
        "trailer",
        "ad",
        "ads",
        "advert",
        "advertisement",
        "commercial",
        "spot",
        "animation",
        "animatic",
        "reel",
        "reels",
        "promo",
        "movie",
        "footage",
        "short",
        "shorter",
        "shorts",
        "long",
        "longer",
        "story",
        "stories",
        "logo",
        "logos",
        "image",
        "images",
        "photo",
        "photos",
        "picture",
        "pictures",
        "use",
        "using",
        "used",
        "include",
        "add",
        "format",
        "ratio",
        "aspect",
        "seconds",
        "second",
        "sec",
        "minute",
        "minutes",
        "length",
        "about",
        "model",
        "draft",
        "quick",
        "new",
        "nice",
        "good",
        "great",
        "cool",
        "brief",
        "something",
        "anything",
        "hey",
        "hi",
        "hello",
        "ok",
        "okay",
        "so",
        "well",
        "i'd",
        "we'd",
        "use",
        "social",
        "media",
        "post",
        "content",
        "hook",
        "opening",
        "different",
        "take",
        "once",
        "instead",
        "only",
        "change",
        "keep",
        "redo",
        "remake",
        "retry",
        "repeat",
        "have",
        "has",
        "im",
        "i'm",
        "something",
        "one's",
        "us",
        "company",
        "brand",
        "campaign",
        "product",
        "yes",
        "much",
        "even",
        "little",
        "bit",
        "vertical",
        "horizontal",
        "square",
        "wide",
        "tall",
        "all",
    ]
)
_WORD = re.compile(r"[^\W_][\w'.-]{0,60}")


def understand(text: str) -> Meaning:
    """The meaning of one message by itself; never raises, linear in the length of the text."""
    said = plain(text[:_READ_CHARS])
    if not said:
        return Small("silence")
    if attack := _attack(said):
        return attack
    whole = _TRAILING.sub("", said) or said
    if small := _small_talk(whole):
        return small
    asked = _COURTESY.sub("", whole, count=1) or whole
    return (
        _question(asked, whole)
        or _refinement(asked, text)
        or _film(asked, text)
        or _rest(asked, text)
    )


def _attack(said: str) -> Meaning | None:
    rules = _RULES.search(said)
    if rules and not _THIRD_PERSON.search(said[: rules.start()]):
        return Small("rules")
    address = _ADDRESS.search(said)
    if address is None:
        return None
    asks_to_load = _FETCH.search(said[max(0, address.start() - 60) : address.start()])
    return Small("address") if asks_to_load or not _ASKS_FILM.search(said) else None


def _small_talk(whole: str) -> Meaning | None:
    if _LET_GO.fullmatch(whole):
        return Small("let go")
    if _STOP.search(whole):
        return Small("stop")
    if _WITHOUT.fullmatch(whole):
        return GoesOn(without=True)
    if _GO_ON.fullmatch(whole):
        return GoesOn()
    if _GREETING.fullmatch(whole):
        return Small("greeting")
    if _THANKS.fullmatch(whole):
        return Small("thanks")
    return None


def _question(asked: str, whole: str) -> Meaning | None:
    if _HELP.search(asked) or _HELP.search(whole):
        return Small("help")
    if _ABOUT_ME.search(asked):
        return Small("about me")
    if _MODELS_ONLY.search(asked):
        return AsksModels("all")
    if _ELSEWHERE.search(asked):
        return Small("elsewhere")
    if not _ASKS.search(asked):
        return Small("status") if _STATUS.search(asked) and len(asked) < 40 else None
    if _HOW_UPLOAD.search(asked):
        return Small("how to upload")
    return _question_on_models(asked) or _question_on_work(asked)


def _question_on_models(asked: str) -> Meaning | None:
    if _PRICE.search(asked):
        return AsksModels("price", settings_in(asked))
    if not _MODELS.search(asked):
        return None
    if _FAST.search(asked):
        return AsksModels("fast")
    return AsksModels("best" if _BEST.search(asked) else "all")


def _question_on_work(asked: str) -> Meaning | None:
    if _STATUS.search(asked):
        return Small("status")
    if _UPLOADS.search(asked):
        return Small("uploads")
    return None


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
    prompt = _PROMPT_WORDS.sub("", rest, count=1).strip(" \"'")
    settings = settings_in(asked)
    if len(_content(prompt)) == 0:
        return WantsRefinement("", settings)
    return WantsRefinement(_as_written(text, prompt), settings)


def _as_written(text: str, tail: str) -> str:
    """The end of the message in the writer's own letters; `tail` is how it reads when plain."""
    kept = text[:_READ_CHARS].rstrip().rstrip(".!?\"'” ")
    start = len(kept) - len(tail)
    return kept[start:].strip() if start >= 0 and plain(kept[start:]) == tail else tail


def _film(asked: str, text: str) -> Meaning | None:
    settings = settings_in(asked)
    if again := _again(asked, settings):
        return again
    is_asked = bool(_ASKS_FILM.search(asked) or _NEEDS_FILM.search(asked))
    if not _ASKS.search(asked) and (template := template_in(asked, text, settings)):
        return template
    if foreign_language(asked) is not None or _ASKS.search(asked):
        return None
    content = _content(asked)
    if not is_asked and (content or settings.is_empty):
        return None
    return WantsFilm(text.strip(), settings, has_subject=bool(content))


def _again(asked: str, settings: Settings) -> Meaning | None:
    is_hook = bool(_HOOK.search(asked))
    content = _content(asked)
    starts = bool(_AGAIN_START.search(asked))
    names_film = re.search(rf"\b(?:an?|some|new) (?:[\w-]{{1,20}} ){{0,4}}{_NOUNS}\b", asked)
    if names_film and content and not re.match(r"again\b|same\b|redo\b", asked):
        return None
    if not (starts or (_AGAIN_ANYWHERE.search(asked) and len(content) < 4) or is_hook):
        is_setting_only = not content and not names_film and not settings.is_empty
        pace_only = not content and not names_film and (_LONGER.search(asked) or "shorter" in asked)
        if not ((is_setting_only and not _ASKS_FILM.search(asked)) or pace_only):
            return None
    pace_free = settings.length_s is None
    return WantsAgain(
        settings,
        pace="shorter"
        if pace_free and _SHORTER.search(asked)
        else "longer"
        if pace_free and _LONGER.search(asked)
        else None,
        is_new_hook=is_hook,
        change="" if is_hook or not content else _change(asked),
    )


_AGAIN_LEAD = re.compile(
    r"^(?:(?:make|do|try|run|render|film|shoot|generate|create|turn|change|keep|give|redo) "
    r"(?:it|that|this one|the same|one more|me another|another (?:one|version|take|variant)?) ?)?"
    r"(?:again|once more|same(?: thing| one| film| video)?|redo|remake|retry|repeat|one more|"
    r"another (?:one|version|take|variant|cut|go|try))?[ ,]{0,3}(?:but |and |only |just |this time )?"
)


def _change(asked: str) -> str:
    return _AGAIN_LEAD.sub("", asked, count=1).strip(" ,.") or asked


def _rest(asked: str, text: str) -> Meaning:
    language = foreign_language(asked)
    if language is not None:
        return Foreign(language)
    if _ASKS.search(asked) or text.rstrip().endswith("?"):
        return Small("question")
    return Describes(text.strip())


def _content(said: str) -> list[str]:
    """The words that say what to film: without settings, asking and fillers."""
    words = (word.strip("'.-") for word in _WORD.findall(without_settings(said)))
    return [word for word in words if word and word not in _FILLERS and not word.isdigit()]


def without_addresses(text: str) -> str:
    """The message without the addresses in it and without the word that led to each."""
    return re.sub(
        r"(?:\b(?:at|from|on|see)\s{1,3})?(?:\b(?:https?|ftp|file|data):/{0,3}|\bwww\.)\S{1,2000}",
        "",
        text,
        flags=re.IGNORECASE,
    ).strip()
