"""What the request of a step tells of the turn it belongs to, for a language model. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from agent.budget import newest_turns, tokens_of
from agent.ports import AssistantSaid, ChatRequest, UserSaid


def this_turn(request: ChatRequest) -> list[AssistantSaid]:
    """What was said and called since the person's last message."""
    said: list[AssistantSaid] = []
    for message in reversed(request.messages):
        if isinstance(message, UserSaid):
            break
        if isinstance(message, AssistantSaid):
            said.append(message)
    return said


def has_spoken(request: ChatRequest) -> bool:
    """After its calls a model may have nothing to add to what it said before them."""
    return any(said.text.strip() for said in this_turn(request))


def answering(request: ChatRequest) -> str | None:
    """The model that made the newest calls of this turn."""
    for said in this_turn(request):
        for call in said.calls:
            model = call.extras.get("model")
            if isinstance(model, str):
                return model
    return None


def echoed(request: ChatRequest, model: str) -> frozenset[str]:
    """The keys that go back to this model because it sent them, whatever they mean."""
    calls = [call for said in this_turn(request) for call in said.calls]
    kept = [call.extras for call in calls if call.extras.get("model") == model]
    places = [extras.get(place) for extras in kept for place in ("call", "function", "message")]
    return frozenset(key for place in places if isinstance(place, Mapping) for key in place)


def halved(request: ChatRequest) -> ChatRequest:
    """With half of the talk: the newest turns, whole."""
    shown, hidden = newest_turns(request.messages, tokens_of(request.messages) // 2)
    earlier = request.briefing.earlier_messages + hidden
    return replace(
        request, messages=shown, briefing=replace(request.briefing, earlier_messages=earlier)
    )
