"""Values just beside those that an argument may be compared with: one below, on it, one above.

What a call is about has limits of its own: the record that it names, what that refers to, what
refers to it, and the clock of the state.
"""

import re
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from envscaler.environment.state.collections import pairs_of, values_held
from envscaler.environment.state.relation import View, values_of
from envscaler.inputs.correspondence import moved_day
from envscaler.records import JsonObject

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOST = 18
_MOST_REFERRING = 4
_MOST_OF_NAME = 4
"""Values of fields that are called like the argument."""
_STEPS = (0, -1, 1)


def near_values(
    view: View, state: JsonObject, arguments: JsonObject, name: str
) -> Iterator[JsonValue]:
    """Yield some values for an argument, beside what records and the clock have.

    Args:
        view: The state, read.
        state: The same as it is.
        arguments: Of a call; the records that the others name are those that matter.
        name: The argument. Numbers and days have neighbours, objects those that the state has
            under the same name, others none.
    """
    given = arguments.get(name)
    if pairs_of(given) is not None:
        yield from [one for one in values_held(state, name) if pairs_of(one)][:_MOST_OF_NAME]
    if not _has_neighbours(given):
        return
    own = {key: value for key, value in arguments.items() if key != name}
    held = [*_of_records(_related(view, own), given), *_of_clock(state, given)]
    held += [one for one in values_held(state, name) if isinstance(one, int | str)][:_MOST_OF_NAME]
    held = [one for one in held if _alike(one, given)]
    near = [_moved(value, step) for value in dict.fromkeys(held) for step in _STEPS]
    yield from [one for one in dict.fromkeys(near) if one != given][:_MOST]


def _has_neighbours(value: JsonValue) -> bool:
    number = isinstance(value, int) and not isinstance(value, bool)
    return number or (isinstance(value, str) and _DAY.match(value) is not None)


def _moved(value: int | str, step: int) -> int | str:
    return moved_day(value, step) if isinstance(value, str) else value + step


def _alike(value: JsonValue, given: JsonValue) -> bool:
    """Say whether two values are whole numbers, or days of one form."""
    if isinstance(given, str):
        days = isinstance(value, str) and _DAY.match(value) is not None
        return days and len(str(value)) == len(given)
    return isinstance(value, int) and not isinstance(value, bool)


def _of_clock(state: JsonObject, given: JsonValue) -> Iterator[int | str]:
    yield from (one for one in state.values() if isinstance(one, int | str) and _alike(one, given))


def _of_records(records: Sequence[JsonObject], given: JsonValue) -> Iterator[int | str]:
    for record in records:
        for value in record.values():
            if isinstance(value, int | str) and _alike(value, given):
                yield value


def _related(view: View, arguments: JsonObject) -> list[JsonObject]:
    """Return the records that arguments name, what these refer to, and what refers to them."""
    every = [pair for path in view.ids for pair in view.records(path)]
    keys = _keys_in([arguments]) & {key for key, _ in every}
    named = [record for key, record in every if key in keys]
    theirs = _keys_in(named) - keys
    referred = [record for key, record in every if key in theirs]
    others = [record for key, record in every if key not in keys | theirs]
    referring = [record for record in others if _refers(record, keys)]
    return [*named, *referred, *referring[-_MOST_REFERRING:]]


def _keys_in(records: Sequence[JsonObject]) -> set[str]:
    """Return what may be ids in the fields of records."""
    return {str(one) for record in records for name in record for one in values_of(record, name)}


def _refers(record: JsonObject, keys: set[str]) -> bool:
    return any(isinstance(value, str) and value in keys for value in record.values())
