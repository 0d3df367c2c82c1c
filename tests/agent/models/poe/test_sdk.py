"""What we rely on in the SDK beyond its front page: a release that changes it fails here, by name."""

import asyncio
import json

import httpx2
import openai
import pytest
from openai._types import RequestOptions

from agent.models.poe.client import Client
from tests.fakes.poe import DONE, KEY, Cut, FakePoe, Silence, Stall, Status, Stream, refused, said
from tests.patience import AT_ONCE_S, IN_THE_END_S


def sdk(poe: FakePoe, *, read_s: float) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=f"{poe.url}/v1",
        api_key=KEY,
        max_retries=0,
        timeout=httpx2.Timeout(IN_THE_END_S, read=read_s),
        http_client=openai.DefaultAioHttpClient(follow_redirects=False),
    )


@pytest.fixture
async def client(poe: FakePoe):
    async with sdk(poe, read_s=IN_THE_END_S) as opened:
        yield opened


@pytest.fixture
async def hasty(poe: FakePoe):
    async with sdk(poe, read_s=1.0) as opened:
        yield opened


BODY = {
    "model": "m",
    "stream": True,
    "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}],
}


async def post(client: openai.AsyncOpenAI) -> httpx2.Response:
    return await client.post("/chat/completions", cast_to=httpx2.Response, body=BODY, stream=True)


async def test_a_response_is_handed_over_before_it_is_read(client, poe):
    poe.will(Stream(said("Hello"), Stall()))
    response = await post(client)

    async for piece in response.aiter_bytes():
        assert piece.startswith(b"data: ")
        break
    await response.aclose()


async def test_closing_a_response_closes_its_connection(client, poe):
    poe.will(Stream(said("Hello"), Stall()))
    response = await post(client)

    async with asyncio.timeout(AT_ONCE_S):
        await response.aclose()
        await poe.is_left.wait()


async def test_a_body_goes_out_as_it_was_given(client, poe):
    await (await post(client)).aclose()

    assert poe.requests == [BODY]


async def test_it_runs_on_aiohttp(client):
    assert type(client._client._transport).__name__ == "AiohttpTransport"


async def test_silence_before_the_answer_is_a_read_timeout_underneath(hasty, poe):
    poe.will(Silence())
    with pytest.raises(openai.APITimeoutError) as error:
        await post(hasty)

    assert isinstance(error.value.__cause__, httpx2.ReadTimeout)


async def test_silence_within_the_answer_is_a_read_timeout(hasty, poe):
    poe.will(Stream(said("Hello"), Stall()))
    response = await post(hasty)

    with pytest.raises(httpx2.ReadTimeout):
        [piece async for piece in response.aiter_bytes()]
    await response.aclose()


async def test_a_cut_within_the_answer_is_an_error_of_the_transport(client, poe):
    poe.will(Stream(said("Hello"), Cut()))
    response = await post(client)

    with pytest.raises(httpx2.HTTPError):
        [piece async for piece in response.aiter_bytes()]
    await response.aclose()


@pytest.mark.parametrize("status", [307, 400, 402, 418, 529])
async def test_a_status_that_is_no_answer_is_an_error_with_its_body_and_headers(
    client, poe, status
):
    poe.will(Status(status, refused("x"), {"Retry-After": "7"}))
    with pytest.raises(openai.APIStatusError) as error:
        await post(client)

    assert error.value.status_code == status
    assert error.value.response.headers["retry-after"] == "7"
    assert isinstance(error.value.body, dict)
    assert error.value.body["type"] == "x"


async def test_done_is_left_for_us_to_read(client, poe):
    poe.will(Stream(said("Hello"), DONE))
    response = await post(client)

    read = b"".join([piece async for piece in response.aiter_bytes()])
    assert read.endswith(DONE.encode())


@pytest.mark.parametrize("read_s", [40.0, 70.0])
async def test_a_request_that_is_written_once_is_the_one_the_sdk_makes(poe, read_s):
    made: list[httpx2.Request] = []

    async def keep(request: httpx2.Request) -> None:
        made.append(request)

    options: RequestOptions = {
        "headers": {"Accept-Encoding": "identity", "Content-Type": "application/json"},
        "timeout": httpx2.Timeout(IN_THE_END_S, read=read_s),
    }
    for kind in (openai.AsyncOpenAI, Client):
        http = openai.DefaultAioHttpClient(event_hooks={"request": [keep]})
        async with kind(base_url=f"{poe.url}/v1", api_key=KEY, http_client=http) as client:
            for model in ("m", "another, whose name is longer"):
                content = json.dumps({**BODY, "model": model}).encode()
                response = await client.post(
                    "/chat/completions",
                    cast_to=httpx2.Response,
                    content=content,
                    stream=True,
                    options=options,
                )
                await response.aread()

    theirs, ours = made[:2], made[2:]
    assert [sorted(each.headers.multi_items()) for each in ours] == [
        sorted(each.headers.multi_items()) for each in theirs
    ]
    assert [(each.method, each.url, each.content, each.extensions) for each in ours] == [
        (each.method, each.url, each.content, each.extensions) for each in theirs
    ]
