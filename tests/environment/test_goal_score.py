"""The reward in use: goals reached, and nothing when a guard broke."""

import pytest

from envscaler.environment.reward import goal_score, reward_of
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


def test_a_reward_holds_both_scores_and_goals_count_by_default() -> None:
    reward = reward_of(verdicts("-+"), "none", initially_true=[False, True])

    assert (reward.score, reward.definition) == (0.0, "goal")
    assert (reward.fraction, reward.goal) == (0.5, 0.0)


def test_the_published_definition_can_be_chosen() -> None:
    reward = reward_of(verdicts("-+"), "none", initially_true=[False, True], definition="fraction")

    assert (reward.score, reward.definition) == (0.5, "fraction")


def test_without_goals_there_is_no_score_and_it_is_said_why() -> None:
    reward = reward_of(verdicts("+"), "none")

    assert reward.score is None
    assert reward.problem == "There is no goal among the checks, or it is not known which they are"


def test_a_broken_check_is_told_whatever_the_definition() -> None:
    problems = {
        reward_of(verdicts("!"), "none", initially_true=[False], definition=which).problem
        for which in ("goal", "fraction")
    }

    assert problems == {"1 of 1 checks broke; '0': error"}


def test_the_published_way_counts_a_broken_check_as_not_passed() -> None:
    reward = reward_of(verdicts("+!"), "none", definition="fraction", published=True)

    assert reward.score == 0.5
