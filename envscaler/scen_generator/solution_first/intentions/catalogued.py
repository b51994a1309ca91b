"""What a request says of a thing whose name is in the catalogue."""

import re
from collections.abc import Mapping, Sequence

from envscaler.environment.state.collections import Scalar
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
