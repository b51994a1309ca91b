"""How hard a task is: five tiers, defined by what the reference solution has to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.environment.state.collections import walk_values
from envscaler.records import JsonObject, ReferenceCall, Shape
from envscaler.scen_generator.solution_first.intentions.drafts import Recipe

LONGEST = 5
"""The tier of the tasks that take many calls."""
BUSY = 4
"""The first tier that is looked for in states with much of what belongs to one record."""
MANY_CALLS = 15
DEEP = 3
"""Dependent look-ups of the highest tier."""


@dataclass(frozen=True, slots=True)
class Tier:
    """The most that a tier allows; a task is of the lowest tier that allows it."""

    number: int
    writes: int
    look_ups: int
    calls: int
    branches: int


LIMITS = (
    Tier(1, writes=1, look_ups=1, calls=2, branches=0),
    Tier(2, writes=2, look_ups=4, calls=5, branches=0),
    Tier(3, writes=4, look_ups=8, calls=9, branches=1),
)


def _rounds(tier: int, of_kinds: int, of_one: int) -> Iterator[Recipe]:
    """Yield so many rounds of work through kinds of records, and so many around one record."""
    for is_of_one in (*(of_kinds * (False,)), *(of_one * (True,))):
        yield Recipe(0, 0, is_rich=True, round_of=tier, is_of_one=is_of_one)


RECIPES = {
    1: (
        Recipe(1, 0, is_rich=False),
        Recipe(1, 0, is_rich=True),
        Recipe(1, 1, is_rich=True),
    ),
    2: (
        Recipe(2, 0, is_rich=False),
        Recipe(2, 0, is_rich=True),
        Recipe(1, 0, is_rich=True),
        Recipe(1, 1, is_rich=True),
        *(Recipe(1, 0, is_rich=True, members=2) for _ in range(2)),
        *_rounds(2, 2, 1),
    ),
    3: (
        Recipe(3, 0, is_rich=True),
        Recipe(2, 1, is_rich=True),
        Recipe(1, 1, is_rich=True),
        *(Recipe(1, 0, is_rich=True, members=many) for many in (3, 3, 4)),
        *_rounds(3, 3, 1),
    ),
    4: (
        *(Recipe(1, 0, is_rich=True, members=many) for many in (4, 5, 6)),
        *_rounds(4, 5, 2),
    ),
    LONGEST: (
        *_rounds(LONGEST, 5, 2),
        *(3 * (Recipe(0, 0, is_rich=True, is_long=True, members=7),)),
        Recipe(2, 0, is_rich=True, is_long=True, members=7),
    ),
}
"""Tier → what intentions are made of in the hope that they are of this tier.

To go on around one record takes as long as ten searches for one request, and one in thirty leads to
something, so it is tried once in a while. Of two steps and a condition none of two hundred was of
tier 4, of two steps one of three hundred of tier 3."""


def tier_of(*, writes: int, look_ups: int, calls: int, branches: int, dependent: int) -> int:
    """Return the tier of a task.

    1: one write after one look-up at most. 2: up to two writes, four look-ups. 3: up to four
    writes, eight look-ups, one branch. 5: at least fifteen calls, among them three dependent
    look-ups. 4: all others.
    """
    if is_long(calls, dependent):
        return LONGEST
    for tier in LIMITS:
        fits = writes <= tier.writes and look_ups <= tier.look_ups and calls <= tier.calls
        if fits and branches <= tier.branches:
            return tier.number
    return 4


def may_be_of(tier: int, calls: int, branches: int) -> bool:
    """Tell whether so many calls and branches may be of a tier, before anything is carried out."""
    if tier == LONGEST:
        return calls >= MANY_CALLS
    limits = (each for each in LIMITS if each.number == tier)
    return all(calls <= each.calls and branches <= each.branches for each in limits)


def is_long(calls: int, dependent: int) -> bool:
    """Tell whether so many calls, among them so many dependent look-ups, are of the last tier."""
    return calls >= MANY_CALLS and dependent >= DEEP


def shape_of(task: str, calls: Sequence[ReferenceCall], branches: int, distractors: int) -> Shape:
    """Count what a reference solution has to do.

    Args:
        task: What it says need not be looked up.
        calls: The reference solution.
        branches: Conditions and refusals in the task.
        distractors: Records that look alike and have to stay as they are.
    """
    depths = depths_of(task, [(call.arguments, call.observation.value) for call in calls])
    look_ups = [at for at, call in enumerate(calls) if call.succeeded and not call.changed]
    writes = sum(call.changed for call in calls)
    dependent = sum(depths[at] > 0 for at in look_ups)
    return Shape(
        tier=tier_of(
            writes=writes,
            look_ups=len(look_ups),
            calls=len(calls),
            branches=branches,
            dependent=dependent,
        ),
        calls=len(calls),
        writes=writes,
        look_ups=len(look_ups),
        dependent=dependent,
        hops=max(depths, default=0),
        branches=branches,
        distractors=distractors,
    )


def depths_of(task: str, calls: Sequence[tuple[JsonObject, JsonValue]]) -> list[int]:
    """Say of each call how many earlier ones it needs, one after the other.

    Args:
        task: What it says need not be looked up.
        calls: Arguments and answer of each.
    """
    depths: list[int] = []
    learned: dict[JsonValue, int] = {}
    for arguments, answer in calls:
        given = [each for value in arguments.values() for each in walk_values(value)]
        needed = [
            learned[value]
            for value in given
            if isinstance(value, str) and value not in task and value in learned
        ]
        depths.append(1 + max(needed) if needed else 0)
        for value in walk_values(answer):
            if isinstance(value, str):
                learned.setdefault(value, depths[-1])
    return depths
