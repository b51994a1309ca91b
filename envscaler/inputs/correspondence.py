"""What an argument should be, told by what a call compared it with."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from envscaler.environment.state.collections import Scalar
from envscaler.inputs.leaves import Path, leaves_of
from envscaler.inputs.trace import Event, Trace
from envscaler.records import JsonObject

_MOST_KEYS = 6
"""Keys of a container that are suggested."""
ORDERED = frozenset(("<", "<=", ">", ">="))
_LOOKED_UP = frozenset(
    ("in", "not in", "get", "pop", "setdefault", "item", "index", "remove", "count")
)
_EXAMPLES: dict[str, JsonValue] = {
    "str": "zqxx", "int": 2, "float": 2.5, "bool": True, "list": ["zqxy"], "dict": {"zqxz": 1},
}  # fmt: skip
_TELL_NOTHING = (bool, type(None))
"""Values that are so common that two of them are alike by chance."""
KEYS = "*keys"
"""Instead of a key: the keys of an object."""
_MOMENT = datetime(2025, 1, 15, 10, 0)  # noqa: DTZ001  only its text is used


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A part of the arguments, and what it may have to be."""

    path: Path
    value: JsonValue
    keys: tuple[JsonValue, ...] = ()
    """The keys of the container that it was looked up in; empty when it was compared."""
    operands: tuple[JsonValue, ...] = ()
    """What it was compared with on that line, for equality."""
    length: int | None = None
    """The length that was asked for."""
    about: Path = ()
    """What `keys` are for, where it is not the part itself: the keys of an object."""


def suggestions_of(trace: Trace) -> Iterator[Suggestion]:
    """Yield what the arguments of a call should be, by its last comparisons first."""
    leaves = [*leaves_of(trace.arguments)]
    for place in range(len(trace.events) - 1, -1, -1):
        event = trace.events[place]
        near = [*trace.events[max(0, place - 3) : place], *trace.events[place + 1 : place + 4]]
        for path, value in leaves:
            yield from _of_event(event, path, value, near)
        yield from _missing_keys(event, leaves)


def operands_of(trace: Trace, value: JsonValue) -> dict[int, list[JsonValue]]:
    """Return what a part was compared with for equality, line by line."""
    found: dict[int, list[JsonValue]] = {}
    for event in trace.events:
        if event.operation in {"==", "!="}:
            for one, other in ((event.left, event.right), (event.right, event.left)):
                if _same(one, value) and not _same(other, value):
                    found.setdefault(event.line, []).append(other)
    return found


def looks_up_in_other_case(trace: Trace) -> bool:
    """Say whether an argument is looked up in another case than that in which it is there."""
    given = [value for _, value in leaves_of(trace.arguments) if isinstance(value, str)]
    return any(
        one in _kept(event) and one != event.left and one.casefold() == event.left.casefold()
        for event in trace.events
        if event.operation in _LOOKED_UP and isinstance(event.left, str) and not event.holds
        for one in given
    )


def _kept(event: Event) -> list[JsonValue]:
    """Return what something is looked up in: the keys of a dict, the items of a list."""
    shown = event.right if isinstance(event.right, dict) else {}
    found = shown.get("keys", shown.get("items"))
    return found if isinstance(found, list) else []


def _of_event(
    event: Event, path: Path, value: JsonValue, near: Sequence[Event]
) -> Iterator[Suggestion]:
    operation = event.operation
    if operation == "len":
        if _shown_alike(event.left, value):
            yield from _lengths(path, value, event, near)
    elif operation == "isinstance":
        if _shown_alike(event.left, value):
            yield from _of_kinds(path, event.right)
    elif operation in _LOOKED_UP and _same(event.left, value):
        yield from _looked_up(event, path, value)
    else:
        yield from _compared(event, path, value)
        yield from _formed(event, path, value)


def _of_kinds(path: Path, kinds: JsonValue) -> Iterator[Suggestion]:
    for kind in kinds if isinstance(kinds, list) else ():
        if str(kind) in _EXAMPLES:
            yield Suggestion(path, _EXAMPLES[str(kind)])


def _compared(event: Event, path: Path, value: JsonValue) -> Iterator[Suggestion]:
    if isinstance(value, dict | list | bool):
        return
    for one, other in ((event.left, event.right), (event.right, event.left)):
        if _same(one, value) and not isinstance(other, dict | list):
            yield from _compared_with(other, event.operation, path, value)


def _compared_with(
    other: Scalar | None, operation: str, path: Path, value: Scalar | None
) -> Iterator[Suggestion]:
    """Yield what a part was compared with, and what lies beside that."""
    if operation in {"==", "!="}:
        for near in (other, *_neighbours(other)):
            yield Suggestion(path, _as(near, value), operands=(other,))
    elif operation in ORDERED:
        for near in (other, *_neighbours(other)):
            yield Suggestion(path, _as(near, value))
        if isinstance(other, int) and not isinstance(other, bool):
            yield Suggestion(path, other // 2)


def _neighbours(value: JsonValue) -> Iterator[JsonValue]:
    """Yield values just beside one."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, float):
        yield from (value + 1.0, value - 1.0)
    elif isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        yield from (moved_day(value, 1), moved_day(value, -1))


def moved_day(text: str, days: int) -> str:
    """Return a date some days later, what follows it as it is."""
    try:
        day = datetime.fromisoformat(text[:10]) + timedelta(days=days)
    except (ValueError, OverflowError):
        return text
    return day.date().isoformat() + text[10:]


def _looked_up(event: Event, path: Path, value: JsonValue) -> Iterator[Suggestion]:
    owner = event.right
    if isinstance(owner, str):
        if owner and isinstance(value, str):
            yield Suggestion(path, owner)
        return
    found = owner.get("keys", owner.get("items")) if isinstance(owner, dict) else None
    if not isinstance(found, list):
        return
    keys = tuple(key for key in found if not isinstance(key, dict | list))
    for key in _spread(keys):
        yield Suggestion(path, _as(key, value), keys=keys)


def _spread(keys: Sequence[JsonValue]) -> list[JsonValue]:
    """Return the first keys, the last, and one between."""
    if len(keys) <= _MOST_KEYS:
        return [*keys]
    return [*keys[: _MOST_KEYS - 2], keys[len(keys) // 2], keys[-1]]


def _formed(event: Event, path: Path, value: JsonValue) -> Iterator[Suggestion]:
    """Yield texts of the form that a text is read with."""
    if isinstance(value, str):
        if event.right == value:
            for text in _searched(value, event.operation, event.left):
                yield Suggestion(path, text)
        if event.left == value:
            for text in _read_as(event.operation, event.right):
                yield Suggestion(path, text)


def _searched(value: str, operation: str, sought: JsonValue) -> Iterator[str]:
    """Yield texts in which a search finds what was sought in one."""
    if operation in {"in", "not in"}:
        if isinstance(sought, str):
            yield f"{value}{sought}{value}"
    elif operation in {"startswith", "endswith", "split"}:
        for part in _parts_sought(sought):
            text = str(part if part is not None else " ")
            yield f"{value}{text}" if operation == "endswith" else text + value
            yield f"a{text}b"


def _parts_sought(sought: JsonValue) -> list[JsonValue]:
    parts: JsonValue = sought.get("items") if isinstance(sought, dict) else [sought]
    return parts if isinstance(parts, list) else []


def _read_as(operation: str, form: JsonValue) -> Iterator[str]:
    """Yield texts that can be read as a number or as a date."""
    if operation == "convert":
        yield "2"
    elif operation == "format" and isinstance(form, str):
        yield _MOMENT.strftime(form)
    elif operation == "fromisoformat":
        yield _MOMENT.isoformat()
        yield _MOMENT.date().isoformat()


def _lengths(
    path: Path, value: JsonValue, event: Event, near: Sequence[Event]
) -> Iterator[Suggestion]:
    for other in _compared_lengths(event, near):
        # The length of something else asks for no length.
        free = any(one.operation == "len" and one.right == other for one in near)
        for length in (other, other + 1, other - 1):
            if 0 <= length <= 40:
                yield from _of_length(path, value, length, free=free)


def _compared_lengths(event: Event, near: Sequence[Event]) -> Iterator[int]:
    """Yield the numbers that a length was compared with on its line."""
    for later in near:
        sides = (later.left, later.right)
        other = sides[1] if sides[0] == event.right else sides[0]
        if later.line == event.line and event.right in sides and isinstance(other, int):
            yield other


def _of_length(path: Path, value: JsonValue, length: int, *, free: bool) -> Iterator[Suggestion]:
    if isinstance(value, list) and value:
        several = _several(value, length)
        yield Suggestion(path, several, length=None if free else length)
    elif isinstance(value, str):
        yield Suggestion(path, (value * (length // 2 + 1))[:length], length=length)


def _missing_keys(event: Event, leaves: Sequence[tuple[Path, JsonValue]]) -> Iterator[Suggestion]:
    """Yield objects with the keys that are asked for, or with allowed names for theirs."""
    if event.operation not in _LOOKED_UP or not isinstance(event.left, str):
        return
    for path, value in leaves:
        if not isinstance(value, dict):
            continue
        if _shown_alike(event.right, value) and event.left not in value:
            kept = {key: item for key, item in value.items() if not key.startswith("zq")}
            yield Suggestion(path, {**kept, event.left: "zqyy"})
            continue
        yield from _other_keys(event, path, value)


def _other_keys(event: Event, path: Path, value: JsonObject) -> Iterator[Suggestion]:
    """Yield an object with a key of the container that one of its keys was looked up in."""
    own = next((key for key in value if _same(event.left, key)), None)
    owner = event.right if isinstance(event.right, dict) else {}
    names = owner.get("keys", owner.get("items"))
    if own is None or not isinstance(names, list):
        return
    keys = tuple(name for name in names if isinstance(name, str | int))
    rest = {key: item for key, item in value.items() if key != own}
    for name in _spread(keys):
        changed: JsonObject = {**rest, str(name): value[own]}
        yield Suggestion(path, changed, keys=keys, about=(*path, KEYS))


def _several(value: list[JsonValue], length: int) -> list[JsonValue]:
    """Return a list of a length: what there is, then values unlike it."""
    return [value[n] if n < len(value) else unlike(value[n % len(value)], n) for n in range(length)]


def unlike(value: JsonValue, turn: int) -> JsonValue:
    """Return another value that stands for nothing."""
    if isinstance(value, str) and value.startswith("zq"):
        return "zq" + "".join(chr((ord(one) - 97 + 7 * turn) % 26 + 97) for one in value[2:])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value + 13 * turn
    return value


def _shown_alike(shown: JsonValue, value: JsonValue) -> bool:
    """Say whether what was noted is the value itself."""
    if isinstance(value, dict):
        return isinstance(shown, dict) and shown.get("keys") == [*value]
    if isinstance(value, list):
        return isinstance(shown, dict) and _items_alike(shown.get("items"), value)
    return _same(shown, value)


def _items_alike(shown: JsonValue, items: list[JsonValue]) -> bool:
    """Say whether a list was noted, as far as its plain items tell."""
    return (
        isinstance(shown, list)
        and len(shown) == len(items)
        and all(
            isinstance(item, dict | list) or _same(shown_item, item)
            for shown_item, item in zip(shown, items, strict=True)
        )
    )


def _same(shown: JsonValue, value: JsonValue) -> bool:
    """Say whether a side of a comparison is an argument, as it is or a little changed."""
    if isinstance(shown, _TELL_NOTHING) or isinstance(value, _TELL_NOTHING):
        return False
    if isinstance(shown, int | float) and isinstance(value, int | float):
        return shown == value
    if isinstance(shown, str) and isinstance(value, str | int):
        return bool(shown) and shown.strip().lower() == str(value).strip().lower()
    return False


def _as(found: JsonValue, instead_of: JsonValue) -> JsonValue:
    """Return a key in the type of the argument that it stands for."""
    if isinstance(found, str) and isinstance(instead_of, int) and found.lstrip("-").isdecimal():
        return int(found)
    return found
