"""Tokens of an issuer: whom its keys admit, and what happens when it is slow, wrong or gone."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from server.auth import Doorkeeper, SharedSecret
from server.auth.published import AGAIN_S, FRESH_S, STALE_S, PublishedKeys
from server.clocks import utc_now
from tests.fakes.issuer import Issuer, as_jwk, issuer, private_key, signed
from tests.patience import AT_ONCE_S, IN_THE_END_S
from tools.domain.identity import CampaignId
from tools.errors import ProviderUnavailable, TokenExpired, Unauthenticated

SECRET = "a secret that nobody here should ever believe in"


class Stopwatch:
    """Seconds that go forward when a test says so."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
async def acme() -> AsyncIterator[Issuer]:
    async with issuer() as opened:
        yield opened


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
async def keys(acme: Issuer, watch: Stopwatch) -> AsyncIterator[PublishedKeys]:
    async with PublishedKeys(acme.url, clock=watch) as opened:
        yield opened


@pytest.fixture
def doorkeeper(keys: PublishedKeys) -> Doorkeeper:
    return Doorkeeper(keys, clock=utc_now)


async def is_admitted(doorkeeper: Doorkeeper, token: str) -> bool:
    try:
        await doorkeeper.admit(token)
    except Unauthenticated:
        return False
    return True


# -- who comes in ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["RS256", "ES256"])
async def test_a_token_of_the_issuer_is_admitted_with_what_it_says(
    acme: Issuer, doorkeeper: Doorkeeper, kind: str
):
    acme.publishes("one", kind=kind)
    principal = await doorkeeper.admit(signed(kind=kind, org="acme", campaigns=["spring"]))

    assert (principal.user_id, principal.tenant_id) == ("ada", "acme")
    assert principal.campaigns == frozenset({CampaignId("spring")})


async def test_a_key_that_is_not_published_admits_nobody(doorkeeper: Doorkeeper):
    assert not await is_admitted(doorkeeper, signed(key=private_key("of mallory")))


async def test_an_issuer_with_one_key_need_not_name_it(doorkeeper: Doorkeeper):
    assert await is_admitted(doorkeeper, signed(None))


async def test_with_two_keys_a_token_must_say_which(acme: Issuer, doorkeeper: Doorkeeper):
    acme.publishes("one", "two")

    assert await is_admitted(doorkeeper, signed("two"))
    assert not await is_admitted(doorkeeper, signed(None, key=private_key("two")))


def by_hand(header: dict[str, Any], secret: bytes | None) -> str:
    """A token under any header, signed with HMAC or not at all: no library would make it."""
    claims = {"sub": "mallory", "exp": int(datetime.now(UTC).timestamp()) + 3600}
    parts = [jwt.utils.base64url_encode(json.dumps(each).encode()) for each in (header, claims)]
    signature = b"" if secret is None else hmac.digest(secret, b".".join(parts), sha256)
    return b".".join([*parts, jwt.utils.base64url_encode(signature)]).decode()


def public_forms() -> dict[str, bytes]:
    """The published key in every form that a careless library may take for a secret."""
    key = private_key("one").public_key()
    formats = serialization.PublicFormat
    return {
        "pem": key.public_bytes(serialization.Encoding.PEM, formats.SubjectPublicKeyInfo),
        "pkcs1": key.public_bytes(serialization.Encoding.PEM, formats.PKCS1),
        "der": key.public_bytes(serialization.Encoding.DER, formats.SubjectPublicKeyInfo),
        "jwk": json.dumps(as_jwk(private_key("one"), "one")).encode(),
        "n": as_jwk(private_key("one"), "one")["n"].encode(),
    }


@pytest.mark.parametrize("form", sorted(public_forms()))
@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "HS512", "none"])
async def test_a_public_key_is_no_secret_however_it_is_written(
    doorkeeper: Doorkeeper, form: str, algorithm: str
):
    forged = by_hand({"alg": algorithm, "kid": "one"}, public_forms()[form])

    assert not await is_admitted(doorkeeper, forged)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": ""},
        {},
        {"alg": None},
        {"alg": ["RS256", "none"]},
        {"alg": "RS256"},
        {"alg": "RS256", "kid": None},
        {"alg": "RS256", "kid": ["one"]},
        {"alg": "RS256", "kid": {"one": 1}},
        {"alg": "RS256", "kid": "../../../dev/null"},
        {"alg": "RS256", "kid": "one' or '1'='1"},
    ],
    ids=repr,
)
async def test_an_unsigned_token_admits_nobody_whatever_it_says(
    doorkeeper: Doorkeeper, header: dict[str, Any]
):
    assert not await is_admitted(doorkeeper, by_hand({"kid": "one", **header}, None))


async def test_a_token_of_a_secret_is_refused_where_an_issuer_signs(doorkeeper: Doorkeeper):
    shared = jwt.encode({"sub": "ada", "exp": 4e9}, SECRET, algorithm="HS256")

    assert not await is_admitted(doorkeeper, shared)


async def test_a_token_of_an_issuer_is_refused_where_a_secret_signs():
    assert not await is_admitted(Doorkeeper(SharedSecret(SECRET), clock=utc_now), signed())


@pytest.mark.parametrize("kind", ["RS384", "RS512", "PS256"])
async def test_the_right_key_with_another_algorithm_admits_nobody(
    doorkeeper: Doorkeeper, kind: str
):
    assert not await is_admitted(doorkeeper, signed(kind=kind, key=private_key("one")))


async def test_a_key_that_a_token_brings_along_is_not_looked_at(
    acme: Issuer, doorkeeper: Doorkeeper
):
    """`jwk`, `jku`, `x5u`: the header may not say where its own key is."""
    own = private_key("of mallory")
    header = {
        "jwk": as_jwk(own, "one"),
        "jku": acme.url.replace("keys.json", "mallory.json"),
        "x5u": "http://127.0.0.1:1/",
    }

    assert not await is_admitted(doorkeeper, signed(key=own, header=header))
    assert acme.asked == 1


async def test_an_extension_that_must_be_understood_and_is_not_admits_nobody(
    doorkeeper: Doorkeeper,
):
    assert not await is_admitted(doorkeeper, signed(header={"crit": ["b64"], "b64": False}))
    assert not await is_admitted(doorkeeper, signed(header={"crit": ["exp"], "exp": 1}))


@pytest.mark.parametrize("claim", ["exp", "sub"])
async def test_a_token_must_say_who_and_until_when(doorkeeper: Doorkeeper, claim: str):
    without: dict[str, Any] = {claim: None}
    assert not await is_admitted(doorkeeper, signed(**without))


async def test_an_old_token_of_the_issuer_is_told_apart(doorkeeper: Doorkeeper):
    with pytest.raises(TokenExpired):
        await doorkeeper.admit(signed(exp=datetime.now(UTC) - timedelta(seconds=70)))


@pytest.mark.parametrize(("seconds", "admitted"), [(30, True), (90, False)])
@pytest.mark.parametrize("claim", ["exp", "nbf"])
async def test_clocks_may_be_a_minute_apart(
    doorkeeper: Doorkeeper, claim: str, seconds: int, admitted: bool
):
    sign = -1 if claim == "exp" else 1
    claims: dict[str, Any] = {claim: datetime.now(UTC) + timedelta(seconds=seconds * sign)}

    assert await is_admitted(doorkeeper, signed(**claims)) is admitted


@pytest.mark.parametrize("nbf", ["soon", [], {}, True, 1e300, float("nan")])
async def test_a_beginning_that_cannot_be_read_admits_nobody(doorkeeper: Doorkeeper, nbf: object):
    assert not await is_admitted(doorkeeper, signed(nbf=nbf))


@pytest.mark.parametrize(
    ("claims", "admitted"),
    [
        ({"aud": "reelroom", "iss": "https://acme.example"}, True),
        ({"aud": "another app", "iss": "https://acme.example"}, False),
        ({"aud": "reelroom", "iss": "https://evil.example"}, False),
        ({"aud": "reelroom"}, False),
        ({"iss": "https://acme.example"}, False),
    ],
)
async def test_audience_and_issuer_must_be_ours_when_they_are_set(
    keys: PublishedKeys, claims: dict[str, Any], admitted: bool
):
    strict = Doorkeeper(keys, audience="reelroom", issuer="https://acme.example", clock=utc_now)

    assert await is_admitted(strict, signed(**claims)) is admitted


# -- how often the issuer is asked -------------------------------------------------------------


async def test_nobody_is_asked_before_the_first_token(acme: Issuer, doorkeeper: Doorkeeper):
    assert acme.asked == 0
    await doorkeeper.admit(signed())
    assert acme.asked == 1


async def test_what_is_no_token_asks_nobody(acme: Issuer, doorkeeper: Doorkeeper):
    for forged in ("", "x", "a.b.c", "e30.e30.e30"[:9], "é.é.é"):
        assert not await is_admitted(doorkeeper, forged)
    assert acme.asked == 0


async def test_a_thousand_tokens_ask_once(acme: Issuer, doorkeeper: Doorkeeper):
    token = signed()
    await asyncio.gather(*(doorkeeper.admit(token) for _ in range(1000)))

    assert acme.asked == 1


async def test_a_key_nobody_knows_asks_once_in_half_a_minute(
    acme: Issuer, doorkeeper: Doorkeeper, watch: Stopwatch
):
    await doorkeeper.admit(signed())
    watch.now_s += AGAIN_S
    forged = [signed(f"unknown-{number}", key=private_key("one")) for number in range(20)]

    answers = await asyncio.gather(*(is_admitted(doorkeeper, each) for each in forged))

    assert not any(answers)
    assert acme.asked == 2
    watch.now_s += AGAIN_S - 1
    assert not await is_admitted(doorkeeper, forged[0])
    assert acme.asked == 2


async def test_a_new_key_counts_from_its_first_token_on(
    acme: Issuer, doorkeeper: Doorkeeper, watch: Stopwatch
):
    await doorkeeper.admit(signed("one"))
    acme.publishes("one", "two")
    watch.now_s += AGAIN_S

    assert await is_admitted(doorkeeper, signed("two"))
    assert await is_admitted(doorkeeper, signed("one"))


async def test_a_key_that_was_taken_back_is_forgotten_when_the_set_is_read_again(
    acme: Issuer, doorkeeper: Doorkeeper, watch: Stopwatch
):
    await doorkeeper.admit(signed("one"))
    acme.publishes("two")
    watch.now_s += FRESH_S

    assert await is_admitted(doorkeeper, signed("one"))  # nobody waits for the asking
    assert await is_admitted(doorkeeper, signed("two"))
    assert not await is_admitted(doorkeeper, signed("one"))


# -- when the issuer is slow, wrong or gone ----------------------------------------------------

BROKEN = {
    "an error": ("", 500, {}),
    "not there": ("{}", 404, {}),
    "a page": ("<html>Sign in</html>", 200, {}),
    "no keys": ('{"keys": []}', 200, {}),
    "too large": (b" " * 300_000 + b'{"keys": []}', 200, {}),
    "elsewhere": ("", 302, {"Location": "/other.json"}),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
async def test_without_keys_nobody_comes_in_and_is_told_to_come_back(
    acme: Issuer, doorkeeper: Doorkeeper, broken: Any
):
    body, status, headers = broken
    acme.answers(body, status=status, **headers)

    with pytest.raises(ProviderUnavailable) as refused:
        await doorkeeper.admit(signed())

    assert refused.value.retry_after_ms == AGAIN_S * 1000
    assert acme.url not in refused.value.message
    assert acme.asked == 1


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
async def test_known_keys_count_for_an_hour_while_the_issuer_is_gone(
    acme: Issuer, doorkeeper: Doorkeeper, watch: Stopwatch, broken: Any
):
    await doorkeeper.admit(signed())
    body, status, headers = broken
    acme.answers(body, status=status, **headers)
    watch.now_s += FRESH_S

    assert await is_admitted(doorkeeper, signed())
    watch.now_s += STALE_S - FRESH_S
    with pytest.raises(ProviderUnavailable):
        await doorkeeper.admit(signed())


async def test_a_key_nobody_knows_may_be_a_new_one_while_the_issuer_is_gone(
    acme: Issuer, doorkeeper: Doorkeeper, watch: Stopwatch
):
    await doorkeeper.admit(signed())
    acme.answers("", status=503)
    watch.now_s += AGAIN_S

    with pytest.raises(ProviderUnavailable):
        await doorkeeper.admit(signed("two"))


async def test_an_issuer_that_came_back_is_believed_again(
    acme: Issuer, doorkeeper: Doorkeeper, watch: Stopwatch
):
    acme.answers("", status=503)
    with pytest.raises(ProviderUnavailable):
        await doorkeeper.admit(signed())
    acme.answering = None
    watch.now_s += AGAIN_S

    assert await is_admitted(doorkeeper, signed())


async def test_nobody_with_a_known_key_waits_for_a_slow_issuer(
    acme: Issuer, doorkeeper: Doorkeeper, watch: Stopwatch, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("server.auth.published.FETCH_LIMIT_S", IN_THE_END_S)
    await doorkeeper.admit(signed())
    acme.holds.clear()
    watch.now_s += FRESH_S

    async with asyncio.timeout(AT_ONCE_S):
        for _ in range(3):
            assert await is_admitted(doorkeeper, signed())


async def test_an_issuer_that_never_answers_is_waited_for_seconds_and_no_more(
    acme: Issuer, doorkeeper: Doorkeeper, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("server.auth.published.FETCH_LIMIT_S", 0.2)
    acme.holds.clear()

    async with asyncio.timeout(IN_THE_END_S):
        with pytest.raises(ProviderUnavailable):
            await doorkeeper.admit(signed())


async def test_who_leaves_does_not_take_the_answer_away_from_the_others(
    acme: Issuer, doorkeeper: Doorkeeper
):
    acme.holds.clear()
    leaves, stays = (asyncio.ensure_future(doorkeeper.admit(signed())) for _ in range(2))
    async with asyncio.timeout(IN_THE_END_S):
        while acme.asked == 0:  # noqa: ASYNC110  the issuer is in another task
            await asyncio.sleep(0.01)
    leaves.cancel()
    acme.holds.set()

    assert (await stays).user_id == "ada"
    assert acme.asked == 1


async def test_closing_ends_an_asking(acme: Issuer):
    acme.holds.clear()
    async with PublishedKeys(acme.url) as keys:
        waiting = asyncio.ensure_future(Doorkeeper(keys, clock=utc_now).admit(signed()))
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_an_address_where_nobody_listens_lets_nobody_in():
    async with PublishedKeys("http://127.0.0.1:1/keys.json") as keys:
        with pytest.raises(ProviderUnavailable):
            await Doorkeeper(keys, clock=utc_now).admit(signed())
