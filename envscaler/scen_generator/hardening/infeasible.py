"""Tasks that cannot be done, since a record or a tool is missing: right is to say so."""

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import product

from pydantic import JsonValue

from envscaler.environment.state.collections import (
    Collection,
    Key,
    collections_of,
    walk_values,
)
from envscaler.environment.state.encoding import canonical
from envscaler.errors import RejectedError
from envscaler.records import Call, Environment, JsonObject, ReferenceCall, Scenario, Tool
from envscaler.sandbox import LiveEnvironment, Snapshot
from envscaler.scen_generator.hardening.again import (
    Bench,
    proof_of,
    proven_again,
    reaches_goals,
    writes_of,
)
from envscaler.scen_generator.hardening.classes import (
    Method,
    class_in,
    methods_of,
    told_more,
    with_methods,
    without_tool,
)

DECLINE = "decline_request"
_COUNT = "declined_requests"
_TOLD = (
    "Where something that was asked for cannot be done, because a record or a tool that it needs is"
    f" missing, change nothing and call {DECLINE} once."
)
_MOST_SEQUENCES = 4000
"""Sequences that are tried; where there are more, nothing is claimed."""
_REASON = "What the request needs is not there."


def reportable(environment: Environment) -> Environment:
    """Return an environment with a tool by which an agent says that something cannot be done.

    Raises:
        RejectedError: Its class has no constructor, or such a tool already.
    """
    methods = methods_of(class_in(environment))
    if "__init__" not in methods or DECLINE in methods:
        raise RejectedError("no_report", "Its class has no place for reports")
    told = (
        "Decline a request that cannot be done, and say why: a record or a tool that it needs is"
        " missing."
    )
    body = (f"self.{_COUNT} += 1", 'return {"success": True, "message": "They were told."}')
    method = Method(DECLINE, "self, reason: str", told, body)
    return told_more(with_methods(environment, [method], [f"self.{_COUNT} = 0"]), _TOLD)


async def partner(bench: Bench, environment: Environment, scenario: Scenario) -> Scenario:
    """Prove a scenario, as it is, where it could also be said that it cannot be done."""
    calls = [each.call for each in proof_of(scenario).reference]
    return await proven_again(bench, environment, scenario, calls)


async def without_its_tool(bench: Bench, environment: Environment, scenario: Scenario) -> Scenario:
    """Prove that a task cannot be done without the one tool that changes something for it.

    Args:
        bench: Where it runs.
        environment: With refusals, and with all tools.
        scenario: The feasible variant.

    Raises:
        RejectedError: It can be done otherwise, or there is too much to try.
    """
    place = without_tool(environment, _write(scenario).name)
    feasible = await partner(bench, environment, scenario)
    return await _proven(bench, place, scenario, scenario, feasible)


async def without_its_record(
    bench: Bench, environment: Environment, scenario: Scenario
) -> Scenario:
    """Prove that a task cannot be done when the record is missing that it names by its id.

    Raises:
        RejectedError: It names none that could be missing, it can be done otherwise, or there is
            too much to try.
    """
    _write(scenario)
    collections = collections_of(scenario.initial_state)
    for key in _named(scenario):
        if not any(key in one.ids for one in collections):
            continue
        fewer = without_record(scenario.initial_state, key)
        if fewer is not None:
            variant = scenario.model_copy(update={"initial_state": fewer})
            feasible = await partner(bench, environment, scenario)
            return await _proven(bench, environment, scenario, variant, feasible)
    raise RejectedError("needed", "It names no record that could be missing")


def _named(scenario: Scenario) -> list[str]:
    """Return the values of the solution that stand in the task."""
    calls = proof_of(scenario).reference
    values = (value for call in calls for value in call.arguments.values())
    return [each for each in values if isinstance(each, str) and each in scenario.task]


def _write(scenario: Scenario) -> Call:
    writes = writes_of(proof_of(scenario).reference)
    if len(writes) != 1:
        raise RejectedError("many_writes", "Only where one write is asked for it is all or nothing")
    return writes[0]


def without_record(state: JsonObject, key: str) -> JsonObject | None:
    """Return a state without a record, and without all that refers to it or to those.

    None where something mentions it that is no record of its own.
    """
    found, gone = dict(state), {key}
    while True:
        before = len(gone)
        for one in collections_of(found := {**found}):  # what was found in a state is kept
            doomed = _referring(one, gone)
            if doomed and not _leave_out(found, one, doomed):
                return None
            gone |= {str(each) for each in doomed}
        if len(gone) == before:
            return None if _mentions(found, gone) else found


def _referring(one: Collection, ids: Set[str]) -> set[Key]:
    """Return the ids of those records of a collection that have one of some ids, or name one."""
    return {
        key
        for key, record in zip(one.ids, one.records, strict=True)
        if ids & {key, *_strings(record)}
    }


def _mentions(state: JsonObject, ids: Set[str]) -> bool:
    return any(isinstance(each, str) and each in ids for each in walk_values(state))


def _leave_out(state: JsonObject, one: Collection, doomed: Set[Key]) -> bool:
    """Leave records out of a collection; False where it is not at the top of the state."""
    held = state.get(one.path)
    if isinstance(held, dict) and doomed <= held.keys():
        state[one.path] = {name: each for name, each in held.items() if name not in doomed}
    elif isinstance(held, list) and len(held) == len(one.ids):
        pairs = zip(one.ids, held, strict=True)
        state[one.path] = [record for name, record in pairs if name not in doomed]
    else:
        return False
    return True


def _strings(record: JsonObject) -> list[str]:
    return [each for each in record.values() if isinstance(each, str)]


async def _proven(
    bench: Bench, place: Environment, scenario: Scenario, variant: Scenario, feasible: Scenario
) -> Scenario:
    """Prove a variant in which nothing can be done but to say so."""
    reference = proof_of(scenario).reference
    looked = [each.call for each in reference if each.succeeded and not each.changed]
    report = Call(name=DECLINE, arguments={"reason": _REASON})
    found = await proven_again(bench, place, variant, [*looked, report])
    search = Search(bench, place, found, feasible)
    way = await search.find(candidates(place, reference))
    if way is not None:
        told = (
            ", then ".join(f"{call.name}({call.arguments})" for call in way) or "it is so already"
        )
        raise RejectedError("feasible", f"It can be done all the same: {told}")
    return found


def candidates(environment: Environment, reference: Sequence[ReferenceCall]) -> list[Call]:
    """List every write with the values that a task and the answers on the way to it give.

    A parameter takes what the reference gives to one of its name, and where there is none, all that
    it gives to others of the same type.
    """
    named: dict[str, list[JsonValue]] = {}
    for call in reference:
        for name, value in call.arguments.items():
            if value not in named.setdefault(name, []):
                named[name].append(value)
    offered = {tool.name for tool in environment.tools}
    writers = [name for name in environment.structure.changes if name in offered]
    tools = {tool.name: tool for tool in environment.tools}
    found: list[Call] = []
    for name in writers:
        if name != DECLINE:
            found += _calls_of(tools[name], named)
        if len(found) > _MOST_SEQUENCES:
            raise RejectedError("too_many", f"More than {_MOST_SEQUENCES} calls would be tried")
    return found


def _calls_of(tool: Tool, named: Mapping[str, Sequence[JsonValue]]) -> Iterator[Call]:
    """Yield the calls of one tool, lazily: there may be very many."""
    pools: dict[str, list[JsonValue]] = {}
    for name in tool.properties:
        values = _values_for(tool, name, named)
        if values:
            pools[name] = values
        elif name in tool.required:
            return
    for taken in product(*pools.values()):
        yield Call(name=tool.name, arguments=dict(zip(pools, taken, strict=True)))


def _values_for(tool: Tool, name: str, named: Mapping[str, Sequence[JsonValue]]) -> list[JsonValue]:
    """Return what a parameter takes: what is given to its name, or else to others of its type."""
    values = [*named.get(name, ())]
    if values or name not in tool.required:
        return values
    given = (each for others in named.values() for each in others)
    return [each for each in given if _fits(each, tool.properties[name].get("type"))]


def _fits(value: JsonValue, kind: JsonValue) -> bool:
    """Tell whether a value is of a JSON type; of any where a schema names none or several."""
    types: dict[JsonValue, type | tuple[type, ...]] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
    }
    return not isinstance(kind, str) or kind not in types or isinstance(value, types[kind])


class Search:
    """Tries all sequences of up to two writes, and looks for one that does what was asked.

    Args:
        bench: Where they run.
        environment: Whose tools they use.
        variant: Where it should be impossible.
        scenario: Whose goals count.
    """

    def __init__(
        self, bench: Bench, environment: Environment, variant: Scenario, scenario: Scenario
    ) -> None:
        self._bench = bench
        self._environment = environment
        self._variant = variant
        self._scenario = scenario
        self._tried = 0
        self._seen: set[bytes] = set()

    async def find(self, calls: Sequence[Call]) -> list[Call] | None:
        """Return a sequence that reaches every goal, empty where nothing has to be done; or None.

        Raises:
            RejectedError: There are too many to try them all.
        """
        live = await self._bench.sandbox.open(self._environment, self._variant)
        try:
            state = await live.state()
            if await reaches_goals(self._bench, self._variant, self._scenario, state):
                return []
            self._seen.add(canonical(state))
            begin = await live.snapshot()
            reached: list[tuple[Call, Snapshot]] = []
            if way := await self._from(live, begin, calls, [], reached):
                return way
            for first, place in reached:
                if way := await self._from(live, place, calls, [first], None):
                    return way
        finally:
            await live.close()
        return None

    async def _from(
        self,
        live: LiveEnvironment,
        place: Snapshot,
        calls: Sequence[Call],
        before: list[Call],
        reached: list[tuple[Call, Snapshot]] | None,
    ) -> list[Call] | None:
        for call in calls:
            self._tried += 1
            if self._tried > _MOST_SEQUENCES:
                raise RejectedError(
                    "too_many", f"More than {_MOST_SEQUENCES} sequences would have to be tried"
                )
            await live.restore(place)
            await live.call(call.name, call.arguments)
            state = await live.state()
            if canonical(state) in self._seen:
                continue
            self._seen.add(canonical(state))
            if await reaches_goals(self._bench, self._variant, self._scenario, state):
                return [*before, call]
            if reached is not None:
                reached.append((call, await live.snapshot()))
        return None
