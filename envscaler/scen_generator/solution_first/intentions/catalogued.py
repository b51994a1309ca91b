"""What a request says of a thing whose name is in the catalogue."""

import re
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from envscaler.environment.state.collections import Scalar
from envscaler.environment.state.plurals import singular
from envscaler.inputs.catalogue.catalogue import find

_NAME = re.compile(r"(^|_)(name|title)$")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")
_HOUR = re.compile(r"(?<=^\d{4}-\d\d-\d\d[T ])\d\d(?=:)")


def as_catalogued(values: Mapping[str, Scalar], tool: str, field: str) -> dict[str, Scalar]:
    """Return values of which those that the catalogue has for a thing are from there.

    Args:
        values: What is given, the name of the thing among it.
        tool: Name of the tool, which says what sort of thing is meant.
        field: The field of work.
    """
    kinds = [*reversed(tool.split("_"))]
    for name, value in values.items():
        if not _NAME.search(name) or not isinstance(value, str):
            continue
        thing = find(value, [*name.split("_")[:-1], *kinds], field)
        if thing is not None:
            return {key: _fitting(key, held, thing.columns) for key, held in values.items()}
    return dict(values)


def as_part_of(
    values: Mapping[str, Scalar], noun: str, whole: Mapping[str, JsonValue], field: str
) -> dict[str, Scalar]:
    """Return values of which those that the catalogue has for what they are entered in are so.

    What is logged in a challenge for rowers is `row`.

    Args:
        values: What is given of something new.
        noun: The kind of the record in which it is entered.
        whole: That record.
        field: The field of work.
    """
    words = [*reversed(singular(noun.rpartition(".")[2]).split("_"))]
    name = next((str(value) for key, value in whole.items() if _NAME.search(key)), "")
    thing = find(name, words, field) if name else None
    columns: Mapping[str, Sequence[str]] = {} if thing is None else thing.columns
    found = dict(values)
    for key, held in values.items():
        column = next((each for each in columns if key in (each, f"{each}_type")), None)
        if column is not None and not _NAME.search(key):
            found[key] = _fitting_part(held, columns[column])
    return found


def _fitting_part(held: Scalar, usual: Sequence[str]) -> Scalar:
    """Return what fits a whole: a word that it knows, or an amount within its limits."""
    if isinstance(held, str):
        return held if held in usual else usual[0]
    limits = _RANGE.fullmatch(usual[0])
    if limits is None or isinstance(held, bool):
        return held
    low, high = int(limits[1]), int(limits[2])
    return held if low <= held <= high else type(held)(low + round(held) % (high - low + 1))


def _at_its_hour(held: Scalar, columns: Mapping[str, Sequence[str]]) -> Scalar:
    """Return a time of day at the hour that a thing has, where it has one."""
    hour = _low(columns["time"][0]) if "time" in columns else None
    return _HOUR.sub(f"{hour:02}", held) if isinstance(held, str) and hour else held


def _fitting(key: str, held: Scalar, columns: Mapping[str, Sequence[str]]) -> Scalar:
    """Return what a thing has under a name; what is given where the catalogue has nothing."""
    held = _at_its_hour(held, columns)
    column = next((name for name in columns if key == name or key.endswith(f"_{name}")), None)
    if column is None or column == "time":
        return held
    usual = columns[column][0]
    if isinstance(held, str):
        return usual
    low = _low(usual)
    return held if low is None or isinstance(held, bool) else type(held)(low)


def _low(said: str) -> int | None:
    found = _RANGE.fullmatch(said)
    return int(found[1]) if found else None
