"""The functions that an instrumented class calls to note its lines and comparisons.

This module is never imported: `instrument` puts its text in front of a class, and both run in the
sandbox. Everything that is noted becomes plain JSON of a bounded size.
"""

import operator as cmplog_operator
from collections.abc import Callable
from typing import Any

CMPLOG_MOST_EVENTS = 400
CMPLOG_MOST_ITEMS = 60
CMPLOG_MOST_CHARS = 400
cmplog_events: list[list[object]] = []
cmplog_lines: set[int] = set()


def cmplog_line(number: int) -> None:
    """Note that a line is reached."""
    cmplog_lines.add(number)


def cmplog_note(line: int, operation: str, left: object, right: object) -> None:
    """Note a comparison, before it is made: it may raise."""
    if len(cmplog_events) < CMPLOG_MOST_EVENTS:
        event = [line, operation, cmplog_shown(left), cmplog_shown(right)]
        # The same length twice is two lengths that are compared with each other.
        if operation == "len" or not cmplog_events or cmplog_events[-1] != event:
            cmplog_events.append(event)


def cmplog_shown(value: object, depth: int = 0) -> object:
    """Return plain JSON that tells a value, or what kind of thing it is."""
    value = getattr(value, "value", value) if hasattr(value, "_sort_order_") else value
    shown: object
    anything: Any = value  # whatever generated code compares
    if isinstance(value, bool | None):
        shown = value
    elif isinstance(value, str):
        shown = value[:CMPLOG_MOST_CHARS]
    elif isinstance(value, int | float):
        shown = value if abs(value) < 2**53 else str(value)[:CMPLOG_MOST_CHARS]
    elif isinstance(value, dict):
        shown = {"keys": cmplog_each(anything, depth)}
    elif isinstance(value, list | tuple | set | frozenset) and depth < 2:
        shown = {"items": cmplog_each(anything, depth)}
    else:
        shown = cmplog_kind(anything)
    return shown


def cmplog_each(value: object, depth: int) -> list[object]:
    """Tell the first items of a container, or the first keys of a dict."""
    anything: Any = value  # whatever generated code compares
    return [cmplog_shown(item, depth + 1) for item in list(anything)[:CMPLOG_MOST_ITEMS]]


def cmplog_kind(value: object) -> dict[str, str]:
    """Tell the pattern of a regular expression, or the type of any other thing."""
    pattern = getattr(value, "pattern", None)
    known = isinstance(pattern, str)
    return {"pattern": pattern} if known else {"type": type(value).__name__}


def cmplog_compare(line: int, operation: str, left: object, right: object) -> object:
    """Note a comparison and make it."""
    cmplog_note(line, operation, left, right)
    if operation in {"in", "not in"}:
        return cmplog_operator.contains(right, left) == (operation == "in")  # pyright: ignore[reportArgumentType]
    names = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
    return getattr(cmplog_operator, names[operation])(left, right)


def cmplog_item(line: int, owner: object, key: object) -> object:
    """Note a subscript and follow it."""
    cmplog_note(line, "item", key, owner)
    return owner[key]  # pyright: ignore[reportIndexIssue, reportUnknownVariableType]


def cmplog_call(line: int, owner: object, name: str, *given: object, **named: object) -> object:
    """Note a call of a method that looks something up, and make it."""
    if getattr(owner, "__name__", "") == "re":
        cmplog_note(line, "re", *[*given, "", ""][1::-1])
    else:
        cmplog_note(line, name, given[0] if given else None, owner)
        if name == "strptime":
            cmplog_note(line, "format", *[*given, "", ""][:2])
    return getattr(owner, name)(*given, **named)


def cmplog_length(line: int, value: object) -> int:
    """Note whose length is taken, and take it."""
    length = len(value)  # pyright: ignore[reportArgumentType]
    cmplog_note(line, "len", value, length)
    return length


def cmplog_isinstance(line: int, value: object, kinds: object) -> bool:
    """Note which types are asked for."""
    asked: Any = kinds
    several: list[Any] = list(asked) if isinstance(kinds, tuple) else [asked]
    names = [str(getattr(kind, "__name__", "")) for kind in several]
    cmplog_note(line, "isinstance", value, names)
    return isinstance(value, kinds)  # pyright: ignore[reportArgumentType]


def cmplog_convert(line: int, kind: Callable[..., object], *given: object) -> object:
    """Note what is made a number, and make it one."""
    cmplog_note(line, "convert", given[0] if given else None, kind.__name__)
    return kind(*given)


def cmplog_taken() -> dict[str, object]:
    """Return what was noted since the last time."""
    found: dict[str, object] = {"events": list(cmplog_events), "lines": sorted(cmplog_lines)}
    cmplog_events.clear()
    cmplog_lines.clear()
    return found
