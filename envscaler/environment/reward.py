"""From the verdicts of the checks to a reward: the one definition that everything uses.

A goal is a check that is false before anything happened, a guard one that is true. Under `goal`,
the default, the score is the share of goals reached, and 0 when a guard broke: a no-op is
worth nothing, and damage costs everything. Under `fraction` it is the share of checks that pass,
as in the published data.
"""

from collections.abc import Iterable, Sequence

from envscaler.records import Reward, RewardDefinition, Verdict, VerdictKind, trusted

SETTLED = {VerdictKind.PASSED: True, VerdictKind.FAILED: False}
"""The verdicts that say something about the agent."""

_NO_GOAL = "There is no goal among the checks, or it is not known which they are"


def reward_of(
    verdicts: Sequence[Verdict],
    isolation: str,
    *,
    initially_true: Sequence[bool | None] = (),
    definition: RewardDefinition = "goal",
    published: bool = False,
) -> Reward:
    """Score a final state, to four decimals.

    Args:
        verdicts: One for each check.
        isolation: Level of the sandbox that ran the checks.
        initially_true: What each check said before anything happened; without it, goals and
            guards cannot be told apart.
        definition: Which of the two scores counts.
        published: Score by `fraction`, and count a check that broke as not passed, as the published
            data does. Otherwise one broken check leaves no score: it says nothing about the agent.
    """
    definition = "fraction" if published else definition
    problem = _problem(verdicts, published=published)
    passed = sum(verdict.kind is VerdictKind.PASSED for verdict in verdicts)
    fraction = None if problem else round(passed / len(verdicts), 4)
    goal = goal_score(verdicts, initially_true) if initially_true else None
    score = goal if definition == "goal" else fraction
    return trusted(
        Reward,
        score=score,
        definition=definition,
        fraction=fraction,
        goal=goal,
        verdicts=tuple(verdicts),
        isolation=isolation,
        problem=problem or ("" if score is not None else _NO_GOAL),
    )


def goal_score(verdicts: Sequence[Verdict], initially_true: Sequence[bool | None]) -> float | None:
    """Score a final state by its goals: the share that was reached, 0 when a guard broke.

    Args:
        verdicts: One for each check.
        initially_true: What each check says before anything happened: a guard says True, a goal
            False.

    Returns:
        In [0, 1], four decimals; None when a check broke, was never run at the start, or when
        there is no goal.
    """
    if None in initially_true or not _all_settled(verdicts):
        return None
    passed = [SETTLED[verdict.kind] for verdict in verdicts]
    goals = [done for done, guard in zip(passed, initially_true, strict=True) if not guard]
    guards = [held for held, guard in zip(passed, initially_true, strict=True) if guard]
    if not goals:
        return None
    return round(sum(goals) / len(goals), 4) if all(guards) else 0.0


def _all_settled(verdicts: Iterable[Verdict]) -> bool:
    return all(verdict.kind in SETTLED for verdict in verdicts)


def _problem(verdicts: Sequence[Verdict], *, published: bool) -> str:
    if not verdicts:
        return "There are no checks"
    broken = [each for each in verdicts if each.kind not in SETTLED]
    if published or not broken:
        return ""
    first = broken[0]
    reason = f"{first.kind}: {first.message}" if first.message else str(first.kind)
    return f"{len(broken)} of {len(verdicts)} checks broke; {first.item!r}: {reason}"
