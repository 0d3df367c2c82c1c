"""Whatever a stream looks like, what we send next is good by the API's rules, and the turn ends."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.models.poe.endpoint import base_url
from agent.models.poe.model import PoeModel
from tests.agent.models.poe.conftest import PATIENT
from tests.fakes.dialogue import Dialogue
from tests.fakes.poe import (
    DONE,
    KEEP_ALIVE,
    KEY,
    LEAD,
    SECOND,
    Cut,
    Stream,
    called,
    chunk,
    entry,
    fake_poe,
    finished,
    refused,
    said,
    usage,
)

TOOLS = st.sampled_from(["list-models", "refine-prompt", "generate-video", "no such tool", "list-"])
WRITTEN = st.sampled_from(
    ["", "{}", "{", '{"prompt": "oat', '"}', '{"prompt": "tea"}', "[1]", "NaN"]
)
ENTRIES = st.builds(
    entry,
    st.none() | TOOLS,
    st.none() | WRITTEN | st.text(max_size=6),
    index=st.none() | st.integers(0, 3),
    call_id=st.none() | st.sampled_from(["", "a", "b", "f:0"]),
    extra_content=st.none() | st.just({"google": {"thought_signature": "x"}}),
)
CALLS = st.lists(ENTRIES, min_size=1, max_size=3).map(lambda entries: called(*entries))
CHUNKS = st.one_of(
    st.text(max_size=8).map(said),
    CALLS,
    CALLS,
    st.builds(lambda thought: chunk({"reasoning_content": thought}), st.text(max_size=4)),
    st.sampled_from(["stop", "tool_calls", "length", "error", None]).map(finished),
    st.sampled_from([usage(), DONE, KEEP_ALIVE, "data: oops\n\n", "\r\n", "event: x\n"]),
    st.sampled_from(["overloaded_error", "timeout_error"]).map(
        lambda kind: {"error": refused(kind)}
    ),
)


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    """Chunks in any order, then bytes of them lost or said twice, then cut anywhere."""
    acts = draw(st.lists(CHUNKS, max_size=8))
    sent = b"".join(
        act.encode() if isinstance(act, str) else f"data: {json.dumps(act)}\n\n".encode()
        for act in acts
    )
    places = st.integers(0, len(sent))
    if draw(st.integers(0, 3)) == 0:
        begin, end = sorted((draw(places), draw(places)))
        sent = sent[:begin] + sent[end:] if draw(st.booleans()) else sent[:end] + sent[begin:]
    cuts = sorted(draw(st.sets(st.integers(0, len(sent)), max_size=5)))
    pieces = [sent[at:to] for at, to in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    return Stream(*(piece for piece in pieces if piece), *([Cut()] if draw(st.booleans()) else []))


@settings(max_examples=60)
@given(st.lists(streams(), min_size=1, max_size=5))
async def test_whatever_a_stream_looks_like_the_next_request_is_good(replies):
    async with fake_poe() as poe:
        url = base_url(poe.url)
        poe.will(*replies)
        async with PoeModel(
            base_url=url, api_key=KEY, models=(LEAD, SECOND), patience=PATIENT
        ) as model:
            talk = Dialogue(model)
            first = await talk.says("a teaser for our oat drink")
            poe.forget_orders()
            second = await talk.says("hello")

        assert first.result.outcome in {"answered", "failed"}
        assert second.result.outcome == "answered"
        assert poe.faults == []
