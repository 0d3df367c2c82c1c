import pytest
from aiohttp.test_utils import make_mocked_request

from server.http.strict_json import check_type, object_in
from tools.errors import InvalidPayload, UnsupportedMedia

STRANGE = {
    "nothing": b"",
    "half of it": b'{"prompt": "x"',
    "not a number": b'{"duration": NaN}',
    "no end": b'{"duration": Infinity}',
    "beyond every number": b'{"duration": 1e999}',
    "a million digits": b'{"duration": ' + b"9" * 900_000 + b"}",
    "a deep nest": b'{"a":' * 990 + b"1" + b"}" * 990,
    "a bottomless nest": b"[" * 900_000,
    "broken UTF-8": b'{"prompt": "\xff"}',
    "half a character": b'{"prompt": "\\ud800"}',
    "another encoding": '{"prompt": "x"}'.encode("utf-16"),
    "a mark of bytes": b'\xef\xbb\xbf{"prompt": "x"}',
    "a list": b"[]",
    "null": b"null",
    "text": b'"prompt"',
    "a comment": b'{"prompt": "x"} // x',
}


@pytest.mark.parametrize("raw", STRANGE.values(), ids=STRANGE)
def test_what_is_no_object_of_plain_json_is_refused(raw):
    with pytest.raises(InvalidPayload):
        object_in(raw)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b'{"prompt": "a", "prompt": "b"}', "prompt"),
        (b'{"x": {"\\u0061": 1, "a": 1}}', "a"),
        (b'{"' + b"k" * 99 + b'": 1, "' + b"k" * 99 + b'": 1}', "k" * 40),
    ],
)
def test_a_key_that_is_there_twice_is_refused_by_its_name(raw, key):
    with pytest.raises(InvalidPayload) as refused:
        object_in(raw)

    assert refused.value.field == key


def test_an_object_comes_as_it_stands():
    assert object_in(b'{"a": {"b": [1, 2.5, null]}, "c": "\xc3\xa9"}') == {
        "a": {"b": [1, 2.5, None]},
        "c": "é",
    }


@pytest.mark.parametrize(
    "kind",
    ["application/json", "Application/JSON; charset=UTF-8", "application/vnd.studio+json"],
)
def test_json_is_taken_by_each_of_its_names(kind):
    check_type(make_mocked_request("POST", "/", headers={"Content-Type": kind}))


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "text/json",
        "application/octet-stream",
        "",
    ],
)
def test_any_other_kind_of_body_is_refused_unread(kind):
    with pytest.raises(UnsupportedMedia):
        check_type(make_mocked_request("POST", "/", headers={"Content-Type": kind}))
