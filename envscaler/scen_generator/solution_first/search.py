"""Find sequences of calls that change an environment, by trying them in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, cast

from pydantic import JsonValue

from envscaler.environment.state.collections import Key, collections_of
from envscaler.environment.state.encoding import canonical
from envscaler.records import Call, JsonObject, Tool
from envscaler.sandbox import LiveEnvironment
from envscaler.scen_generator.solution_first.context import SearchContext, parameters_of
from envscaler.scen_generator.solution_first.pools import Pool
from envscaler.scen_generator.solution_first.random_text import is_date, random_text
from envscaler.scen_generator.solution_first.trace import succeeded

NOTHING: Final = object()
"""No value can be drawn for a parameter."""
DRAWS = 14
"""Arguments drawn for a tool before another one is tried."""
_TIMES = 2
"""How often a sequence may use one tool."""


@dataclass(frozen=True, slots=True)
class FromResult:
    """An argument that an earlier call of the sequence answers with."""

    call: int
    """Index of that call in the sequence."""
    path: tuple[str | int, ...]
    """Where in the result it is."""
    collection: str
    """Name of the collection that it is a new id of."""
    write: int
    """Number of the write that made it, from 1."""


Argument = JsonValue | FromResult | list[FromResult]


@dataclass(frozen=True, slots=True)
class SequenceStep:
    """A call, its arguments given or flowing from the steps before it."""

    tool: str
    arguments: Mapping[str, Argument]
    writes: bool = True
    """False for a query that is there for the id of something new."""

    def bind(self, results: Sequence[JsonValue]) -> Call:
        """Fill in what flows from the results of the steps before it.

        Raises:
            LookupError: A result has nothing there.
        """
        return Call(
            name=self.tool,
            arguments={name: _bound(value, results) for name, value in self.arguments.items()},
        )


@dataclass(frozen=True, slots=True)
class Execution:
    """A sequence that was carried out."""

    calls: tuple[Call, ...]
    results: tuple[JsonValue, ...]
    state: JsonObject
    """At the end, tagged."""


async def run_sequence(live: LiveEnvironment, sequence: Sequence[SequenceStep]) -> Execution | None:
    """Carry out a sequence from where an environment stands; None when a call of it fails."""
    calls: list[Call] = []
    results: list[JsonValue] = []
    for step in sequence:
        try:
            call = step.bind(results)
        except LookupError:
            return None
        observation = await live.call(call.name, call.arguments)
        if not succeeded(observation):
            return None
        calls.append(call)
        results.append(observation.value)
    return Execution(tuple(calls), tuple(results), await live.state())


class Search:
    """Looks for a sequence from where an environment stands.

    Args:
        context: The environment and its state.
        live: The environment; is left where the sequence ends.
        random: Decides between what is possible.
        prefer: Tools to begin with.
    """

    def __init__(
        self, context: SearchContext, live: LiveEnvironment, random: Random, prefer: Iterable[str]
    ) -> None:
        self._context = context
        self._live = live
        self._random = random
        self._prefer = frozenset(prefer)
        self._tools = context.tools
        self._steps: list[SequenceStep] = []
        self._refs: dict[str, list[FromResult]] = {}
        """Path of a collection → new ids of it."""
        self._touched: dict[str, list[Key]] = {}
        """Path of a collection → ids of it that the sequence was given."""
        self._state = canonical(context.state)
        self._results: list[JsonValue] = []
        self._known = {each.path: set(each.ids) for each in context.collections}

    async def find(self, length: int) -> tuple[SequenceStep, ...]:
        """Return a sequence of `length` writes, or of as many as were found."""
        while self._writes() < length and await self._extend():
            pass
        return tuple(self._steps)

    def _writes(self) -> int:
        return sum(step.writes for step in self._steps)

    async def _extend(self) -> bool:
        for name in self._order():
            for arguments in self._draws(self._tools[name]):
                if await self._try(SequenceStep(name, arguments)):
                    return True
        return False

    def _order(self) -> list[str]:
        """Return the writers, those that go on with what the sequence has touched before others."""
        used = [step.tool for step in self._steps]
        names = [name for name in self._context.writers() if used.count(name) < _TIMES]
        self._random.shuffle(names)
        depend = self._random.random() < 0.7

        def rank(name: str) -> tuple[bool, bool, bool]:
            begins = not self._steps and name in self._prefer
            return (name in used, not begins, depend and not self._goes_on(name))

        return sorted(names, key=rank)

    def _goes_on(self, name: str) -> bool:
        return any(
            pool.collection is not None and pool.collection.path in self._touched
            for _, pool in self._pools(self._tools[name])
        )

    def _pools(self, tool: Tool) -> Iterator[tuple[str, Pool]]:
        required, _ = parameters_of(tool)
        return ((name, self._context.pool(tool, name)) for name in required)

    def _draws(self, tool: Tool) -> Iterator[dict[str, Argument]]:
        required, optional = parameters_of(tool)
        seen: set[str] = set()
        for _ in range(DRAWS):
            chosen = [*required, *(name for name in optional if self._random.random() < 0.3)]
            drawn = {name: self._draw(name, self._context.pool(tool, name)) for name in chosen}
            if all(value is not NOTHING for value in drawn.values()) and repr(drawn) not in seen:
                seen.add(repr(drawn))
                yield _in_order(self._telling(cast("dict[str, Argument]", drawn), optional))

    def _telling(
        self, arguments: dict[str, Argument], optional: Sequence[str]
    ) -> dict[str, Argument]:
        """Leave out options that say what the record they are for says already."""
        said = {
            (field, repr(value))
            for key in arguments.values()
            for record in self._context.records_called(key)
            for field, value in record.items()
        }
        return {
            name: value
            for name, value in arguments.items()
            if name not in optional or (name, repr(value)) not in said
        }

    def _draw(self, name: str, pool: Pool) -> object:
        """Choose a value; `NOTHING` when there is none."""
        if pool.collection is not None:
            return self._draw_id(pool, pool.collection.path)
        chance = self._random.random()
        if pool.is_text and (not pool.values or chance < 0.7):
            return random_text(name, self._random)
        old = pool.values and (not pool.fresh or chance < 0.5)
        return self._choose(pool.values if old else pool.fresh)

    def _draw_id(self, pool: Pool, path: str) -> object:
        chance = self._random.random()
        if chance < 0.5 and self._refs.get(path):
            ref = self._random.choice(self._refs[path])
            return [ref] if pool.is_list else ref
        if chance < 0.6 and self._touched.get(path):
            key = self._random.choice(self._touched[path])
            return [key] if pool.is_list else key
        return self._choose(pool.fresh if chance > 0.8 else pool.values)

    def _choose(self, values: Sequence[JsonValue]) -> object:
        return self._random.choice(values) if values else NOTHING

    async def _try(self, step: SequenceStep) -> bool:
        call = step.bind(self._results)
        observation = await self._live.call(call.name, call.arguments)
        if not succeeded(observation):
            return False
        state = await self._live.state()
        if canonical(state) == self._state:
            return False
        self._state = canonical(state)
        self._steps.append(step)
        self._results.append(observation.value)
        await self._remember(step, call, state)
        return True

    async def _remember(self, step: SequenceStep, call: Call, state: JsonObject) -> None:
        """Note which ids the latest step has used, and where new ones can be read."""
        used = {value for value in call.arguments.values() if isinstance(value, str | int)}
        for collection in collections_of(state):
            path = collection.path
            known = self._known.setdefault(path, set())
            for key in collection.ids:
                if key in used:
                    self._touched.setdefault(path, []).append(key)
                elif key not in known and (place := await self._read_id(step, key)) is not None:
                    ref = FromResult(len(self._steps) - 1, place, collection.name, self._writes())
                    self._refs.setdefault(path, []).append(ref)
            known.update(collection.ids)

    async def _read_id(self, step: SequenceStep, key: Key) -> tuple[str | int, ...] | None:
        """Find where the id of something new can be read, after another query if need be."""
        place = _find(self._results[-1], key)
        if place is not None:
            return place
        for name in self._context.environment.structure.queries:
            required, _ = parameters_of(self._tools[name])
            if not set(required) <= step.arguments.keys():
                continue
            query = SequenceStep(
                name, {each: step.arguments[each] for each in required}, writes=False
            )
            call = query.bind(self._results)
            observation = await self._live.call(call.name, call.arguments)
            place = _find(observation.value, key)
            if succeeded(observation) and place is not None:
                self._steps.append(query)
                self._results.append(observation.value)
                return place
        return None


def _in_order(arguments: dict[str, Argument]) -> dict[str, Argument]:
    """Put the dates among arguments in order: what begins comes before what ends."""
    dates = [name for name, value in arguments.items() if is_date(value)]
    values = sorted((arguments[name] for name in dates), key=str)
    return arguments | dict(zip(dates, values, strict=True))


def _bound(value: Argument, results: Sequence[JsonValue]) -> JsonValue:
    if isinstance(value, FromResult):
        return _follow(results[value.call], value.path)
    if isinstance(value, list):
        return [_bound(item, results) for item in value]
    return value


def _follow(value: JsonValue, path: Sequence[str | int]) -> JsonValue:
    for step in path:
        value = cast("dict[str | int, JsonValue]", value)[step]
    return value


def _find(value: JsonValue, wanted: Key) -> tuple[str | int, ...] | None:
    """Find where in a result a value stands by itself."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for step, item in pairs:
            inner = _find(item, wanted)
            if inner is not None:
                return (step, *inner)
        return None
    return () if type(value) is type(wanted) and value == wanted else None
