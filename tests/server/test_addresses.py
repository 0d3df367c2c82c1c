from datetime import timedelta
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.addresses import Addresses
from server.wire.bodies import VideoAsk
from tests.fakes.clock import StillClock

FILM = "videos/generated/video-1.mp4"
STRANGE = "videos/a film & 100 % (晴れ)#?.mp4"


@pytest.fixture
def addresses(clock):
    return Addresses(public_url="https://studio.example/", secret="s" * 40, clock=clock)


def _parts(url: str) -> tuple[str, dict[str, str]]:
    """What a door sees of it: the path under /media/, decoded, and the query."""
    parts = urlsplit(url)
    return unquote(parts.path.removeprefix("/media/")), dict(parse_qsl(parts.query))


@pytest.mark.parametrize("path", [FILM, STRANGE])
def test_an_address_we_made_is_signed_for_its_path(addresses, path):
    seen, query = _parts(addresses.of(path))

    assert seen == path
    assert addresses.is_signed(path, query)


def test_a_signature_for_another_path_does_not_count(addresses):
    _, query = _parts(addresses.of(FILM))

    assert not addresses.is_signed("videos/generated/video-2.mp4", query)


def test_an_address_is_good_for_a_week_at_least_and_not_for_ever(addresses, clock):
    _, query = _parts(addresses.of(FILM))

    clock.passes(hours=24 * 7)
    assert addresses.is_signed(FILM, query)
    clock.passes(hours=24 + 1)
    assert not addresses.is_signed(FILM, query)


def test_an_expiry_cannot_be_put_off(addresses):
    _, query = _parts(addresses.of(FILM))
    later = str(int(query["expires"]) + 1)

    assert not addresses.is_signed(FILM, {**query, "expires": later})


def test_an_address_stays_the_same_all_day_so_that_browsers_keep_the_file(addresses, clock):
    clock.now = clock.now.replace(hour=0, minute=0, second=0)
    first = addresses.of(FILM)
    clock.passes(hours=23)

    assert addresses.of(FILM) == first


def test_another_secret_signs_otherwise(addresses, clock):
    other = Addresses(public_url="https://studio.example", secret="t" * 40, clock=clock)
    _, query = _parts(other.of(FILM))

    assert not addresses.is_signed(FILM, query)


@pytest.mark.parametrize(
    "change",
    [
        {"signature": ""},
        {"signature": "0" * 40},
        {"signature": "é" * 40},
        {"signature": "\udcff"},
        {"expires": ""},
        {"expires": "-1"},
        {"expires": "١٢٣"},
        {"expires": "9" * 400},
        {"expires": "1e12"},
        {"expires": " 99999999999"},
    ],
    ids=repr,
)
def test_a_forged_query_does_not_count(addresses, change):
    _, query = _parts(addresses.of(FILM))

    assert not addresses.is_signed(FILM, query | change)


def test_a_query_without_a_signature_does_not_count(addresses):
    assert not addresses.is_signed(FILM, {})


@given(path=st.text(min_size=1), expires=st.text(), signature=st.text())
def test_nothing_but_our_own_signature_counts(path, expires, signature):
    addresses = Addresses(public_url="https://x.example", secret="s" * 40, clock=StillClock())

    assert not addresses.is_signed(path, {"expires": expires, "signature": signature})


@pytest.mark.parametrize("path", [FILM, STRANGE])
def test_our_own_address_is_known_by_its_path_also_when_it_is_old(addresses, clock, path):
    url = addresses.of(path)
    clock.now += timedelta(days=400)

    assert addresses.path_of(url) == path


@pytest.mark.parametrize(
    "url",
    [
        "https://studio.example/media/a.png",
        "https://STUDIO.example/media/a.png?expires=1&signature=x",
        "https://studio.example:443/media/a.png",
    ],
)
def test_our_own_address_may_be_written_in_other_ways(addresses, url):
    assert addresses.path_of(url) == "a.png"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/media/a.png",
        "https://studio.example.evil.example/media/a.png",
        "https://studio.example@evil.example/media/a.png",
        "https://studio.example:8443/media/a.png",
        "http://studio.example/media/a.png",
        "https://studio.example/other/a.png",
        "https://studio.example/mediaa.png",
        "https://studio.example/api/media/a.png",
        "file:///media/a.png",
        "//studio.example/media/a.png",
        "https://[studio.example/media/a.png",
        "https://studio.example:port/media/a.png",
        "",
    ],
)
def test_anybody_elses_address_has_no_path_here(addresses, url):
    assert addresses.path_of(url) is None


@pytest.mark.parametrize(
    "public_url",
    [
        "https://Studio.Example",
        "https://studio.example:443",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "https://host.example/reelroom",
        "https://host.example/reelroom/",
    ],
)
def test_wherever_the_studio_stands_its_addresses_come_back_through_a_body(clock, public_url):
    """A body's URL is normalised on its way in: lower case, no default port."""
    addresses = Addresses(public_url=public_url, secret="s" * 40, clock=clock)
    ask = VideoAsk.model_validate({"prompt": "x", "referenceImageUrls": [addresses.of(STRANGE)]})

    assert addresses.path_of(str(ask.reference_image_urls[0])) == STRANGE


@pytest.fixture
def public(clock):
    """A studio whose storage has a domain of its own."""
    return Addresses(
        public_url="https://studio.example",
        public_media="https://media.brand.example/reels/",
        secret="s" * 40,
        clock=clock,
    )


def test_on_a_public_domain_an_address_has_no_signature_and_never_changes(public, clock):
    first = public.of(FILM)
    clock.passes(hours=24 * 400)

    assert first == public.of(FILM) == f"https://media.brand.example/reels/{FILM}"


@pytest.mark.parametrize("path", [FILM, STRANGE])
def test_an_address_on_the_public_domain_is_known_by_its_path(public, path):
    assert public.path_of(public.of(path)) == path


def test_a_signed_address_of_before_the_domain_is_known_too(public, addresses):
    assert public.path_of(addresses.of(FILM)) == FILM


@pytest.mark.parametrize(
    "url",
    [
        "https://media.brand.example/other/a.png",
        "https://media.brand.example/reels/",
        "https://media.brand.example.evil.example/reels/a.png",
        "http://media.brand.example/reels/a.png",
    ],
)
def test_what_is_only_like_the_public_domain_is_somebody_elses(public, url):
    assert public.path_of(url) is None
