"""What somebody wants: records told by what is known of them, and what is to happen to them.

An intention says the same as the message that words it, and no more. What it comes to, the calls
with their ids, follows from it and a state: see `meaning`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from envscaler.environment.state.collections import Key, Scalar


@dataclass(frozen=True, slots=True)
class Told:
    """A record told by its id."""

    noun: str
    """Path of its collection, as in the other references."""
    key: Key


@dataclass(frozen=True, slots=True)
class Named:
    """The record that has a name."""

    noun: str
    field: str
    name: Scalar


@dataclass(frozen=True, slots=True)
class Linked:
    """The record that another one refers to: the doctor of an appointment."""

    noun: str
    field: str
    of: "Reference"


@dataclass(frozen=True, slots=True)
class Limit:
    """What a field is above or below."""

    by: str
    is_over: bool
    value: Scalar


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one kind: those that belong to another record, or have something, or both."""

    noun: str
    link: str | None = None
    """The field that holds the id of their owner."""
    of: "Reference | Group | Several | None" = None
    """Their owner, or their owners."""
    field: str | None = None
    value: Scalar | None = None
    """What the field holds; None with a field: it holds nothing."""
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Only:
    """The one record of a group."""

    group: Group


@dataclass(frozen=True, slots=True)
class Extreme:
    """The first record of a group in the order of a field."""

    group: Group
    by: str
    most: bool
    rank: int = 1
    """2 for the second highest."""


@dataclass(frozen=True, slots=True)
class Firsts:
    """Of each of several owners the first record of a group; of who has one, that one."""

    group: Group
    """What belongs to the owners, which are told by a group or one by one."""
    by: str
    most: bool


@dataclass(frozen=True, slots=True)
class Again:
    """The record of that kind that was spoken of last."""

    noun: str
    is_near: bool = False
    """Nothing else was spoken of since."""


@dataclass(frozen=True, slots=True)
class About:
    """Whom or what the message is about."""

    noun: str


@dataclass(frozen=True, slots=True)
class New:
    """The record of that kind that the last step before has made."""

    noun: str


Reference = Told | Named | Linked | Only | Extreme | Again | About | New


@dataclass(frozen=True, slots=True)
class Given:
    """A value that the message gives."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Same:
    """What a field of a record holds."""

    field: str
    of: Reference


@dataclass(frozen=True, slots=True)
class Several:
    """Records told one by one, each with words of its own."""

    first: Reference
    rest: "Reference | Several"

    @property
    def members(self) -> tuple[Reference, ...]:
        """All of them, in the order in which they are told."""
        others = self.rest.members if isinstance(self.rest, Several) else (self.rest,)
        return (self.first, *others)


def several(members: Sequence[Reference]) -> Several:
    """Tell two or more records one by one."""
    first, *rest = members
    return Several(first, several(rest) if len(rest) > 1 else rest[0])


Many = Group | Several | Firsts
"""Several records at once."""
Argument = Reference | Many | Given | Same


@dataclass(frozen=True, slots=True)
class Request:
    """One tool, its arguments in the order of its schema; with several records once for each."""

    tool: str
    arguments: tuple[tuple[str, Argument], ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is to be looked up."""

    of: Reference
    field: str
    test: str
    """`is`, `over` or `under`."""
    value: Scalar


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be done, as it turns out."""

    condition: Condition
    then: Request
    otherwise: Request | None


@dataclass(frozen=True, slots=True)
class Fallback:
    """What is to be tried, and what to do when it is refused."""

    attempt: Request
    otherwise: Request


Step = Request | Choice | Fallback


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps, one after the other."""

    step: Step
    rest: "Plan | None" = None
    why: str | None = None
    """The sentence behind a step that says why; in a round of work only."""


@dataclass(frozen=True, slots=True)
class Intention:
    """All that a message asks for."""

    about: Reference | None
    """Whom or what it is about, named at the beginning."""
    plan: Plan
    kinds: tuple[str, ...] = ()
    """Paths of the collections through which somebody goes; none where it is no round of work."""
    is_amending: bool = False
    """Mistakes are put right on the round, and nothing else is done."""

    @property
    def steps(self) -> tuple[Step, ...]:
        found, plan = list[Step](), self.plan
        while True:
            found.append(plan.step)
            if plan.rest is None:
                return tuple(found)
            plan = plan.rest


def plan_of(steps: tuple[Step, ...]) -> Plan:
    """Put steps one after the other."""
    return Plan(steps[0], plan_of(steps[1:]) if len(steps) > 1 else None)


def requests_in(step: Step) -> tuple[Request, ...]:
    """Return the requests that a step speaks of."""
    match step:
        case Request():
            return (step,)
        case Choice():
            return (step.then,) if step.otherwise is None else (step.then, step.otherwise)
        case Fallback():
            return (step.attempt, step.otherwise)
