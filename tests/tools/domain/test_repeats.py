from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.samples import NOW, a_job, a_request
from tools.domain.frames import AspectRatio
from tools.domain.identity import TurnId, UploadId
from tools.domain.jobs import Origin, Stage
from tools.domain.repeats import REPEATED_WITHIN, is_same_film, repeated
from tools.domain.videos import Reference

TURN = TurnId("turn-1")
JOB = replace(a_job(), turn_id=TURN, created_at=NOW)


def reference(name):
    return Reference(upload_id=UploadId(name), path=f"{name}.png", role=None, uploaded_at=NOW)


def found(job=JOB, *, turn_id=TURN, later=timedelta()):
    return repeated(job.request, [job], turn_id=turn_id, now=NOW + later)


def test_a_film_that_is_being_made_is_recognised():
    assert found() == JOB


@pytest.mark.parametrize(
    "change",
    [
        {"length_s": 7},
        {"aspect_ratio": AspectRatio.SQUARE},
        {"model_key": "veo-3.1"},
        {"prompt": "Something else"},
        {"references": (reference("logo"),)},
    ],
    ids=str,
)
def test_what_makes_it_another_film(change):
    assert not is_same_film(a_request(), replace(a_request(), **change))


def test_other_words_of_a_refiner_do_not_make_it_another_film():
    refined = replace(a_request(), refined_prompt="Other words", refinement_prompt="cinematic")

    assert is_same_film(a_request(), refined)


def test_spaces_capitals_and_the_order_of_images_do_not_make_it_another_film():
    one = replace(a_request(), prompt="Oat  drink", references=(reference("a"), reference("b")))
    other = replace(a_request(), prompt="oat drink ", references=(reference("b"), reference("a")))

    assert is_same_film(one, other)


def test_after_ten_minutes_it_is_a_new_wish():
    assert found(later=REPEATED_WITHIN) is not None
    assert found(later=REPEATED_WITHIN + timedelta(seconds=1)) is None


def test_a_finished_film_counts_in_its_own_turn_alone():
    finished = replace(JOB, stage=Stage.FINISHED)

    assert found(finished) == finished
    assert found(finished, turn_id=TurnId("turn-2")) is None


@pytest.mark.parametrize(
    "job",
    [
        replace(JOB, stage=Stage.FAILED),
        replace(JOB, stage=Stage.CANCELLED),
        replace(JOB, cancel_requested=True),
        replace(JOB, turn_id=None, origin=Origin.PERSON),
    ],
    ids=["failed", "cancelled", "being cancelled", "asked on the form"],
)
def test_what_may_be_asked_for_once_more(job):
    assert found(job) is None


def test_an_agent_whose_turns_we_do_not_see_repeats_itself_too():
    theirs = replace(JOB, turn_id=None)

    assert found(theirs, turn_id=None) == theirs
    assert found(replace(theirs, stage=Stage.FINISHED), turn_id=None) is None


def test_the_newest_of_several_is_named():
    newer = replace(JOB, created_at=NOW + timedelta(seconds=5))

    same = repeated(JOB.request, [newer, JOB], turn_id=TURN, now=NOW + timedelta(seconds=9))

    assert same == newer
