import pytest

from agent.models.poe.reactions import (
    LONGEST_WAIT_S,
    Again,
    Drop,
    GiveUp,
    Next,
    Tried,
    Trim,
    nobody_answered,
    reaction_to,
)
from agent.models.poe.troubles import Kind, Trouble, trouble_from
from tests.fakes.poe import NO_TOOLS, refused
from tools.errors import ContentRejected, ProviderRefused, ProviderUnavailable, TooLarge

FRESH, TRIED = Tried(), Tried(again=True, trimmed=True)
SECRET = "the provider's own words"


def to(status: int | None, kind: str, message: str = SECRET, tried: Tried = FRESH, **more):
    return reaction_to(trouble_from(refused(kind, message, **more), status=status), tried)


class TestTheAccount:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (401, "authentication_error"),
            (402, "insufficient_credits"),
            (None, "authentication_error"),
            (429, "insufficient_quota"),
        ],
    )
    def test_a_refused_account_is_an_operators_business_and_ends_the_answer(self, status, kind):
        reaction = to(status, kind)

        assert isinstance(reaction, GiveUp)
        assert reaction.is_ours
        assert isinstance(reaction.error, ProviderRefused)

    @pytest.mark.parametrize("code", [402, "402"])
    def test_a_code_counts_where_there_is_no_status(self, code):
        assert isinstance(to(None, "error", code=code), GiveUp)


class TestModeration:
    @pytest.mark.parametrize("status", [403, 400, None])
    def test_what_is_moderated_is_asked_for_in_other_words(self, status):
        reaction = to(status, "moderation_error")

        assert isinstance(reaction, GiveUp)
        assert isinstance(reaction.error, ContentRejected)
        assert not reaction.is_ours

    def test_another_403_is_the_models_alone(self):
        assert isinstance(to(403, "permission_error"), Next)


class TestABadRequest:
    @pytest.mark.parametrize(
        "refusal",
        [
            {"message": "Unknown parameter: stream_options"},
            {"param": "stream_options.include_usage"},
        ],
    )
    def test_an_optional_field_that_is_named_is_dropped(self, refusal):
        assert to(400, "invalid_request_error", **refusal) == Drop(field="stream_options")

    def test_a_field_is_dropped_once(self):
        tried = Tried(dropped=frozenset({"stream_options"}))

        assert isinstance(to(400, "x", "stream_options", tried=tried), Next)

    def test_a_model_without_tools_leaves_the_line_for_long(self):
        assert isinstance(NO_TOOLS.error, dict)
        reaction = reaction_to(trouble_from(NO_TOOLS.error, status=400), FRESH)

        assert isinstance(reaction, Next)
        assert reaction.rest_s >= 600

    def test_a_talk_that_is_too_long_is_cut_once(self):
        words = "This model's maximum context length is 8192 tokens"

        assert to(400, "invalid_request_error", words) == Trim()
        assert isinstance(to(400, "invalid_request_error", words, tried=TRIED), Next)

    def test_a_server_that_does_not_stream_is_asked_for_the_whole(self):
        assert to(400, "x", "no", param="stream") == Again(after_s=0.0, whole=True)

    def test_anything_else_goes_to_the_next_model(self):
        assert isinstance(to(400, "invalid_request_error", "Unsupported value: 'high'"), Next)


class TestTooLarge:
    def test_the_talk_is_cut_once_and_then_another_model_may_read_it(self):
        assert to(413, "request_too_large") == Trim()
        assert isinstance(to(413, "request_too_large", tried=TRIED), Next)


class TestBusy:
    def test_a_short_wait_is_waited_once(self):
        busy = trouble_from(refused("rate_limit_error"), status=429, retry_after_s=3.0)

        assert reaction_to(busy, FRESH) == Again(after_s=3.0, whole=False)
        assert isinstance(reaction_to(busy, TRIED), Next)

    def test_a_long_wait_is_not(self):
        busy = trouble_from(
            refused("rate_limit_error"), status=429, retry_after_s=LONGEST_WAIT_S + 100
        )
        reaction = reaction_to(busy, FRESH)

        assert isinstance(reaction, Next)
        assert reaction.rest_s == LONGEST_WAIT_S + 100


@pytest.mark.parametrize("kind", [Kind.SLOW_START, Kind.BROKEN, Kind.OVERLOADED, Kind.DROPPED])
def test_a_server_in_trouble_gets_one_more_try_and_then_a_rest(kind):
    first, second = reaction_to(Trouble(kind), FRESH), reaction_to(Trouble(kind), TRIED)

    assert isinstance(first, Again)
    assert isinstance(second, Next)
    assert second.rest_s > 0


@pytest.mark.parametrize("kind", [Kind.STALLED, Kind.CUT_OFF, Kind.EMPTY])
def test_a_stream_that_came_to_nothing_is_asked_for_whole(kind):
    assert reaction_to(Trouble(kind), FRESH) == Again(after_s=0.0, whole=True)
    assert isinstance(reaction_to(Trouble(kind), TRIED), Next)


def test_a_server_that_cannot_be_reached_has_no_other_models():
    assert isinstance(reaction_to(Trouble(Kind.UNREACHABLE), FRESH), Again)
    assert isinstance(reaction_to(Trouble(Kind.UNREACHABLE), TRIED), GiveUp)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("tried", [FRESH, TRIED])
def test_every_trouble_has_a_reaction_without_the_providers_words(kind, tried):
    assert SECRET not in repr(reaction_to(Trouble(kind, message=SECRET, code=SECRET), tried))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, Kind.NOT_FOUND),
        (408, Kind.SLOW_START),
        (500, Kind.BROKEN),
        (502, Kind.OVERLOADED),
        (503, Kind.OVERLOADED),
        (529, Kind.OVERLOADED),
        (418, Kind.BAD_REQUEST),
        (599, Kind.BROKEN),
        (307, Kind.NOT_FOUND),
    ],
)
@pytest.mark.parametrize("error", [{}, "<html>Bad gateway</html>", None, ["x"], {"code": None}])
def test_a_status_is_enough_to_know_whatever_the_body_is(status, kind, error):
    assert trouble_from(error, status=status).kind is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"type": "overloaded_error"}, Kind.OVERLOADED),
        ({"code": 529}, Kind.OVERLOADED),
        ({"code": "rate_limit_error"}, Kind.BUSY),
        ("overloaded", Kind.BROKEN),
        ({"code": [], "type": {}}, Kind.BROKEN),
    ],
)
def test_an_error_inside_the_stream_is_known_by_its_type_or_code(error, kind):
    assert trouble_from(error).kind is kind


def test_a_trouble_does_not_say_the_providers_words():
    trouble = trouble_from(refused("x", SECRET), status=400)

    assert SECRET not in f"{trouble} {trouble!r}"


class TestTheEndOfTheLine:
    def end(self, *kinds: Kind, retry_after_s: float | None = None):
        troubles = [Trouble(kind, retry_after_s=retry_after_s) for kind in kinds]
        return nobody_answered(troubles, ["a", "b"])

    def test_when_nobody_is_there_the_operator_is_named_the_setting(self):
        error = self.end(Kind.NOT_FOUND, Kind.BAD_REQUEST)

        assert isinstance(error, ProviderRefused)
        assert "POE_MODEL" in error.message

    def test_when_it_may_work_later_it_says_so_and_when(self):
        error = self.end(Kind.NOT_FOUND, Kind.BUSY, retry_after_s=7)

        assert isinstance(error, ProviderUnavailable)
        assert error.retryable
        assert error.retry_after_ms == 7000

    def test_when_nobody_can_read_that_much_it_is_the_askers_to_send_less(self):
        assert isinstance(self.end(Kind.TOO_LARGE, Kind.TOO_LARGE), TooLarge)
