"""What an intention comes to in a state: the records it speaks of, the calls it asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.collections import Key, Scalar
from envscaler.records import JsonObject
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Again,
    Argument,
    Choice,
    Condition,
    Extreme,
    Fallback,
    Firsts,
    Given,
    Group,
    Intention,
    Linked,
    Many,
    Named,
    New,
    Only,
    Reference,
    Request,
    Same,
    Several,
    Step,
    Told,
)
from envscaler.scen_generator.solution_first.intentions.world import (
    NoAnswerError,
    World,
    holds,
    is_number,
)


@dataclass(frozen=True, slots=True)
class NewId:
    """The id of what an earlier act makes."""

    noun: str
    act: int


@dataclass(frozen=True, slots=True)
class Act:
    """One call that an intention asks for."""

    tool: str
    arguments: tuple[tuple[str, Scalar | NewId], ...]
    is_refused: bool = False
    """It is to be tried, and does not succeed."""

    def bind(self, made: Mapping[int, Key]) -> JsonObject:
        """Fill in the ids that earlier acts have made."""
        return {
            name: made[value.act] if isinstance(value, NewId) else value
            for name, value in self.arguments
        }


@dataclass
class Reader:
    """Follows an intention through a state.

    Args:
        world: The state.
    """

    world: World
    _about: dict[str, Key] = field(init=False, default_factory=dict[str, Key])
    """The same for what the message is about; one at most."""
    _last: dict[str, Key] = field(init=False, default_factory=dict[str, Key])
    """Noun → the record spoken of last."""
    latest: tuple[str, Key] | None = field(init=False, default=None)
    """What was spoken of last of all, where that is one record."""
    _acts: list[Act] = field(init=False, default_factory=list[Act])

    def read(self, intention: Intention) -> tuple[Act, ...]:
        """Return the calls that an intention asks for.

        Raises:
            NoAnswerError: Something that it speaks of is not there, or not clear.
        """
        if intention.about is not None:
            self.introduce(intention.about)
        for step in intention.steps:
            self.follow(step)
        return tuple(self._acts)

    def copy(self) -> "Reader":
        """Return a reader that stands where this one stands."""
        other = Reader(self.world)
        other.latest, other._about, other._last = self.latest, {**self._about}, {**self._last}
        other._acts = [*self._acts]
        return other

    def introduce(self, about: Reference) -> None:
        """Note whom or what the message is about."""
        key = self.find(about)
        self.remember(about, key)
        self._about[noun_of(about)] = cast("Key", key)

    def follow(self, step: Step) -> tuple[Act, ...]:
        """Return the calls that the next step asks for."""
        known = len(self._acts)
        match step:
            case Request():
                self._ask(step)
            case Choice():
                self._choose(step)
            case Fallback():
                self._ask(step.attempt, is_refused=True)
                self._ask(step.otherwise)
        return tuple(self._acts[known:])

    def _choose(self, step: Choice) -> None:
        chosen = step.then if self.holds(step.condition) else step.otherwise
        self.remember(step.condition.of, self.find(step.condition.of))
        spoken = {**self._last}
        if chosen is not None:
            self._ask(chosen)
        self.latest = None
        self._last = spoken  # whoever reads on need not know which way it went

    def holds(self, condition: Condition) -> bool:
        """Tell whether a condition holds."""
        key = self.find(condition.of)
        held = self.world.value(noun_of(condition.of), cast("Key", key), condition.field)
        if condition.test == "is":
            return holds(held, condition.value)
        if not (is_number(held) and is_number(condition.value)):
            raise NoAnswerError(f"{condition.field} is no number")
        one, other = cast("float", held), cast("float", condition.value)
        return one > other if condition.test == "over" else one < other

    def _ask(self, request: Request, *, is_refused: bool = False) -> None:
        pools = [(name, self._values(argument)) for name, argument in request.arguments]
        self.latest = None
        for name, argument in request.arguments:
            if not isinstance(argument, Given | Same | Many | About):
                self.remember(argument, dict(pools)[name][0])
        names = [name for name, _ in pools]
        for values in product(*(values for _, values in pools)):
            pairs = tuple(zip(names, values, strict=True))
            self._acts.append(Act(request.tool, pairs, is_refused))

    def remember(self, reference: Reference, key: Scalar | NewId) -> None:
        """Note that a record is spoken of."""
        if not isinstance(key, NewId):
            self._last[noun_of(reference)] = cast("Key", key)
            self.latest = None if self.latest else (noun_of(reference), cast("Key", key))

    def about(self, noun: str) -> Key | None:
        """Return the record that the message is about, if it is of that kind."""
        return self._about.get(noun)

    def last(self, noun: str) -> Key | None:
        """Return the record of a kind that was spoken of last."""
        return self._last.get(noun)

    def _values(self, argument: Argument) -> Sequence[Scalar | NewId]:
        match argument:
            case Given():
                return [argument.value]
            case Same():
                key = self.find(argument.of)
                held = self.world.value(noun_of(argument.of), cast("Key", key), argument.field)
                if not isinstance(held, Scalar):
                    raise NoAnswerError(f"{argument.field} holds nothing")
                return [held]
            case Group() | Several() | Firsts():
                return self.many(argument)
            case _:
                return [self.find(argument)]

    def many(self, told: Many) -> list[Scalar | NewId]:
        """List the ids of several records.

        Raises:
            NoAnswerError: There are less than two, or one of them is told twice, or not clear.
        """
        match told:
            case Several():
                return self._each(told)
            case Group():
                found = self.group(told)
            case Firsts():
                found = self.firsts(told)
        if len(found) < 2:
            raise NoAnswerError("There are less than two of them")
        return [*found]

    def _each(self, told: Several) -> list[Scalar | NewId]:
        found: list[Scalar | NewId] = [self.find(each) for each in told.members]
        if len({*map(repr, found)}) < len(found):
            raise NoAnswerError("One record is told twice")
        return found

    def group(self, group: Group) -> list[Key]:
        """List the records of a group."""
        if group.of is None:
            return self.world.members(group, None)
        owners = self.owners(group)
        return [key for owner in owners for key in self.world.members(group, owner)]

    def firsts(self, told: Firsts) -> list[Key]:
        """List the first record of each of several owners.

        Raises:
            NoAnswerError: One of them has none, or it is not clear which comes first.
        """
        return [self._first_of(told, owner) for owner in self.owners(told.group)]

    def _first_of(self, told: Firsts, owner: Key) -> Key:
        keys = self.world.members(told.group, owner)
        if len(keys) > 1:
            keys = self.world.ranked(keys, told.group.noun, told.by, most=told.most)
        return self._one(keys[:1])

    def owners(self, group: Group) -> list[Key]:
        """List the ids of those to whom the records of a group belong."""
        if isinstance(group.of, Group):
            return self.group(group.of)
        if isinstance(group.of, Several):
            return [cast("Key", each) for each in self._each(group.of)]
        return [] if group.of is None else [cast("Key", self.find(group.of))]

    def find(self, reference: Reference) -> Key | NewId:
        """Return the id of the one record that a reference fits.

        Raises:
            NoAnswerError: It fits none, or several.
        """
        if isinstance(reference, New):
            return NewId(reference.noun, len(self._acts) - 1)
        return self._one(self._fitting(reference))

    def _fitting(self, reference: Reference) -> Sequence[JsonValue]:
        """List the ids of the records that a reference fits."""
        found: Sequence[JsonValue] = ()
        match reference:
            case Told():
                found = [reference.key] if self._is_there(reference) else []
            case Named():
                named = Group(reference.noun, field=reference.field, value=reference.name)
                found = self.group(named)
            case Only():
                found = self.group(reference.group)
            case Linked():
                found = [self._linked(reference)]
            case Extreme():
                found = [self._extreme(reference)]
            case Again() | About():
                found = self._spoken_of(reference)
            case New():
                pass
        return found

    def _spoken_of(self, reference: Again | About) -> list[Key]:
        known = self._last if isinstance(reference, Again) else self._about
        return [key for noun, key in known.items() if noun == reference.noun]

    def _is_there(self, reference: Told) -> bool:
        return self.world.has(reference.noun, reference.key)

    def _linked(self, reference: Linked) -> Key:
        key = cast("Key", self.find(reference.of))
        held = self.world.value(noun_of(reference.of), key, reference.field)
        is_there = isinstance(held, str | int) and self.world.has(reference.noun, held)
        return self._one([held] if is_there else [])

    def _extreme(self, reference: Extreme) -> Key:
        keys = self.group(reference.group)
        if len(keys) <= reference.rank:
            raise NoAnswerError("There is nothing to choose from")
        noun = reference.group.noun
        return self.world.ranked(keys, noun, reference.by, most=reference.most)[reference.rank - 1]

    @staticmethod
    def _one(keys: Sequence[JsonValue]) -> Key:
        if len(keys) != 1:
            raise NoAnswerError(f"It fits {len(keys)} records")
        return cast("Key", keys[0])


def noun_of(reference: Reference | Many) -> str:
    """Return the path of the collection that a reference points into."""
    if isinstance(reference, Several):
        return noun_of(reference.first)
    if isinstance(reference, Only | Extreme | Firsts):
        return reference.group.noun
    return reference.noun


def groups_in(reference: Reference | Many) -> Iterator[Group]:
    """Yield the groups that a description speaks of."""
    if isinstance(reference, Only | Extreme):
        yield reference.group
        if reference.group.of is not None:
            yield from groups_in(reference.group.of)
    elif isinstance(reference, Linked):
        yield from groups_in(reference.of)
