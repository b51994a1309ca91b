"""Fields of a record that have to go together: statuses and ends, least and most, due and paid."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

from envscaler.inputs.sentences import BLAME, BLAME_OF_PLACES, MIXED, PRAISE, PRAISE_OF_PLACES
from envscaler.inputs.word_lists import NEVER_FOR, ONLY_FOR
from envscaler.records import JsonObject

_TONES = ((PRAISE, MIXED, BLAME), (PRAISE_OF_PLACES, MIXED, BLAME_OF_PLACES))
_MIDDLE = 3
"""Stars of those who are of two minds."""


def consistent(record: JsonObject) -> JsonObject:
    """Return a record whose fields do not contradict each other, filled one by one as they were."""
    return in_tone(_in_range(record))


def in_tone(values: Mapping[str, JsonValue]) -> JsonObject:
    """Return values in which a review praises where it gives many stars, and blames for few."""
    stars = [value for name, value in values.items() if "rating" in name]
    found = {**values}
    if len(stars) == 1 and isinstance(stars[0], int | float):
        which = (stars[0] <= _MIDDLE) + (stars[0] < _MIDDLE)
        for tones in _TONES:
            instead = {text: tones[which][turn] for tone in tones for turn, text in enumerate(tone)}
            found |= {
                name: instead[value]
                for name, value in values.items()
                if isinstance(value, str) and value in instead
            }
    return found


def addressed(values: Mapping[str, JsonValue], called: str) -> JsonObject:
    """Return values in which an address is one of the person that they are about.

    Args:
        values: By name.
        called: First and last name; empty where nobody is meant.
    """
    if " " not in called:
        return {**values}
    first, last = (re.sub(r"[^a-z]", "", part) for part in called.lower().split(" ", 1))
    return {
        name: re.sub(r"[a-z.]+\d*(?=@example\.org)", f"{first[:1]}.{last}", value)
        if isinstance(value, str)
        else value
        for name, value in values.items()
    }


def fits(word: str, kind: str) -> bool:
    """Say whether a record of a kind may have a word as its status."""
    told, said = set(kind.split("_")), word.lower()
    may = all(told & kinds for words, kinds in ONLY_FOR.items() if said in words)
    return may and not any(told & kinds for words, kinds in NEVER_FOR.items() if said in words)


def _in_range(record: JsonObject) -> JsonObject:
    """Return a record in which no minimum lies above its maximum."""
    found = dict(record)
    for name, least in record.items():
        other = re.sub(r"(^|_)min(_|$)", r"\1max\2", name)
        most = record.get(other)
        if other != name and isinstance(least, int | float) and isinstance(most, int | float):
            found |= {name: min(least, most), other: max(least, most)}
    due, paid = record.get("amount_due"), record.get("amount_paid")
    if isinstance(due, int | float) and isinstance(paid, int | float):
        found["amount_paid"] = min(due, paid)
    return found
