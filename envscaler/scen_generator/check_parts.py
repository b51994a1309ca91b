"""What checks made by code are put together from.

The functions below are pasted into the checks that use them, without their types, so each names
nothing but builtins and the others.
"""

# ruff: noqa: ANN401  (a check meets data of any shape)

import ast
import inspect
from collections.abc import Callable
from functools import cache
from typing import Any


def look_up(data: Any, *keys: Any) -> Any:
    """Return what lies below keys, one inside the other; `...` where one is missing."""
    for key in keys:
        if isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        elif isinstance(data, dict) and key in data:
            data = data[key]
        else:
            return ...
    return data


def matches(data: Any, wanted: Any) -> bool:
    """Tell whether data is as wanted. `...` is anything, and so is a field that is not named."""
    if wanted is ... or callable(wanted):
        return wanted is ... or bool(wanted(data))
    if isinstance(wanted, dict):
        return isinstance(data, dict) and all(
            key in data and matches(data[key], part) for key, part in wanted.items()
        )
    if isinstance(wanted, list | tuple):
        alike = type(data) is type(wanted) and len(data) == len(wanted)
        return alike and all(map(matches, data, wanted))
    if isinstance(wanted, bool) or isinstance(data, bool):
        return data is wanted
    if isinstance(wanted, float) and isinstance(data, int | float):
        return abs(data - wanted) < 1e-6
    return data == wanted


def added(before: Any, after: Any, wanted: Any) -> list[Any]:
    """List what is new and as wanted: keys of a dict, items of another collection."""
    if isinstance(after, dict):
        known = before if isinstance(before, dict) else {}
        return [key for key in after if key not in known and matches(after[key], wanted)]
    if not isinstance(after, list | tuple | set | frozenset):
        return []
    left = list(before) if isinstance(before, list | tuple | set | frozenset) else []
    new = []
    for item in after:
        if item in left:
            left.remove(item)
        elif matches(item, wanted):
            new.append(item)
    return new


def same_but(before: Any, after: Any, spared: Any) -> bool:
    """Tell whether nothing differs but what is spared.

    `spared` mirrors the data: True spares all below, `...: n` among keys spares n new keys, and a
    pair (n, m) spares n items taken out and m put in.
    """
    if spared is True:
        return True
    if isinstance(spared, tuple):
        taken, put = spared
        return len(added(after, before, ...)) <= taken and len(added(before, after, ...)) <= put
    if not (isinstance(spared, dict) and isinstance(before, dict) and isinstance(after, dict)):
        return before == after
    new = [key for key in after if key not in before and key not in spared]
    return len(new) <= spared.get(..., 0) and all(
        same_but(before[key], after.get(key, ...), spared.get(key)) for key in before
    )


PARTS: tuple[Callable[..., Any], ...] = (look_up, matches, added, same_but)


def with_parts(body: str) -> str:
    """Put in front of a check the functions that it needs, and those that these need."""
    needed = body
    chosen: list[str] = []
    for part in reversed(PARTS):
        if f"{part.__name__}(" in needed or f"({part.__name__}," in needed:
            chosen.append(_plain_source(part))
            needed += chosen[-1]
    return "\n\n\n".join([*reversed(chosen), body])


@cache
def _plain_source(part: Callable[..., Any]) -> str:
    """Return the source of a function without types and docstring."""
    [node] = ast.parse(inspect.getsource(part)).body
    assert isinstance(node, ast.FunctionDef)
    node.returns = None
    node.body = node.body[1:]
    for argument in ast.walk(node):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return ast.unparse(node)
