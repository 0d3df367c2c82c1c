import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from server.http.idempotency import key_of
from server.wire.bodies import GenerateVideoBody
from tools.errors import InvalidPayload

BODY = GenerateVideoBody(prompt="A kettle", duration=6)


def call(*keys: str, path: str = "/api/video/generate") -> web.Request:
    headers = CIMultiDict(("Idempotency-Key", key) for key in keys)
    return make_mocked_request("POST", path, headers=headers)


@pytest.mark.parametrize(
    "written", ["8e03978e-40d5-43dd-bc93-6894a57f9324", "a", "x" * 255, "order:7/a+b=c,d;e'f"]
)
def test_a_key_is_what_was_written(written):
    key = key_of(call(written), BODY)

    assert key is not None
    assert key.text == written


def test_quotes_around_a_key_are_not_part_of_it():
    assert key_of(call('"order-7"'), BODY) == key_of(call("order-7"), BODY)


@pytest.mark.parametrize(
    "written", ["", " ", '""', '"', "a b", 'a"b', "x" * 256, "ключ", "a\\b", "\x7f"]
)
def test_what_is_no_key_is_refused(written):
    with pytest.raises(InvalidPayload) as refused:
        key_of(call(written), BODY)

    assert refused.value.field == "Idempotency-Key"


def test_two_keys_are_refused():
    with pytest.raises(InvalidPayload):
        key_of(call("one", "two"), BODY)


def test_without_a_key_there_is_none():
    assert key_of(call(), BODY) is None


@pytest.mark.parametrize(
    "same",
    [
        {"prompt": "A kettle", "duration": 6, "model": None},
        {"duration": 6, "prompt": "A kettle", "referenceImageUrls": []},
    ],
)
def test_what_only_says_the_defaults_is_the_same_request(same):
    again = GenerateVideoBody.model_validate(same)

    assert key_of(call("k"), again) == key_of(call("k"), BODY)


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("/api/video/generate", {"prompt": "A kettle", "duration": 7}),
        ("/api/video/generate", {"prompt": "A kettle", "duration": 6, "campaignId": "spring"}),
        ("/api/video/quote", {"prompt": "A kettle", "duration": 6}),
    ],
)
def test_another_body_or_another_door_is_another_request(path, other):
    again = GenerateVideoBody.model_validate(other)

    assert key_of(call("k", path=path), again) != key_of(call("k"), BODY)
