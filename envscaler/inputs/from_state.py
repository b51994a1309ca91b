"""Arguments that the state itself shows: its objects, and days next to its clock."""

import re
from collections.abc import Iterator
from dataclasses import replace

from pydantic import JsonValue

from envscaler.environment.state.collections import pairs_of, values_held
from envscaler.inputs.correspondence import moved_day
from envscaler.inputs.values import Candidates, distinct
from envscaler.records import JsonObject

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOST_OBJECTS = 4
_STEPS = (1, 20, -1, 0)
"""Days from the clock of a state, the likeliest first."""


def widened(pool: Candidates, shape: JsonObject, name: str, state: JsonObject) -> Candidates:
    """Put what the state shows before what type and name suggest.

    Args:
        pool: What is known of a parameter.
        shape: Its schema.
        name: What it is called.
        state: Where it is given.
    """
    if shape.get("type") == "object" and not shape.get("properties"):
        held = [one for one in values_held(state, name) if pairs_of(one)]
        return replace(pool, existing=distinct([*pool.existing, *held[:_MOST_OBJECTS]]))
    if any(isinstance(one, str) and _DAY.match(one) for one in pool.plausible):
        return replace(pool, plausible=distinct([*_near_clock(state, pool), *pool.plausible]))
    return pool


def _near_clock(state: JsonObject, pool: Candidates) -> Iterator[JsonValue]:
    """Yield days next to those that the state has by itself, in the forms that fit."""
    lengths = {len(one) for one in pool.plausible if isinstance(one, str) and _DAY.match(one)}
    for value in state.values():
        if isinstance(value, str) and _DAY.match(value) and len(value) in lengths:
            yield from (moved_day(value, step) for step in _STEPS)
