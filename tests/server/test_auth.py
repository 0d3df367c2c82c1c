import hmac
import json
import stat
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import jwt
import pytest

from server.auth import Doorkeeper, SharedSecret, TokenMaker, own_secret
from tools.domain.identity import CampaignId
from tools.errors import TokenExpired, Unauthenticated

SECRET = "the studio's own secret, long enough for anybody"
LONG_SECRET = SECRET * 2
IN_AN_HOUR = timedelta(hours=1)


@pytest.fixture
def doorkeeper(clock):
    return Doorkeeper(SharedSecret(SECRET), clock=clock)


@pytest.fixture
def signed(clock):
    """A token with these claims, good for an hour unless they say otherwise."""

    def make(*, key=SECRET, algorithm="HS256", without=(), **claims):
        whole = {"sub": "ada", "exp": clock.now + IN_AN_HOUR, **claims}
        kept = {name: value for name, value in whole.items() if name not in without}
        return jwt.encode(kept, key, algorithm=algorithm)

    return make


async def test_a_token_names_its_user_its_tenant_and_its_campaigns(doorkeeper, signed, clock):
    principal = await doorkeeper.admit(
        signed(sub="ada", org="acme", campaigns=["spring", "autumn"])
    )

    assert (principal.user_id, principal.tenant_id) == ("ada", "acme")
    assert principal.campaigns == {"spring", "autumn"}
    assert principal.expires_at == clock.now.replace(microsecond=0) + IN_AN_HOUR


async def test_without_org_a_user_is_a_tenant_of_their_own(doorkeeper, signed):
    assert (await doorkeeper.admit(signed(sub="ada"))).tenant_id == "ada"


@pytest.mark.parametrize(
    ("claims", "campaign", "may"),
    [
        ({}, "spring", True),
        ({"campaigns": None}, "spring", True),
        ({"campaigns": ["spring"]}, "spring", True),
        ({"campaigns": ["spring"]}, "autumn", False),
        ({"campaigns": []}, "spring", False),
    ],
)
async def test_campaigns_are_those_of_the_list_or_all_without_one(
    doorkeeper, signed, claims, campaign, may
):
    assert (await doorkeeper.admit(signed(**claims))).may_use(campaign) is may


@pytest.mark.parametrize("campaigns", ["spring", {}, [1], [""], [None], ["x" * 129], 7, True])
async def test_campaigns_that_cannot_be_read_admit_nobody(doorkeeper, signed, campaigns):
    with pytest.raises(Unauthenticated):
        await doorkeeper.admit(signed(campaigns=campaigns))


async def test_an_unsigned_token_admits_nobody(doorkeeper, signed):
    with pytest.raises(Unauthenticated):
        await doorkeeper.admit(signed(key=None, algorithm="none"))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_another_algorithm_admits_nobody_even_with_our_key(doorkeeper, clock, algorithm):
    generous = jwt.encode(
        {"sub": "ada", "exp": clock.now + IN_AN_HOUR}, LONG_SECRET, algorithm=algorithm
    )

    with pytest.raises(Unauthenticated):
        await Doorkeeper(SharedSecret(LONG_SECRET), clock=clock).admit(generous)


@pytest.mark.parametrize("algorithm", ["none", "NONE", "RS256", "ES256", "HS512", "", None, 7])
async def test_a_token_cannot_choose_how_it_is_checked(doorkeeper, signed, algorithm):
    with pytest.raises(Unauthenticated):
        await doorkeeper.admit(_signed_by_us(signed(), {"alg": algorithm, "typ": "JWT"}))


async def test_a_token_of_another_key_admits_nobody(doorkeeper, signed):
    with pytest.raises(Unauthenticated):
        await doorkeeper.admit(signed(key=SECRET[::-1]))


async def test_a_token_changed_by_one_letter_admits_nobody(doorkeeper, signed):
    head, body, signature = signed().split(".")
    other = "A" if body[10] != "A" else "B"

    with pytest.raises(Unauthenticated):
        await doorkeeper.admit(f"{head}.{body[:10]}{other}{body[11:]}.{signature}")


@pytest.mark.parametrize(("seconds", "admitted"), [(-1, True), (59, True), (61, False)])
async def test_a_token_is_good_until_a_minute_after_it_expired(
    doorkeeper, signed, clock, seconds, admitted
):
    token = signed(exp=clock.now)
    clock.passes(seconds=seconds)

    if admitted:
        assert (await doorkeeper.admit(token)).user_id == "ada"
    else:
        with pytest.raises(TokenExpired):
            await doorkeeper.admit(token)


@pytest.mark.parametrize("claim", ["exp", "sub"])
async def test_a_token_must_say_who_and_until_when(doorkeeper, signed, claim):
    with pytest.raises(Unauthenticated):
        await doorkeeper.admit(signed(without=[claim]))


@pytest.mark.parametrize(
    "expiry", ["1999999999", "tomorrow", 1.8e12, 1e300, -1e300, float("inf"), True, None, [], {}]
)
async def test_an_expiry_that_cannot_be_read_admits_nobody(doorkeeper, signed, expiry):
    with pytest.raises(Unauthenticated):
        await doorkeeper.admit(signed(exp=expiry))


@pytest.mark.parametrize("name", ["", 7, None, [], {}, "x" * 129])
@pytest.mark.parametrize("claim", ["sub", "org"])
async def test_a_name_that_is_none_admits_nobody(doorkeeper, clock, claim, name):
    claims = {"sub": "ada", "exp": int((clock.now + IN_AN_HOUR).timestamp()), claim: name}
    # PyJWT itself would refuse to sign some of these.
    token = jwt.api_jws.encode(jwt.utils.force_bytes(_json(claims)), SECRET, algorithm="HS256")

    with pytest.raises(Unauthenticated):
        await doorkeeper.admit(token)


@pytest.mark.parametrize(
    "token",
    [
        "",
        None,
        "nonsense",
        "a.b.c",
        "..",
        "é.é.é",
        "\udcff.\udcff",
        "\0",
        "a" * 1_000_000,
        "a." * 100_000,
        "e30.e30.e30",
        "eyJhbGciOiJIUzI1NiJ9.W10.x",
    ],
    ids=lambda token: repr(token)[:24],
)
async def test_what_is_no_token_admits_nobody(doorkeeper, token):
    with pytest.raises(Unauthenticated):
        await doorkeeper.admit(token)


@pytest.mark.parametrize(
    ("header", "is_admitted"),
    [
        ("Bearer {}", True),
        ("bearer   {}", True),
        ("Basic {}", False),
        ("{}", False),
        ("Bearer", False),
        ("", False),
        (None, False),
    ],
)
async def test_a_header_must_bear_a_token(doorkeeper, signed, header, is_admitted):
    whole = None if header is None else header.format(signed())

    if is_admitted:
        assert (await doorkeeper.admit_bearer(whole)).user_id == "ada"
    else:
        with pytest.raises(Unauthenticated):
            await doorkeeper.admit_bearer(whole)


@pytest.mark.parametrize(
    ("claims", "is_admitted"),
    [
        ({"aud": "reelroom", "iss": "acme.example"}, True),
        ({"aud": ["other", "reelroom"], "iss": "acme.example"}, True),
        ({"aud": "other", "iss": "acme.example"}, False),
        ({"aud": "reelroom", "iss": "evil.example"}, False),
        ({"iss": "acme.example"}, False),
        ({"aud": "reelroom"}, False),
    ],
)
async def test_audience_and_issuer_must_be_ours_when_they_are_set(
    clock, signed, claims, is_admitted
):
    strict = Doorkeeper(
        SharedSecret(SECRET), audience="reelroom", issuer="acme.example", clock=clock
    )

    if is_admitted:
        assert (await strict.admit(signed(**claims))).user_id == "ada"
    else:
        with pytest.raises(Unauthenticated):
            await strict.admit(signed(**claims))


async def test_an_audience_that_was_not_set_is_not_asked_for(doorkeeper, signed):
    assert (await doorkeeper.admit(signed(aud="somebody else's"))).user_id == "ada"


async def test_a_token_we_make_is_admitted_with_everything_it_was_given(clock):
    named = {"audience": "reelroom", "issuer": "acme.example"}
    tokens = TokenMaker(SECRET, **named, clock=clock)
    strict = Doorkeeper(SharedSecret(SECRET), **named, clock=clock)

    principal = await strict.admit(tokens.make_token("bob", tenant="acme", campaigns=["spring"]))

    assert (principal.user_id, principal.tenant_id) == ("bob", "acme")
    assert principal.campaigns == frozenset({CampaignId("spring")})


async def test_time_is_the_studios_own_not_the_machines(signed, clock):
    clock.now = datetime(2001, 1, 1, tzinfo=UTC)
    token = signed()

    assert (await Doorkeeper(SharedSecret(SECRET), clock=clock).admit(token)).user_id == "ada"


def test_this_machines_secret_is_made_once_and_is_its_owners_alone(tmp_path):
    folder = tmp_path / "data"

    secret = own_secret(folder)

    assert own_secret(folder) == secret
    assert len(secret) >= 48
    assert [file.name for file in folder.iterdir()] == ["secret"]
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600


def test_a_secret_whose_writing_was_cut_off_is_made_anew(tmp_path):
    (tmp_path / "secret").write_text("")

    assert len(own_secret(tmp_path)) >= 48


def _signed_by_us(token, header):
    """The same claims under another header, with a signature that is right for HS256."""
    head = jwt.utils.base64url_encode(_json(header).encode())
    signed_part = head + b"." + token.split(".")[1].encode()
    signature = hmac.new(SECRET.encode(), signed_part, sha256).digest()
    return (signed_part + b"." + jwt.utils.base64url_encode(signature)).decode()


def _json(value):
    return json.dumps(value)


async def test_a_token_for_ever_is_admitted(doorkeeper, signed):
    assert (
        await doorkeeper.admit(signed(exp=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)))
    ).user_id
