"""Where a task leaves a choice between records, the solutions that choose otherwise.

A task such as "book any free room" names no room. Whoever wrote its solution took one; others are
as right. Which ones is told by the task's own words (it says "any", and neither names nor describes
the record), by the records (what is true or false of them is the same), and by the environment,
in which the other solution is carried out.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import cast

from pydantic import JsonValue

from envscaler.records import Call
from envscaler.scen_generator.proof.left_open import is_mentioned, words_of
from envscaler.scen_generator.solution_first.trace import Trace

MOST_WAYS = 24
"""Solutions that are tried for one task."""

_LEAVES_A_CHOICE = re.compile(
    r"\b(any|either|whichever|whatever|some|one of|of (your|his|her|their) (own )?(choice|choosing)"
    r"|no matter (which|what)|doesn't matter|does not matter|pick (a|one)|choose (a|an|one))\b",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"\b(cheap|small|larg|great|bigg|big|old|new|young|earl|lat|long|short|high|low|near|clos|"
    r"few|heav|light|fast|slow)(er|est|iest|gest|ier|ger)\b|\b(most|least|best|worst|first|last"
    r"|next|fewest|maximum|minimum)\b",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(r"\bat (least|most)\b", re.IGNORECASE)

Record = Mapping[object, object]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A value in the calls that names a record which the task leaves open."""

    value: str
    others: tuple[str, ...]


def other_ways(
    calls: Sequence[Call], executed: Trace, task: str, start: object
) -> Iterator[tuple[Call, ...]]:
    """Yield solutions that choose other records where the task leaves the choice.

    Args:
        calls: The solution.
        executed: What it did; what its queries answered says which records fit.
        task: As the agent is told it.
        start: State before anything happened, as checks see it.
    """
    if not _LEAVES_A_CHOICE.search(task) or _COMPARES.search(_AT_LEAST.sub("", task)):
        return
    chosen = [each for each in _texts(calls) if not is_mentioned(each, task)]
    choices = [*_choices(dict.fromkeys(chosen), executed, task, start)]
    if not choices:
        return
    ways = product(*((each.value, *each.others) for each in choices))
    different = (way for way in ways if len(set(way)) == len(way))
    for way in islice(different, 1, MOST_WAYS + 1):
        new = {each.value: value for each, value in zip(choices, way, strict=True)}
        yield tuple(_with(call, new) for call in calls)


def _choices(
    values: Mapping[str, object], executed: Trace, task: str, start: object
) -> Iterator[_Choice]:
    found = {value: [*_records_of(value, start)] for value in values}
    picked = {
        value: groups
        for value, groups in found.items()
        if groups and not any(_is_described(value, group, task) for group in groups)
    }
    for value, groups in picked.items():
        listed = _listed_with(value, executed)
        others = [*_others(value, groups, picked, listed, task)]
        if others:
            yield _Choice(value, tuple(dict.fromkeys(others)))


def _others(
    value: str,
    groups: Iterable[Mapping[str, Record]],
    picked: Iterable[str],
    listed: Container[str],
    task: str,
) -> Iterator[str]:
    """Yield the ids that a task allows as well as the one that was taken.

    Args:
        value: The id that was taken.
        groups: The collections that have it.
        picked: All ids that were taken.
        listed: Ids that a query answered together with it.
        task: As the agent is told it.
    """
    for group in groups:
        chosen = [group[each] for each in picked if each in group]
        for other, record in group.items():
            if other == value or not _is_as_good(record, chosen, task):
                continue
            if _numbers_fit(record, group[value], task, is_listed=other in listed):
                yield other


def _records_of(key: str, state: object) -> Iterator[dict[str, Record]]:
    """Yield each collection that holds a record of that id, as records by id."""
    inner: Iterable[object] = ()
    if isinstance(state, dict):
        members = cast("dict[object, object]", state)
        yield from _keyed(key, members)
        inner = members.values()
    elif isinstance(state, list):
        inner = cast("list[object]", state)
        yield from _listed(key, inner)
    for item in inner:
        yield from _records_of(key, item)


def _keyed(key: str, members: Mapping[object, object]) -> Iterator[dict[str, Record]]:
    """Yield a dict as a collection, where it holds nothing but records, one under the id."""
    if key in members and all(isinstance(item, dict) for item in members.values()):
        yield {str(name): cast("Record", item) for name, item in members.items()}


def _listed(key: str, items: Sequence[object]) -> Iterator[dict[str, Record]]:
    """Yield a list as a collection, by each field that tells its records apart and has the id."""
    records = [cast("Record", each) for each in items if isinstance(each, dict)]
    fields = dict.fromkeys(name for each in records for name, item in each.items() if item == key)
    for field in fields:
        found = {str(each.get(field)): each for each in records}
        if len(found) == len(records):
            yield found


def _is_described(key: str, group: Mapping[str, Record], task: str) -> bool:
    """Tell whether a task says something that only this record of its collection has."""
    told = set(words_of(task))
    for field, value in group[key].items():
        shared = sum(record.get(field) == value for record in group.values())
        words = set(words_of(value)) if isinstance(value, str) else set[str]()
        if shared == 1 and words and words <= told:
            return True
    return False


def _is_as_good(record: Record, chosen: Sequence[Record], task: str) -> bool:
    """Tell whether what can be said of a record is what can be said of the chosen ones."""
    for field, value in record.items():
        allowed = [each.get(field) for each in chosen]
        is_kind = isinstance(value, bool | None) or (
            isinstance(value, str) and _is_shared_word(field, allowed, task)
        )
        if is_kind and value not in allowed:
            return False
    return True


def _is_shared_word(field: object, values: Sequence[object], task: str) -> bool:
    """Tell whether a field says what a record is like, rather than which one it is."""
    names_it = re.search(
        r"(^|_)(id|name|title|label|number|code|tag|note|description)s?$", str(field)
    )
    return not names_it or any(is_mentioned(value, task) for value in values)


def _numbers_fit(record: Record, chosen: Record, task: str, *, is_listed: bool) -> bool:
    """Tell whether the numbers of a record matter not, or were asked for by a query."""
    told = set(words_of(task))
    return is_listed or all(
        value == chosen.get(field) or told.isdisjoint(words_of(str(field)))
        for field, value in record.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    )


def _listed_with(value: str, executed: Trace) -> frozenset[str]:
    """Return what stands beside a value in the lists that queries with arguments answered."""
    found: set[str] = set()
    for call in executed.calls:
        if call.arguments:
            for items in _lists_in(call.observation.value):
                ids = [frozenset(_texts_of(item)) for item in items]
                if any(value in each for each in ids):
                    found |= frozenset[str]().union(*ids)
    return frozenset(found)


def _lists_in(value: JsonValue) -> Iterator[list[JsonValue]]:
    if isinstance(value, list):
        yield value
    for item in value.values() if isinstance(value, dict) else ():
        yield from _lists_in(item)


def _texts_of(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else ():
        yield from _texts_of(item)


def _texts(calls: Sequence[Call]) -> Iterator[str]:
    for call in calls:
        for value in call.arguments.values():
            yield from _texts_in(value)


def _texts_in(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts_in(item)


def _with(call: Call, new: Mapping[str, str]) -> Call:
    arguments = {name: _swapped(value, new) for name, value in call.arguments.items()}
    return call.model_copy(update={"arguments": arguments})


def _swapped(value: JsonValue, new: Mapping[str, str]) -> JsonValue:
    if isinstance(value, list):
        return [_swapped(item, new) for item in value]
    return new.get(value, value) if isinstance(value, str) else value
