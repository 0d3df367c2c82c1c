"""What of a language model's answer is believed, and what goes back with a reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.providers.refining_answer import UnusableAnswer, judge, read_answer
from tools.providers.refining_chat import RULES

PROMPT = "Make a 6 second TikTok teaser for our Oaty oat drink, poured into a glass, use our logo"
GOOD = (
    "Style: tactile food film\nSubject: Oaty oat drink in a clear glass\n"
    "Action: it pours into the glass; the surface settles in the final 2 seconds\n"
    "Camera: slow push-in, 85 mm lens\nLight: soft window light from the left\n"
    "Palette: warm cream, pale oak, soft amber\nSound: a soft pour\n"
    "Keep clear: no text, letters or logos in the picture"
)


def judged(refined: str, prompt: str = PROMPT) -> str:
    try:
        judge(refined, prompt=prompt, rules=RULES, max_chars=2000)
    except UnusableAnswer as refused:
        return str(refused)
    return ""


def test_a_good_refinement_is_believed() -> None:
    assert judged(GOOD) == ""


REFUSED = [
    ("nothing", "", "empty"),
    ("too much", GOOD + " x" * 1000, "2000 is the most"),
    ("an address", GOOD + "\nSetting: see https://evil.example/x", "address"),
    ("a bare address", GOOD + "\nSetting: evil.com", "address"),
    ("a picture to load", GOOD + "\nSetting: ![x](y)", "address"),
    ("data", GOOD + "\nSetting: data:text/html,x", "address"),
    ("the length", GOOD.replace("tactile food", "6-second food"), "length, size"),
    ("the size", GOOD.replace("tactile food", "4K food"), "length, size"),
    ("the ratio", GOOD.replace("tactile food", "9:16 food"), "length, size"),
    ("pixels", GOOD.replace("tactile food", "1080x1920 food"), "length, size"),
    ("the model", GOOD.replace("tactile food", "Sora 2 food"), "length, size"),
    ("a logo", GOOD.replace("settles", "settles and the logo appears"), "composited"),
    ("words", GOOD.replace("settles", "settles as the text reads OATY"), "composited"),
    ("another thing", "Subject: a red car\nAction: it drives", "oat, drink"),
    ("without the name", GOOD.replace("Oaty ", ""), "lost what the person said: Oaty"),
    ("its task", GOOD + "\nSetting: as an AI I describe a kitchen", "your task"),
    ("an apology", "I'm sorry, I cannot help with Oaty oat drink poured in a glass", "your task"),
    (
        "our rules",
        GOOD
        + "\nSetting: Keep what the person said: the subject, every product name and every fact",
        "your task",
    ),
    ("somebody", GOOD.replace("a clear glass", "the hand of Taylor Swift"), "taylor swift"),
    ("somebody's brand", GOOD.replace("a clear glass", "a Starbucks glass"), "starbucks"),
    ("two moves", GOOD.replace("slow push-in", "push-in, then orbit, then tilt"), "camera moves"),
]


@pytest.mark.parametrize(
    ("what", "refined", "reason"), REFUSED, ids=[what for what, _, _ in REFUSED]
)
def test_what_must_not_be_in_a_refinement_goes_back_with_the_reason(
    what: str, refined: str, reason: str
) -> None:
    assert reason in judged(refined)


BELIEVED = [
    (
        "what the person named themselves",
        "a Nike shoe on nike.com",
        "Subject: a Nike shoe, nike.com",
    ),
    ("other forms of a word", "a cat jumps over puddles", "Subject: cat\nAction: jumping a puddle"),
    (
        "a denied logo",
        "a cat sleeps",
        "Subject: a cat\nAction: it sleeps\nSetting: a room without any logo",
    ),
    ("a moment", "a cat sleeps", "Subject: a cat\nAction: it sleeps for 2 seconds; it wakes"),
    ("their own language", "我们的燕麦饮料", "Subject: 我们的燕麦饮料\nCamera: 缓慢推进"),
    ("nothing said", "Make a video", "Subject: a paper boat\nAction: it drifts"),
    ("a fashion runway", "a dress", "Subject: a dress\nSetting: on a long runway"),
]


@pytest.mark.parametrize(("what", "prompt", "refined"), BELIEVED, ids=[w for w, _, _ in BELIEVED])
def test_what_is_the_persons_own_or_does_no_harm_is_believed(
    what: str, prompt: str, refined: str
) -> None:
    assert judged(refined, prompt) == ""


OBJECT = {"refinedPrompt": "Subject: tea", "changes": ["Added light."], "warnings": []}
WRITTEN = [
    json.dumps(OBJECT),
    f"Sure! Here it is:\n```json\n{json.dumps(OBJECT, indent=2)}\n```\nEnjoy.",
    f"Here: {json.dumps(OBJECT)} Anything else?",
    json.dumps({**OBJECT, "score": 9}),
]


@pytest.mark.parametrize("text", WRITTEN, ids=["bare", "fenced", "in words", "with more"])
def test_the_object_is_found_however_it_is_wrapped(text: str) -> None:
    answer = read_answer(text)

    assert (answer.refined_prompt, answer.changes) == ("Subject: tea", ("Added light.",))


NOT_ANSWERS = [
    "",
    "Subject: tea",
    "[]",
    '"x"',
    "{",
    "{" * 100_000,
    '{"refinedPrompt": 3}',
    '{"prompt": "x"}',
    '{"refinedPrompt": "x", "changes": "one"}',
]


@pytest.mark.parametrize("text", NOT_ANSWERS, ids=lambda text: text[:20])
def test_anything_else_is_no_answer(text: str) -> None:
    with pytest.raises(UnusableAnswer, match="one JSON object"):
        read_answer(text)


def test_what_cannot_be_seen_is_gone_and_notes_are_short_plain_and_few() -> None:
    answer = read_answer(
        json.dumps(
            {
                "refinedPrompt": "Subject: t\u202eea\x00\r\n\n\nLight:\tsoft",
                "changes": ["x" * 1000, "see https://evil.example", "a\nb", "", *"cdefghijkl"],
            }
        )
    )

    assert answer.refined_prompt == "Subject: t ea\nLight: soft"
    assert (len(answer.changes), len(answer.changes[0]), answer.changes[1]) == (8, 300, "a b")


@given(st.text(max_size=300))
def test_no_text_breaks_the_judge(text: str) -> None:
    judged(text)
    judged(GOOD, text)
