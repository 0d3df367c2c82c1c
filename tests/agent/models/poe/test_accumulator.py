"""Every shape that servers have been seen to send, and what it means."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.models.poe.accumulator import Accumulator
from tests.fakes.poe import called, chunk, entry, finished, said, usage

TOOLS = ("list-models", "generate-video", "refine-prompt")
OAT, TEA = '{"prompt":"oat"}', '{"prompt":"tea"}'


def gathered(*chunks):
    answer = Accumulator(TOOLS)
    text = "".join(answer.take(each) for each in chunks)
    return answer, text


def calls_in(*chunks) -> list[tuple[str, str, str]]:
    return [(slot.id, slot.name, slot.arguments) for slot in gathered(*chunks)[0].calls()]


ONE = [("a", "generate-video", OAT)]
TWO = [("a", "generate-video", OAT), ("b", "refine-prompt", TEA)]
LISTS = [("a", "list-models", ""), ("b", "refine-prompt", TEA)]

STREAMS = {
    "id and name once, arguments in pieces": (
        (
            called(entry("generate-video", "", call_id="a")),
            called(entry(None, '{"prompt"')),
            called(entry(None, ':"oat"}')),
        ),
        ONE,
    ),
    "a whole call in one chunk": ((called(entry("generate-video", OAT, call_id="a")),), ONE),
    "two whole calls in one chunk": (
        (
            called(
                entry("generate-video", OAT, call_id="a", index=0),
                entry("refine-prompt", TEA, call_id="b", index=1),
            ),
        ),
        TWO,
    ),
    "two calls side by side": (
        (
            called(entry("generate-video", "", call_id="a", index=0)),
            called(entry("refine-prompt", "", call_id="b", index=1)),
            called(entry(None, '{"prompt":', index=0), entry(None, '{"prompt":', index=1)),
            called(entry(None, '"tea"}', index=1)),
            called(entry(None, '"oat"}', index=0)),
        ),
        TWO,
    ),
    "no index": (
        (
            called(entry("generate-video", "", call_id="a", index=None)),
            called(entry(None, OAT, index=None)),
            called(entry("refine-prompt", "", call_id="b", index=None)),
            called(entry(None, TEA, index=None)),
        ),
        TWO,
    ),
    "no index, ids repeated": (
        (
            called(entry("generate-video", '{"prompt":', call_id="a", index=None)),
            called(entry("refine-prompt", '{"prompt":', call_id="b", index=None)),
            called(entry(None, '"oat"}', call_id="a", index=None)),
            called(entry(None, '"tea"}', call_id="b", index=None)),
        ),
        TWO,
    ),
    "two whole calls in one chunk without index or id": (
        (
            called(
                entry("generate-video", OAT, index=None), entry("refine-prompt", TEA, index=None)
            ),
        ),
        [("", "generate-video", OAT), ("", "refine-prompt", TEA)],
    ),
    "two calls of one tool in one chunk without index or id": (
        (called(entry("list-models", "", index=None), entry("list-models", "", index=None)),),
        [("", "list-models", ""), ("", "list-models", "")],
    ),
    "the first index is 1": (
        (
            called(entry("generate-video", "", call_id="a", index=1)),
            called(entry(None, OAT, index=1)),
        ),
        ONE,
    ),
    "the index moves on with every chunk": (
        (
            called(entry("generate-video", "", call_id="a", index=0)),
            called(entry(None, '{"prompt":', call_id="a", index=1)),
            called(entry(None, '"oat"}', index=2)),
        ),
        ONE,
    ),
    "both calls under one index": (
        (
            called(entry("generate-video", OAT, call_id="a", index=0)),
            called(entry("refine-prompt", "", call_id="b", index=0)),
            called(entry(None, TEA, index=0)),
        ),
        TWO,
    ),
    "both calls under one index, the first without arguments": (
        (
            called(entry("list-models", "", call_id="a", index=0)),
            called(entry("refine-prompt", TEA, call_id="b", index=0)),
        ),
        LISTS,
    ),
    "both calls under one index, mixed": (
        (
            called(entry("generate-video", '{"prompt":', call_id="a", index=0)),
            called(entry("refine-prompt", '{"prompt":', call_id="b", index=0)),
            called(entry(None, '"oat"}', call_id="a", index=0)),
            called(entry(None, '"tea"}', call_id="b", index=0)),
        ),
        TWO,
    ),
    "both calls under one index and without ids": (
        (
            called(entry("generate-video", OAT, index=0)),
            called(entry("refine-prompt", TEA, index=0)),
        ),
        [("", "generate-video", OAT), ("", "refine-prompt", TEA)],
    ),
    "id and name in every chunk": (
        (
            called(entry("generate-video", '{"prompt":', call_id="a")),
            called(entry("generate-video", '"oat"}', call_id="a")),
        ),
        ONE,
    ),
    "another id in every chunk of one call": (
        (
            called(entry("generate-video", "", call_id="a")),
            called(entry(None, '{"prompt":', call_id="x")),
            called(entry(None, '"oat"}', call_id="y")),
        ),
        ONE,
    ),
    "both calls under one id": (
        (
            called(entry("generate-video", OAT, call_id="a", index=0)),
            called(entry("refine-prompt", TEA, call_id="a", index=1)),
        ),
        [("a", "generate-video", OAT), ("a", "refine-prompt", TEA)],
    ),
    "a name in pieces": (
        (
            called(entry("generate-", None, call_id="a")),
            called(entry("video", None)),
            called(entry(None, OAT)),
        ),
        ONE,
    ),
    "the whole call again at the end": (
        (
            called(entry("generate-video", "", call_id="a")),
            called(entry(None, OAT)),
            called(entry("generate-video", OAT, call_id="a")),
        ),
        ONE,
    ),
    "an empty object before the arguments": (
        (
            called(entry("generate-video", "{}", call_id="a")),
            called(entry(None, '{"prompt":')),
            called(entry(None, '"oat"}')),
        ),
        ONE,
    ),
    "no arguments at all": ((called(entry("list-models", None, call_id="a")),), LISTS[:1]),
    "arguments as an object": (
        (
            called(
                {
                    "index": 0,
                    "id": "a",
                    "function": {"name": "generate-video", "arguments": {"prompt": "oat"}},
                }
            ),
        ),
        [("a", "generate-video", '{"prompt": "oat"}')],
    ),
    "calls that are no list": (
        (chunk({"tool_calls": entry("generate-video", OAT, call_id="a")}),),
        ONE,
    ),
    "entries that are nothing": (
        (chunk({"tool_calls": [None, 7, "x", {}]}), chunk({"tool_calls": "x"}), chunk({})),
        [],
    ),
}


@pytest.mark.parametrize(("chunks", "calls"), STREAMS.values(), ids=STREAMS)
def test_the_right_calls_come_out(chunks, calls):
    assert calls_in(*chunks) == calls


def test_text_beside_calls_is_kept():
    answer, text = gathered(
        said("I ask for it. "), called(entry("generate-video", OAT, call_id="a")), finished()
    )

    assert text == "I ask for it. "
    assert len(answer.calls()) == 1


@pytest.mark.parametrize("reason", ["stop", "tool_calls", "length"])
def test_calls_count_whatever_the_reason_to_finish(reason):
    answer, _ = gathered(called(entry("generate-video", OAT, call_id="a")), finished(reason))

    assert answer.is_whole
    assert len(answer.calls()) == 1


def test_what_gemini_signs_is_kept_as_it_came():
    signed = {"google": {"thought_signature": "AbC+/="}}
    answer, _ = gathered(
        called(entry("generate-video", "", call_id="a", extra_content=signed)),
        called(entry(None, OAT)),
    )

    assert answer.calls()[0].unknown == {"extra_content": signed}


def test_reasoning_in_pieces_is_joined_and_is_no_text():
    answer, text = gathered(
        chunk({"reasoning_content": "Hm, "}), chunk({"reasoning_content": "oat."}), said("Yes.")
    )

    assert answer.unknown == {"reasoning_content": "Hm, oat."}
    assert text == "Yes."


def test_a_chunk_with_usage_alone_adds_nothing():
    answer, text = gathered(said("Yes."), finished(), usage())

    assert (text, answer.finish, len(answer.calls())) == ("Yes.", "stop", 0)


def test_a_whole_message_is_read_like_a_stream():
    message = {"content": "Yes.", "tool_calls": [entry("list-models", "", call_id="a", index=None)]}
    answer, text = gathered({"choices": [{"message": message, "finish_reason": "tool_calls"}]})

    assert (text, len(answer.calls())) == ("Yes.", 1)


def test_a_refusal_is_text():
    assert gathered(chunk({"refusal": "I would rather not."}))[1] == "I would rather not."


def test_text_in_parts_is_text():
    parts = [{"type": "text", "text": "Oat "}, {"type": "image_url"}, {"type": "text", "text": "x"}]

    assert gathered(chunk({"content": parts}))[1] == "Oat x"


def test_a_second_choice_is_not_mixed_in():
    mixed = {"choices": [{"index": 1, "delta": {"content": "B"}}, {"delta": {"content": "A"}}]}

    assert gathered(mixed)[1] == "A"


def test_a_character_cut_in_two_is_whole_again():
    assert gathered(said("a\ud83c"), said("\udf31b"))[1] == "a🌱b"


def test_half_a_character_and_nul_do_not_come_out():
    assert gathered(said("a\udf31\0b"))[1] == "a�b"


class TestWhetherItIsWhole:
    def test_with_a_reason_it_is_also_without_done(self):
        assert gathered(said("Yes."), finished())[0].is_whole

    def test_without_a_reason_and_without_done_it_is_not(self):
        assert not gathered(said("Yes."))[0].is_whole

    @pytest.mark.parametrize("reason", ["error", "network_error"])
    def test_an_error_is_no_good_reason(self, reason):
        assert not gathered(said("Yes."), finished(reason))[0].is_whole

    def test_done_without_a_reason_is_enough_for_text(self):
        answer, _ = gathered(said("Yes."))
        answer.is_done = True

        assert answer.is_whole

    @pytest.mark.parametrize("arguments", ["", '{"prompt":"o'])
    def test_done_without_a_reason_is_not_enough_for_a_call_that_looks_cut(self, arguments):
        answer, _ = gathered(called(entry("generate-video", arguments, call_id="a")))
        answer.is_done = True

        assert not answer.is_whole

    def test_a_call_without_a_name_is_not(self):
        assert not gathered(called(entry(None, OAT)), finished("tool_calls"))[0].is_whole


ARGUMENTS = st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(), max_size=3)


@given(st.lists(st.tuples(st.sampled_from(TOOLS), ARGUMENTS), min_size=1, max_size=4), st.data())
def test_calls_come_out_as_they_went_in_however_they_were_cut(asked, cutting):
    """With an index and an id for each call, as the API describes it: the rest is guessing."""
    chunks = []
    for place, (name, arguments) in enumerate(asked):
        written = json.dumps(arguments)
        cuts = sorted(cutting.draw(st.sets(st.integers(0, len(written)), max_size=4)))
        pieces = [
            written[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(written)], strict=True)
        ]
        chunks.append(called(entry(name, pieces[0], call_id=f"c{place}", index=place)))
        chunks += [called(entry(None, piece, index=place)) for piece in pieces[1:]]

    got = [(name, json.loads(arguments or "{}")) for _, name, arguments in calls_in(*chunks)]
    assert got == asked


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
SHAPED = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("content", "tool_calls", "role", "refusal", "extra_content"), JSON),
)


@given(st.lists(st.builds(chunk, SHAPED) | st.dictionaries(st.just("choices"), JSON)))
def test_nothing_a_server_sends_breaks_it(chunks):
    answer, text = gathered(*chunks)

    text.encode()
    assert isinstance(answer.is_whole, bool)
