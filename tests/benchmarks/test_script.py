"""The exact-text check of the benchmark: a run that lost a word must not report a speed."""

import pytest

from tests.benchmarks.script import WrongText, answer_to, check, order, token, written_at

WHOLE = "".join(token(place, 1_000 + place) for place in range(20))


async def test_an_answer_is_what_was_ordered():
    check("".join([piece async for piece in answer_to(order(20, paced=False))]), 20)


def test_a_piece_tells_when_its_tokens_were_written():
    assert written_at(token(5, 77) + token(6, 78), first=5) == [77, 78]


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param(WHOLE.replace(token(7, 1_007), ""), id="a lost token"),
        pytest.param(WHOLE.replace(token(7, 1_007), token(7, 1_007) * 2), id="a doubled token"),
        pytest.param(
            WHOLE.replace(token(7, 1_007) + token(8, 1_008), token(8, 1_008) + token(7, 1_007)),
            id="two tokens exchanged",
        ),
        pytest.param(WHOLE.removesuffix(token(19, 1_019)), id="a short answer"),
        pytest.param(WHOLE + token(20, 1_020), id="a long answer"),
        pytest.param(WHOLE[:-1], id="a cut in the last token"),
        pytest.param(WHOLE.replace("7.", "7,"), id="a changed character"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_text_that_is_not_exactly_the_answer_is_found_out(heard: str):
    with pytest.raises(WrongText):
        check(heard, 20)
