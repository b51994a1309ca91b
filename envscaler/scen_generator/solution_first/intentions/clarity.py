"""Whether words have one reading in a state: whose a record is, which is its, which is latest."""

import re
from collections.abc import Iterator, Sequence

import inflection
from pydantic import JsonValue

from envscaler.environment.state.collections import Collection, Key, id_field, stem_of
from envscaler.environment.state.plurals import singular
from envscaler.records import JsonObject

_ACTED = re.compile(
    r"(^|_)(?<!owned_)(?<!held_)by(_|$)"
    r"|(^|_)(reporter|recorder|assigner|approver|uploader|verifier|editor|modifier)(_|$)"
)


def says_who_acted(field: str) -> bool:
    """Tell whether a field names who did something, whose the record therefore is not."""
    return _ACTED.search(field) is not None


def names(field: str, one: Collection) -> bool:
    """Tell whether a field is called after the records of a collection: `assigned_agent_id`."""
    word = singular(one.name).split("_")[-1]
    return not {word, inflection.pluralize(word)}.isdisjoint(field.split("_"))


def mentions(one: Collection, other: Collection) -> set[tuple[Key, Key]]:
    """Find which records of one collection name which of another, in fields called after these.

    Returns:
        Pairs of an id of the one and an id of the other.
    """
    known, own = {*other.ids}, id_field(one)
    return {
        (key, each)
        for key, record in zip(one.ids, one.records, strict=True)
        for field in record
        if field != own and names(field, other)
        for each in _keys(field, record[field])
        if each in known
    }


def _keys(field: str, value: JsonValue) -> Iterator[Key]:
    """Yield what may be ids: texts, and numbers where the field is one of ids."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, bool):
            continue
        if isinstance(each, str) or (isinstance(each, int) and stem_of(field) is not None):
            yield each


def are_in_one_order(records: Sequence[JsonObject], by: str, others: Sequence[str]) -> bool:
    """Tell whether whatever is first among records by a field is so by other fields, too.

    Args:
        records: They may be fewer, and the answer is the same.
        by: The field.
        others: Further fields; where one of them is empty, there is no order by it.
    """
    ordered = sorted(records, key=lambda record: str(record.get(by)))
    return all(_rises([record.get(other) for record in ordered]) for other in others)


def _rises(values: Sequence[JsonValue]) -> bool:
    said = [value for value in values if isinstance(value, str) and value]
    return len(said) == len(values) and said == sorted(said)
