"""Arguments for whole calls: sensible ones, and sensible ones with one thing odd."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import JsonValue

from envscaler.environment.state.collections import collections_of
from envscaler.environment.state.plurals import singular
from envscaler.inputs.subject import Subject, properties_of, required_of
from envscaler.inputs.values import Candidates, candidates
from envscaler.records import JsonObject, Tool

_FIRST = 0.6
"""Chance that one of the likeliest values is taken."""
_LIKELY = 6


@dataclass
class Caller:
    """Invents calls. The same seed and states give the same calls."""

    subject: Subject
    chance: random.Random
    _known: dict[tuple[int, str, str], Candidates] = field(
        default_factory=dict[tuple[int, str, str], Candidates]
    )
    _state: JsonObject = field(default_factory=JsonObject)

    def pools(self, tool: Tool, state: JsonObject) -> dict[str, Candidates]:
        """Return the values for each parameter of a tool."""
        if state is not self._state:
            self._known.clear()
            self._state = state
        found: dict[str, Candidates] = {}
        for name in properties_of(tool):
            key = (id(state), tool.name, name)
            if key not in self._known:
                self._known[key] = candidates(tool, name, state, self.subject.hints)
            found[name] = self._known[key]
        return found

    def sensible(self, tool: Tool, state: JsonObject, most: int) -> list[JsonObject]:
        """Return calls that may succeed: ids of one record together first, then at random."""
        pools = self.pools(tool, state)
        required = required_of(tool)
        found = [self._first(pools, required)]
        together = [self._complete(some, pools, required) for some in self._related(tool, state)]
        self.chance.shuffle(together)
        found += together[: most // 2]
        while len(found) < 2 * most:
            found.append(self._random(pools, required))
        return _distinct(found)[:most]

    def one(self, tool: Tool, state: JsonObject) -> JsonObject:
        """Return one call at random, most often a sensible one."""
        pools = self.pools(tool, state)
        required = required_of(tool)
        related = self._related(tool, state) if self.chance.random() < 0.4 else []
        if related:
            return self._complete(self.chance.choice(related), pools, required)
        return self._random(pools, required)

    def vary(self, tool: Tool, state: JsonObject, base: JsonObject) -> JsonObject:
        """Return a call with one argument other than in a given one."""
        pools = self.pools(tool, state)
        names = [name for name in base if name in pools and pools[name].sensible]
        if not names:
            return base
        name = self.chance.choice(names)
        return {**base, name: self.chance.choice(pools[name].sensible)}

    def odd(self, tool: Tool, state: JsonObject, base: JsonObject) -> Iterator[JsonObject]:
        """Yield variants of a call with one argument odd, and with each optional one given."""
        for name, pool in self.pools(tool, state).items():
            for value in pool.odd[:28]:
                yield {**base, name: value}
            for value in pool.sensible[:4]:
                if base.get(name) != value:
                    yield {**base, name: value}
        optional = base.keys() - set(required_of(tool))
        if optional:
            yield {name: value for name, value in base.items() if name not in optional}

    def _first(self, pools: dict[str, Candidates], required: list[str]) -> JsonObject:
        return {name: pools[name].sensible[0] for name in required if pools[name].sensible}

    def _random(self, pools: dict[str, Candidates], required: list[str]) -> JsonObject:
        arguments: JsonObject = {}
        for name, pool in pools.items():
            if name in required or self.chance.random() < 0.35:
                values = self._pick(pool)
                if values:
                    arguments[name] = self.chance.choice(values)
        return arguments

    def _pick(self, pool: Candidates) -> tuple[JsonValue, ...]:
        """Choose a class of values, then the best of it."""
        draw = self.chance.random()
        if draw < _FIRST:
            ways = [pool.existing, pool.enum]
            ways = [way for way in ways if way] or [pool.plausible]
            return self.chance.choice(ways)
        if draw < 0.95:
            return pool.plausible[:_LIKELY] or pool.sensible
        return pool.odd or pool.sensible

    def _related(self, tool: Tool, state: JsonObject) -> list[JsonObject]:
        """List what single records say about several parameters at once."""
        fields = {
            name: (name, *self.subject.hints.equals.get(name, ())) for name in properties_of(tool)
        }
        found: list[JsonObject] = []
        for collection in collections_of(state):
            own = singular(collection.name)
            for key, record in zip(collection.ids, collection.records, strict=True):
                known: JsonObject = {f"{own}_id": key, "id": key, **record}
                shared: JsonObject = {}
                for name, ways in fields.items():
                    values = [known[way] for way in ways if way in known]
                    if values and isinstance(values[0], str | int):
                        shared[name] = self.chance.choice(values)
                if len(shared) > 1:
                    found.append(shared)
        return _distinct(found)[:60]

    def _complete(
        self, some: JsonObject, pools: dict[str, Candidates], required: list[str]
    ) -> JsonObject:
        rest = self._random(pools, required)
        kept = {
            name: value
            for name, value in some.items()
            if name in required or self.chance.random() < 0.5
        }
        return {**rest, **kept}


def _distinct(calls: list[JsonObject]) -> list[JsonObject]:
    return list({repr(call): call for call in calls}.values())
