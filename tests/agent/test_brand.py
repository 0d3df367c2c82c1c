import json
from typing import Any

from agent.brand import MOST_FACTS, brand_facts
from agent.ports import AssistantSaid, ChatMessage, ToolAnswered, ToolCall, UserSaid
from tools.domain.identity import CallId


def filled(*, ok: bool = True, call: str = "call-1", **parameters: Any) -> list[ChatMessage]:
    arguments = json.dumps({"template": "brand-animation", "parameters": parameters})
    asked = ToolCall(call_id=CallId(call), tool="apply-template", arguments=arguments)
    return [
        AssistantSaid(calls=(asked,)),
        ToolAnswered(call_id=asked.call_id, tool="apply-template", output={"ok": ok}),
    ]


def test_what_a_template_was_filled_with_is_known_of_the_brand():
    told = brand_facts(filled(productName="Oatly", tagline="Wow, no cow!"))

    assert told == (("productName", "Oatly"), ("tagline", "Wow, no cow!"))


def test_a_tagline_in_quotation_marks_is_known_of_the_brand():
    said = UserSaid(text='Make a film about tea with the tagline "Slow down"')

    assert brand_facts([said]) == (("tagline", "Slow down"),)


def test_the_newest_words_count():
    told = brand_facts([*filled(tagline="Old"), *filled(call="call-2", tagline="New")])

    assert told == (("tagline", "New"),)


def test_a_refused_call_tells_nothing():
    assert brand_facts(filled(ok=False, productName="Oatly")) == ()


def test_addresses_and_lists_are_no_facts():
    assert brand_facts(filled(brandLogoUrl="https://x.example/a.png", brandImages=["a"])) == ()


def test_there_is_an_end_to_what_is_kept():
    many: dict[str, Any] = {f"name{number}": "x" * 999 for number in range(50)}

    told = brand_facts(filled(**many))

    assert len(told) == MOST_FACTS
    assert all(len(words) == 200 for _, words in told)


def test_talk_alone_is_no_fact():
    assert brand_facts([UserSaid(text="Make a film about tea"), AssistantSaid(text='"Tea!"')]) == ()
