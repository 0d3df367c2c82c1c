"""What a turn knows when it begins, from the record; and what a retry and a yes mean for money."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from agent.ports import ChatRequest
from server.turns.briefing import HISTORY_EVENTS
from tests.fakes.house import open_studio
from tests.fakes.pictures import logo_png, upload_form
from tests.fakes.scripted_model import Act, Call, Pause, Say, ScriptedModel
from tests.fakes.visitor import Visitor
from tools.domain.events import MessageAdded
from tools.domain.identity import MessageId, SessionId
from tools.domain.money import Money

AT_ONCE = 100
"""Lines that a listening browser takes at once; one far behind is cut off."""
# Long enough to be unfinished while the next messages are answered.
FILM = {"prompt": "A kettle comes to the boil", "model": "draft", "duration": 30}


@pytest.fixture
def answers() -> list[list[Act]]:
    """What the model says, one list for each time it is asked; then it says that it is done."""
    return []


@pytest.fixture
def model(answers) -> ScriptedModel:
    return ScriptedModel(lambda _: answers.pop(0) if answers else [Say("done")])


@pytest.fixture
async def studio(tmp_path, model):
    async with open_studio(
        tmp_path, adapters=lambda given: replace(given, chat_model=model)
    ) as opened:
        yield opened


@pytest.fixture
async def ada(studio):
    async with studio.visitor() as visitor:
        await visitor.open()
        yield visitor


def last(model: ScriptedModel) -> ChatRequest:
    return model.requests[-1]


def states(entries: list[dict[str, Any]]) -> list[str]:
    """Of each film that was asked for: "queued" or "proposed"."""
    return [
        entry["data"]["result"]["state"] for entry in entries if entry["type"] == "tool.finished"
    ]


def films(ada: Visitor) -> int:
    return len(ada.of_type("video.queued"))


async def test_models_money_images_and_the_day_are_in_front_of_the_model(studio, ada, model):
    form = upload_form(logo_png(), sessionId=ada.session_id, role="logo")
    async with studio.http() as http, http.post("/api/storage/upload", data=form) as reply:
        taken = await reply.json()

    await ada.ask("hello")

    briefing = last(model).briefing
    assert [upload.id for upload in briefing.uploads] == [taken["uploadId"]]
    assert "draft" in [offer.model.key for offer in briefing.models if offer.is_available]
    assert briefing.budget_left == Money.usd("25")
    assert briefing.today.year >= 2026
    assert briefing.earlier_messages == 0


async def test_what_was_said_of_the_brand_is_kept_in_front(ada, model):
    await ada.ask('Make a film about tea with the tagline "Slow down"')
    await ada.ask("thanks")

    assert last(model).briefing.brand == (("tagline", "Slow down"),)


async def test_messages_further_back_than_a_turn_reads_are_counted(studio, ada, model):
    def talk(transaction, first: int) -> None:
        lines = [
            MessageAdded(message_id=MessageId(f"old-{first + n}"), sender="user", text="old")
            for n in range(AT_ONCE)
        ]
        transaction.tell(SessionId(ada.session_id), *lines)

    for first in range(0, HISTORY_EVENTS, AT_ONCE):
        await studio.house.journal.write(partial(talk, first=first))
        await ada.until(lambda heard=first + AT_ONCE: len(ada.entries) > heard)
    await ada.ask("hello")

    # The welcome and the oldest lines: three of the events read are this turn's own.
    assert last(model).briefing.earlier_messages == 3


async def test_films_that_are_not_over_are_in_front_of_the_model(ada, model, answers):
    answers.append([Call("generate-video", FILM)])
    await ada.ask("a film, please")

    await ada.ask("how is it going?")

    (job,) = last(model).briefing.jobs
    assert job.request.prompt == FILM["prompt"]
    assert not job.stage.is_final


async def test_a_film_asked_for_twice_in_a_turn_is_made_once(ada, answers):
    answers.append([Call("generate-video", FILM), Call("generate-video", FILM)])

    turn = await ada.ask("a film, please")

    assert states(turn) == ["queued", "proposed"]
    assert films(ada) == 1
    assert [each["data"]["reason"] for each in ada.of_type("video.proposed")] == ["repeated"]


async def test_a_turn_tried_again_does_not_buy_again(ada, answers):
    answers.append([Call("generate-video", FILM)])
    first = (await ada.ask("a film, please"))[0]["turnId"]
    answers.append([Call("generate-video", FILM)])

    retried = await ada.done(
        "turn.retry", sessionId=ada.session_id, clientId=ada.client_id(), turnId=first
    )
    await ada.until_entry("turn.finished", turnId=retried["turnId"])

    assert states(ada.of_turn(retried["turnId"])) == ["proposed"]
    assert films(ada) == 1


async def test_a_yes_in_words_is_none_and_a_yes_on_the_card_is_one(ada, answers):
    answers += [[Call("generate-video", FILM)], [Say("on its way")]]
    await ada.ask("a film, please")
    answers += [[Call("generate-video", FILM)], [Say("a second one?")]]
    await ada.ask("a film, please")
    answers.append([Call("generate-video", FILM)])
    in_words = await ada.ask("yes, a second one")
    before = films(ada)
    (proposal,) = ada.of_type("video.proposed")

    await ada.done(
        "job.approve",
        sessionId=ada.session_id,
        clientId=ada.client_id(),
        jobId=proposal["jobId"],
    )

    await ada.until(lambda: films(ada) == 2)
    assert states(in_words) == ["proposed"]
    assert before == 1


async def test_a_message_that_waited_in_line_is_no_yes_to_what_came_after_it(ada, answers):
    gate = asyncio.Event()
    answers.append([Pause(gate), Call("generate-video", FILM)])
    await ada.say("a film, please")
    answers += [[Say("on its way")], [Call("generate-video", FILM)]]
    second = (await ada.say("a film, please"))["turnId"]
    gate.set()
    await ada.until_entry("turn.finished", turnId=second)

    assert states(ada.of_turn(second)) == ["proposed"]
    assert films(ada) == 1
