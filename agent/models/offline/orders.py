"""A film that was asked for, in words: by whom it is made, for how much, and who has to agree first."""

from collections.abc import Iterable, Sequence
from typing import Literal

from agent.models.offline.recall import Done, Talk
from agent.models.offline.rows import FREE, Json, as_object, as_sequence, money
from tools.domain.creatives import Creative
from tools.domain.jobs import Stage, VideoJob
from tools.domain.models import ModelOffer

Standing = Literal["begun", "asked", "asked before", "second"]
"""It is being made; it waits for a yes; it waited for one already; or it would be a second one of a
film that is being made."""

_OUR_WORDS = ("It ", "Its ", "No ", "The ")
"""A reason that begins so is a sentence of ours; others begin with a name."""


def ordered(done: Done, talk: Talk, *, subject: str, notes: Sequence[str]) -> str:
    """What became of it: begun, or a question for the person. Never more than that."""
    quote = as_object((done.output or {}).get("quote"))
    standing = _standing(done, talk)
    if standing == "asked before":
        notes = ()  # what is new about this one is not in the one that waits; its quote says so
    sentences = [
        _opening(done, quote, subject, standing),
        _stand_in(quote, talk.models),
        _draft_words(quote),
        *(str(as_object(each).get("message", "")) for each in as_sequence(quote.get("warnings"))),
        *notes,
        _closing(money(quote.get("total")), standing),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _standing(done: Done, talk: Talk) -> Standing:
    if done.state != "proposed":
        return "begun"
    if any(job.id == done.job_id for job in talk.jobs):
        return "asked before"
    is_made = any(_is_same(job, done.arguments) for job in talk.jobs if not _waits(job))
    return "second" if is_made else "asked"


def _waits(job: VideoJob) -> bool:
    return job.stage is Stage.PROPOSED


def _is_same(job: VideoJob, arguments: Json) -> bool:
    """As far as the arguments say; how the prompt was refined makes no other film."""
    request = job.request
    images = {*as_sequence(arguments.get("uploadIds"))}
    images |= {*as_sequence(arguments.get("referenceImageUrls"))}
    return (
        _words(request.prompt) == _words(str(arguments.get("prompt")))
        and arguments.get("duration") == request.length_s
        and arguments.get("aspectRatio", "16:9") == request.aspect_ratio
        and images == {reference.source for reference in request.references}
        and arguments.get("model", request.model_key) == request.model_key
    )


def _words(prompt: str) -> list[str]:
    return prompt.casefold().split()


def _opening(done: Done, quote: Json, subject: str, standing: Standing) -> str:
    arguments = done.arguments
    model = str(quote.get("model") or arguments.get("model") or "")
    length_s, ratio = arguments.get("duration", "?"), arguments.get("aspectRatio", "16:9")
    what = f"{_article(length_s)} **{length_s} second {ratio} film**"
    about = f", “{subject}”" if subject else ""
    film = f"{what}{about}{f', made by **{model}**' if model else ''}"
    match standing:
        case "begun":
            return f"On its way: {film}."
        case "asked":
            return f"Not begun yet: {film}."
        case "asked before":
            return f"That one waits for your yes already: {film}."
        case "second":
            return (
                "That very film is being made already; its card shows how far it is. Here is a second "
                f"one: {film}."
            )


def _closing(price: str, standing: Standing) -> str:
    is_free = price == FREE
    if standing == "begun":
        cost = "It is free." if is_free else f"It will cost {price}." if price else ""
        card = "Its card shows how far it is; it joins your creatives when it is finished."
        return f"{cost} {card}".strip()
    cost = "It would be free." if is_free else f"It would cost {price}."
    return f"{cost} Approve it on its card, or decline it: nothing is made or spent before you do."


def _article(number: object) -> str:
    return "an" if str(number).startswith("8") or number in {11, 18} else "a"


def _stand_in(quote: Json, offers: Iterable[ModelOffer]) -> str:
    requested, model = quote.get("requestedModel"), quote.get("model")
    if not requested or requested == model:
        return ""
    why = next((_reason(offer) for offer in offers if offer.model.key == requested), "")
    if model == "draft":
        why = "no video provider's key is set on this server (REPLICATE_API_KEY)"
    return f"It stands in for {requested}, because {why or 'that one cannot be had here any more'}."


def _reason(offer: ModelOffer) -> str:
    """Why it cannot be had, in the middle of a sentence; who stands in is told beside it."""
    why = (offer.unavailable_reason or "").partition(". ")[0].rstrip(".")
    return why[:1].lower() + why[1:] if why.startswith(_OUR_WORDS) else why


def _draft_words(quote: Json) -> str:
    if quote.get("model") != "draft":
        return ""
    return "It is a DRAFT: an animatic made on this machine to judge timing and layout."


def cost(order: Done, talk: Talk) -> str:
    """What a film that was asked for costs, as far as it has come."""
    job = next((job for job in talk.jobs if job.id == order.job_id), None)
    made = next((film for film in talk.creatives if film.job_id == order.job_id), None)
    quote = as_object((order.output or {}).get("quote"))
    # A person may have edited it on its card: what stands now is what counts.
    price = str(job.quote.total) if job and job.quote.total else money(quote.get("total"))
    model = job.quote.model_key if job else quote.get("model")
    length_s = job.request.length_s if job else order.arguments.get("duration", "?")
    film = f"Your last film ({length_s} seconds, made by {model})"
    if not price:
        return f"{film} has no price that I know of."
    if job is not None and _waits(job):
        return f"{film} would cost {price}. {waiting((job,))}"
    if price == FREE:
        return f"{film} is free."
    return f"{film} {_paid(price, made, is_running=job is not None)}"


def _paid(price: str, made: Creative | None, *, is_running: bool) -> str:
    if made is not None:
        return f"has cost {made.cost or price}."
    if is_running:
        return f"costs {price}, as it was quoted."
    return f"was quoted at {price}, and is not being made any more: its card says what was charged."


def waiting(jobs: Sequence[VideoJob], it: str = "It") -> str:
    """What a person can do about films that wait for a yes; typed, no answer counts.

    `it`: what a single one is called in the sentence.
    """
    prices = ", ".join(str(job.quote.total or FREE) for job in jobs)
    if len(jobs) == 1:
        return (
            f"{it} waits for your yes ({prices}): only you can give it, with Approve on its card, or "
            "Decline. Nothing is made or spent before."
        )
    return (
        f"{len(jobs)} films wait for your yes ({prices}): only you can give it, with Approve on each "
        "card, or Decline. Nothing is made or spent before."
    )


def not_wanted(jobs: Sequence[VideoJob]) -> str:
    card = "its card" if len(jobs) == 1 else "each card"
    return (
        f"Then press Decline on {card}: I cannot do it from here. Nothing is made and nothing is spent "
        "until you approve."
    )


def budget(talk: Talk) -> str:
    """What is left, and what waits to be taken from it."""
    if talk.budget_left is None:
        return "Nobody counts a budget here, so I cannot say what is left of it."
    left = f"{talk.budget_left} is left of this campaign's budget; films that are being made are counted."
    return f"{left} {waiting(talk.proposals, 'One film')}" if talk.proposals else left
