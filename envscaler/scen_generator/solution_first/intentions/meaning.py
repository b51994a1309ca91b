"""What an intention comes to in a state: the records it speaks of, the calls it asks for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.collections import Collection, Key, Scalar
from envscaler.records import JsonObject
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Again,
    Argument,
    Busiest,
    Choice,
    Condition,
    Extreme,
    Fallback,
    Given,
    Group,
    Intention,
    Linked,
    Named,
    New,
    Only,
    Reference,
    Request,
    Same,
    Step,
    Told,
)


class NoAnswerError(LookupError):
    """A description fits no record, or more than one."""


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


class World:
    """The records of a state.

    Args:
        collections: Those of the state.
    """

    def __init__(self, collections: Sequence[Collection]) -> None:
        self.collections = {one.path: one for one in collections}
        self._records = {
            one.path: dict(zip(one.ids, one.records, strict=True)) for one in collections
        }
        self._members: dict[tuple[object, ...], list[Key]] = {}
        """What was asked for; a state does not change, and is asked the same again and again."""
        self._busiest: dict[tuple[str, str, str], list[Key]] = {}

    def records(self, noun: str) -> Mapping[Key, JsonObject]:
        """Return the records of a collection by their ids."""
        return self._records.get(noun, {})

    def has(self, noun: str, key: Key) -> bool:
        return key in self.records(noun)

    def value(self, noun: str, key: Key, name: str) -> JsonValue:
        """Return what a field of a record holds; None when it holds nothing."""
        return self.records(noun).get(key, {}).get(name)

    def members(self, group: Group, owner: Key | None) -> list[Key]:
        """List the ids of the records of a group, given the id of their owner."""
        kinds = type(owner), type(group.value)  # True is no 1
        asked = (group.noun, group.link, owner, group.field, group.value, *kinds)
        if asked not in self._members:
            self._members[asked] = [
                key
                for key, record in self.records(group.noun).items()
                if (group.link is None or _is(record.get(group.link), owner))
                and (group.field is None or _holds(record.get(group.field), group.value))
            ]
        return [*self._members[asked]]

    def busiest(self, noun: str, counted: str, link: str) -> list[Key]:
        """List the ids of the records to which most records of another collection belong."""
        asked = (noun, counted, link)
        if asked not in self._busiest:
            held = [record.get(link) for record in self.records(counted).values()]
            known = Counter((type(each), each) for each in held if isinstance(each, str | int))
            counts = {key: known[type(key), key] for key in self.records(noun)}
            most = max(counts.values(), default=0)
            self._busiest[asked] = [key for key, count in counts.items() if count == most]
        return [*self._busiest[asked]]

    def ranked(self, keys: Sequence[Key], noun: str, by: str, *, most: bool) -> list[Key]:
        """Order records by a field, the first one first.

        Raises:
            NoAnswerError: They cannot be told apart by it.
        """
        values = [self.value(noun, key, by) for key in keys]
        if not (all(map(_is_number, values)) or all(isinstance(each, str) for each in values)):
            raise NoAnswerError(f"{by} is not there for all, or not of one kind")
        if len(set(map(str, values))) < len(values):
            raise NoAnswerError(f"{by} is the same for two of them")
        pairs = zip(cast("list[float]", values), range(len(keys)), strict=True)
        return [keys[at] for _, at in sorted(pairs, reverse=most)]


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
            return _holds(held, condition.value)
        if not (_is_number(held) and _is_number(condition.value)):
            raise NoAnswerError(f"{condition.field} is no number")
        one, other = cast("float", held), cast("float", condition.value)
        return one > other if condition.test == "over" else one < other

    def _ask(self, request: Request, *, is_refused: bool = False) -> None:
        pools = [(name, self._values(argument)) for name, argument in request.arguments]
        self.latest = None
        for name, argument in request.arguments:
            if not isinstance(argument, Given | Same | Group | About):
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
            case Group():
                found = self.group(argument)
                if len(found) < 2:
                    raise NoAnswerError("The group has less than two members")
                return found
            case _:
                return [self.find(argument)]

    def group(self, group: Group) -> list[Key]:
        """List the records of a group."""
        owner = None if group.of is None else cast("Key", self.find(group.of))
        return self.world.members(group, owner)

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
            case Busiest():
                found = self.world.busiest(reference.noun, reference.counted, reference.link)
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


def noun_of(reference: Reference) -> str:
    """Return the path of the collection that a reference points into."""
    if isinstance(reference, Only | Extreme):
        return reference.group.noun
    return reference.noun


def groups_in(reference: Reference) -> Iterator[Group]:
    """Yield the groups that a description speaks of."""
    if isinstance(reference, Only | Extreme):
        yield reference.group
        if reference.group.of is not None:
            yield from groups_in(reference.group.of)
    elif isinstance(reference, Linked):
        yield from groups_in(reference.of)


def _is(one: JsonValue, other: object) -> bool:
    return type(one) is type(other) and one == other


def _holds(held: JsonValue, wanted: Scalar | None) -> bool:
    if wanted is None:
        return held is None or held == "" or held == []
    return held == wanted and isinstance(held, bool) is isinstance(wanted, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
