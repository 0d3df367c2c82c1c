"""Films come from the provider's own hosts alone, without a token, whole or not at all."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.fakes import replicate_words as words
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import (
    AsUsual,
    Download,
    Drops,
    Fails,
    NeverEnds,
    Redirects,
    Refuses,
    Serves,
    Stalls,
    Succeeds,
    Swells,
    Trickles,
    Truncates,
)
from tests.fakes.replicate_orders import an_order
from tools.domain.identity import PredictionId
from tools.errors import OutputLost, ProviderUnavailable
from tools.providers.replicate.client import Limits
from tools.providers.replicate.collecting import FilmCollector
from tools.providers.replicate.provider import ReplicateProvider

Open = Callable[..., Awaitable[ReplicateProvider]]


async def a_film(
    provider: ReplicateProvider, fake: FakeReplicate, *downloads: Download
) -> PredictionId:
    """Made, and lying there; its next downloads are answered so."""
    prediction_id = await provider.submit(an_order())
    await fake.until(lambda: fake.created[-1].is_over)
    fake.answer("download", *downloads)
    return prediction_id


def left_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("output", ["string", "list", "object"])
async def test_a_film_is_fetched_byte_for_byte(
    output: str, provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    fake.ways.output = output
    prediction_id = await a_film(provider, fake)

    file = await provider.collect(prediction_id, tmp_path / "mine")

    assert file.read_bytes() == await fake.film_of(fake.created[0])
    assert left_in(tmp_path / "mine") == [f"{prediction_id}.mp4"]


async def test_no_token_is_shown_to_the_films_host(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    await provider.collect(await a_film(provider, fake), tmp_path)

    asked = [seen for seen in fake.requests if seen.path.startswith("/delivery")]
    assert [seen.has_authorization for seen in asked] == [False]
    assert all(fake.token not in f"{seen.headers} {seen.query}" for seen in asked)


GOOD: dict[str, list[Download]] = {
    "slow, piece by piece": [Trickles(pieces=5, pause_s=0.05)],
    "after a redirect on its host": [Redirects(to="own")],
    "after three redirects": [Redirects(to="itself"), Redirects(to="itself"), Redirects(to="own")],
    "broken off once": [Truncates(share=0.5)],
    "broken off at once": [Truncates(share=0)],
}


@pytest.mark.parametrize("case", GOOD)
async def test_a_film_arrives_whole_in_spite_of_its_way(
    case: str, provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    prediction_id = await a_film(provider, fake, *GOOD[case])

    file = await provider.collect(prediction_id, tmp_path)

    assert file.read_bytes() == await fake.film_of(fake.created[0])


LOST: dict[str, tuple[list[Download], str]] = {
    "gone": ([Refuses(status=404)], "no longer keeps"),
    "gone for good": ([Refuses(status=410)], "no longer keeps"),
    "no longer signed": ([Refuses(status=403)], "no longer keeps"),
    "broken off twice": ([Truncates(share=0.5), Truncates(share=0.9)], "did not arrive whole"),
    "a page": ([Serves()], "is no film"),
    "a page, found": ([Serves(body=b"<", content_type="text/html")], "is no film"),
    "nothing": ([Serves(body=b"")], "is no film"),
    "no content": ([Refuses(status=204)], "is no film"),
    "another host": ([Redirects(to="foreign")], "does not fetch from"),
    "this machine's other doors": ([Redirects(to="http://127.0.0.1:1/x")], "does not fetch from"),
    "nowhere": ([Refuses(status=302)], "is no film"),
    "a file": ([Redirects(to="file:///etc/passwd")], "does not fetch from"),
    "with a password": ([Redirects(to="https://a:b@replicate.delivery/x")], "does not fetch from"),
    "round and round": ([Redirects(to="itself")] * 5, "does not fetch from"),
    "too large, announced": ([Swells(size_bytes=3_000_000)], "larger"),
    "too large, unannounced": ([Swells(size_bytes=3_000_000, is_declared=False)], "is no film"),
}


@pytest.mark.parametrize("case", LOST)
async def test_what_will_not_get_better_is_lost_and_leaves_nothing_behind(
    case: str, opened: Open, fake: FakeReplicate, tmp_path: Path
) -> None:
    downloads, said = LOST[case]
    provider = await opened(limits={"film_bytes": 2_000_000})
    prediction_id = await a_film(provider, fake, *downloads)

    with pytest.raises(OutputLost, match=said):
        await provider.collect(prediction_id, tmp_path / "mine")
    assert left_in(tmp_path / "mine") == []


async def test_a_film_that_swells_is_stopped_at_the_limit(
    opened: Open, fake: FakeReplicate, tmp_path: Path
) -> None:
    body = b"\0\0\0\x18ftypisom" + bytes(3_000_000)
    provider = await opened(limits={"film_bytes": 2_000_000})
    prediction_id = await a_film(provider, fake, Serves(body=body))

    with pytest.raises(OutputLost, match="larger"):
        await provider.collect(prediction_id, tmp_path)


async def test_webm_is_a_film_too(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    body = b"\x1a\x45\xdf\xa3" + bytes(100)
    prediction_id = await a_film(provider, fake, Serves(body=body))

    assert (await provider.collect(prediction_id, tmp_path)).read_bytes() == body


LATER: dict[str, Download] = {
    "stands still": Stalls(share=0.5),
    "an edge's error": words.bad_gateway(),
    "throttled": words.throttled(),
    "dropped": Drops(),
}


@pytest.mark.parametrize("case", LATER)
async def test_what_may_get_better_can_be_tried_again(
    case: str, provider: ReplicateProvider, opened: Open, fake: FakeReplicate, tmp_path: Path
) -> None:
    hasty = await opened(limits={"idle_s": 0.3} if case == "stands still" else {})
    prediction_id = await a_film(provider, fake, LATER[case])

    with pytest.raises(ProviderUnavailable):
        await hasty.collect(prediction_id, tmp_path)
    assert left_in(tmp_path) == []
    # Who gives up may do so before the other end has read the request.
    await fake.until(lambda: fake.counts["download"])
    assert (await provider.collect(prediction_id, tmp_path)).is_file()


async def test_a_film_that_takes_too_long_in_all_is_not_waited_for(
    opened: Open, fake: FakeReplicate, tmp_path: Path
) -> None:
    provider = await opened(limits={"download_s": 0.3})
    prediction_id = await a_film(provider, fake, Trickles(pieces=20, pause_s=0.1))

    with pytest.raises(ProviderUnavailable):
        await provider.collect(prediction_id, tmp_path)


async def test_another_process_finds_the_film_by_the_id_alone(
    opened: Open, fake: FakeReplicate, tmp_path: Path
) -> None:
    prediction_id = await a_film(await opened(), fake)

    assert (await (await opened()).collect(prediction_id, tmp_path)).is_file()


async def test_a_film_whose_place_is_known_is_fetched_while_the_api_is_down(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    prediction_id = await a_film(provider, fake)
    await provider.poll(prediction_id)
    fake.answer_always("poll", words.bad_gateway())

    assert (await provider.collect(prediction_id, tmp_path)).is_file()


async def test_a_film_whose_place_is_not_known_waits_for_the_api(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    prediction_id = await a_film(provider, fake)
    fake.answer("poll", words.bad_gateway())

    with pytest.raises(ProviderUnavailable):
        await provider.collect(prediction_id, tmp_path)


async def test_what_is_not_made_yet_cannot_be_fetched_yet(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    fake.will(NeverEnds())
    prediction_id = await provider.submit(an_order())

    with pytest.raises(ProviderUnavailable, match="not made yet"):
        await provider.collect(prediction_id, tmp_path)


async def test_what_came_to_nothing_cannot_be_fetched(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    fake.will(Fails(words.SENSITIVE))
    prediction_id = await a_film(provider, fake)

    with pytest.raises(OutputLost, match="safety filter"):
        await provider.collect(prediction_id, tmp_path)


async def test_a_film_past_its_hour_is_lost(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    fake.will(Succeeds(kept_s=0))
    prediction_id = await a_film(provider, fake)

    with pytest.raises(OutputLost, match="within the hour"):
        await provider.collect(prediction_id, tmp_path)


async def test_a_second_fetch_of_the_same_film_takes_the_place_of_the_first(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Path
) -> None:
    prediction_id = await a_film(provider, fake, AsUsual(), Truncates(share=0.3))
    first = await provider.collect(prediction_id, tmp_path)
    second = await provider.collect(prediction_id, tmp_path)

    assert first == second
    assert left_in(tmp_path) == [first.name]


ADDRESSES = {
    "https://replicate.delivery/a.mp4": True,
    "https://pbxt.replicate.delivery/a.mp4": True,
    "https://PBXT.Replicate.Delivery./a.mp4": True,
    "https://replicate.delivery:443/a.mp4": True,
    "http://replicate.delivery/a.mp4": False,
    "https://replicate.delivery:8443/a.mp4": False,
    "https://evilreplicate.delivery/a.mp4": False,
    "https://replicate.delivery.evil.example/a.mp4": False,
    "https://evil.example/replicate.delivery": False,
    "https://user@replicate.delivery/a.mp4": False,
    "https://replicate.delivery@evil.example/a.mp4": False,
    "ftp://replicate.delivery/a.mp4": False,
    "data:video/mp4;base64,AAAA": False,
    "/a.mp4": False,
    "https://[::1]/a.mp4": False,
    "https://": False,
    "http://127.0.0.1:4711/a.mp4": True,
    "http://127.0.0.1:4712/a.mp4": False,
    "http://127.0.0.1/a.mp4": False,
    "http://a.127.0.0.1:4711/a.mp4": False,
    "http://\x00": False,
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_is_allowed_by_its_host_and_by_nothing_that_looks_like_it(url: str) -> None:
    collector = FilmCollector(hosts=("replicate.delivery", "127.0.0.1:4711"), limits=Limits())

    assert collector.allows(url) is ADDRESSES[url]
