"""What each filter lets pass."""

import pytest

from envscaler.config import InteractSettings, Settings
from envscaler.errors import RejectedError
from envscaler.interact.filters import FILTERS, finished, keep, score, turns, well_formed
from envscaler.records import Message, Reward, StopReason, Trajectory
from tests.fakes import make_call

ASKED = Message(role="assistant", content="", tool_calls=(make_call("lend"),))
ANSWERED = Message(role="tool", content="{}", tool_call_id="call_lend")
STRAY = Message(role="tool", content="{}", tool_call_id="call_list_loans")
DONE = Message(role="assistant", content="Done.")


@pytest.fixture
def limits(settings: Settings) -> InteractSettings:
    """The shipped settings, and all filters."""
    return settings.interact.model_copy(update={"filters": tuple(FILTERS)})


def _trajectory(
    *messages: Message,
    stop_reason: StopReason = StopReason.FINISHED,
    reward: Reward | None = None,
) -> Trajectory:
    return Trajectory(
        id="traj-1",
        env_id="env-1",
        scenario_id="scen-1",
        attempt=0,
        dialogue="single_turn",
        tool_format="native",
        tools=(),
        messages=messages or (ASKED, ANSWERED, DONE),
        steps=(),
        stop_reason=stop_reason,
        reward=reward,
        seed=0,
    )


def _scored(value: float | None) -> Trajectory:
    problem = "" if value is not None else "a check broke"
    return _trajectory(reward=Reward(score=value, verdicts=(), isolation="none", problem=problem))


@pytest.mark.parametrize("reason", [r for r in StopReason if r is not StopReason.FINISHED])
def test_finished_refuses_every_other_ending(reason: StopReason, limits: InteractSettings) -> None:
    assert finished(_trajectory(), limits) is None
    assert reason.value in str(finished(_trajectory(stop_reason=reason), limits))


def test_well_formed_wants_every_message_usable(limits: InteractSettings) -> None:
    bad = DONE.model_copy(update={"problem": "It was empty."})

    assert well_formed(_trajectory(), limits) is None
    assert "It was empty." in str(well_formed(_trajectory(bad, DONE), limits))


@pytest.mark.parametrize("messages", [(ASKED, DONE), (ANSWERED, DONE), (ASKED, STRAY, DONE)])
def test_well_formed_wants_an_answer_to_every_call(
    messages: tuple[Message, ...], limits: InteractSettings
) -> None:
    assert well_formed(_trajectory(*messages), limits) is not None


@pytest.mark.parametrize(("count", "passes"), [(1, False), (2, True), (60, True), (61, False)])
def test_turns_are_counted_from_least_to_most(
    count: int, *, passes: bool, limits: InteractSettings
) -> None:
    reason = turns(_trajectory(*[DONE] * count), limits)

    assert (reason is None) is passes


@pytest.mark.parametrize(("value", "passes"), [(1.0, True), (0.5, True), (0.49, False)])
def test_score_is_compared_with_the_least(
    value: float, *, passes: bool, limits: InteractSettings
) -> None:
    reason = score(_scored(value), limits.model_copy(update={"min_score": 0.5}))

    assert (reason is None) is passes


def test_a_broken_score_is_no_score_even_where_zero_would_do(limits: InteractSettings) -> None:
    reason = score(_scored(None), limits.model_copy(update={"min_score": 0.0}))

    assert "a check broke" in str(reason)


def test_a_trajectory_without_checks_has_no_score(limits: InteractSettings) -> None:
    assert "no checks" in str(score(_trajectory(), limits))


def test_a_trajectory_that_passes_is_kept_unchanged(limits: InteractSettings) -> None:
    trajectory = _scored(1.0)

    assert keep(trajectory, limits) == trajectory


def test_a_refusal_bears_the_name_of_the_filter(limits: InteractSettings) -> None:
    with pytest.raises(RejectedError) as caught:
        keep(_scored(0.0), limits)

    assert caught.value.kind == "score"


def test_only_the_filters_of_the_settings_count(limits: InteractSettings) -> None:
    lenient = limits.model_copy(update={"filters": ("turns",)})

    assert keep(_scored(0.0), lenient).reward is not None
