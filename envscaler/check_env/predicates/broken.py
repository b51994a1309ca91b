"""Which calls break which predicates, and what each says of them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from envscaler.check_env.judged_steps import StepUnderRule, judge_step, judge_steps, step_of
from envscaler.check_env.predicates.call_pool import CallPool, Kept
from envscaler.check_env.predicates.predicate import Predicate, told
from envscaler.inputs.session import CallRecord, Stage
from envscaler.records import JsonObject, VerdictKind

_NAMES = re.compile(r"'[^']*'|\"[^\"]*\"|\{.*\}|\[.*\]|[\w.-]*\d[\w.:-]*")
_MOST_TOLD = 40
"""Calls of one tool of which one predicate is asked what is wrong with them."""
_IDLE_CALL: JsonObject = {"tool": "", "arguments": {}, "success": True, "result": None}


@dataclass(frozen=True, slots=True)
class Broken:
    """Calls of one tool with which a predicate finds the same fault."""

    predicate: Predicate
    said: str
    """Of the first of them."""
    calls: tuple[Kept, ...]
    """The one that is easiest to follow first."""
    succeeds: bool = True
    """Some call of the tool succeeded."""

    @property
    def tool(self) -> str:
        return self.calls[0].seen.call.tool

    @property
    def key(self) -> str:
        return f"{self.predicate.name}: {_NAMES.sub('', self.said)}"


async def broken_in(
    pool: CallPool,
    predicates: Sequence[Predicate],
    lawful: Sequence[Predicate],
    tools: Iterable[str],
) -> list[Broken]:
    """Hold predicates against the calls of some tools.

    Args:
        pool: The calls.
        predicates: Those of tools are held against their calls, rules against what changes.
        lawful: Rules about states; what begins in a state of ours that breaks one does not count.
        tools: Whose calls.

    Raises:
        SandboxError: The machinery failed.
    """
    found: list[Broken] = []
    for tool in tools:
        calls = pool.calls.get(tool, [])
        changes = [kept for kept in calls if kept.seen.changed]
        rules = [one for one in predicates if not one.tool]
        own = [one for one in predicates if one.tool == tool]
        for wrong in (
            *await _wrong(pool.stage, own, calls),
            *await _wrong(pool.stage, rules, changes),
        ):
            groups = await _grouped(pool.stage, *wrong, lawful)
            found += [replace(one, succeeds=succeeds(pool, tool)) for one in groups]
    return found


def succeeds(pool: CallPool, tool: str) -> bool:
    """Say whether any call of a tool succeeded."""
    return any(one.seen.succeeded for one in pool.calls.get(tool, ()))


async def _wrong(
    stage: Stage, predicates: Sequence[Predicate], calls: Sequence[Kept]
) -> list[tuple[Predicate, list[Kept]]]:
    """Return for each predicate the calls that break it, the easiest to follow first."""
    if not predicates or not calls:
        return []
    steps = [step_of(kept.seen) for kept in calls]
    invariants = [one.invariant for one in predicates]
    rows = await judge_steps(invariants, steps, stage.sandbox, stage.clock)
    found: list[tuple[Predicate, list[Kept]]] = []
    for predicate, kinds in zip(predicates, zip(*rows, strict=True), strict=True):
        judged = zip(calls, kinds, strict=True)
        wrong = [kept for kept, kind in judged if kind is not VerdictKind.PASSED]
        found.append((predicate, sorted(wrong, key=lambda kept: kept.rank)))
    return found


async def _grouped(
    stage: Stage, predicate: Predicate, calls: Sequence[Kept], lawful: Sequence[Predicate]
) -> list[Broken]:
    """Put calls together of which a predicate says the same."""
    counted = [kept for kept in calls[:_MOST_TOLD] if await counts(stage, predicate, kept, lawful)]
    steps = [step_of(kept.seen) for kept in counted]
    said = await told(predicate, steps, stage.sandbox, stage.clock) if steps else []
    groups: dict[str, list[tuple[Kept, str]]] = {}
    for kept, words in zip(counted, said, strict=True):
        groups.setdefault(_NAMES.sub("", words), []).append((kept, words))
    return [
        Broken(predicate, group[0][1], tuple(kept for kept, _ in group))
        for group in groups.values()
    ]


async def counts(
    stage: Stage, predicate: Predicate, kept: Kept, lawful: Sequence[Predicate]
) -> bool:
    """Say whether what was broken had held before, in a state that may be."""
    before = kept.seen.before
    asked = [one.invariant for one in lawful] if kept.made_state is not None else []
    if predicate.kind == "state":
        asked.append(predicate.invariant)
    if not asked:
        return True
    idle = StepUnderRule(before=before, call=_IDLE_CALL, after=before)
    kinds = await judge_step(asked, idle, stage.sandbox, stage.clock)
    return all(kind is VerdictKind.PASSED for kind in kinds)


async def is_broken(stage: Stage, predicate: Predicate, seen: CallRecord) -> bool:
    """Say whether a call breaks a predicate."""
    steps = [step_of(seen)]
    [[kind]] = await judge_steps([predicate.invariant], steps, stage.sandbox, stage.clock)
    return kind is not VerdictKind.PASSED and await counts(stage, predicate, Kept(seen), ())
