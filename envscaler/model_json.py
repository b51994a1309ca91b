"""JSON that a model has written: read exactly, within limits, or refused with a `ValueError`.

Whatever a model writes may end up in a row, in a request and in an environment. So what is read
here can be written and read again: it is at most 64 levels deep, its numbers are finite and have
at most 300 digits, its text holds no half of a surrogate pair, and no key stands twice. Line
breaks within strings, which models forget to escape, are taken as they are.
"""

import json
import math
import re
from typing import cast

from pydantic import JsonValue

MOST_LEVELS = 64
"""Objects and lists within one another."""
MOST_DIGITS = 300
"""Of an integer; a float holds no larger number."""
MOST_WRAPPINGS = 3
"""How often arguments may be JSON in a string in a string."""

_SPACE = re.compile(r"\s*")
_HALF_PAIR = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")


def loads(text: str) -> JsonValue:
    """Read a text that is one JSON value.

    Raises:
        ValueError: It is not, or it is beyond the limits; the message says why.
    """
    value, end = first_value(text, 0)
    rest = skip_space(text, end)
    if rest < len(text):
        raise ValueError(f"something follows the JSON value: {text[rest : rest + 20]!r}")
    return value


def first_value(text: str, start: int) -> tuple[JsonValue, int]:
    """Read the JSON value that begins at `start`, spaces left aside.

    Returns:
        The value, and where it ends.

    Raises:
        ValueError: No value begins there, or it is beyond the limits.
    """
    start = skip_space(text, start)
    try:
        value, end = cast("tuple[JsonValue, int]", _DECODER.raw_decode(text, start))
    except RecursionError as error:
        raise ValueError(f"it is nested more than {MOST_LEVELS} levels deep") from error
    check_levels(value)
    return (_repaired(value) if _HALF_PAIR.search(text, start, end) else value), end


def check_levels(value: JsonValue) -> None:
    """Refuse a value that is too deep.

    Raises:
        ValueError: It is.
    """
    level = [value]
    for _ in range(MOST_LEVELS + 1):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return
    raise ValueError(f"it is nested more than {MOST_LEVELS} levels deep")


def skip_space(text: str, start: int) -> int:
    """Return where the next character stands that is no space."""
    found = _SPACE.match(text, start)
    return found.end() if found else start


def whole_characters(text: str) -> str:
    """Put the replacement character for each half of a surrogate pair, as UTF-8 has none."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def arguments_of(written: JsonValue) -> dict[str, JsonValue]:
    """Read the arguments of a call, from whatever shape a server gives them.

    An object, or one in a string, or in a string of a string. Nothing at all, `null` and an empty
    string are no arguments. Some servers put `""` or `{}` beside the object, or the object twice.

    Raises:
        ValueError: They are no single JSON object.
    """
    for _ in range(MOST_WRAPPINGS):
        if not isinstance(written, str):
            break
        written = _one_of(_values(written))
    if not written and not isinstance(written, bool | int | float):
        return {}
    if not isinstance(written, dict):
        raise ValueError(f"expected a JSON object, got {_kind_of(written)}")  # noqa: TRY004
    check_levels(written)
    return written


def _values(text: str) -> list[JsonValue]:
    values: list[JsonValue] = []
    end = skip_space(text, 0)
    while end < len(text):
        value, end = first_value(text, end)
        end = skip_space(text, end)
        if value not in (None, "", {}, []) and value not in values[-1:]:
            values.append(value)
    return values


def _one_of(values: list[JsonValue]) -> JsonValue:
    if len(values) > 1:
        raise ValueError(f"{len(values)} different JSON values stand one after the other")
    return values[0] if values else None


def _kind_of(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true or false"
    names = {"list": "a list", "str": "a string"}
    return names.get(type(value).__name__, "a number")


def _repaired(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return whole_characters(value)
    if isinstance(value, list):
        return [_repaired(item) for item in value]
    if isinstance(value, dict):
        return {whole_characters(key): _repaired(item) for key, item in value.items()}
    return value


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: dict[str, JsonValue] = {}
        for key, value in pairs:
            if seen.setdefault(key, value) != value:
                raise ValueError(f"the key {key[:40]!r} stands twice with different values")
    return found


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number has {len(digits)} digits, more than {MOST_DIGITS}")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"the number {digits[:20]} is too large")
    return number


def _no_json(name: str) -> None:
    raise ValueError(f"{name} is no JSON; write a number or null")


_DECODER = json.JSONDecoder(
    parse_int=_integer,
    parse_float=_finite,
    parse_constant=_no_json,
    object_pairs_hook=_object,
    strict=False,
)
