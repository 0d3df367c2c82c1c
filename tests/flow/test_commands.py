"""The socket's commands: what a client id, a newer token and many open sessions do."""

from server.socket.visitor import ROOMS
from tests.fakes.house import OpenHouse

FILM = {"prompt": "A kettle comes to the boil", "model": "draft", "duration": 60}


async def test_a_cancel_sent_twice_gets_the_first_answer_twice(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        fields = {"sessionId": ada.session_id, "clientId": ada.client_id()}
        job_id = (await ada.done("video.request", **fields, request=FILM))["jobId"]
        cancel = {"sessionId": ada.session_id, "clientId": ada.client_id(), "jobId": job_id}
        first = await ada.done("job.cancel", **cancel)
        await ada.until_entry("video.cancelled", jobId=job_id)
        assert await ada.done("job.cancel", **cancel) == first
        other = await ada.command("job.cancel", **{**cancel, "jobId": "job-of-nobody"})
    assert other["error"]["code"] == "idempotency_mismatch"


async def test_a_film_asked_for_again_under_another_price_limit_is_a_mismatch(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        asked = {"sessionId": ada.session_id, "clientId": ada.client_id(), "request": FILM}
        job_id = (await ada.done("video.request", **asked))["jobId"]
        answer = await ada.command(
            "video.request", **asked, maxCost={"amount": 1, "currency": "USD"}
        )
        assert answer["error"]["code"] == "idempotency_mismatch"
        cancel = {"sessionId": ada.session_id, "clientId": ada.client_id(), "jobId": job_id}
        await ada.done("job.cancel", **cancel)


async def test_a_newer_token_with_fewer_campaigns_leaves_what_it_may_not_hear(studio: OpenHouse):
    async with studio.visitor(campaigns=["spring", "autumn"]) as ada:
        await ada.open(campaignId="spring")
        spring = ada.session_id
        narrower = studio.token("ada", campaigns=["autumn"])
        await ada.done("auth.refresh", token=narrower)
        async with studio.visitor(campaigns=["spring"]) as other:
            await other.open(sessionId=spring)
            heard = len(ada.entries)
            await other.ask("hello")
        refused = await ada.command("session.open", sessionId=spring)
    assert refused["error"]["code"] == "not_found"
    assert len(ada.entries) == heard


async def test_a_token_of_somebody_else_does_not_take_over_a_connection(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        answer = await ada.command("auth.refresh", token=studio.token("mallory"))
    assert answer["error"]["field"] == "token"


async def test_a_socket_hears_a_limited_number_of_sessions_and_leaves_the_oldest(
    studio: OpenHouse,
):
    async with studio.visitor() as ada:
        for _ in range(ROOMS + 2):
            await ada.open(new=True)
        assert len(studio.house.announcer._rooms) == ROOMS
        assert (await ada.ask("hello"))[-1]["data"]["outcome"] == "answered"


async def test_sessions_are_listed_newest_first_with_the_first_words_as_title(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        await ada.ask("hello, what a day")
        await ada.open(new=True)
        listed = (await ada.done("session.list"))["sessions"]
    assert [each["title"] for each in listed] == ["", "hello, what a day"]
