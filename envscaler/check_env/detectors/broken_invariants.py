"""Rules as code: which of them tell anything, and which calls break them."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import TypeVar

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.environment.hints.hints import Hints
from envscaler.environment.state.collections import items_of, pairs_of
from envscaler.inputs.session import CallRecord, Stage
from envscaler.records import (
    Check,
    Clock,
    FindingKind,
    Invariant,
    JsonObject,
    Record,
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
_IDLE_CALL: JsonObject = {"tool": "", "arguments": {}, "success": True}
_CALLS = {
    "state": "invariant(final_state)",
    "step": 'step_invariant(initial_state["before"], initial_state["call"], final_state)',
}


class StepUnderRule(Record):
    """A call as an invariant sees it."""

    before: JsonObject
    call: JsonObject
    """`{"tool": ..., "arguments": {...}, "success": ...}`."""
    after: JsonObject


async def judge_step(
    invariants: Sequence[Invariant],
    step: StepUnderRule,
    sandbox: Sandbox,
    clock: Clock | None = None,
) -> list[VerdictKind]:
    """Say for each invariant whether it holds after a step.

    Raises:
        SandboxError: The machinery failed.
    """
    scene: JsonObject = {"before": step.before, "call": step.call}
    checks = [_check(one) for one in invariants]
    verdicts = await sandbox.run_checks(checks, scene, step.after, clock or Clock())
    return [verdict.kind for verdict in verdicts]


def _check(invariant: Invariant) -> Check:
    call = _CALLS[invariant.kind]
    source = f"{invariant.source}\n\ndef check_func(final_state):\n    return {call}\n"
    return Check(item=invariant.rule, source=source)


async def telling_invariants(
    invariants: Sequence[Invariant],
    states: Sequence[JsonObject],
    sandbox: Sandbox,
    hints: Hints,
    tools: Sequence[str] = (),
) -> tuple[Invariant, ...]:
    """Keep the invariants that hold in every given state and are broken by some wrong one.

    Args:
        invariants: Candidates.
        states: Lawful ones.
        sandbox: Where they are judged.
        hints: Words that wrong states are made of.
        tools: Tools that change the state; a rule about steps may ask for one of them.

    Raises:
        SandboxError: The machinery failed.
    """
    kept = list(invariants)
    for state in states:
        step = StepUnderRule(before=state, call=_IDLE_CALL, after=state)
        kinds = await judge_step(kept, step, sandbox)
        kept = [one for one, kind in zip(kept, kinds, strict=True) if kind is VerdictKind.PASSED]
    silent = await _unbroken(kept, _wrong_steps(states, hints, _IDLE_CALL, MOST_MUTANTS), sandbox)
    about_steps = [one for one in silent if one.kind == "step"]
    for tool in tools:
        call: JsonObject = {**_IDLE_CALL, "tool": tool}
        steps = _wrong_steps(states, hints, call, MOST_MUTANTS_PER_TOOL)
        about_steps = await _unbroken(about_steps, steps, sandbox)
    return tuple(
        one
        for one in invariants
        if one in kept and one not in (about_steps if one.kind == "step" else silent)
    )


async def _unbroken(
    invariants: list[Invariant], steps: Iterable[StepUnderRule], sandbox: Sandbox
) -> list[Invariant]:
    """Return the invariants that none of the steps breaks."""
    for step in steps:
        if not invariants:
            break
        kinds = await judge_step(invariants, step, sandbox)
        pairs = zip(invariants, kinds, strict=True)
        invariants = [one for one, kind in pairs if kind is not VerdictKind.FAILED]
    return invariants


def _wrong_steps(
    states: Sequence[JsonObject], hints: Hints, call: JsonObject, most: int
) -> Iterator[StepUnderRule]:
    for state in states:
        for wrong in islice(mutants(state, hints), most):
            yield StepUnderRule(before=state, call=call, after=wrong)


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
    if isinstance(value, dict) and pairs_of(value) is not None:
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
    queues: list[Iterator[JsonValue]] = []
    for key, item in value.items():
        fewer = {other: kept for other, kept in value.items() if other != key}
        inside = _replaced(value, key, _mutated(item, key, hints))
        queues.append(chain(inside, [fewer]))
    yield from _in_turn(queues)


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
    steps = [one for kept in explorer.ledger.changing.values() for one in kept]
    steps.sort(key=lambda seen: len(seen.history))
    for seen in steps[:MOST_STEPS]:
        kinds = await _judge(explorer.stage, invariants, seen)
        for invariant, kind in zip(invariants, kinds, strict=True):
            key = (invariant.rule, seen.call.tool)
            if kind is VerdictKind.FAILED and key not in told:
                told.add(key)
                yield _claim(explorer.stage, invariant, seen)


async def _judge(
    stage: Stage, invariants: Sequence[Invariant], seen: CallRecord
) -> list[VerdictKind]:
    """Judge a call; a rule about states must have held before it to be broken by it."""
    kinds = await judge_step(invariants, _step(seen), stage.sandbox, stage.clock)
    if VerdictKind.FAILED not in kinds:
        return kinds
    idle = StepUnderRule(before=seen.before, call=_IDLE_CALL, after=seen.before)
    before = await judge_step(invariants, idle, stage.sandbox, stage.clock)
    return [
        kind if held is VerdictKind.PASSED else VerdictKind.PASSED
        for kind, held in zip(kinds, before, strict=True)
    ]


def _step(seen: CallRecord) -> StepUnderRule:
    call: JsonObject = {
        "tool": seen.call.tool,
        "arguments": seen.call.arguments,
        "success": seen.succeeded,
    }
    return StepUnderRule(before=seen.before, call=call, after=seen.after)


def _claim(stage: Stage, invariant: Invariant, seen: CallRecord) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return (await _judge(stage, [invariant], replay[-1]))[0] is VerdictKind.FAILED

    said = f"The call breaks a rule that held before it: {invariant.rule}"
    kind = FindingKind.BROKEN_INVARIANT
    return CandidateFinding(kind, said, seen.start, seen.sequence, shows, key=invariant.rule)
