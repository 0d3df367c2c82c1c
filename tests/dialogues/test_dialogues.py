"""The golden dialogues: right on the offline model, valid and paid for once whatever the model."""

import pytest

from agent.models.offline import OfflineModel
from agent.ports import AssistantSaid, ChatMessage, ToolAnswered, UserSaid
from tests.dialogues.right_answers import right_answers
from tests.dialogues.scoring import Mark, dialogue_for, judged, marks_of, table
from tests.dialogues.table import Exchange, golden_dialogues
from tests.fakes.dialogue import LOGO, Dialogue
from tests.fakes.scripted_model import Call, Fail, Say, ScriptedModel, in_turn
from tools.errors import ProviderUnavailable

GOLDEN = golden_dialogues()
ENGLISH = [golden for golden in GOLDEN if golden.language == "en"]


def by_name(rows):
    return pytest.mark.parametrize("golden", rows, ids=lambda row: f"{row.kind}: {row.name}")


def test_there_are_enough_of_them_of_each_kind():
    assert len(GOLDEN) >= 40
    assert len({golden.language for golden in GOLDEN} - {"en"}) >= 3
    assert {golden.kind for golden in GOLDEN} == {
        "changes",
        "contradictory",
        "hostile",
        "journey",
        "languages",
        "money",
        "vague",
    }


@by_name(ENGLISH)
async def test_the_offline_model_gets_it_right(golden):
    dialogue = dialogue_for(golden, OfflineModel(pace_s=0))

    marks = await marks_of(golden, dialogue)

    assert [f"{mark.what}: {mark.fault}" for mark in marks if not mark.is_right] == []


@by_name([golden for golden in GOLDEN if golden.language != "en"])
async def test_the_offline_model_says_that_it_only_knows_english(golden):
    dialogue = dialogue_for(golden, OfflineModel(pace_s=0))

    heard = await dialogue.says(golden.exchanges[0].says)

    assert heard.tools == ()
    assert "only understand English" in heard.text


@by_name(GOLDEN)
async def test_a_model_that_does_it_right_is_scored_right_and_its_slips_cost_nothing(golden):
    model = right_answers(golden)
    dialogue = dialogue_for(golden, model)

    marks = await marks_of(golden, dialogue)

    films = sum(
        exchange.answers == "approve" or bool(exchange.film and not exchange.proposed)
        for exchange in golden.exchanges
    )
    held = {"ended", "tools", "arguments"}
    assert [mark.fault for mark in marks if mark.what in held and mark.fault] == []
    assert len(dialogue.studio.requests) == films
    for request in model.requests:
        assert problems_of(request.messages) == []


@by_name(GOLDEN)
async def test_however_small_the_models_context_what_it_is_sent_is_valid(golden):
    model = right_answers(golden)
    model.context_tokens = 3_000
    dialogue = dialogue_for(golden, model)

    await marks_of(golden, dialogue)

    assert [
        problems_of(request.messages) for request in model.requests if problems_of(request.messages)
    ] == []


def problems_of(messages: tuple[ChatMessage, ...]) -> list[str]:
    """What a chat completions API would refuse the talk for."""
    problems = [] if isinstance(messages[0], UserSaid) else ["it does not begin with a person"]
    if not isinstance(messages[-1], UserSaid | ToolAnswered):
        problems.append("there is nothing to answer")
    waiting: list[str] = []
    seen: set[str] = set()
    for message in messages:
        if isinstance(message, ToolAnswered):
            if not waiting or waiting.pop(0) != message.call_id:
                problems.append(f"{message.call_id} is the output of no call before it")
            continue
        if waiting:
            problems.append(f"{waiting} have no output")
        waiting = []
        if isinstance(message, AssistantSaid):
            waiting = [call.call_id for call in message.calls]
            problems += [f"{call_id} was there before" for call_id in waiting if call_id in seen]
            seen.update(waiting)
            if not message.text and not message.calls:
                problems.append("an answer is empty")
    return [*problems, *([f"{waiting} have no output"] if waiting else [])]


class TestTheScorer:
    """It must see what is wrong, or its table is worth nothing."""

    FILM = Exchange(
        says="tea",
        film={"duration": 8, "uploadIds": ["logo-1"], "prompt": ["tea"]},
        mentions=("tea",),
    )

    async def marks(self, exchange, *answers):
        dialogue = Dialogue(ScriptedModel(in_turn(*answers)), uploads=[LOGO])
        heard = await dialogue.says(exchange.says)
        return {mark.what: mark for mark in judged(exchange, heard)}

    async def test_what_is_right_is_right(self):
        asked = Call("generate-video", {"prompt": "Tea", "duration": 8, "uploadIds": ["logo-1"]})

        marks = await self.marks(self.FILM, [asked], [Say("Tea it is")])

        assert all(mark.is_right for mark in marks.values())

    async def test_a_film_that_was_not_asked_for_is_missed(self):
        marks = await self.marks(self.FILM, [Say("Tea it is")])

        assert not marks["tools"].is_right
        assert not marks["arguments"].is_right

    async def test_wrong_arguments_are_named(self):
        asked = Call("generate-video", {"prompt": "Coffee", "duration": 8})

        marks = await self.marks(self.FILM, [asked], [Say("Tea it is")])

        assert marks["tools"].is_right
        assert "prompt is 'Coffee'" in marks["arguments"].fault
        assert "uploadIds is []" in marks["arguments"].fault

    async def test_a_refused_call_is_no_call(self):
        asked = Call("generate-video", {"prompt": "Tea", "duration": 99})

        marks = await self.marks(self.FILM, [asked], [Say("Tea it is")])

        assert not marks["tools"].is_right

    async def test_a_film_in_place_of_a_question_is_wrong(self):
        exchange = Exchange(says="tea", asks=("logo",))

        marks = await self.marks(
            exchange, [Call("generate-video", {"prompt": "Tea"})], [Say("Logo?")]
        )

        assert not marks["tools"].is_right
        assert marks["questions"].is_right

    async def test_forbidden_words_are_heard(self):
        exchange = Exchange(says="tea", unsaid=("is ready",))

        marks = await self.marks(exchange, [Say("Your film IS READY!")])

        assert not marks["words"].is_right

    async def test_a_turn_that_failed_is_wrong_in_everything(self):
        exchange = Exchange(says="tea", never=("generate-video",), unsaid=("is ready",))

        marks = await self.marks(exchange, [Fail(ProviderUnavailable("Busy."))])

        assert not any(mark.is_right for mark in marks.values())

    def test_the_table_counts_by_kind_and_in_all(self):
        rows = [
            ("a", [Mark(what="tools"), Mark(what="tools", fault="no")]),
            ("b", [Mark(what="words")]),
        ]

        lines = [line.split() for line in table(rows).splitlines()]

        assert lines[0] == ["ended", "tools", "arguments", "questions", "words"]
        assert lines[1:] == [
            ["a", "-", "1/2", "-", "-", "-"],
            ["b", "-", "-", "-", "-", "1/1"],
            ["all", "-", "1/2", "-", "-", "1/1"],
        ]
