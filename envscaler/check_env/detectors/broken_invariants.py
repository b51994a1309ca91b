"""Rules as code: which of them tell anything, and which calls break them."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, permutations, zip_longest
from typing import TypeVar

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.judged_steps import (
    StepUnderRule,
    judge_step,
    judge_steps,
    step_of,
    unbroken,
    verdicts_on,
)
from envscaler.environment.hints.hints import Hints
from envscaler.environment.state.collections import items_of, pairs_of
from envscaler.inputs.session import CallRecord, Stage
from envscaler.records import (
    Discarded,
    FindingKind,
    Invariant,
    JsonObject,
    Verdict,
    VerdictKind,
)
from envscaler.sandbox import Sandbox

Value = TypeVar("Value")

MOST_MUTANTS = 1_500
"""Wrong states tried to see whether an invariant is ever broken."""
MOST_MUTANTS_PER_TOOL = 200
"""The same for a rule that asks which tool was called."""
MOST_STEPS = 250
"""Changes of an exploration that are judged."""
_ANSWERS = 12
"""Answers of each query that are judged."""
_CALLS_OF_A_TOOL = 2
"""Calls of each tool whose outcome is made wrong."""
_MOST_COPIED = 300
_MOST_OF_PAIR = 40
"""Wrong values of one key that is no text."""
_IDLE_CALL: JsonObject = {"tool": "", "arguments": {}, "success": True, "result": None}


@dataclass(frozen=True, slots=True)
class Sorted:
    """Rules as code, those that are checked and those that are not."""

    telling: tuple[Invariant, ...] = ()
    discarded: tuple[Discarded, ...] = ()


async def sort_invariants(
    invariants: Sequence[Invariant],
    states: Sequence[JsonObject],
    sandbox: Sandbox,
    hints: Hints,
    seen: Sequence[CallRecord] = (),
) -> Sorted:
    """Keep the invariants that hold in every given state and are broken by something.

    Args:
        invariants: Candidates.
        states: Lawful ones.
        sandbox: Where they are judged.
        hints: Words that wrong states are made of.
        seen: Calls that were made. One that breaks a rule shows that it tells something, and rules
            about steps are tried on wrong outcomes of these calls.

    Raises:
        SandboxError: The machinery failed.
    """
    kept, discarded = await _held(invariants, states, sandbox)
    silent = await unbroken(kept, map(step_of, seen[:MOST_STEPS]), sandbox)
    silent = await unbroken(silent, _wrong_steps(states, hints, MOST_MUTANTS), sandbox)
    about_steps = [one for one in silent if one.kind == "step"]
    for one in _of_each_tool(seen):
        about_steps = await unbroken(about_steps, wrong_outcomes(one, hints), sandbox)
    mute = [one for one in silent if one.kind == "state" or one in about_steps]
    discarded += [Discarded(rule=one.rule, reason=NOTHING_BREAKS_IT) for one in mute]
    telling = tuple(one for one in invariants if one in kept and one not in mute)
    return Sorted(telling, tuple(discarded))


async def _held(
    invariants: Sequence[Invariant], states: Sequence[JsonObject], sandbox: Sandbox
) -> tuple[list[Invariant], list[Discarded]]:
    """Return the invariants that hold in every state, and why the others do not count."""
    kept, discarded = [*invariants], list[Discarded]()
    for number, state in enumerate(states):
        step = StepUnderRule(before=state, call=_IDLE_CALL, after=state)
        judged = [*zip(kept, await verdicts_on(kept, step, sandbox), strict=True)]
        kept = [one for one, verdict in judged if verdict.kind is VerdictKind.PASSED]
        discarded += [
            Discarded(rule=one.rule, reason=_why(verdict, number))
            for one, verdict in judged
            if verdict.kind is not VerdictKind.PASSED
        ]
    return kept, discarded


NOTHING_BREAKS_IT = (
    "Nothing that was tried breaks it: no call, and no wrong state made from real ones"
)


def _why(verdict: Verdict, number: int) -> str:
    if verdict.kind is VerdictKind.FAILED:
        return f"It does not hold in the given state {number}"
    return (
        f"It cannot be judged in the given state {number}: {verdict.kind} {verdict.message}".strip()
    )


def _of_each_tool(seen: Sequence[CallRecord]) -> list[CallRecord]:
    """Return a few calls of every tool, successes first."""
    found: dict[str, list[CallRecord]] = {}
    for one in sorted(seen, key=lambda one: not one.succeeded):
        kept = found.setdefault(one.call.tool, [])
        if len(kept) < _CALLS_OF_A_TOOL:
            kept.append(one)
    return [one for kept in found.values() for one in kept]


def wrong_outcomes(seen: CallRecord, hints: Hints) -> Iterator[StepUnderRule]:
    """Yield a call that was made with another state after it, or with another result."""
    right = step_of(seen)
    for wrong in islice(mutants(seen.after, hints), MOST_MUTANTS_PER_TOOL):
        yield StepUnderRule(before=right.before, call=right.call, after=wrong)
    for result in islice(_mutated(seen.value, "result", hints), MOST_MUTANTS_PER_TOOL):
        yield StepUnderRule(
            before=right.before, call={**right.call, "result": result}, after=right.after
        )
    for name, value in seen.call.arguments.items():
        for other in islice(_other_values(value, name, hints), 4):
            arguments = {**seen.call.arguments, name: other}
            call: JsonObject = {**right.call, "arguments": arguments}
            yield StepUnderRule(before=right.before, call=call, after=right.after)


def _wrong_steps(states: Sequence[JsonObject], hints: Hints, most: int) -> Iterator[StepUnderRule]:
    for state in states:
        for wrong in islice(mutants(state, hints), most):
            yield StepUnderRule(before=state, call=_IDLE_CALL, after=wrong)


def mutants(state: JsonObject, hints: Hints) -> Iterator[JsonObject]:
    """Yield states with one thing wrong, from all parts of the state in turn."""
    queues = [_replaced(state, name, _mutated(state[name], name, hints)) for name in state]
    return _in_turn(queues)


def _in_turn(queues: Iterable[Iterator[Value]]) -> Iterator[Value]:
    """Yield one item of each queue, then the next of each, until all are empty."""
    for turn in zip_longest(*queues):
        yield from (item for item in turn if item is not None)


def _replaced(owner: JsonObject, name: str, values: Iterator[JsonValue]) -> Iterator[JsonObject]:
    return ({**owner, name: value} for value in values)


def _mutated(value: JsonValue, name: str, hints: Hints) -> Iterator[JsonValue]:
    """Yield values with one thing wrong inside: changed, left out, twice."""
    items = items_of(value)
    if isinstance(value, dict) and isinstance(value.get("$dataclass"), list):
        yield from _mutated_object(value, hints)
    elif isinstance(value, dict) and isinstance(value.get("$dict"), list):
        yield from _mutated_pairs(value, hints)
    elif isinstance(value, dict) and pairs_of(value) is not None:
        yield from _mutated_dict(value, hints)
    elif isinstance(value, list) and items:
        yield value[1:]
        yield [*value, value[0]]
        yield from _in_turn(
            [
                _with_item(value, place, _mutated(item, name, hints))
                for place, item in enumerate(value)
            ]
        )
    else:
        yield from _other_values(value, name, hints)


def _with_item(
    items: list[JsonValue], place: int, values: Iterator[JsonValue]
) -> Iterator[JsonValue]:
    return ([*items[:place], value, *items[place + 1 :]] for value in values)


def _mutated_dict(value: JsonObject, hints: Hints) -> Iterator[JsonValue]:
    if value and all(isinstance(item, dict) for item in value.values()):
        yield {**value, "copy of it": next(iter(value.values()))}
        yield from islice(_with_siblings_values(value), _MOST_COPIED)
    queues: list[Iterator[JsonValue]] = []
    for key, item in value.items():
        fewer = {other: kept for other, kept in value.items() if other != key}
        inside = _replaced(value, key, _mutated(item, key, hints))
        queues.append(chain(inside, [fewer]))
    yield from _in_turn(queues)


def _mutated_object(value: JsonObject, hints: Hints) -> Iterator[JsonValue]:
    """Yield objects of a class of the module with one field changed."""
    match value["$dataclass"]:
        case [str(name), dict(fields)]:
            for wrong in _mutated_dict(fields, hints):
                yield {"$dataclass": [name, wrong]}
        case _:
            pass


def _mutated_pairs(value: JsonObject, hints: Hints) -> Iterator[JsonValue]:
    """Yield dicts whose keys are no texts with one value changed, or gone."""
    pairs = pairs_of(value) or []
    for place, (key, item) in enumerate(pairs):
        yield {"$dict": [[*pair] for pair in (*pairs[:place], *pairs[place + 1 :])]}
        for wrong in islice(_mutated(item, str(key), hints), _MOST_OF_PAIR):
            changed = (*pairs[:place], (key, wrong), *pairs[place + 1 :])
            yield {"$dict": [[*pair] for pair in changed]}


def _with_siblings_values(value: JsonObject) -> Iterator[JsonValue]:
    """Yield dicts in which a record has a value of another one: what must differ, agrees."""
    records = {key: item for key, item in value.items() if isinstance(item, dict)}
    for (one, record), (_, other) in permutations(records.items(), 2):
        for name in record:
            if name in other and other[name] != record[name]:
                yield {**value, one: {**record, name: other[name]}}


def _other_values(value: JsonValue, name: str, hints: Hints) -> Iterator[JsonValue]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, -1, 10**6, 0)
    elif isinstance(value, str):
        yield from (word for word in hints.words_for(name) if word != value)
        yield from ("no-such-thing", "", "1900-01-01", "2999-01-01")
    elif value is None:
        yield from ("no-such-thing", 1)


async def broken_invariants(
    explorer: Explorer, invariants: Sequence[Invariant]
) -> AsyncIterator[CandidateFinding]:
    """Claim that calls break rules that held before them, once for each rule and tool."""
    told: set[tuple[str, str]] = set()
    calls = judged_calls(explorer)
    stage = explorer.stage
    all_kinds = await judge_steps(invariants, [*map(step_of, calls)], stage.sandbox, stage.clock)
    for seen, kinds in zip(calls, all_kinds, strict=True):
        held = await _held_before(stage, invariants, seen, kinds)
        for invariant, kind in zip(invariants, held, strict=True):
            key = (invariant.rule, seen.call.tool)
            if kind is VerdictKind.FAILED and key not in told:
                told.add(key)
                yield _claim(explorer.stage, invariant, seen)


def judged_calls(explorer: Explorer) -> list[CallRecord]:
    """List the calls that rules are held against: changes, and some answers of each query."""
    changes = [one for kept in explorer.ledger.changing.values() for one in kept]
    changes.sort(key=lambda seen: len(seen.history))
    answers = [one for kept in explorer.ledger.idle.values() for one in kept[:_ANSWERS]]
    return [*changes[:MOST_STEPS], *answers]


async def _held_before(
    stage: Stage, invariants: Sequence[Invariant], seen: CallRecord, kinds: Sequence[VerdictKind]
) -> Sequence[VerdictKind]:
    """Count only what had held before a call as broken by it."""
    if VerdictKind.FAILED not in kinds:
        return kinds
    idle = StepUnderRule(before=seen.before, call=_IDLE_CALL, after=seen.before)
    before = await judge_step(invariants, idle, stage.sandbox, stage.clock)
    return [
        kind if held is VerdictKind.PASSED else VerdictKind.PASSED
        for kind, held in zip(kinds, before, strict=True)
    ]


def _claim(stage: Stage, invariant: Invariant, seen: CallRecord) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        kinds = await judge_step([invariant], step_of(replay[-1]), stage.sandbox, stage.clock)
        held = await _held_before(stage, [invariant], replay[-1], kinds)
        return held[0] is VerdictKind.FAILED

    said = f"The call breaks a rule that held before it: {invariant.rule}"
    kind = FindingKind.BROKEN_INVARIANT
    return CandidateFinding(
        kind, said, seen.start, seen.sequence, shows, key=invariant.rule, settled=True
    )
