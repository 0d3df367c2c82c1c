"""The tools as another agent meets them: what it is told, what it is refused, who is asked."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from mcp import MCPError, types

from tests.fakes.agents import ERAS, Person, agent_of, asked, job, refusal, yes
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.replicate import FakeReplicate
from tests.fakes.selling import selling
from tests.patience import FILM_S

DRAFT = {"prompt": "A kettle comes to the boil", "model": "draft", "duration": 4}
PAID = {"prompt": "A kettle comes to the boil", "model": "veo-3.1-fast", "duration": 4}
NO = types.ElicitResult(action="decline")


@pytest.fixture
async def fake() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate.running() as running:
        yield running
        assert running.complaints == []


@pytest.fixture
async def shop(tmp_path: Path, fake: FakeReplicate) -> AsyncIterator[OpenHouse]:
    async with open_studio(tmp_path / "data", **selling(fake)) as house:
        yield house


# -- what it is told -------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ERAS)
async def test_there_are_the_four_tools_of_the_contract(studio: OpenHouse, mode: str):
    async with agent_of(studio, mode=mode) as agent:
        tools = (await agent.list_tools()).tools
    assert [tool.name for tool in tools] == [
        "list-models",
        "refine-prompt",
        "apply-template",
        "generate-video",
    ]


async def test_only_a_film_changes_anything_and_nothing_destroys(studio: OpenHouse):
    async with agent_of(studio) as agent:
        tools = (await agent.list_tools()).tools
    hints = {tool.name: tool.annotations for tool in tools}
    assert [name for name, hint in hints.items() if hint and not hint.read_only_hint] == [
        "generate-video"
    ]
    assert not any(hint and hint.destructive_hint for hint in hints.values())


async def test_arguments_are_told_in_the_contracts_camel_case(studio: OpenHouse):
    async with agent_of(studio) as agent:
        tools = {tool.name: tool for tool in (await agent.list_tools()).tools}
    assert set(tools["generate-video"].input_schema["properties"]) == {
        "prompt",
        "model",
        "duration",
        "aspectRatio",
        "referenceImageUrls",
        "refinementPrompt",
        "refinedPrompt",
        "uploadIds",
    }
    assert tools["generate-video"].input_schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("tool", "arguments", "keys"),
    [
        ("list-models", {"need": "fast"}, ("models", "recommended")),
        ("list-models", {}, ("models",)),
        (
            "refine-prompt",
            {"prompt": "A kettle boils"},
            ("prompt", "refinedPrompt", "changes", "warnings"),
        ),
        ("apply-template", {"template": "brand-animation"}, ("request", "missing")),
        (
            "apply-template",
            {"template": "brand-animation", "parameters": {"productName": "Oatly"}},
            ("request", "missing"),
        ),
    ],
    ids=str,
)
async def test_results_are_what_their_schema_says(studio: OpenHouse, tool, arguments, keys):
    async with agent_of(studio) as agent:
        await agent.list_tools()  # From now on the client holds each result against its schema.
        answer = await agent.call_tool(tool, arguments)
    assert not answer.is_error
    assert set(answer.structured_content) == set(keys)


async def test_a_filled_template_is_what_generate_video_takes(studio: OpenHouse):
    async with agent_of(studio) as agent:
        filled = await agent.call_tool(
            "apply-template",
            {"template": "brand-animation", "parameters": {"productName": "Oatly"}},
        )
        told = await asked(agent, **filled.structured_content["request"])
    assert told["state"] in {"queued", "running"}


async def test_looking_around_leaves_no_session_behind(studio: OpenHouse):
    async with agent_of(studio) as agent, studio.http() as http:
        await agent.call_tool("list-models", {})
        await agent.list_resources()
        async with http.get("/api/sessions") as reply:
            assert (await reply.json())["sessions"] == []


# -- what it is refused ----------------------------------------------------------------------------


async def test_a_tool_that_is_none_is_an_error_of_the_protocol(studio: OpenHouse):
    async with agent_of(studio) as agent:
        with pytest.raises(MCPError, match="There is no tool called 'buy-everything'") as refused:
            await agent.call_tool("buy-everything", {})
    assert refused.value.code == types.INVALID_PARAMS


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("generate-video", {}, "invalid_payload"),
        ("generate-video", {**DRAFT, "sessionId": "session-1"}, "invalid_payload"),
        ("generate-video", {**DRAFT, "campaignId": "other"}, "invalid_payload"),
        ("generate-video", {**DRAFT, "prompt": "x" * 4001}, "invalid_payload"),
        ("generate-video", {**DRAFT, "prompt": "\ud800"}, "invalid_payload"),
        ("generate-video", {**DRAFT, "duration": 2**60}, "invalid_payload"),
        ("generate-video", {**DRAFT, "model": "sora-9"}, "unknown_model"),
        ("generate-video", {**DRAFT, "duration": 61}, "duration_out_of_range"),
        ("generate-video", {**DRAFT, "uploadIds": ["upload-of-nobody"]}, "not_found"),
        (
            "generate-video",
            {**DRAFT, "referenceImageUrls": ["http://169.254.169.254/latest"]},
            "reference_unreachable",
        ),
        ("refine-prompt", {"prompt": " "}, "invalid_payload"),
        ("list-models", {"need": "all"}, "invalid_payload"),
        ("apply-template", {"template": "a-heist"}, "unknown_template"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_a_call_that_cannot_be_done_is_a_result_with_code_and_words(
    studio: OpenHouse, tool, arguments, code
):
    async with agent_of(studio) as agent:
        error = await refusal(agent, tool, arguments)
    assert error["code"] == code


@pytest.mark.parametrize("token", ["", "no token at all"])
async def test_nothing_is_done_without_a_token(studio: OpenHouse, token: str):
    async with agent_of(studio, token=token) as agent:
        error = await refusal(agent, "list-models", {})
    assert error["code"] == "unauthenticated"


async def test_a_token_is_looked_at_again_at_each_call(studio: OpenHouse):
    old = studio.token(life=-timedelta(minutes=2))
    async with agent_of(studio, token=old) as agent:
        error = await refusal(agent, "list-models", {})
    assert error["code"] == "token_expired"


async def test_a_campaign_that_the_token_does_not_have_is_forbidden(studio: OpenHouse):
    async with agent_of(studio, campaigns=["spring"], campaign="autumn") as agent:
        error = await refusal(agent, "generate-video", DRAFT)
    assert error["code"] == "forbidden"


async def test_films_are_limited_by_the_minute_as_at_every_door(tmp_path: Path):
    async with (
        open_studio(tmp_path / "data", rate_generations_per_min=1) as studio,
        agent_of(studio) as agent,
    ):
        await asked(agent, **DRAFT)
        error = await refusal(agent, "generate-video", {**DRAFT, "prompt": "A cup of tea"})
    assert error["code"] == "rate_limited"
    assert error["retryAfterMs"] > 0


async def test_what_a_campaign_has_no_money_for_is_not_even_asked_about(
    tmp_path: Path, fake: FakeReplicate
):
    settings = {**selling(fake), "campaign_budget_usd": "0.10"}
    async with (
        open_studio(tmp_path / "data", **settings) as studio,
        agent_of(studio, person=yes()) as agent,
    ):
        error = await refusal(agent, "generate-video", PAID)
    assert error["code"] == "budget_exceeded"
    assert fake.created == []


# -- whose films -----------------------------------------------------------------------------------


async def test_a_film_joins_the_session_that_the_persons_chat_has_open(studio: OpenHouse):
    async with studio.visitor() as ada, agent_of(studio) as agent:
        await ada.open()
        told = await asked(agent, **DRAFT)
        await ada.until_entry("creative.added", FILM_S, jobId=told["jobId"])
    assert told["sessionId"] == ada.session_id


async def test_a_film_belongs_to_the_campaign_it_was_started_for(studio: OpenHouse):
    async with agent_of(studio, campaign="spring") as agent, studio.http() as http:
        told = await asked(agent, **DRAFT)
        async with http.get("/api/sessions", params={"campaignId": "spring"}) as reply:
            (session,) = (await reply.json())["sessions"]
    assert session["sessionId"] == told["sessionId"]


async def test_another_tenants_job_is_as_one_that_is_not_there(studio: OpenHouse):
    async with agent_of(studio) as ada, agent_of(studio, "eve") as eve:
        told = await asked(ada, **DRAFT)
        with pytest.raises(MCPError) as hers:
            await eve.read_resource(told["job"])
        with pytest.raises(MCPError) as nobodys:
            await eve.read_resource("reelroom://jobs/job-of-nobody")
    assert (hers.value.code, hers.value.message) == (nobodys.value.code, nobodys.value.message)


async def test_another_tenants_session_cannot_be_named(studio: OpenHouse):
    async with agent_of(studio) as ada:
        told = await asked(ada, **DRAFT)
    async with agent_of(studio, "eve", session=told["sessionId"]) as eve:
        error = await refusal(eve, "generate-video", DRAFT)
    assert error["code"] == "not_found"


@pytest.mark.parametrize("uri", ["reelroom://jobs/", "file:///etc/passwd", "reelroom://jobs/../x"])
async def test_no_other_resource_can_be_read(studio: OpenHouse, uri: str):
    async with agent_of(studio) as agent:
        with pytest.raises(MCPError, match="was not found"):
            await agent.read_resource(uri)


async def test_the_films_of_the_session_are_listed_the_newest_first(studio: OpenHouse):
    async with agent_of(studio) as agent:
        first = await asked(agent, **DRAFT)
        second = await asked(agent, **{**DRAFT, "prompt": "A cup of tea"})
        listed = (await agent.list_resources()).resources
    assert [each.uri for each in listed] == [second["job"], first["job"]]


# -- what it costs ---------------------------------------------------------------------------------


async def test_a_price_above_the_limit_waits_and_says_for_whom(
    shop: OpenHouse, fake: FakeReplicate
):
    async with agent_of(shop) as agent:
        told = await asked(agent, **PAID)
    assert (told["state"], told["quote"]["price"]) == ("proposed", "$0.60")
    assert "$0.60" in told["message"]
    assert "waits" in told["message"]
    assert shop.url in told["message"]
    assert fake.created == []


async def test_the_card_in_the_chat_is_a_yes_to_it(shop: OpenHouse, fake: FakeReplicate):
    async with shop.visitor() as ada, agent_of(shop) as agent:
        await ada.open()
        told = await asked(agent, **PAID)
        await ada.done(
            "job.approve", sessionId=ada.session_id, clientId="yes-1", jobId=told["jobId"]
        )
        await ada.until_entry("creative.added", FILM_S, jobId=told["jobId"])
        status = await job(agent, told["job"])
    assert (status["state"], status["charged"]) == ("finished", "yes")
    assert len(fake.created) == 1


async def test_a_price_below_the_limit_goes_by_itself(tmp_path: Path, fake: FakeReplicate):
    settings = {**selling(fake), "auto_approve_below_usd": "1"}
    async with open_studio(tmp_path / "data", **settings) as studio, agent_of(studio) as agent:
        told = await asked(agent, **PAID)
        await fake.until(lambda: fake.created)
    assert told["state"] in {"queued", "running"}


@pytest.mark.parametrize("mode", ERAS)
async def test_the_person_in_front_of_the_agent_can_say_yes(
    shop: OpenHouse, fake: FakeReplicate, mode: str
):
    person = yes()
    async with agent_of(shop, mode=mode, person=person) as agent:
        told = await asked(agent, **PAID)
        await fake.until(lambda: fake.created)
    assert told["state"] in {"queued", "running"}
    (question,) = person.asked
    assert "$0.60" in question.message
    assert str(PAID["prompt"]) in question.message


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (NO, "declined"),
        (types.ElicitResult(action="accept", content={"approve": False}), "declined"),
        (types.ElicitResult(action="accept", content={}), "declined"),
        (types.ElicitResult(action="cancel"), "proposed"),
    ],
    ids=["no", "an unticked yes", "an empty yes", "looked away"],
)
async def test_anything_but_a_yes_buys_nothing(
    shop: OpenHouse, fake: FakeReplicate, mode: str, answer: types.ElicitResult, state: str
):
    async with agent_of(shop, mode=mode, person=Person(answer)) as agent:
        told = await asked(agent, **PAID)
        assert (await job(agent, told["job"]))["state"] == state
    assert told["state"] == state
    assert fake.created == []


async def test_a_yes_is_to_the_price_that_was_shown(shop: OpenHouse, fake: FakeReplicate):
    async with shop.visitor() as ada:
        await ada.open()

        class Slow(Person):
            """While they think, somebody makes the film longer in the chat."""

            async def __call__(self, context, params):
                card = await ada.until_entry("video.proposed")
                await ada.done(
                    "job.approve",
                    sessionId=ada.session_id,
                    clientId="edit-1",
                    jobId=card["jobId"],
                    request={**PAID, "duration": 8},
                )
                return await super().__call__(context, params)

        async with agent_of(shop, person=Slow(yes().answers)) as agent:
            told = await asked(agent, **PAID)
    assert told["state"] == "proposed"
    assert fake.created == []


@pytest.mark.parametrize("mode", ERAS)
async def test_a_film_that_goes_by_itself_asks_nobody(studio: OpenHouse, mode: str):
    person = yes()
    async with agent_of(studio, mode=mode, person=person) as agent:
        await asked(agent, **DRAFT)
    assert person.asked == []


async def test_an_agent_that_asks_again_for_a_film_being_made_has_to_ask_a_person(
    studio: OpenHouse,
):
    async with agent_of(studio) as agent:
        first = await asked(agent, **DRAFT)
        again = await asked(agent, **DRAFT)
    assert first["jobId"] != again["jobId"]
    assert again["state"] == "proposed"


async def test_the_same_question_is_not_asked_twice(shop: OpenHouse):
    async with agent_of(shop) as agent:
        first, again = await asked(agent, **PAID), await asked(agent, **PAID)
    assert first["jobId"] == again["jobId"]


async def test_a_forged_question_is_answered_by_nobody(shop: OpenHouse, fake: FakeReplicate):
    async with agent_of(shop, mode="2026-07-28") as agent:
        told = await asked(agent, **PAID)
        with pytest.raises(MCPError, match="requestState"):
            await agent.session.call_tool(
                "generate-video",
                PAID,
                request_state=f'["{told["jobId"]}", 99000000]',
                input_responses={"approval": yes().answers},
            )
    assert fake.created == []


async def test_a_call_that_is_given_up_while_somebody_thinks_leaves_the_question(
    shop: OpenHouse, fake: FakeReplicate
):
    thinking = asyncio.Event()

    class Thinker(Person):
        async def __call__(self, context, params):
            thinking.set()
            await asyncio.Event().wait()
            return self.answers

    async with shop.visitor() as ada, agent_of(shop, person=Thinker(NO)) as agent:
        await ada.open()
        call = asyncio.ensure_future(agent.call_tool("generate-video", PAID))
        await thinking.wait()
        call.cancel()
        card = await ada.until_entry("video.proposed")
        status = await job(agent, f"reelroom://jobs/{card['jobId']}")
    assert status["state"] == "proposed"
    assert fake.created == []
