"""Greetings, questions and attacks: what is answered in words, before anything is done."""

import re

from agent.models.offline.meanings import AsksModels, GoesOn, Meaning, ModelTopic, Small
from agent.models.offline.vocabulary import ASKS, ASKS_FILM
from agent.models.offline.wording import settings_in

_RULES = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b (?:\w{1,20} ){0,3}"
    r"(?:rules|instructions?|prompts?|guidelines|restrictions|guardrails|training)\b|"
    r"\bact as (?:if|an?|the) (?:\w{1,20} )?(?:developer|admin|administrator|system|root|dan)\b|"
    r"\bskip (?:the|any) (?:approval|review|quote)\b|\bsystem prompt\b|\bjailbreak|"
    r"\bdeveloper mode\b|\byou are now\b|\bpretend (?:to be|you)\b|"
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
_WHOLE: tuple[tuple[re.Pattern[str], Meaning], ...] = (
    (_LET_GO, Small("let go")),
    (_WITHOUT, GoesOn(without=True)),
    (_GO_ON, GoesOn()),
    (_GREETING, Small("greeting")),
    (_THANKS, Small("thanks")),
)
_STOP = re.compile(
    r"^(?:stop|cancel|abort|halt|quit)(?: (?:it|this|now|everything|please|the (?:film|video|job|"
    r"render|rendering|teaser)|my (?:film|video|job)|that (?:film|video))){0,2}$"
)
_HELP = re.compile(
    r"\bcan you help(?: me| us)?$|^(?:help(?: me)?|templates?|"
    r"what can (?:you|i|we) do(?: here| for (?:me|us))?|"
    r"how does (?:this|it) work|"
    r"what (?:is|are) (?:this|templates?|an? (?:brand animation|product showcase|launch teaser|"
    r"offer countdown|logo sting))|"
    r"what (?:should|do|can) (?:i|we) do(?: first| now| next| here)?|"
    r"how do i (?:start|begin|use (?:this|it)|make (?:a |my )?(?:first )?(?:video|film))|"
    r"(?:which|what) templates?\b.{0,40}|(?:show|list)(?: me)?(?: the| your| all)? templates|"
    r"get(?:ting)? started|start|menu|commands|options|examples?|what now|"
    r"i(?:'m| am) (?:lost|stuck|new)(?: here)?|\?{1,3})$"
)
_ABOUT_ME = re.compile(
    r"\b(?:who|what) are you\b|\bare you (?:an? )?(?:ai|bot|robot|human|real|person|chatgpt|gpt|"
    r"llm|offline|claude)\b|\bam i talking to\b|\bwhat model (?:are you|is this chat)\b|"
    r"\bwho made you\b|\byour name\b"
)
_PRICE = re.compile(
    r"\bhow much\b(?! (?:longer|time))|\b(?:price|prices|pricing|costs?|expensive|fee|fees|budget|"
    r"cheap(?:er|est)?)\b|\bfree\b(?=\?|$| (?:model|one|option)\b)|\bpay\b|\bdo(?:es)? (?:it|this) cost\b"
)
_MODELS = re.compile(
    r"\bmodels\b|^compare\b|\bwhich model\b|\bwhat model\b|\bmodel (?:should|do you|is|can)\b|"
    r"\b(?:what|which) (?:video )?(?:engines?|generators?)\b|"
    r"^(?:is|are|do you (?:have|support)|can i use) (?:sora|veo|runway|kling|seedance|hailuo|wan|draft)\b"
)
_MODELS_ONLY = re.compile(
    r"^(?:(?:show|list|compare|give|tell)(?: me| us)?(?: about)? )?(?:all )?"
    r"(?:the |your |available )?(?:video )?models?(?: list| please)?$"
)
_FAST = re.compile(r"\b(?:fast(?:er|est)?|quick(?:er|est)?|speed|how long)\b")
_CHEAP = re.compile(r"\b(?:cheap(?:er|est)?|least expensive|costs? (?:the )?least|lowest price)\b")
_WHICH_IS = re.compile(
    r"^(?:which|what)(?:'s)? (?:(?:one|of them) )?(?:is |costs? |takes? |looks? )?(?:the )?"
    r"(?:cheap(?:er|est)?|fast(?:er|est)?|quick(?:er|est)?|best|least)"
    r"(?: (?:one|option|here|of them|quality)){0,2}$"
)
"""Nothing but that: "what is the best café in Berlin" is no question about models."""
_BEST = re.compile(r"\b(?:best|highest|quality|premium|recommend|should (?:i|we))\b")
_IMAGES = re.compile(r"\b(?:logos?|images?|photos?|pictures?|references?|product shots?)\b")
_TOPICS: tuple[tuple[re.Pattern[str], ModelTopic], ...] = (
    (_CHEAP, "cheap"),
    (_FAST, "fast"),
    (_IMAGES, "images"),
    (_BEST, "best"),
)
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
_SEES = re.compile(
    r"^(?:see|find|got|do you see) (?:my|our|the) (?:\w{1,20} )?(?:logo|image|picture|photo|upload)s?$"
)
_HOW_UPLOAD = re.compile(
    r"\bhow\b.{0,30}\b(?:upload|attach|add|send|give|drop)\b|"
    r"^(?:what|which) .{0,20}\b(?:upload|formats?|file types?|images?)\b"
)
_UNHAPPY = re.compile(
    r"\b(?:don't|do not|didn't) like (?:it|this|that)\b|\b(?:hate|dislike) (?:it|this|that)\b|"
    r"^(?:bad|ugly|awful|boring|terrible|not good|not great|meh|wrong)$"
)
_ELSEWHERE = re.compile(
    r"^(?:(?:can|could|may|how (?:do|can)) (?:i|we) )?"
    r"(?:delete|remove|download|share|publish|post it|export|approve|reject|save|rename|edit|"
    r"upscale|translate|undo)\b(?! (?:the |our |my )?logo\b)"
)
_ALWAYS: tuple[tuple[re.Pattern[str], Meaning], ...] = (
    (_HELP, Small("help")),
    (_ABOUT_ME, Small("about me")),
    (_MODELS_ONLY, AsksModels("all")),
    (_SEES, Small("uploads")),
    (_UNHAPPY, Small("unhappy")),
    (_ELSEWHERE, Small("elsewhere")),
)
_SHORT_CHARS = 40


def attack_in(said: str) -> Meaning | None:
    """An order to break our rules or to open an address; a plain mention of one in a film is not."""
    rules = _RULES.search(said)
    if rules and not _THIRD_PERSON.search(said[: rules.start()]):
        return Small("rules")
    address = _ADDRESS.search(said)
    if address is None:
        return None
    asks_to_load = _FETCH.search(said[max(0, address.start() - 60) : address.start()])
    return Small("address") if asks_to_load or not ASKS_FILM.search(said) else None


def small_talk_in(whole: str) -> Meaning | None:
    """The meaning of a message that is nothing but small talk; stopping is looked for first."""
    if _STOP.search(whole):
        return Small("stop")
    return next((meaning for pattern, meaning in _WHOLE if pattern.fullmatch(whole)), None)


def question_in(asked: str, whole: str) -> Meaning | None:
    """`asked` is the message without the courtesies before it."""
    for pattern, meaning in _ALWAYS:
        if pattern.search(asked):
            return meaning
    if _HELP.search(whole):
        return Small("help")
    if not ASKS.search(asked):
        is_short = len(asked) < _SHORT_CHARS
        return Small("status") if is_short and _STATUS.search(asked) else None
    return _question_on_models(asked) or _question_on_work(asked)


def _question_on_models(asked: str) -> Meaning | None:
    is_choice = _MODELS.search(asked) or _WHICH_IS.search(asked)
    settings = settings_in(asked)
    if _PRICE.search(asked) and not (is_choice and _CHEAP.search(asked)):
        return AsksModels("price", settings)
    if not is_choice:
        return None
    for pattern, topic in _TOPICS:
        if pattern.search(asked):
            return AsksModels(topic, settings)
    return AsksModels("use" if settings.length_s else "all", settings)


def _question_on_work(asked: str) -> Meaning | None:
    if _HOW_UPLOAD.search(asked):
        return Small("how to upload")
    if _STATUS.search(asked):
        return Small("status")
    return Small("uploads") if _UPLOADS.search(asked) else None


def without_addresses(text: str) -> str:
    """The message without the addresses in it and without the word that led to each."""
    return re.sub(
        r"(?:\b(?:at|from|on|see)\s{1,3})?(?:\b(?:https?|ftp|file|data):/{0,3}|\bwww\.)\S{1,2000}",
        "",
        text,
        flags=re.IGNORECASE,
    ).strip()
