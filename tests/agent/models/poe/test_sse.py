import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.models.poe.sse import LONGEST_EVENT_BYTES, Events, EventTooLong


def data_of(*pieces: bytes) -> list[bytes]:
    events = Events()
    return [data for piece in pieces for data in events.feed(piece)] + events.end()


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
        (b"data:a\n\n", [b"a"]),
        (b": keep-alive\n\ndata: a\n\n", [b"a"]),
        (b"event: message\nid: 7\nretry: 10\ndata: a\n\n", [b"a"]),
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b"data: a\n\ndata: the end is missing", [b"a", b"the end is missing"]),
        (b"", []),
        (b"\n\n\n", []),
    ],
)
def test_the_data_of_each_event_is_found(stream, data):
    assert data_of(stream) == data


@given(st.lists(st.text(min_size=1), max_size=5), st.data())
def test_where_the_bytes_are_cut_changes_nothing(texts, cutting):
    lines = [text.replace("\n", " ").replace("\r", " ").strip() or "x" for text in texts]
    stream = "".join(f"data: {line}\r\n\r\n" for line in lines).encode()
    cuts = sorted(cutting.draw(st.sets(st.integers(0, len(stream)), max_size=6)))
    pieces = [
        stream[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
    ]

    assert data_of(*pieces) == [line.encode() for line in lines]


def test_a_line_that_never_ends_does_not_fill_the_memory():
    events = Events()
    events.feed(b"x" * LONGEST_EVENT_BYTES)

    with pytest.raises(EventTooLong):
        events.feed(b"x")
