"""What a person would let depend on what: conditions, second choices, and the same for many."""

import re
from collections.abc import Iterator

from envscaler.environment.state.collections import Scalar
from envscaler.inputs.word_lists import CLIENTS
from envscaler.scen_generator.solution_first.intentions.intention import Condition
from envscaler.scen_generator.solution_first.intentions.labels import label_of
from envscaler.scen_generator.solution_first.intentions.literals import LATER
from envscaler.scen_generator.solution_first.intentions.nouns import is_kind, is_status
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.thread import Place, main_records
from envscaler.scen_generator.solution_first.intentions.verb_words import ACTOR
from envscaler.scen_generator.solution_first.intentions.verbs import is_creating

_STORE = re.compile(r"stock|quantity|available|seats|capacity|balance|credit")
"""Amounts on which it may depend whether something is made."""
_OWN = re.compile(r"salary|wage|(^|_)age$|height|weight|version|rating|helpful|vote")
"""Amounts on which nobody lets anything depend."""
_LEVEL = re.compile(r"priority|severity|level|tier|plan")
_BOOKED = re.compile(r"book|reserv|loan|rent|appointment|consultation|session|schedul|join|enroll")
_CLIENT_WORDS = CLIENTS | {"user"}
_AWAY = frozenset(("delete", "remove", "archive", "cancel", "close", "deactivate"))
_AHEAD = re.compile(r"due|deadline|expir|until|valid|renew|return")
_FREE = re.compile(r"[.?!]$|^[A-Z]\S* \S")
"""A sentence, a title, or a name."""


def depends(condition: Condition, place: Place, drawn: Drawn) -> bool:
    """Tell whether a request may hang on a condition.

    Args:
        condition: What has to hold.
        place: The record that it is about.
        drawn: What is asked for then.
    """
    if place not in main_records(drawn):
        return False
    set_to = _set_to(condition.field, drawn)
    if condition.test != "is":
        return set_to is None and _may_hang_on_amount(condition.field, drawn)
    is_deciding = is_status(condition.field) or _LEVEL.search(condition.field)
    if not is_deciding or not str(condition.value).islower():  # Ohio is another kind of state
        return False
    if is_creating(drawn.tool):
        return set_to is None and condition.value not in LATER
    return set_to != condition.value


def _may_hang_on_amount(field: str, drawn: Drawn) -> bool:
    if is_creating(drawn.tool):
        return bool(_STORE.search(field))
    words = all(is_status(name) or is_kind(name) for name in drawn.values)
    return words and not _OWN.search(field)


def differs_sensibly(condition: Condition, place: Place, drawn: Drawn, other: Drawn) -> bool:
    """Tell whether one of two requests would be made as a condition turns out.

    Both end the record, or they differ in one word, or in the record that may not be free.
    """
    if condition.test != "is" or _set_to(condition.field, other) is not None:
        return False
    if drawn.tool.name != other.tool.name:
        return _place(drawn) == _place(other) and _ends(drawn) and _ends(other)
    if not is_creating(drawn.tool):
        return _differs_in_one(drawn, other)
    return _is_bookable(drawn) and place in _swapped(drawn, other)


def stands_in(refused: Drawn, other: Drawn) -> bool:
    """Tell whether a request is what somebody would do instead of one that is refused."""
    if refused.tool.name != other.tool.name:
        return _place(refused) == _place(other) and _ends(refused) and _ends(other)
    if not is_creating(refused.tool):
        return _differs_in_one(refused, other)
    return _is_bookable(refused) and bool(_swapped(refused, other))


def _ends(drawn: Drawn) -> bool:
    """Tell whether a request puts away the whole record that it is about."""
    return drawn.tool.name.split("_")[0] in _AWAY


def _is_bookable(drawn: Drawn) -> bool:
    """Tell whether a tool makes something for which another thing or person may do as well."""
    return bool(_BOOKED.search(drawn.tool.name))


def _swapped(one: Drawn, other: Drawn) -> list[Place]:
    """Return the record of a request in the place of which another one stands; no client."""
    names = [name for name in one.records if one.records[name] != other.records.get(name)]
    if len(names) != 1 or dict(one.values) != dict(other.values):
        return []
    return [] if set(names[0].split("_")) & _CLIENT_WORDS else [one.records[names[0]]]


def instead(drawn: Drawn, keys: dict[str, list[str | int]]) -> Iterator[Drawn]:
    """Yield the same request for other records: another room, another agent.

    Args:
        drawn: The request.
        keys: Path of a collection → its ids.
    """
    for name, (noun, key) in drawn.records.items():
        for other in keys.get(noun, []):
            if other != key and (noun, other) not in drawn.records.values():
                yield Drawn(
                    drawn.tool, {**drawn.records, name: (noun, other)}, drawn.values, drawn.made
                )


def fits_many(drawn: Drawn) -> bool:
    """Tell whether a person would ask for the same with each of several records.

    Nobody writes one text, or gives one amount, for each of several.
    """
    if drawn.made or (is_creating(drawn.tool) and len(drawn.values) > 1):
        return False
    return all(map(_is_for_many, drawn.values.items()))


def _is_for_many(given: tuple[str, Scalar]) -> bool:
    name, value = given
    if isinstance(value, bool):
        return True
    if not isinstance(value, str) or _FREE.search(value):
        return False
    return bool(_AHEAD.search(name)) or not value[:4].isdecimal()


def _differs_in_one(one: Drawn, other: Drawn) -> bool:
    """Tell whether two changes of a record differ in one other record, or in one word of a list."""
    records = [name for name in one.records if one.records[name] != other.records.get(name)]
    values = [name for name in one.values if one.values[name] != other.values.get(name)]
    if {*one.records} != {*other.records} or {*one.values} != {*other.values}:
        return False
    match records, values:
        case [record], []:
            return _place(one) == _place(other) and not _is_person(record)
        case [], [value]:
            return is_status(value) or is_kind(value)
        case _:
            return False


def _is_person(parameter: str) -> bool:
    """Tell whether a parameter is for somebody who acts or is served."""
    return bool(ACTOR.match(parameter) or set(parameter.split("_")) & _CLIENT_WORDS)


def _set_to(field: str, drawn: Drawn) -> Scalar | None:
    """Return what a request sets a field to; None when it does not."""
    label = label_of(field)
    found = [value for name, value in drawn.values.items() if label_of(name) == label]
    if not found and is_status(field):
        found = [value for name, value in drawn.values.items() if is_status(name)]
    return found[0] if found else None


def _place(drawn: Drawn) -> Place | None:
    return next(iter(main_records(drawn)), None)
