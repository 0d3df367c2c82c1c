"""The question of a turn, put together from what happened and what is known."""

from collections.abc import Iterable
from dataclasses import replace

from agent.brand import brand_facts
from agent.conversation import conversation
from agent.instructions import INSTRUCTIONS
from agent.ports import Briefing, ChatRequest
from tools.domain.events import SessionEvent
from tools.domain.identity import MessageId


def request_for(
    happened: Iterable[SessionEvent], answering: MessageId, briefing: Briefing
) -> ChatRequest:
    """About the message `answering`, which is the last one; what was said of the brand is added."""
    messages = conversation(happened, answering=answering)
    return ChatRequest(
        instructions=INSTRUCTIONS,
        briefing=replace(briefing, brand=brand_facts(messages)),
        messages=messages,
    )
