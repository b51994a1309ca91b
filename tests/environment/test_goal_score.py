"""The second score: goals reached, and nothing when a guard broke."""

import pytest

from envscaler.environment.reward import choose_score, goal_score, reward_of
from envscaler.records import Verdict, VerdictKind

KINDS = {"+": VerdictKind.PASSED, "-": VerdictKind.FAILED, "!": VerdictKind.ERROR}


def verdicts(marks: str) -> tuple[Verdict, ...]:
    return tuple(Verdict(item=str(at), kind=KINDS[mark]) for at, mark in enumerate(marks))


@pytest.mark.parametrize(
    ("marks", "initially_true", "score"),
    [
        ("++", [False, False], 1.0),
        ("+--", [False, False, False], 0.3333),
        ("-+", [False, True], 0.0),
        ("++", [False, True], 1.0),
        ("+-", [False, True], 0.0),
        ("++", [True, True], None),
        ("+!", [False, False], None),
        ("++", [False, None], None),
    ],
)
def test_goals_count_and_guards_forbid(
    marks: str, initially_true: list[bool | None], score: float | None
) -> None:
    assert goal_score(verdicts(marks), initially_true) == score


def test_a_reward_holds_both_scores_and_counts_checks_by_default() -> None:
    reward = reward_of(verdicts("-+"), "none", initially_true=[False, True])

    assert (reward.score, reward.fraction, reward.goal) == (0.5, 0.5, 0.0)


def test_the_other_score_can_be_chosen() -> None:
    reward = reward_of(verdicts("-+"), "none", initially_true=[False, True])

    assert choose_score(reward, "goal").score == 0.0
    assert choose_score(reward, "fraction") == reward


def test_without_goals_there_is_no_goal_score_and_it_is_said_why() -> None:
    reward = choose_score(reward_of(verdicts("+"), "none"), "goal")

    assert reward.score is None
    assert reward.problem == "There is no goal among the checks, or none known"


def test_a_broken_reward_keeps_its_problem_whatever_is_chosen() -> None:
    reward = reward_of(verdicts("!"), "none", initially_true=[False])

    assert choose_score(reward, "goal") == reward
