"""Arguments that the schema allows and a tool never takes: fractions, examples, values it lists.

A call that succeeded is made again with one argument replaced by what the schema or the description
promises to be as good; all else is right, so a refusal is about that argument.
"""

import ast
import re
from collections.abc import AsyncIterator, Iterator, Sequence

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.listings import records_of
from envscaler.check_env.explorer import Explorer
from envscaler.environment.code.syntax import FunctionNode
from envscaler.environment.state.relation import is_number
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of, required_of
from envscaler.records import FindingCall, FindingKind, JsonObject, Tool

_WHOLE = re.compile(r"\b(whole|integers?|ints?|multiples?|even|odd|no fractions?|rounded|cents)\b")
_REQUIRED = re.compile(r"\b(required|must be given|one of .{0,40} has to|either)\b")
_MOST_BASES = 4
_FRACTION = 0.5


async def declared_types(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that what the schema allows is refused wherever else the call succeeds."""
    for name, tool in explorer.stage.subject.tools.items():
        bases = [one for one in explorer.ledger.successes(name) if not one.history]
        for parameter, shape in properties_of(tool).items():
            claim = await _fractions(explorer, tool, parameter, shape, bases)
            claim = claim or await _left_out(explorer, tool, parameter, bases)
            if claim is not None:
                yield claim
                break


async def _fractions(
    explorer: Explorer,
    tool: Tool,
    parameter: str,
    shape: JsonObject,
    bases: Sequence[CallRecord],
) -> CandidateFinding | None:
    """Claim that a number which need not be whole is refused unless it is.

    What the class itself calls no number that may have fractions has a schema of others.
    """
    said = f"{tool.description} {shape.get('description', '')}".lower()
    if not _takes_numbers(shape) or _WHOLE.search(said):
        return None
    if not _is_declared(explorer.stage.subject.methods[tool.name], parameter):
        return None
    given = [one for one in bases if _is_whole(one.call.arguments.get(parameter))]
    if not given or all(_names_a_record(one, parameter) for one in given):
        return None
    if not await _refuses_fractions(explorer, given, parameter):
        return None
    base = given[0]
    message = (
        f"{parameter} is a number by the schema, and only whole ones are taken: "
        f"{base.call.arguments[parameter]} is, and half a unit less or more is refused"
    )
    half = _number(base.call.arguments[parameter]) + _FRACTION
    return _claim(base, {**base.call.arguments, parameter: half}, message)


def _is_declared(method: FunctionNode, parameter: str) -> bool:
    """Say whether a method gives a parameter a type, or its docstring speaks of such numbers."""
    arguments = method.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    is_annotated = any(one.arg == parameter and one.annotation is not None for one in every)
    return is_annotated or "float" in (ast.get_docstring(method) or "")


def _names_a_record(seen: CallRecord, parameter: str) -> bool:
    """Say whether a number is the id of a record, which nobody takes for one that may be halved."""
    held = records_of(seen.before).values()
    return any(str(seen.call.arguments[parameter]) in records for records in held)


async def _refuses_fractions(
    explorer: Explorer, given: Sequence[CallRecord], parameter: str
) -> bool:
    """Say whether no call succeeds with a fraction, and several whole numbers do so."""
    taken = explorer.ledger.successes(given[0].call.tool)
    if any(_is_fraction(one.call.arguments.get(parameter)) for one in taken):
        return False
    refused = 0
    for seen in given[:_MOST_BASES]:
        value = _number(seen.call.arguments[parameter])
        beside = (value - _FRACTION, value + _FRACTION)
        made = [await _again(explorer, seen, {parameter: each}) for each in beside]
        if any(one.succeeded for one in made):
            return False
        refused += all(one.refused for one in made)
    return refused >= min(2, len(given))


async def _left_out(
    explorer: Explorer, tool: Tool, parameter: str, bases: Sequence[CallRecord]
) -> CandidateFinding | None:
    """Claim that a parameter which need not be given has to be."""
    if not _may_be_left_out(tool, parameter):
        return None
    given = [one for one in bases if one.call.arguments.get(parameter) is not None]
    taken = explorer.ledger.successes(tool.name)
    if not given or any(one.call.arguments.get(parameter) is None for one in taken):
        return None
    for seen in given[:_MOST_BASES]:
        call = FindingCall(tool=tool.name, arguments=_without(seen, parameter))
        [made] = await explorer.stage.replay(seen.start, [call])
        if not made.refused:
            return None
    message = f"{parameter} may be left out by the schema, and every call without it is refused"
    return _claim(given[0], _without(given[0], parameter), message)


def _may_be_left_out(tool: Tool, parameter: str) -> bool:
    """Say whether the schema lets a parameter be left out, and the description does too."""
    return parameter not in required_of(tool) and not _REQUIRED.search(tool.description.lower())


def _without(seen: CallRecord, parameter: str) -> JsonObject:
    return {name: value for name, value in seen.call.arguments.items() if name != parameter}


async def _again(explorer: Explorer, seen: CallRecord, changed: JsonObject) -> CallRecord:
    call = FindingCall(tool=seen.call.tool, arguments={**seen.call.arguments, **changed})
    [made] = await explorer.stage.replay(seen.start, [call])
    return made


def _takes_numbers(shape: JsonObject) -> bool:
    return "number" in _types(shape)


def _types(shape: JsonObject) -> Iterator[JsonValue]:
    kind = shape.get("type")
    yield from kind if isinstance(kind, list) else [kind]
    either = shape.get("anyOf")
    for one in either if isinstance(either, list) else ():
        if isinstance(one, dict):
            yield from _types(one)


def _number(value: JsonValue) -> float:
    return value if isinstance(value, int | float) else 0.0


def _is_whole(value: JsonValue) -> bool:
    return is_number(value) and float(value).is_integer() and value >= 1


def _is_fraction(value: JsonValue) -> bool:
    return isinstance(value, float) and not value.is_integer()


def _claim(seen: CallRecord, arguments: JsonObject, message: str) -> CandidateFinding:
    call = FindingCall(tool=seen.call.tool, arguments=arguments)

    async def shows(replay: Sequence[CallRecord]) -> bool:
        return replay[-1].refused

    kind = FindingKind.SCHEMA_MISMATCH
    return CandidateFinding(kind, message, seen.start, (call,), shows, severity="possible")
