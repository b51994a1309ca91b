"""Ids as somebody would give them: in the form that the class itself gives, or short and numbered.

Records that are called by a title or a name have one as their key. References follow.
"""

import re
from collections.abc import Callable, Iterator
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.collections import pairs_of
from envscaler.environment.state.plurals import singular
from envscaler.inputs.vocabulary import Vocabulary
from envscaler.records import JsonObject

_NAMED = re.compile(r"(^|_)(title|name)$")
_MOST_TRIES = 20


def with_given_ids(state: JsonObject, source: str, vocabulary: Vocabulary) -> JsonObject:
    """Return a state whose records have other ids, wherever they are named.

    Args:
        state: With the ids of `invent_state`, such as `order-1`.
        source: Of the class; what it calls new records is followed.
        vocabulary: Titles and names are from there.
    """
    renamed: dict[str, str] = {}
    taken: set[str] = set()
    for home, value in state.items():
        kind = singular(home)
        made_up = re.compile(rf"{re.escape(kind)}-\d+")
        old = [key for key, _ in pairs_of(value) or () if isinstance(key, str)]
        mine = [key for key in old if made_up.fullmatch(key) and key not in renamed]
        field = _own_field(value)
        if _NAMED.search(field):
            names = _names(field, kind, vocabulary)
        else:
            names = _numbered(kind, field, source, vocabulary, taken)
        renamed |= dict(zip(mine, names, strict=False))
    return cast("JsonObject", _replaced(state, renamed))


def _own_field(value: JsonValue) -> str:
    """Return the name of the field that holds a record's own key; empty where there is none."""
    for key, record in pairs_of(value) or ():
        if isinstance(record, dict):
            return next((name for name, item in record.items() if item == key), "")
    return ""


def _names(field: str, kind: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield names, none of them twice."""
    seen: set[str] = set()
    while True:
        tried = (vocabulary.text(field, kind) for _ in range(_MOST_TRIES))
        name = next((one for one in tried if one not in seen), f"{kind} {len(seen) + 1}")
        seen.add(name)
        yield name


def _numbered(
    kind: str, field: str, source: str, vocabulary: Vocabulary, taken: set[str]
) -> Iterator[str]:
    """Yield ids: as the class writes them, or of letters and a number that rises."""
    form = _form_in(source, field or f"{kind}_id")
    if form is not None:
        write, number = form
        while True:
            yield write(number)
            number += 1
    prefix = _prefix(kind, taken)
    number = vocabulary.chance.randrange(1000, 4000)
    while True:
        yield f"{prefix}-{number}"
        number += vocabulary.chance.randrange(1, 40)


def _form_in(source: str, field: str) -> tuple[Callable[[int], str], int] | None:
    """Find how the class writes ids of its own, and the first number that it will not give."""
    last = field.rpartition("_")[0].rpartition("_")[2] or field
    found = re.search(
        rf"\b\w*{re.escape(last)}_id = f([\"\'])([A-Za-z]+[-_]?)\{{([^{{}}:]+)(?::0(\d)d)?\}}\1",
        source,
    )
    if found is None:
        return None
    prefix, counted, width = found[2], found[3], int(found[4] or 0)
    # One that counts from what is there must not come upon an id that is taken.
    first = 0 if re.fullmatch(r"len\([\w.]+\)", counted) else 1
    return (lambda number: f"{prefix}{number:0{width}d}"), first


def _prefix(kind: str, taken: set[str]) -> str:
    """Return letters for a kind of records that no other kind has."""
    words = kind.split("_")
    initials = "".join(word[:1] for word in words) if len(words) > 1 else kind[:2]
    ways = [initials, kind[:3], *(kind.replace("_", "")[:size] for size in range(4, 12)), kind]
    found = next((way.upper() for way in ways if way.upper() not in taken), kind.upper())
    taken.add(found)
    return found


def _replaced(value: JsonValue, renamed: dict[str, str]) -> JsonValue:
    match value:
        case str():
            return renamed.get(value, value)
        case list():
            return [_replaced(item, renamed) for item in value]
        case dict():
            return {renamed.get(key, key): _replaced(item, renamed) for key, item in value.items()}
        case _:
            return value
