"""From the verdicts of the checks to a reward."""

from collections.abc import Sequence
from typing import Literal

from envscaler.records import Reward, Verdict, VerdictKind


def reward_of(
    verdicts: Sequence[Verdict],
    isolation: str,
    *,
    initially_true: Sequence[bool | None] = (),
    published: bool = False,
) -> Reward:
    """Score a final state: the share of its checks that passed, to four decimals.

    Args:
        verdicts: One for each check.
        isolation: Level of the sandbox that ran the checks.
        initially_true: What each check said before anything happened; without it, goals and guards
            cannot be told apart.
        published: Count a check that broke as not passed, as the published data does. Otherwise
            one broken check leaves no score: it says nothing about the agent.
    """
    problem = _problem(verdicts, published=published)
    passed = sum(verdict.kind is VerdictKind.PASSED for verdict in verdicts)
    fraction = None if problem else round(passed / len(verdicts), 4)
    return Reward(
        score=fraction,
        fraction=fraction,
        goal=goal_score(verdicts, initially_true) if initially_true else None,
        verdicts=tuple(verdicts),
        isolation=isolation,
        problem=problem,
    )


def choose_score(reward: Reward, which: Literal["fraction", "goal"]) -> Reward:
    """Make one of its two scores the score of a reward."""
    if which == "fraction" or reward.score is None:
        return reward
    problem = "" if reward.goal is not None else "There is no goal among the checks, or none known"
    return reward.model_copy(update={"score": reward.goal, "problem": problem})


def goal_score(verdicts: Sequence[Verdict], initially_true: Sequence[bool | None]) -> float | None:
    """Score a final state by its goals: the share that was reached, 0 when a guard broke.

    Args:
        verdicts: One for each check.
        initially_true: What each check says at the start: a guard says True, a goal False.

    Returns:
        In [0, 1], four decimals; None when a check broke, was never run at the start, or when
        there is no goal.
    """
    settled = {VerdictKind.PASSED, VerdictKind.FAILED}
    if None in initially_true or any(verdict.kind not in settled for verdict in verdicts):
        return None
    passed = [verdict.kind is VerdictKind.PASSED for verdict in verdicts]
    goals = [done for done, guard in zip(passed, initially_true, strict=True) if not guard]
    guards = [held for held, guard in zip(passed, initially_true, strict=True) if guard]
    if not goals:
        return None
    return round(sum(goals) / len(goals), 4) if all(guards) else 0.0


def _problem(verdicts: Sequence[Verdict], *, published: bool) -> str:
    if not verdicts:
        return "There are no checks"
    broken = [v for v in verdicts if v.kind not in {VerdictKind.PASSED, VerdictKind.FAILED}]
    if published or not broken:
        return ""
    first = broken[0]
    reason = f"{first.kind}: {first.message}" if first.message else str(first.kind)
    return f"{len(broken)} of {len(verdicts)} checks broke; {first.item!r}: {reason}"
