"""The studio's templates as people ask for them, and the answers they give when asked back."""

import re
from collections.abc import Mapping, Sequence

from agent.models.offline.meanings import WantsTemplate
from agent.models.offline.wording import Settings, platform_in

BRAND, PRODUCT, SOCIAL = "brand-animation", "product-showcase", "social-media"
TEASER, COUNTDOWN, STING = "launch-teaser", "offer-countdown", "logo-sting"

_PLATFORM = r"(?:tik ?tok|instagram|insta|facebook|you ?tube)"
_OUR = r"(?:our|my|the|this|your)"
_BRAND = re.compile(
    rf"\bbrand[ -]animation\b|\blogo[ -](?:animation|reveal|intro)\b|"
    rf"\b(?:animate|animating|bring) {_OUR} (?:\w{{1,20}} )?logo\b|"
    rf"\banimated? (?:version of )?{_OUR}? ?(?:\w{{1,20}} )?logo\b|\banimate it\b"
)
_PRODUCT = re.compile(
    r"\bproduct[ -]showcase\b|\bshowcase template\b|"
    rf"\b(?:show off|showcase) (?P<thing>{_OUR} .{{1,200}})$|"
    r"\bproduct (?:video|demo|film)\b"
)
_SOCIAL = re.compile(
    r"\bsocial[ -]media(?: (?:template|posts?|videos?|ads?|clips?|content|spots?|film))?\b|"
    rf"\b(?:{_PLATFORM}|social) posts?\b"
)
_NAME = re.compile(
    r"\b(?:for|called|named|of) (?P<name>(?:our |my |the )?\w[\w'&.+-]{0,40}(?: (?:\w[\w'&.+-]{0,40}|&)){0,7}?)"
    r"(?=$|[,.;:!?]| with\b| using\b| and (?:the )?(?:tagline|slogan|use)\b| tagline\b| in \d| on \b)"
)
_TAGLINE = re.compile(
    r"\b(?:tagline|slogan|claim)(?: is| reads| says)?:? ?(?:\"(?P<quoted>[^\"]{1,200})\"|"
    r"'(?P<single>[^']{1,200})'|(?P<bare>.{1,200}))$"
)
_TAGLINE_ANY = re.compile(
    r"\b(?:tagline|slogan|claim)(?: is| reads| says)?:? ?\"(?P<quoted>[^\"]{1,200})\""
)
_ABOUT = re.compile(r"\b(?:about|announcing|promoting|on|for|showing)(?: how)? (?P<what>.{1,300})$")
_LOGO_OF = re.compile(
    r"\b(?:the|our|my) (?!new\b|brand\b|company\b|uploaded\b)(?P<owner>\w[\w&.-]{0,30}) logo\b"
)
_NOT_A_NAME = re.compile(
    rf"^(?:{_OUR} )?(?:brand|logo|company|product|us|me|{_PLATFORM}|social media|it|them|a|an|"
    r"campaign|website|video|film|template)$"
)


def template_in(asked: str, text: str, settings: Settings) -> WantsTemplate | None:
    """The template a message asks for, by name or by what it does, and what it already says."""
    if _SOCIAL.search(asked):
        return WantsTemplate(SOCIAL, _social(asked, text, settings), settings)
    if _PRODUCT.search(asked):
        return WantsTemplate(PRODUCT, _product(asked, text), settings)
    if _BRAND.search(asked):
        return WantsTemplate(BRAND, brand_in(asked, text), settings)
    return None


def brand_in(asked: str, text: str) -> dict[str, str]:
    """The brand's name and tagline, as far as the message says them."""
    known = answers_in(text, ("productName", "tagline"), labelled_only=True)
    tagline = _TAGLINE_ANY.search(asked) or _TAGLINE.search(asked)
    if tagline and "tagline" not in known:
        words = next(part for part in tagline.groups() if part)
        known["tagline"] = in_their_letters(text, words.strip(" .\"'"))
    owner = _LOGO_OF.search(asked)
    name = name_in(_TAGLINE.sub("", _TAGLINE_ANY.sub("", asked)), text) or (
        in_their_letters(text, owner["owner"]) if owner else ""
    )
    if name and "productName" not in known:
        known["productName"] = name
    return known


def _product(asked: str, text: str) -> dict[str, str]:
    known = answers_in(text, ("productName", "productDescription"), labelled_only=True)
    if "productName" in known:
        return known
    found = _PRODUCT.search(asked)
    thing = (found["thing"] or "") if found else ""
    name, _, description = thing.partition(",")
    name = re.sub(rf"^{_OUR} (?:new |latest |brand new )?", "", name).strip()
    name = in_their_letters(text, name) if name else name_in(asked, text)
    if name and not _NOT_A_NAME.match(name.casefold()):
        known["productName"] = name
    if description.strip() and "productDescription" not in known:
        known["productDescription"] = in_their_letters(text, description.strip())
    return known


def _social(asked: str, text: str, settings: Settings) -> dict[str, str]:
    known = answers_in(text, ("concept",), labelled_only=True)
    if settings.platform:
        known["platform"] = settings.platform
    if "concept" in known:
        return known
    rest = re.sub(rf"\b(?:for|on|to) (?:our )?{_PLATFORM}\b", "", asked)
    about = re.search(r"\babout (?P<what>.{1,300})$", rest) or _ABOUT.search(rest)
    what = about["what"].strip(" ,.") if about else ""
    what = re.sub(r"^(?:social media|the web)\b[ ,]{0,2}", "", what)
    what = re.sub(
        r",? (?:and )?(?:use|with|using) (?:our|my|the) (?:logo|image|picture|photo)s?$", "", what
    )
    if what and not _NOT_A_NAME.match(what):
        known["concept"] = in_their_letters(text, what)
    return known


def name_in(asked: str, text: str) -> str:
    """What the film is for, in the writer's own letters; "" where nothing is named."""
    found = _NAME.search(asked)
    name = found["name"].strip() if found else ""
    name = re.sub(r"^(?:our|my|the) (?=\w{1,20} \w|$)", "", name)
    return "" if _NOT_A_NAME.match(name) else in_their_letters(text, name)


def in_their_letters(text: str, plain_words: str) -> str:
    """The words as they stand in the message, capitals and all; as given when they do not."""
    at = text.casefold().find(plain_words.casefold())
    return text[at : at + len(plain_words)].strip() if at >= 0 and plain_words else plain_words


# Answers to the question for what is missing

_LEAD = re.compile(
    r"^(?:it(?:'|’)?s|it is|that(?:'|’)?s|this is|we are|we(?:'|’)re|"
    r"(?:the|our|my) (?:product|name|brand|product name|brand name|concept|idea|tagline)"
    r"(?: is| are)?)(?: (?:called|named))?(?: is)?\s*[:,]?\s+",
    re.IGNORECASE,
)
_ALSO_TAGLINE = re.compile(
    r"(?<=\w)[,;.\n]?\s{0,9}(?:and |with )?(?:the |our )?(?:tagline|slogan|claim)(?: is)?\s?[:=]?\s?"
    r"[\"“]?(?P<words>[^\"”\n]{1,200}?)[\"”]?[ .]{0,3}$",
    re.IGNORECASE,
)
_SYNONYMS = {
    "productName": ("product name", "product", "name", "brand", "brand name"),
    "productDescription": ("product description", "description", "about", "what it does"),
    "tagline": ("tagline", "slogan", "claim"),
    "concept": ("concept", "idea", "about"),
    "platform": ("platform", "channel", "for"),
    "offer": ("offer", "deal", "discount"),
    "deadline": ("deadline", "until", "ends", "valid until"),
    "daysLeft": ("days left", "days"),
    "launchDay": ("launch day", "launch date", "date", "launch"),
    "glimpse": ("glimpse", "teased", "visible part"),
    "mood": ("mood", "feeling"),
}


def answers_in(text: str, missing: Sequence[str], *, labelled_only: bool = False) -> dict[str, str]:
    """Values for the missing parameters, from "product: X, description: Y", from lines or commas
    in order, or, for a single one, from the whole message.
    """
    known = _labelled(text, missing)
    if known or labelled_only:
        return known
    if list(missing) == ["productName"] and (tagline := _ALSO_TAGLINE.search(text)):
        name = _value("productName", text[: tagline.start()])
        return {"productName": name, "tagline": tagline["words"].strip()}
    if len(missing) == 1:
        return {missing[0]: _value(missing[0], text)} if text.strip() else {}
    if "platform" in missing and (platform := platform_in(text.casefold())):
        rest = re.sub(
            rf"[,;]?\s*(?:\b(?:for|on)\s+)?\b{_PLATFORM}\b\s*[,;:]?", " ", text, flags=re.IGNORECASE
        ).strip(" ,.;\n")
        others = [name for name in missing if name != "platform"]
        return {"platform": platform, **(answers_in(rest, others) if rest else {})}
    parts = [line for line in text.splitlines() if line.strip()]
    if len(parts) < len(missing):
        parts = re.split(r"\s*[,;]\s+|\s+[-–—]\s+", text.strip(), maxsplit=len(missing) - 1)
    values = [_value(name, part) for name, part in zip(missing, parts, strict=False)]
    return {name: value for name, value in zip(missing, values, strict=False) if value}


def _value(name: str, text: str) -> str:
    if name == "platform":
        return platform_in(text.casefold()) or text.strip()
    return _LEAD.sub("", text.strip(), count=1).strip(' "“”').rstrip(".")


def _labelled(text: str, missing: Sequence[str]) -> dict[str, str]:
    """From "product: X, description: Y": each label's words run to the next label."""
    labels: Mapping[str, str] = (
        {label: name for name in missing for label in _SYNONYMS.get(name, (_spaced(name),))}
        | {_spaced(name): name for name in missing}
        | {name.casefold(): name for name in missing}
    )
    alternatives = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    if not alternatives:
        return {}
    marks = list(
        re.finditer(rf"(?:^|[\s,;.])(?P<label>{alternatives})\s?[:=]\s?", text, re.IGNORECASE)
    )
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    found: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=False):
        value = text[mark.end() : end].strip(' ,;.\n"“”')
        if value:
            found.setdefault(labels[mark["label"].casefold()], _value_of(labels, mark, value))
    return found


def _value_of(labels: Mapping[str, str], mark: re.Match[str], value: str) -> str:
    is_platform = labels[mark["label"].casefold()] == "platform"
    return (platform_in(value.casefold()) or value) if is_platform else value


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).casefold()
