"""Goals and guards that code makes from what a solution does, as many as the settings allow."""

from collections.abc import Sequence

from envscaler.records import Call, Check
from envscaler.scen_generator.proof.checked_state import scalars_in
from envscaler.scen_generator.proof.state_checks import (
    Outcome,
    closed_world,
    goals_of,
    part_guards,
)


def own_checks(
    outcome: Outcome, writes: Sequence[Call], least: int, most: int
) -> tuple[tuple[Check, ...], tuple[Check, Check]]:
    """Write the checks of a solution.

    Args:
        outcome: What it does.
        writes: The calls that do it; their values are given, not found.
        least: Checks that there are at least: guards over single parts of the state fill up.
        most: And at most: one check over all changes stands for those beyond.

    Returns:
        The checks, and the guard and the goal that admit the right ends and no other.
    """
    given = frozenset(
        item for call in writes for value in call.arguments.values() for item in scalars_in(value)
    )
    guard, whole = closed_world([outcome])
    goals = [goal.check for goal in goals_of(outcome.changes, given)]
    if len(goals) + 1 > most:
        goals = [*goals[: max(0, most - 2)], whole]
    missing = max(0, least - len(goals) - 1)
    more = part_guards(outcome)[:missing]
    return (*goals, *more, guard), (guard, whole)
