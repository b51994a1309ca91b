"""The records of a state, and how they are found by what is known of them."""

from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.collections import Collection, Key, Scalar
from envscaler.records import JsonObject
from envscaler.scen_generator.solution_first.intentions.intention import Group, Limit


class NoAnswerError(LookupError):
    """A description fits no record, or more than one."""


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
        asked = (group.noun, group.link, group.field, group.value, group.limit, owner, *kinds)
        if asked not in self._members:
            self._members[asked] = [
                key
                for key, record in self.records(group.noun).items()
                if (group.link is None or is_same(record.get(group.link), owner))
                and (group.field is None or holds(record.get(group.field), group.value))
                and (group.limit is None or is_beyond(record.get(group.limit.by), group.limit))
            ]
        return [*self._members[asked]]

    def ranked(self, keys: Sequence[Key], noun: str, by: str, *, most: bool) -> list[Key]:
        """Order records by a field, the first one first.

        Raises:
            NoAnswerError: They cannot be told apart by it.
        """
        values = [self.value(noun, key, by) for key in keys]
        if not (all(map(is_number, values)) or all(isinstance(each, str) for each in values)):
            raise NoAnswerError(f"{by} is not there for all, or not of one kind")
        if len(set(map(str, values))) < len(values):
            raise NoAnswerError(f"{by} is the same for two of them")
        pairs = zip(cast("list[float]", values), range(len(keys)), strict=True)
        return [keys[at] for _, at in sorted(pairs, reverse=most)]


def is_same(one: JsonValue, other: object) -> bool:
    """Tell whether two values are of one type, and equal."""
    return type(one) is type(other) and one == other


def holds(held: JsonValue, wanted: Scalar | None) -> bool:
    """Tell whether a field that holds something has a value; None: it holds nothing."""
    if wanted is None:
        return held is None or held == "" or held == []
    return held == wanted and isinstance(held, bool) is isinstance(wanted, bool)


def is_beyond(held: JsonValue, limit: Limit) -> bool:
    """Tell whether what a record holds is on the side of a limit that is meant.

    Raises:
        NoAnswerError: It cannot be compared with the limit, or is just there: on that very day.
    """
    value = limit.value
    if isinstance(held, str) and isinstance(value, str) and not held.startswith(value):
        return (held > value) is limit.is_over
    if is_number(held) and is_number(value) and held != value:
        return (cast("float", held) > cast("float", value)) is limit.is_over
    raise NoAnswerError(f"{limit.by} is {held!r}, and the limit {value!r}")


def is_number(value: object) -> bool:
    """Tell whether a value is a number, and no yes or no."""
    return isinstance(value, int | float) and not isinstance(value, bool)
