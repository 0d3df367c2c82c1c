import pytest

from server.http.preferences import Wish, wish_of

AT_ONCE = Wish(respond_async=True)


@pytest.mark.parametrize(
    "headers",
    [
        ["respond-async"],
        ["Respond-Async"],
        ["handling=lenient, respond-async"],
        ["handling=lenient", "respond-async"],
        ["respond-async; later=true"],
        ['foo="a, \\" b; c" , respond-async'],
        [" , respond-async ,"],
        ["respond-async, wait=soon"],
        ['"broken, respond-async'],
    ],
)
def test_respond_async_is_found_beside_whatever_else_is_preferred(headers):
    assert wish_of(headers) == AT_ONCE


@pytest.mark.parametrize(
    "headers",
    [[], [""], ["respond-asynchronously"], ['foo="respond-async"'], ['foo="a, respond-async"']],
)
def test_what_only_looks_like_it_is_not_taken_for_it(headers):
    assert wish_of(headers) == Wish()


@pytest.mark.parametrize(
    ("written", "patience_s"),
    [
        ("return=minimal", 1800),
        ("respond-async", 0),
        ("wait=10", 10),
        ('wait="10"', 10),
        ("wait = 10", 10),
        ("wait=10, wait=20", 10),
        ("respond-async, wait=10", 10),
        ("wait=99999", 1800),
        ("wait=-1", 1800),
        ("wait=²", 1800),
        ("respond-async, wait=0", 0),
    ],
)
def test_nobody_waits_longer_than_they_want_to_or_than_we_allow(written, patience_s):
    assert wish_of([written]).patience_s(1800) == patience_s


@pytest.mark.parametrize(
    ("written", "applied"),
    [
        ("respond-async", {"Preference-Applied": "respond-async"}),
        ("respond-async, wait=5, x", {"Preference-Applied": "respond-async, wait=5"}),
        ("return=minimal", {}),
    ],
)
def test_only_what_was_kept_to_is_said_to_be(written, applied):
    assert wish_of([written]).applied == applied
