"""Episodes of real classes for the benchmarks: published environments, scenarios, calls and checks.

The calls are type-correct: an argument takes a value that stands under its name in the initial
state where there is one, so that most calls find what they ask for. The published data are in
`../shared/data`; a benchmark without them says so.
"""

import json
from collections.abc import Iterator
from itertools import zip_longest
from typing import cast

from pydantic import JsonValue

from envscaler.records import JsonObject, Record
from tests.sandbox.guests import (
    SHARED,
    Guest,
    Scene,
    published_guests,
    published_rollouts,
    published_scenes,
)

CALLS = 11
"""In an episode without a recording."""
CHECKS = 8
"""Of each scenario, so that all weigh the same."""


class Episode(Record):
    """One scenario, and what is called in it."""

    guest: Guest
    scene: Scene
    calls: tuple[tuple[str, JsonObject], ...]


def are_there() -> bool:
    """Say whether the published data are at hand."""
    return SHARED.is_dir()


def episodes() -> list[Episode]:
    """Return an episode of every published scenario, neighbours being of different classes."""
    recorded = {one.scene: one.steps for one in published_rollouts()}
    by_class: dict[str, list[Episode]] = {}
    for scene in published_scenes():
        guest = published_guests()[scene.env_id]
        steps = recorded.get(scene.id)
        calls = [(name, given) for name, given, _ in steps] if steps else _calls(guest, scene)
        shortened = scene.model_copy(update={"checks": scene.checks[:CHECKS]})
        episode = Episode(guest=guest, scene=shortened, calls=tuple(calls))
        by_class.setdefault(scene.env_id, []).append(episode)
    rounds = zip_longest(*by_class.values())
    return [episode for one in rounds for episode in one if episode is not None]


def _calls(guest: Guest, scene: Scene) -> list[tuple[str, JsonObject]]:
    values: dict[str, list[JsonValue]] = {}
    for name, value in _fields(scene.initial_state, ""):
        values.setdefault(name, []).append(value)
    found: list[tuple[str, JsonObject]] = []
    for turn in range(CALLS):
        tool = guest.tools[turn * 5 % len(guest.tools)]
        shapes = cast("dict[str, dict[str, str]]", tool.parameters["properties"])
        arguments = {name: _value(name, one, values, turn) for name, one in shapes.items()}
        found.append((tool.name, arguments))
    return found


def _fields(value: object, name: str) -> Iterator[tuple[str, JsonValue]]:
    """Yield every plain value with the name that it stands under, keys of records as ids."""
    if isinstance(value, dict):
        for key, item in cast("dict[str, JsonObject | None]", value).items():
            if isinstance(item, dict):
                yield f"{name.removesuffix('s')}_id", key
            yield from _fields(item, key)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _fields(item, name.removesuffix("s"))
    elif isinstance(value, str | int | float):
        yield name, value


_KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def _value(
    name: str, shape: dict[str, str], values: dict[str, list[JsonValue]], turn: int
) -> JsonValue:
    kind = str(shape.get("type"))
    made: JsonObject = {"integer": turn, "number": turn / 2, "boolean": True, "array": []}
    fitting = [one for one in values.get(name, ()) if isinstance(one, _KINDS.get(kind, object))]
    if fitting:
        return fitting[turn % len(fitting)]
    return {**made, "object": {}}.get(kind, f"{name} {turn}")


def size_of(state: JsonObject) -> int:
    """Return how many bytes of JSON a state takes."""
    return len(json.dumps(state))
