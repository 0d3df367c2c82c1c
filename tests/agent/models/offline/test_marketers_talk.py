"""A marketer who does not know the commands: what is answered, and that it is true."""

import pytest

from agent.models.offline import OfflineModel
from agent.models.offline.facts import EXAMPLE
from tests.fakes.dialogue import LOGO, Dialogue, Heard

OAT = "Make a 6 second TikTok teaser for our oat drink"


@pytest.fixture
def talk() -> Dialogue:
    return Dialogue(OfflineModel(pace_s=0))


def _is_new_version_of_the_oat_film(heard: Heard) -> bool:
    return heard.tools[-1:] == ("generate-video",) and heard.film["prompt"].startswith(OAT)


async def test_four_seconds_are_made_when_no_model_was_named(talk):
    heard = await talk.says("make me a 4 second clip of a cat")

    assert "made by **draft**" in heard.text


async def test_a_templates_model_that_nobody_named_does_not_stand_in_the_way_of_a_length(talk):
    heard = await talk.says("A 4 second TikTok post about our summer sale")

    tool, given, ok = heard.calls[-1]
    assert (tool, given["duration"], ok) == ("generate-video", 4, True)
    assert "made by **draft**" in heard.text


async def test_three_seconds_are_refused_with_what_can_be_had_and_not_in_soras_name(talk):
    heard = await talk.says("make me a 3 second clip of a cat")

    assert "4 to 60 seconds" in heard.text
    assert "sora" not in heard.text
    assert "Say “make it 4 seconds”." in heard.text
    assert "name another model" not in heard.text


@pytest.mark.parametrize(
    ("says", "length_s", "ratio"),
    [
        ("a youtube pre-roll about our summer sale", 6, "16:9"),
        ("20 seconds, facebook, bakery opening on Saturday", 20, "1:1"),
        ("Something warm and cosy for Nespresso, 10 secs, autumn mood", 10, "16:9"),
        ("instagram, new colours of our sneaker", 6, "9:16"),
    ],
)
async def test_a_place_or_a_length_with_a_topic_is_a_request(talk, says, length_s, ratio):
    heard = await talk.says(says)

    assert (heard.film["duration"], heard.film["aspectRatio"]) == (length_s, ratio)


async def test_a_pre_roll_is_a_kind_of_film_and_not_its_subject(talk):
    heard = await talk.says("a youtube pre-roll about our summer sale")

    assert "“summer sale”" in heard.text


@pytest.mark.parametrize(
    "says",
    [
        "we posted our summer sale on facebook yesterday",
        "it takes 5 seconds to open the bottle",
        "is instagram better than youtube for a bakery?",
    ],
)
async def test_a_place_or_a_length_told_in_passing_is_none(talk, says):
    heard = await talk.says(says)

    assert "generate-video" not in heard.tools


@pytest.mark.parametrize(
    "says",
    [
        "can you do it in german?",
        "in German please",
        "make it in French",
        "do you speak Spanish?",
        "a german version please",
        "translate it into Italian",
        "what languages do you speak?",
    ],
)
async def test_another_language_is_not_pretended(talk, says):
    await talk.says(OAT)

    heard = await talk.says(says)

    assert heard.tools == ()
    assert "only understand English" in heard.text
    assert "in quotes" in heard.text


async def test_a_film_asked_for_in_another_language_says_whose_words_it_shows(talk):
    heard = await talk.says("make a film about tea in german")

    assert "only understand English" in heard.text
    assert heard.tools[-1] == "generate-video"


async def test_the_advised_words_put_a_german_tagline_into_the_film(talk):
    await talk.says(OAT)

    heard = await talk.says('make it with the tagline "Frisch vom Feld"')

    assert _is_new_version_of_the_oat_film(heard)
    assert '"Frisch vom Feld"' in heard.film["prompt"]


@pytest.mark.parametrize(
    "says", ["how much did that cost?", "what did it cost", "was that free?", "how much was that?"]
)
async def test_what_the_last_film_cost_is_told_from_its_quote(talk, says):
    await talk.says(OAT)

    heard = await talk.says(says)

    assert heard.tools == ()
    assert heard.text == "Your last film (6 seconds, made by draft) is free."


async def test_before_any_film_nothing_has_cost_anything(talk):
    heard = await talk.says("how much did that cost?")

    assert heard.text.startswith("Nothing so far")


async def test_a_free_film_is_called_free(talk):
    heard = await talk.says(OAT)

    assert "It is free." in heard.text
    assert "$0.00" not in heard.text


@pytest.mark.parametrize(
    ("says", "hears"),
    [
        ("can I use my own music", "silent"),
        ("does it have sound?", "silent"),
        ("is this really AI?", "without AI"),
        ("is it AI generated?", "without AI"),
        ("show me an example prompt", EXAMPLE),
        ("what does a good prompt look like?", EXAMPLE),
        ("no text please", "captions"),
        ("without captions", "captions"),
        ("how long can a film be?", "4 to 60 seconds"),
        ("what's the max length?", "4 to 60 seconds"),
        ("what formats do you support?", "9:16"),
        ("can i download it", "card"),
        ("delete that film", "card"),
    ],
)
async def test_a_question_about_the_studio_gets_its_answer(talk, says, hears):
    await talk.says(OAT)

    heard = await talk.says(says)

    assert heard.tools == ()
    assert hears in heard.text


async def test_the_example_prompt_makes_a_film_when_it_is_sent(talk):
    heard = await talk.says(EXAMPLE)

    assert (heard.film["duration"], heard.film["aspectRatio"]) == (10, "9:16")


async def test_praise_before_a_wish_does_not_hide_the_wish(talk):
    await talk.says(OAT)

    heard = await talk.says("thanks, looks great! now one for facebook")

    assert (heard.film["prompt"], heard.film["aspectRatio"]) == (OAT, "1:1")


@pytest.mark.parametrize("says", ["make 3 versions", "give me three variations of it"])
async def test_several_versions_are_made_one_at_a_time(talk, says):
    await talk.says(OAT)

    heard = await talk.says(says)

    assert _is_new_version_of_the_oat_film(heard)
    assert "one film at a time" in heard.text


async def test_versions_of_nothing_are_not_filmed(talk):
    heard = await talk.says("make 3 versions")

    assert heard.tools == ()
    assert heard.text.endswith("What should the film show?")


async def test_the_logo_at_the_end_is_asked_for_when_there_is_none(talk):
    await talk.says(OAT)

    heard = await talk.says("put the logo at the end")

    assert heard.tools == ()
    assert "do not have it yet" in heard.text


async def test_the_logo_at_the_end_is_no_caption(talk):
    await talk.says(OAT)
    await talk.says("put the logo at the end")

    heard = await talk.says("here it is", LOGO)

    assert heard.film["prompt"] == OAT
    assert heard.film["uploadIds"] == ["logo-1"]


@pytest.mark.parametrize(
    "says", ["can you make the background blue?", "make the colours warmer", "too long"]
)
async def test_a_wish_about_a_part_of_the_film_changes_that_film(talk, says):
    await talk.says(OAT)

    assert _is_new_version_of_the_oat_film(await talk.says(says))


async def test_of_two_requests_in_one_message_the_film_is_made_and_the_other_owned_up_to(talk):
    heard = await talk.says("Make a film about our tea and also tell me what models there are")

    assert heard.film["prompt"] == "Make a film about our tea"
    assert "one thing at a time" in heard.text
