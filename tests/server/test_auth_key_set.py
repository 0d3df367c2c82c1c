"""A published set of keys: which of them can check a token, and which never may."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.auth.key_set import MAX_KEYS, UnreadableKeys, read_key_set
from tests.fakes.issuer import as_jwk, private_key

RSA = as_jwk(private_key("one"), "one")
CURVE = as_jwk(private_key("two", "ES256"), "two")
GOOD = as_jwk(private_key("good"), "good")


def read(*keys):
    return read_key_set(json.dumps({"keys": keys}).encode())


@pytest.mark.parametrize(("jwk", "algorithm"), [(RSA, "RS256"), (CURVE, "ES256")])
def test_a_key_brings_its_own_algorithm(jwk, algorithm):
    key = read(jwk).find(jwk["kid"])

    assert key is not None
    assert key.algorithm == algorithm


def test_what_a_key_says_of_itself_may_agree():
    said = {"use": "sig", "alg": "RS256", "key_ops": ["verify"], "x5c": ["MIIB"], "x5t": "abc"}

    assert read({**RSA, **said}).find("one") is not None


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"use": None},
        {"use": ["sig"]},
        {"alg": "RS512"},
        {"alg": "HS256"},
        {"alg": "none"},
        {"alg": "PS256"},
        {"alg": "ES256"},
        {"alg": None},
        {"key_ops": ["sign"]},
        {"key_ops": []},
        {"key_ops": "verify"},
        {"kty": "oct"},
        {"kty": "rsa"},
        {"kty": "EC"},
        {"kty": None},
        {"crv": "P-256"},
        {"kid": 7},
        {"kid": None},
        {"kid": "x" * 257},
        {"n": "AQAB"},
        {"n": "!"},
        {"n": 5},
        {"e": "AQ"},
        {"e": "Ag"},
        {"d": "AQAB"},
        {"k": "AQAB"},
    ],
    ids=repr,
)
def test_a_key_that_is_not_for_this_is_left_out_and_the_rest_counts(change):
    keys = read({**RSA, **change}, GOOD)

    assert keys.find("one") is None
    assert keys.find("good") is not None
    assert (len(keys), keys.left_out) == (1, 1)


@pytest.mark.parametrize(
    "change", [{"crv": "P-384"}, {"crv": "secp256k1"}, {"x": "AQAB"}, {"y": 1}]
)
def test_another_curve_and_a_point_beside_it_are_left_out(change):
    assert read({**CURVE, **change}, GOOD).find("two") is None


def test_a_whole_key_of_another_curve_is_left_out():
    assert read(as_jwk(private_key("three", "ES384"), "three"), GOOD).find("three") is None


def test_a_short_key_is_left_out():
    assert read(as_jwk(private_key("short", bits=1024), "short"), GOOD).find("short") is None


def test_a_shared_secret_that_is_published_signs_nothing():
    with pytest.raises(UnreadableKeys, match="none of its keys"):
        read({"kty": "oct", "k": "c2VjcmV0", "kid": "one", "alg": "HS256"})


def test_a_token_without_a_key_id_means_the_only_key():
    bare = {name: value for name, value in RSA.items() if name != "kid"}

    assert read(bare).find(None) is not None
    assert read(RSA).find(None) is not None
    assert read(bare, CURVE).find(None) is None


@pytest.mark.parametrize("kid", ["ONE", "one ", "", 1, ["one"], {"one": 1}, True])
def test_a_key_id_is_meant_to_the_letter(kid):
    assert read(RSA).find(kid) is None


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"null", "no list"),
        (b"[]", "no list"),
        (b"{}", "no list"),
        (b'{"keys": {}}', "no list"),
        (b'{"keys": []}', "none of its keys"),
        (b'{"keys": [null, 7, [], "x", {}]}', "none of its keys"),
        (json.dumps({"keys": [RSA] * (MAX_KEYS + 1)}).encode(), "more than"),
        (json.dumps({"keys": [RSA, {**GOOD, "kid": "one"}]}).encode(), "same kid"),
    ],
    ids=lambda given: repr(given)[:30],
)
def test_what_is_no_set_of_keys_is_refused_with_the_reason(raw, why):
    with pytest.raises(UnreadableKeys, match=why):
        read_key_set(raw)


@given(raw=st.binary() | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["keys", "kty", "n", "e", "kid", "alg", "crv", "x", "y"]), inner
    ),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_whatever_is_published_is_a_set_or_a_reason(raw):
    try:
        keys = read_key_set(raw)
    except UnreadableKeys:
        return
    assert len(keys) > 0
