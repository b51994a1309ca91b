"""What an intention is to be made of, and how far it has come."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from envscaler.environment.state.collections import Key
from envscaler.scen_generator.solution_first.intentions.endings import ends_for_good, lets_go
from envscaler.scen_generator.solution_first.intentions.intention import (
    Again,
    Argument,
    Choice,
    Condition,
    Extreme,
    Given,
    Group,
    Named,
    Only,
    Request,
    Step,
    Told,
)
from envscaler.scen_generator.solution_first.intentions.labels import label_of, participle_of
from envscaler.scen_generator.solution_first.intentions.literals import OVER
from envscaler.scen_generator.solution_first.intentions.meaning import (
    Act,
)
from envscaler.scen_generator.solution_first.intentions.nouns import is_status
from envscaler.scen_generator.solution_first.intentions.requests import (
    Drawn,
)
from envscaler.scen_generator.solution_first.intentions.verb_words import STATE_VERBS

_GONE = OVER | {"revoked", "rejected", "declined", "denied"}
_TEXT = re.compile(r"[A-Z]\S+ \S")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an intention of a tier is made of."""

    steps: int
    specials: int
    """Steps that are a set, a choice, or something that is refused."""
    is_rich: bool
    """Records are told by what has to be looked up, where that is possible."""
    is_long: bool = False
    """Steps follow until it is of the highest tier; `steps` are the most there may be. With none
    it is one request for many records."""
    members: int = 0
    """The first step is for so many records that are told one by one, if that is possible."""
    round_of: int = 0
    """It is a round of work of this tier; 0: it is none."""
    is_of_one: bool = False
    """The round is around one record."""


@dataclass
class Draft:
    """An intention that grows, and the state that it has come to."""

    steps: list[Step] = field(default_factory=list[Step])
    acts: list[Act] = field(default_factory=list[Act])
    ended: set[Key] = field(default_factory=set[Key])
    """Records that are gone or closed."""
    written: set[Key] = field(default_factory=set[Key])
    has_facts: bool = False
    """What a record is was put right."""
    used: set[str] = field(default_factory=set[str])
    """Tools and fields, each with its first record, and what conditions were about."""


def first_key(drawn: Drawn) -> Key | None:
    """Return the id of the first record of a request."""
    return next((key for _, key in drawn.records.values()), None)


def is_said_twice(arguments: Sequence[Argument]) -> bool:
    """Tell whether one record is named, and once more where another is told by it."""
    said = [repr(each) for each in arguments if not isinstance(each, Given)]
    named = [repr(each) for each in arguments if isinstance(each, Named | Told)]
    return any(one in other for one in named for other in said if one != other)


def tells_by_what_changes(drawn: Drawn, arguments: Sequence[Argument]) -> bool:
    """Tell whether a record is told by what it is given: another date for the latest date."""
    groups = [each.group for each in arguments if isinstance(each, Only | Extreme)]
    if _is_told_by_lacking(drawn, groups):
        return True
    changed = {label_of(name) for name in drawn.values if not is_status(name)}
    told = {each.by for each in arguments if isinstance(each, Extreme)}
    told |= {group.field or "" for group in groups}
    return not changed.isdisjoint(map(label_of, told))


def _is_told_by_lacking(drawn: Drawn, groups: Sequence[Group]) -> bool:
    """Tell whether what has not been returned yet is marked as returned, or set to a status."""
    lacking = {participle_of(group.field or "") for group in groups if group.value is None}
    is_set = any(map(is_status, drawn.values))
    return bool({*drawn.tool.name.split("_")} & lacking) or (is_set and bool(lacking - {None}))


def texts_in(drawn: Drawn) -> set[str]:
    """Return the names and sentences that a request gives."""
    given = drawn.values.values()
    return {f"say {value}" for value in given if isinstance(value, str) and _TEXT.match(value)}


def fields_of(drawn: Drawn) -> set[str]:
    """Return what a request changes of its first record: its state is one thing."""
    if drawn.is_creating:
        return set()
    is_of_state = drawn.is_ending or drawn.tool.name.split("_")[0] in STATE_VERBS
    names = ["status" if is_status(name) else label_of(name) for name in drawn.values]
    names += ["status"] if is_of_state else []
    return {f"{name} of {first_key(drawn)}" for name in names}


def is_over(drawn: Drawn) -> bool:
    """Tell whether nothing more will be done with a record after a request."""
    values = [value for name, value in drawn.values.items() if is_status(name)]
    words = drawn.tool.name.split("_")
    is_done = words[0] in ("complete", "resolve", "fail", "inactivate") or words[-1] in OVER
    is_done = is_done or ends_for_good(drawn.tool) or lets_go(drawn.tool)
    return drawn.is_ending or is_done or (not drawn.is_creating and bool({*values} & _GONE))


def use_of(drawn: Drawn) -> str:
    """Say what is done to which record, so that it is not asked for twice."""
    return f"{drawn.tool.name} {first_key(drawn)}"


def near(argument: Argument, noun: str) -> Argument:
    """Return `it` for the record of a kind that was spoken of last; anything else as it is."""
    return Again(noun, is_near=True) if argument == Again(noun) else argument


def choice_of(
    condition: Condition, request: Request | None, other: Request | None, *, is_true: bool
) -> Choice | None:
    """Put a condition before requests; None where nothing would be left to do."""
    if request is None or (not is_true and other is None):
        return None
    if is_true:
        return Choice(condition, request, other)
    return Choice(condition, cast("Request", other), request)
