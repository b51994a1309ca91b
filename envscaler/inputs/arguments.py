"""Arguments for whole calls: sensible ones, and sensible ones with one thing odd."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from envscaler.environment.state.collections import collections_of
from envscaler.environment.state.plurals import singular
from envscaler.inputs.correspondence import KEYS
from envscaler.inputs.guided import Knowledge, values_at
from envscaler.inputs.leaves import Path, leaves_of, with_leaf
from envscaler.inputs.subject import Subject, properties_of, required_of
from envscaler.inputs.values import MOST_EXISTING, Candidates, candidates, distinct
from envscaler.records import JsonObject, Tool

_FIRST = 0.6
"""Chance that one of the likeliest values is taken."""
_LIKELY = 6
_JOINT = 0.6
"""Chance that a call is put together from what tracing told."""
_WORDS = 0.3
"""Chance that a part is a value that got a call further, not one from the state."""
_FREE = 0.4
"""Chance that what is free is varied."""


@dataclass
class Caller:
    """Invents calls. The same seed and states give the same calls."""

    subject: Subject
    chance: random.Random
    known: dict[str, Knowledge] = field(default_factory=dict[str, Knowledge])
    """Tool → what tracing its calls told."""
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
                found_here = candidates(tool, name, state, self.subject.hints)
                self._known[key] = self._with_known(tool.name, name, state, found_here)
            found[name] = self._known[key]
        return found

    def _with_known(self, tool: str, name: str, state: JsonObject, pool: Candidates) -> Candidates:
        """Put what calls were seen to be looked up in before what names suggest."""
        known = self.known.get(tool)
        if known is None:
            return pool
        shape = known.shapes[0] if known.shapes else JsonObject()
        found = [*values_at(known, (name,), state, shape), *_lists_at(known, name, state, shape)]
        if not found:
            return pool
        # Where calls succeed with these, values of other places only repeat one refusal.
        others = () if known.succeeded else pool.existing
        return replace(pool, existing=distinct([*found, *others])[:MOST_EXISTING])

    def joint(self, tool: Tool, state: JsonObject) -> JsonObject | None:
        """Return a call whose parts are found in the state, each in the place of the others."""
        known = self.known.get(tool.name)
        if known is None or not known.shapes:
            return None
        arguments = self.chance.choice(known.shapes)
        pools = self.pools(tool, state)
        for path, value in sorted(leaves_of(arguments), key=lambda one: self._order(known, one[0])):
            if isinstance(value, dict):
                arguments = self._keyed(known, path, value, state, arguments)
            elif isinstance(value, list):
                arguments = self._longer(known, path, value, state, arguments)
            elif found := self._fitting(
                known, path, values_at(known, path, state, arguments), pools
            ):
                arguments = with_leaf(arguments, path, self.chance.choice(found))
        return arguments

    def _fitting(
        self,
        known: Knowledge,
        path: Path,
        found: Sequence[JsonValue],
        pools: Mapping[str, Candidates],
    ) -> Sequence[JsonValue]:
        """Return the values of a part: by chance a word, or any likely one where none was found."""
        if path in known.words and (not found or self.chance.random() < _WORDS):
            found = [*known.words[path]]
        if not found and len(path) == 1 and self.chance.random() < _FREE:
            found = pools[str(path[0])].plausible[:_LIKELY]
        return found

    def _longer(
        self,
        known: Knowledge,
        path: Path,
        value: list[JsonValue],
        state: JsonObject,
        arguments: JsonObject,
    ) -> JsonObject:
        """Give a list of free length two items now and then."""
        scalars = not any(isinstance(item, dict | list) for item in value)
        if path in known.lengths or not value or not scalars or self.chance.random() > _FREE:
            return arguments
        found = values_at(known, (*path, 0), state, arguments)
        if len(found) < 2:
            return arguments
        return with_leaf(arguments, path, [*self.chance.sample(found, 2)])

    def _keyed(
        self,
        known: Knowledge,
        path: Path,
        value: JsonObject,
        state: JsonObject,
        arguments: JsonObject,
    ) -> JsonObject:
        """Give an object keys that the state has, where its keys are looked up there."""
        found = [str(key) for key in values_at(known, (*path, KEYS), state, arguments)]
        if not found or not value:
            return arguments
        keys = self.chance.sample(found, min(len(found), self.chance.randint(1, 2)))
        items = [*value.values()]
        return with_leaf(
            arguments, path, {key: items[n % len(items)] for n, key in enumerate(keys)}
        )

    @staticmethod
    def _order(known: Knowledge, path: Path) -> tuple[int, int]:
        """Choose lists first, then what others depend on."""
        refs = [len(link.refs) for link in known.links.get(path, ())]
        return max(refs, default=0), len(path)

    def sensible(self, tool: Tool, state: JsonObject, most: int) -> list[JsonObject]:
        """Return calls that may succeed: what tracing told, ids of one record, then at random."""
        pools = self.pools(tool, state)
        required = required_of(tool)
        joint = [self.joint(tool, state) for _ in range(most // 2)]
        found = [call for call in joint if call is not None]
        known = self.known.get(tool.name)
        found += known.shapes[:2] if known and known.succeeded else []
        found.append(self._first(pools, required))
        together = [self._complete(some, pools, required) for some in self._related(tool, state)]
        self.chance.shuffle(together)
        found += together[: most // 2]
        while len(found) < 2 * most:
            found.append(self._random(pools, required))
        return _distinct(found)[:most]

    def one(self, tool: Tool, state: JsonObject) -> JsonObject:
        """Return one call at random, most often a sensible one."""
        joint = self.joint(tool, state) if self.chance.random() < _JOINT else None
        if joint is not None:
            return joint
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
                shared = self._said_by({f"{own}_id": key, "id": key, **record}, fields)
                if len(shared) > 1:
                    found.append(shared)
        return _distinct(found)[:60]

    def _said_by(self, record: JsonObject, fields: Mapping[str, Sequence[str]]) -> JsonObject:
        """Return the parameters that a record has a value for."""
        shared: JsonObject = {}
        for name, ways in fields.items():
            values = [record[way] for way in ways if way in record]
            if values and isinstance(values[0], str | int):
                shared[name] = self.chance.choice(values)
        return shared

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


def _lists_at(known: Knowledge, name: str, state: JsonObject, shape: JsonObject) -> list[JsonValue]:
    """List the lists of a parameter: of one value each, or as long as a call was seen to need."""
    if known.lengths.get((name,), 1) > 1:
        return [shape[name]] if name in shape else []
    return [[value] for value in values_at(known, (name, 0), state, shape)]
