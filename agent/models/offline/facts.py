"""What people ask about the studio itself, and the answers, which are the same every time.

Each pattern is held to the whole message or to its beginning: a film may be about music, too.
"""

import re
from collections.abc import Mapping

from agent.models.offline.meanings import Fact, Meaning, Small, WantsAgain
from agent.models.offline.wording import settings_in

EXAMPLE = (
    "A 10 second vertical film for TikTok: a cold oat drink is poured over ice in slow motion, "
    'close-up, bright morning light, playful. Tagline "Oat so good"'
)
ANSWERS: Mapping[str, str] = {
    "expensive": (
        "For less, say “again but shorter”, “again with the cheapest model”, or “again with draft”, "
        "which is free."
    ),
    "language": (
        "Offline I only understand English, and I cannot translate. Captions take your words as "
        "they are given, so write the line yourself, in quotes: “make it with the tagline "
        '"Frisch vom Ofen"”.'
    ),
    "sound": (
        "A draft is silent, and I cannot take music or other audio files: your own music goes on "
        "afterwards, in an editing program. Where a model makes sound, it follows the prompt, as "
        "in “add soft piano music”."
    ),
    "captions": (
        "I cannot leave the words out: a draft always shows short captions, in your own words. You "
        "choose what they say: “make it with the tagline "
        '"Fresh daily"”.'
    ),
    "limits": (
        "Films have 4 to 60 seconds, in 16:9, 9:16 or 1:1, and come as MP4; each model has its own "
        "range, so ask “What models can I use?”. Your images may be PNG, JPEG, WebP or SVG."
    ),
    "ai": (
        "Not here, right now: offline no language model answers you, only rules, and a draft is "
        "drawn by a program on this machine, without AI. Films by the other models are "
        "AI-generated, where their provider is set up."
    ),
    "example": (
        f"Here is one that works as it stands:\n\n> {EXAMPLE}\n\nIt says how long and where, what "
        "we see, what happens, the light and the mood. Put your own product in, and send it."
    ),
}
_LANGUAGE = (
    r"(?:german|deutsch|french|spanish|italian|portuguese|dutch|swedish|danish|norwegian|finnish|"
    r"polish|czech|hungarian|romanian|turkish|greek|russian|ukrainian|arabic|hebrew|hindi|"
    r"chinese|mandarin|japanese|korean)"
)
_SOUND = r"(?:sounds?|music|audio|voice ?-?overs?|soundtracks?|songs?)"
_LOOK_FOR_WHICH = r"(?:text|captions?|words|subtitles?|writing|titles?)"
_MONEY = r"(?:budget|money|credits?|funds)"
_IT = (
    r"(?:it|that|this|them|all|both|everything|one|the (?:price|film|video|quote|proposal|cost)s?)"
)
_ANSWER = r"^(?:(?:i|we|please|yes|no|just|go ahead and)[ ,]{1,2}){0,3}"
_QUESTIONS: tuple[tuple[Fact, re.Pattern[str]], ...] = (
    (
        "language",
        re.compile(
            r"^(?:(?:do|make|redo|film|translate|is|can|could|i|we|you|it|that|this|again|but|and|"
            r"the|same|have|get|want|need|film|video|be|also|now|possible|speak|answer|write|one|"
            rf"version) ){{0,9}}(?:in|into|to) {_LANGUAGE}(?: (?:too|instead|as well|language))?$|"
            rf"^(?:do|can|could)?(?: ?you )?(?:speak|understand|know) {_LANGUAGE}$|"
            rf"^(?:an? |the )?{_LANGUAGE}(?: (?:version|language|one))?$|"
            r"^(?:what|which) languages?\b.{0,40}$"
        ),
    ),
    (
        "sound",
        re.compile(
            rf"^(?:can|could|may|how (?:do|can)|where (?:do|can)) (?:i|we)\b.{{0,30}}\b{_SOUND}\b|"
            rf"^(?:does|do|will|is|are|has|have)\b.{{0,40}}\b{_SOUND}\b|"
            rf"^(?:use|upload|take) (?:my|our) (?:own )?{_SOUND}$"
        ),
    ),
    (
        "captions",
        re.compile(
            r"^(?:but |and )?(?:with )?(?:no|without|remove|drop|lose|leave out|hide|skip)"
            rf"(?: the| any| all)? {_LOOK_FOR_WHICH}(?: on (?:it|screen|the film|the video))?$"
        ),
    ),
    (
        "limits",
        re.compile(
            r"^how (?:long|short) can (?:the |a |an |my |your |our )?(?:films?|videos?|it|they) be$|"
            r"^what(?:'s| is| are) the (?:max|maximum|longest|min|minimum|shortest)(?: possible)? "
            r"(?:lengths?|durations?|films?|videos?)$|"
            r"^(?:what|which) (?:video |film |output )?(?:formats|aspect ratios|ratios|shapes|"
            r"lengths)(?: (?:do|can|are) [\w ]{1,30})?$"
        ),
    ),
    (
        "ai",
        re.compile(
            r"^(?:is|are|was|were) (?:this|it|that|they|these|the (?:film|video)s?) "
            r"(?:really |actually |all )?(?:(?:made|done|generated|created) (?:by|with) )?"
            r"(?:an? )?(?:real )?(?:ai|artificial intelligence)(?:[ -](?:generated|made))?$"
        ),
    ),
    (
        "example",
        re.compile(
            r"^(?:(?:show|give|send|tell|write)(?: me| us)? )?(?:an? |some )?(?:good )?"
            r"(?:example|sample)s? (?:of )?(?:an? )?(?:good )?(?:prompt|brief)s?$|"
            r"^(?:(?:show|give|send)(?: me| us)? )?(?:an? |some )?prompt examples?$|"
            r"^what(?:'s| is| does| makes) an? good prompt(?: look like)?$"
        ),
    ),
    (
        "budget",
        re.compile(
            rf"^(?:how much|what)\b(?!.{{0,30}}\btime\b)(?:'s)?[\w ]{{0,30}}\b(?:left|remain(?:s|ing))\b"
            rf"[\w ']{{0,40}}$|"
            rf"^(?:how much|what)(?:'s| is)? (?:of )?(?:the |our |my |is the )?(?:campaign )?{_MONEY}"
            r"(?: (?:do|have) (?:we|i)(?: have| got)?(?: left)?)?$|"
            rf"^(?:do|have) (?:we|i) (?:still )?(?:have|got|any) [\w ]{{0,20}}{_MONEY}(?: left)?$|"
            rf"^is there (?:any |some |enough )?{_MONEY} left$|"
            rf"^(?:the |our |my |remaining )?(?:campaign )?{_MONEY}(?: left)?$|"
            r"^how much (?:more )?can (?:we|i) (?:still )?spend$"
        ),
    ),
    (
        "would cost",
        re.compile(
            r"^(?:so )?(?:how much|what)(?: would|'d| will| does| might| is)"
            r" (?:it|that|this(?: one)?|the (?:film|video)|that one|making it)(?: going to)? cost"
            r"(?: (?:me|us))?$|^(?:what(?:'s| is) )?(?:the|its) (?:price|cost)(?: of (?:it|that))?$|"
            r"^how much is (?:it|that|this)$|^how much$"
        ),
    ),
    (
        "approve",
        re.compile(
            rf"{_ANSWER}(?:approved?|confirm(?:ed)?|accept(?:ed)?|agreed?|buy|pay)"
            rf"(?: (?:to|for))?(?: {_IT})?(?: (?:please|now|for me))?$|"
            # An order in the middle of something else; a film in which somebody approves is none.
            rf"^(?!.{{0,2000}}\b(?:film|video|make|create)\b).{{0,2000}}\bapprove {_IT}\b"
        ),
    ),
    (
        "decline",
        re.compile(
            rf"{_ANSWER}(?:declined?|reject(?:ed)?|refuse|don't (?:make|buy|do|want)|do not (?:make|buy))"
            rf"(?: {_IT})?(?: (?:please|now|for me))?$"
        ),
    ),
    (
        "expensive",
        re.compile(
            r"^(?:(?:it|that|this)(?:'s| is) )?(?:a bit |much |way |far )?too (?:expensive|much|dear)"
            r"(?: money)?$|^(?:it|that|this) costs too much$|"
            r"^(?:is there |do you have |have you )?(?:something|anything) cheaper$"
        ),
    ),
    (
        "cost",
        re.compile(
            r"^(?:how much|what) did (?:that|it|this|the (?:last )?(?:film|video)|my (?:film|video)|"
            r"you charge)\b.{0,20}(?:cost|charge|$)|^how much was (?:that|it|this)$|"
            r"^(?:was|is) (?:that|it|the (?:last )?(?:film|video)) (?:for )?free$|"
            r"^did (?:that|it|this) cost (?:me |us )?(?:anything|something|money)$"
        ),
    ),
)
_VERSIONS = re.compile(
    r"^(?:(?:make|create|give|generate|do|produce|want|need|show|i want|i need) )?(?:me |us )?"
    r"(?:\d|two|three|four|five|several|some|a few|a couple of|more) (?:different |other |more )?"
    r"(?:versions|variants|variations|options|alternatives|takes)"
    r"(?: of (?:it|that|this|the (?:film|video)))?$"
)
_TOO = re.compile(
    r"^(?:it(?:'s| is) |that(?:'s| is) )?(?:a bit |much |way |far )?too (?P<pace>long|short)$"
)
_IN_LANGUAGE = re.compile(rf"\bin {_LANGUAGE}(?=$|[ ]?[,.;:!?])")


def fact_asked_in(asked: str) -> Meaning | None:
    """`asked` is plain, without the courtesies around it."""
    if _VERSIONS.search(asked):
        return WantsAgain(settings_in(asked), is_new_hook=True)
    if too := _TOO.search(asked):
        return WantsAgain(settings_in(asked), pace="shorter" if too["pace"] == "long" else "longer")
    kind = next((kind for kind, pattern in _QUESTIONS if pattern.search(asked)), None)
    return None if kind is None else Small(kind)


def wants_another_language(said: str) -> bool:
    """A film that should speak another language than English, as in "a film about tea in German"."""
    return bool(_IN_LANGUAGE.search(said))
