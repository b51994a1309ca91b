"""What a person would let depend on what: conditions, second choices, and the same for many."""

import re
from collections.abc import Iterator

from envscaler.environment.state.collections import Scalar
from envscaler.environment.state.plurals import singular
from envscaler.inputs.word_lists import CLIENTS
from envscaler.scen_generator.solution_first.intentions.intention import (
    Condition,
    Group,
)
from envscaler.scen_generator.solution_first.intentions.labels import label_of
from envscaler.scen_generator.solution_first.intentions.lifecycle import (
    BROUGHT,
    is_in_use,
    is_set_by_hand,
    is_waiting,
)
from envscaler.scen_generator.solution_first.intentions.literals import FIRST_STATES
from envscaler.scen_generator.solution_first.intentions.nouns import (
    is_human,
    is_kind,
    is_status,
)
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.story import (
    AGAIN,
    DONE,
    PAST,
    STUCK,
    comes_back,
    facts_in,
)
from envscaler.scen_generator.solution_first.intentions.thread import (
    BOOKED,
    Place,
    is_put_in,
    main_records,
)
from envscaler.scen_generator.solution_first.intentions.verb_words import (
    ACTOR,
    ENDING,
    PRAISING,
    STATE_VERBS,
)

_KNOWN_TO_FAIL = re.compile(r"retry_|(delete|remove)_(payment|transaction)")
"""Names of tools for what has failed, which the reason says."""
_STORE = re.compile(r"stock|quantity|available|seats|capacity|balance|credit")
"""Amounts on which it may depend whether something is made."""
_MONEY = re.compile(r"amount|total|balance|price|cost|due|fee$|budget|estimate|stock|quantity")
"""Amounts on which it may depend what becomes of a record."""
_LEVEL = re.compile(r"priority|severity|level|tier|plan")
_CLIENT_WORDS = CLIENTS | {"user"}
_BRINGING = {*BROUGHT, *STATE_VERBS, *ENDING}
"""Verbs after which things stand otherwise with a record."""
_DECIDING = frozenset(("approve", "reject", "deny", "flag", "verify"))
_DECISIONS = frozenset((
    *("approved", "rejected", "denied", "declined", "flagged"),
    *("under review", "under_review", "pending review", "pending_review", "pending approval"),
))  # fmt: skip
"""What becomes of a record by how much it is about."""
_AWAY = frozenset(("delete", "remove", "archive", "cancel", "close", "deactivate"))
_DOES_AWAY = _AWAY | {"purge", "clear", "anonymize", "suspend", "revoke"} - {"cancel", "close"}
_GONE = frozenset(("deleted", "removed", "archived"))
_IN_USE = frozenset((
    *("active", "operational", "available", "approved", "verified", "confirmed", "good", "valid"),
    *("paid", "success", "successful", "published", "loaned", "in use", "in_use", "enabled"),
    *("in progress", "in_progress", "occupied", "public", "excellent", "booked", "scheduled"),
))  # fmt: skip
"""Words for how something is that nobody does away with as a whole."""
_ONE_BY_ONE = frozenset(("link", "correct", "verify", "check"))
"""What is done with one record at a time."""
_PERSONAL = re.compile(r"department|contact|mail|phone|address|name|title|salary|username")
"""What no two people or things have in common."""
_POSITION = re.compile(r"job|position|role|title")
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
    if place not in main_records(drawn) or facts_in(drawn) or is_put_in(drawn):
        return False
    set_to = _set_to(condition.field, drawn)
    if condition.test != "is":
        return set_to is None and _may_hang_on_amount(condition.field, drawn)
    value = str(condition.value)
    is_deciding = is_status(condition.field) or bool(_LEVEL.search(condition.field))
    if not is_deciding or not value.islower() or set_to == value:
        return False  # Ohio is another kind of state
    return _hangs_on_word(condition.field, value, place, drawn)


def _hangs_on_word(field: str, value: str, place: Place, drawn: Drawn) -> bool:
    """Tell whether a request may hang on a status or a level of a record."""
    is_set = _set_to(field, drawn) is not None
    if drawn.is_creating:
        is_thing = not is_human(singular(place[0].rpartition(".")[2]))
        return is_thing and not is_set and value in FIRST_STATES
    if _is_settled(value, drawn):
        return False
    if not is_status(field):
        return not is_set and not _gives_text(drawn) and not _brings_on(drawn)
    return _brings_on(drawn) and _is_decided_by(field, drawn) and _moves_on(value, drawn)


def _is_settled(value: str, drawn: Drawn) -> bool:
    """Tell whether nobody waits for it, as it is on its way, or has failed as the reason says."""
    return is_in_use(value) or bool(_KNOWN_TO_FAIL.match(drawn.tool.name))


def _brings_on(drawn: Drawn) -> bool:
    """Tell whether a change is one of how things stand with a record, or ends it."""
    verb = drawn.tool.name.split("_")[0]
    return verb in _BRINGING or any(map(is_status, drawn.values))


def _is_decided_by(field: str, drawn: Drawn) -> bool:
    """Tell whether a field is what a change has to do with, where a record has several statuses."""
    label = label_of(field)
    said = {label_of(name) for name in drawn.values if is_status(name)}
    return label in said if said else label == "status" or label.split()[0] in drawn.tool.name


def _moves_on(value: str, drawn: Drawn) -> bool:
    """Tell whether a record would be changed so from how things stand with it."""
    verb = drawn.tool.name.split("_")[0]
    new = [each for name, each in drawn.values.items() if is_status(name)]
    if value in _GONE and verb in _DOES_AWAY:
        return False  # what is deleted is archived no more
    if value in PAST:
        return verb in AGAIN or (bool(new) and all(comes_back(value, each) for each in new))
    if STUCK.search(value):
        return verb not in DONE and not _gives_text(drawn)
    return not _gives_text(drawn)


def _gives_text(drawn: Drawn) -> bool:
    """Tell whether a change gives a text or an amount, which no status decides."""
    return any(
        not isinstance(value, str) or bool(_FREE.search(value)) or value[:4].isdecimal()
        for name, value in drawn.values.items()
        if not _AHEAD.search(name) and not isinstance(value, bool)
    )


def _may_hang_on_amount(field: str, drawn: Drawn) -> bool:
    if drawn.is_creating:
        return bool(_STORE.search(field))
    verb, new = drawn.tool.name.split("_")[0], {str(each) for each in drawn.values.values()}
    is_decision = verb in _DECIDING or (bool(new) and new <= _DECISIONS)
    return is_decision and bool(_MONEY.search(field))


def differs_sensibly(condition: Condition, place: Place, drawn: Drawn, other: Drawn) -> bool:
    """Tell whether one of two requests would be made as a condition turns out.

    Both end the record, or they differ in one word, or in the record that may not be free.
    """
    if condition.test != "is" or _set_to(condition.field, other) is not None:
        return False
    if drawn.tool.name != other.tool.name:
        return _place(drawn) == _place(other) and _ends(drawn) and _ends(other)
    if not drawn.is_creating:
        return _differs_in_one(drawn, other)
    return _is_bookable(drawn) and place in _swapped(drawn, other)


def stands_in(refused: Drawn, other: Drawn) -> bool:
    """Tell whether a request is what somebody would do instead of one that is refused."""
    if refused.tool.name != other.tool.name:
        return _place(refused) == _place(other) and _ends(refused) and _ends(other)
    if not refused.is_creating:
        return _differs_in_one(refused, other)
    return _is_bookable(refused) and bool(_swapped(refused, other))


def _ends(drawn: Drawn) -> bool:
    """Tell whether a request puts away the whole record that it is about."""
    return drawn.tool.name.split("_")[0] in _AWAY


def _is_bookable(drawn: Drawn) -> bool:
    """Tell whether a tool makes something for which another thing or person may do as well."""
    return bool(BOOKED.search(drawn.tool.name))


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
    if drawn.made or (drawn.is_creating and len(drawn.values) > 1):
        return False
    if PRAISING.search(drawn.tool.name) or drawn.tool.name.split("_")[0] in _ONE_BY_ONE:
        return False
    if facts_in(drawn) or any(map(_PERSONAL.search, drawn.values)):
        return False
    return all(map(_is_for_many, drawn.values.items()))


def is_wanted_of(group: Group, drawn: Drawn, *, is_human: bool) -> bool:
    """Tell whether a request would be made for all that has something alike.

    What is as it should be stays so, unless it belongs to somebody; people are told by whose they
    are, or by what they wait for.
    """
    is_away = drawn.tool.name.split("_")[0] in _DOES_AWAY
    if group.limit is not None:  # what ends before a day, or of which little is left
        return not is_away and bool(drawn.values)
    if not _is_telling(group) or _is_told_by_change(group, drawn) or _is_scattered(group, drawn):
        return False
    if is_human:
        return _are_wanted(group, is_away=is_away)
    return group.of is not None or not _is_well(group)


def _is_telling(group: Group) -> bool:
    """Tell whether a group is told by how things stand, or by what it is, rather than by chance."""
    if isinstance(group.of, Group) and not _is_telling(group.of):
        return False
    field = group.field or "status"
    return is_status(field) or (is_kind(field) and not _LEVEL.search(field))


def _is_scattered(group: Group, drawn: Drawn) -> bool:
    """Tell whether what only stands alike would all be put into one thing: blocked tasks."""
    others = [place for place in drawn.records.values() if place[0] != group.noun]
    things = [noun for noun, _ in others if not is_human(singular(noun.rpartition(".")[2]))]
    is_new = drawn.is_creating and "to_" not in drawn.tool.name
    return group.of is None and is_status(group.field or "") and bool(things) and not is_new


def _is_told_by_change(group: Group, drawn: Drawn) -> bool:
    """Tell whether all that is of one sort is to be of another."""
    field = group.field or "status"
    return not is_status(field) and _set_to(field, drawn) is not None


def _are_wanted(group: Group, *, is_away: bool) -> bool:
    """Tell whether people are told by where they are, or by what they wait for."""
    if group.of is not None:
        return not is_away and _POSITION.search(group.link or "") is None
    return is_status(group.field or "") and is_waiting(str(group.value))


def _is_well(group: Group) -> bool:
    """Tell whether a group is of what is as it should be."""
    return group.field is not None and is_status(group.field) and str(group.value) in _IN_USE


def _is_for_many(given: tuple[str, Scalar]) -> bool:
    name, value = given
    if isinstance(value, bool):
        return True
    if not isinstance(value, str) or _FREE.search(value):
        return False
    if is_status(name) and not is_set_by_hand(value, for_many=True):
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
