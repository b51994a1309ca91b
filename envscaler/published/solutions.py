"""Files that say how scenarios are solved: calls for each scenario, by its id.

    {"h1": [{"name": "set_status", "arguments": {…}}, …]}                 one solution
    {"h1": [[…], […]]}                                                    several that end elsewhere
    {"scenario_id": "h1", "calls": […], "free": ["bookings.*.note"]}      rows, JSON or JSONL

`task_id` and `id` name a scenario too, `solution` and `solutions` its calls. A row of ours with
`steps`, a trajectory, holds the calls that it made.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from envscaler.errors import ArtifactError
from envscaler.jsonl import read_json, read_objects
from envscaler.published.rows import build
from envscaler.records import Call, JsonObject, Record

_IDS = ("scenario_id", "task_id", "id")
_CALLS = ("solutions", "solution", "calls", "steps")


class GivenSolutions(Record):
    """How one scenario is solved."""

    scenario_id: str
    solutions: tuple[tuple[Call, ...], ...]
    """The first is the reference; others end elsewhere and are right too."""
    free: tuple[str, ...] = ()
    """What the author of the checks opens: keys from the outside in, `*` for any."""


def read_solutions(path: Path) -> list[GivenSolutions]:
    """Read how scenarios are solved.

    Raises:
        ArtifactError: The file is missing, or a row of it names no scenario or holds no calls.
    """
    return [_solutions(row, path) for row in _rows(path)]


def _rows(path: Path) -> Iterator[JsonObject]:
    """Yield rows, also from an object whose keys are the ids of scenarios."""
    try:
        found = [*read_objects(path)]
    except ArtifactError:
        whole = read_json(path)
        if not isinstance(whole, dict):
            raise
        found = [whole]
    if len(found) == 1 and not any(name in found[0] for name in _CALLS):
        for name, value in found[0].items():
            yield {"scenario_id": name, **(value if isinstance(value, dict) else {"calls": value})}
    else:
        yield from found


def _solutions(row: JsonObject, path: Path) -> GivenSolutions:
    name = next((row[key] for key in _IDS if isinstance(row.get(key), str)), None)
    calls = next((row[key] for key in _CALLS if isinstance(row.get(key), list)), None)
    if not isinstance(name, str) or calls is None:
        raise ArtifactError(
            f"{path}: a row has to name a scenario ({', '.join(_IDS)}) and hold its calls "
            f"({', '.join(_CALLS)}); one has the fields {', '.join(row)}"
        )
    several = _several(cast("list[JsonValue]", calls))
    solutions = tuple(tuple(_call(each, path) for each in one) for one in several)
    free = row.get("free")
    opened = tuple(map(str, free)) if isinstance(free, list) else ()
    return GivenSolutions(scenario_id=name, solutions=solutions, free=opened)


def _several(calls: list[JsonValue]) -> list[list[JsonValue]]:
    """Return the calls of each solution, where there may be only one."""
    if calls and all(isinstance(each, list) for each in calls):
        return cast("list[list[JsonValue]]", calls)
    return [calls]


def _call(value: JsonValue, path: Path) -> Call:
    """Read a call, or the step of a trajectory."""
    inner = value.get("call", value) if isinstance(value, dict) else None
    if not isinstance(inner, dict) or "name" not in inner:
        raise ArtifactError(f"{path}: {str(value)[:80]} is no call with a name and arguments")
    arguments = inner.get("arguments")
    given = arguments if isinstance(arguments, dict) else {}
    return build(Call, {"name": inner["name"], "arguments": given})
