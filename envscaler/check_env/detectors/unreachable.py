"""Could a tool that never succeeded do so in a state that is only one word away?"""

import ast
import operator
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from random import Random

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.environment.dataflow.unused_parameters import never_succeeds
from envscaler.environment.hints.expressions import Word
from envscaler.environment.hints.from_code import Miner
from envscaler.errors import GuestError
from envscaler.inputs.guided import Knowledge
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of, required_of
from envscaler.inputs.trace import Event, Trace
from envscaler.records import FindingKind, JsonObject, Tool

Words = Mapping[str, Sequence[Word]]

_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_LOOK_UPS = frozenset(("in", "not in", "get", "item", "pop"))
_ASKED = 3
_FEW = 2
"""So many ids show of what kind they are."""
_ROUNDS = 12
"""States tried for one tool."""
_RAISES = 20
"""A tool that raises once in so many calls fails for that, which is told anyway."""
_CALLS = 16
"""Calls in each of them."""


async def unreachable(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that tools never succeed, in no state that was reached nor in one close to it.

    Close is a state in which the fields that the tool looks at hold other words: such as the
    class or its texts state somewhere. A word that nothing but a comparison mentions is not
    expected to come up.
    """
    for tool in explorer.not_succeeded():
        refused = explorer.ledger.refused.get(tool)
        call_stats = explorer.ledger.call_stats[tool]
        if not refused or call_stats.raised * _RAISES > call_stats.calls - call_stats.invalid:
            continue
        certain = never_succeeds(explorer.stage.subject.methods, tool)
        if not certain and not await _is_stuck(explorer, tool):
            continue
        seen = min(refused, key=lambda one: len(one.history))
        said = "No return of it reports a success" if certain else "It never succeeded"
        message = f"{said}; it was called {call_stats.calls} times"
        kind = FindingKind.UNREACHABLE_SUCCESS
        # Where no type is asked for, none of the values may have been of the right one.
        needed = {*required_of(explorer.stage.subject.tools[tool])}
        loose = not certain and not needed.isdisjoint(explorer.stage.subject.open_parameters[tool])
        yield CandidateFinding(
            kind,
            message,
            seen.start,
            seen.sequence,
            _is_refused,
            severity="possible" if loose else "",
        )


async def _is_stuck(explorer: Explorer, tool: str) -> bool:
    """Say whether calls prove that a tool succeeds neither where it was called nor nearby."""
    # States that we made up may lack what the tool needs, so calls alone prove nothing there.
    unknown = explorer.stage.invented or takes_objects(explorer.stage.subject.tools[tool])
    if unknown or not conclusive(explorer, tool):
        return False
    return not await _succeeds_nearby(explorer, tool)


def takes_objects(tool: Tool) -> bool:
    """Say whether a tool takes objects of which the schema does not say what is in them."""
    shapes = [*properties_of(tool).values()]
    items = [one for shape in shapes if isinstance(one := shape.get("items"), dict)]
    return any(
        shape.get("type") == "object" and not shape.get("properties") for shape in (*shapes, *items)
    )


def conclusive(explorer: Explorer, tool: str) -> bool:
    """Say whether traced calls prove that a tool is stuck at something no argument can mend.

    Either a look-up is made with a kind of key that the container does not have, or with the id of
    a record of another kind, or a call found all that it looked up and was stopped by a comparison
    with something written in the source, which no call has passed.
    """
    known = explorer.known[tool]
    return (
        _asks_for_another_kind(known.traces)
        or _asks_two_owners(known.traces)
        or _asks_for_what_none_has(known)
        or known.in_other_case
        or any(_refuses_what_is_new(explorer, one) for one in known.traces)
        or _stops_at_a_constant(explorer, tool)
    )


def _asks_for_another_kind(traces: Sequence[Trace]) -> bool:
    """Say whether a look-up is made with a kind of key that the container never has."""
    events = [event for trace in traces for event in trace.events if _looks_up(event)]
    return any(map(_wrong_kind, _grouped(events, _container)))


def _asks_two_owners(traces: Sequence[Trace]) -> bool:
    """Say whether what was found among some ids is then asked for among quite different ones."""
    asked = [pair for one in traces for pair in _asked_again(one)]
    return bool(asked) and all(first.isdisjoint(second) for first, second in asked)


def _asked_again(trace: Trace) -> Iterator[tuple[set[str], set[str]]]:
    """Yield the ids among which an argument was found, and those it was asked for among later."""
    given = [one for one in trace.arguments.values() if isinstance(one, str)]
    found: dict[str, set[str]] = {}
    for event in filter(_looks_up, trace.events):
        asked, keys = event.left, {str(key) for key in _keys(event)}
        if not isinstance(asked, str) or asked not in given or len(keys) < _FEW:
            continue
        if asked in found and found[asked] != keys:
            yield found[asked], keys
        elif event.holds:
            found[asked] = keys


def _asks_for_what_none_has(known: Knowledge) -> bool:
    """Say whether a field that the source names is in no record that it was asked of."""
    return any(len(held) >= _ASKED and not any(held) for held in known.fields.values())


def _stops_at_a_constant(explorer: Explorer, tool: str) -> bool:
    """Say whether a call found all it looked up, and ended where a constant is compared with."""
    traces = [one for one in explorer.known[tool].traces if one.events]
    passed = {event.line for one in traces for event in one.events if event.line != _end(one)}
    constant = _constant_tests(explorer, tool) - passed - _ending_either_way(traces)
    return any(_end(one) in constant and all(map(_found, one.events)) for one in traces)


def _ending_either_way(traces: Sequence[Trace]) -> set[int]:
    """Return the lines at which calls ended whether their last comparison held or not."""
    ends = {(_end(one), _outcome(one.events[-1])) for one in traces}
    return {line for line, held in ends if (line, not held) in ends}


def _outcome(event: Event) -> bool:
    """Say how a comparison came out; of two that are equal or not, whether they are."""
    left, right = event.left, event.right
    order = _ORDERS.get(event.operation)
    if order is None or not isinstance(left, int | float) or not isinstance(right, int | float):
        return event.holds
    return order(left, right)


def _end(trace: Trace) -> int:
    """Return the line of the last event of a call."""
    return trace.events[-1].line


def _refuses_what_is_new(explorer: Explorer, trace: Trace) -> bool:
    """Say whether a call was stopped because something is known that only the call itself names.

    It can only be known if the tool put it there before it looked.
    """
    last = trace.events[-1] if trace.events else None
    if last is None or last.operation != "in" or not isinstance(last.left, str):
        return False
    given = last.left in trace.arguments.values() and bool(last.left.strip())
    return given and last.holds and last.left not in repr(explorer.stage.initial_states)


def _looks_up(event: Event) -> bool:
    return event.operation in _LOOK_UPS and bool(_keys(event))


def _keys(event: Event) -> list[JsonValue]:
    """Return the keys of the container that something is looked up in."""
    keys = event.right.get("keys") if isinstance(event.right, dict) else None
    return keys if isinstance(keys, list) else []


def _container(event: Event) -> str:
    return f"{event.line} {_keys(event)}"


def _grouped(events: Sequence[Event], name: Callable[[Event], str]) -> list[list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(name(event), []).append(event)
    return [*found.values()]


def _wrong_kind(events: Sequence[Event]) -> bool:
    """Say whether what is asked for is never of the kind that the keys are of."""
    return {type(one.left) for one in events}.isdisjoint(type(key) for key in _keys(events[0]))


def _found(event: Event) -> bool:
    if event.operation not in _LOOK_UPS or not isinstance(event.right, dict):
        return True
    return event.holds or "keys" not in event.right


def _constant_tests(explorer: Explorer, tool: str) -> set[int]:
    """Return the lines on which something is compared with what the source writes out."""
    methods = explorer.stage.subject.methods
    tests: dict[int, list[ast.Compare]] = {}
    for name in _called_by(explorer, tool):
        choosing = {id(one) for one in _choosing(methods[name])}
        for node in ast.walk(methods[name]):
            if isinstance(node, ast.Compare) and not _with_nothing(node):
                tests.setdefault(node.lineno, []).append(node)
                if id(node) in choosing:  # it chooses what is looked at, and refuses nothing
                    tests[node.lineno].append(_NO_TEST)
    return {line for line, nodes in tests.items() if all(map(_with_constant, nodes))}


_NO_TEST = ast.Compare(ast.Name("a"), [ast.Eq()], [ast.Name("b")])


def _choosing(method: ast.AST) -> Iterator[ast.AST]:
    """Yield what decides which items of a comprehension, or of a loop, count."""
    for node in ast.walk(method):
        if isinstance(node, ast.comprehension):
            for each in node.ifs:
                yield from ast.walk(each)
        elif isinstance(node, ast.For | ast.While):
            for each in ast.walk(node):
                if isinstance(each, ast.If) and not _ends_the_call(each):
                    yield from ast.walk(each.test)


def _ends_the_call(node: ast.If) -> bool:
    """Say whether a call may be over in one of the two branches."""
    inside = (one for part in (*node.body, *node.orelse) for one in ast.walk(part))
    return any(isinstance(one, ast.Return | ast.Raise) for one in inside)


def _with_nothing(node: ast.Compare) -> bool:
    """Say whether it is only asked whether something is there at all."""
    return any(isinstance(one, ast.Constant) and one.value is None for one in node.comparators)


def _with_constant(node: ast.Compare) -> bool:
    """Say whether one variable is compared with something written out, other than None."""
    sides = (node.left, *node.comparators)
    written = any(
        isinstance(one, ast.Tuple | ast.List | ast.Set)
        or (isinstance(one, ast.Constant) and one.value is not None)
        or (isinstance(one, ast.Attribute) and one.attr.isupper())
        for one in sides
    )
    return written and len([*_names(node)]) == 1


def _names(node: ast.AST) -> Iterator[str]:
    """Yield the variables of an expression, `self` aside."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    yield from names - {"self"}


async def _is_refused(replay: Sequence[CallRecord]) -> bool:
    return replay[-1].refused


async def _succeeds_nearby(explorer: Explorer, name: str) -> bool:
    stage = explorer.stage
    wanted = dict(_wanted_words(explorer, name))
    tool, place = stage.subject.tools[name], len(stage.initial_states)
    for turn in range(_ROUNDS if wanted else 0):
        given = stage.initial_states[turn % place]
        with stage.holding(_with_words(given, wanted, explorer.chance)) as start:
            if await _succeeds_in(explorer, tool, start):
                return True
    return False


async def _succeeds_in(explorer: Explorer, tool: Tool, start: int) -> bool:
    """Say whether a tool succeeds in a state, at once or after a few other calls."""
    try:
        session = await explorer.stage.begin(start)
    except GuestError:
        return False
    try:
        for _ in range(2):
            for arguments in explorer.caller.sensible(tool, session.state, _CALLS):
                if (await session.make(tool.name, arguments)).succeeded:
                    return True
            for _ in range(_CALLS):
                other, arguments = explorer.next_call(session)
                await session.make(other, arguments)
    except GuestError:
        return False
    finally:
        await session.close()
    return False


def _wanted_words(explorer: Explorer, name: str) -> Iterator[tuple[str, list[Word]]]:
    """Yield the fields that a tool compares, with the words that it wants and others state."""
    subject = explorer.stage.subject
    miner = Miner()
    miner.read(ast.Module([subject.methods[one] for one in _called_by(explorer, name)], []))
    for field, words in miner.words.items():
        stated = {word for known in _same(subject.hints.stated, field) for word in known}
        usual = [word for word in words if explorer.stage.invented or word in stated]
        if usual:
            yield field, usual


def _same(stated: Mapping[str, frozenset[Word]], field: str) -> Iterator[frozenset[Word]]:
    """Yield what is stated of a field, and of names that end in it, such as `new_status`."""
    for name, words in stated.items():
        if name == field or name.endswith(f"_{field}") or field.endswith(f"_{name}"):
            yield words


def _called_by(explorer: Explorer, name: str) -> list[str]:
    """Return a tool and the methods of the class that it calls, and so on."""
    methods = explorer.stage.subject.methods
    found, pending = [name], [name]
    while pending:
        for node in ast.walk(methods[pending.pop()]):
            if isinstance(node, ast.Attribute) and node.attr in methods and node.attr not in found:
                found.append(node.attr)
                pending.append(node.attr)
    return found


def _with_words(value: JsonObject, words: Words, chance: Random) -> JsonObject:
    """Return a state in which fields of these names hold some of the words given for them."""
    return {name: _changed(item, name, words, chance) for name, item in value.items()}


def _changed(value: JsonValue, name: str, words: Words, chance: Random) -> JsonValue:
    if isinstance(value, dict):
        return {key: _changed(item, key, words, chance) for key, item in value.items()}
    if isinstance(value, list):
        return [_changed(item, name, words, chance) for item in value]
    fitting = [word for word in words.get(name, ()) if type(word) is type(value)]
    return chance.choice([value, *fitting]) if fitting and isinstance(value, str) else value
