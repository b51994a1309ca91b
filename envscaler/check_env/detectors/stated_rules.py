"""Rules that sentences of the environment state, and the calls that break them; no model."""

from collections.abc import AsyncIterator, Sequence

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.judge import Judgement, Views, judge
from envscaler.check_env.stated_rules.probes import probe_conditions, probe_limits
from envscaler.check_env.stated_rules.reader import Reading, links_of, read_rules, schema_of
from envscaler.check_env.stated_rules.rule import StatedRule
from envscaler.check_env.stated_rules.statements import parts_of
from envscaler.inputs.session import CallRecord
from envscaler.records import Discarded, FindingKind

_MOST_STEPS = 400
_FOR_LINKS = 8
"""Successes of each tool that tell what its parameters are looked up in."""
_SHOWN = 3
_UNREAD = "Not understood; `--invariants` or `--model` can state it as code"


def read_stated(explorer: Explorer) -> Reading:
    """Read the sentences of an environment; nothing where its states are only guessed."""
    ledger = explorer.ledger
    seen = [
        one
        for kept in (ledger.changing, ledger.idle, ledger.refused)
        for calls in kept.values()
        for one in calls
        if not one.history and one.start < explorer.given
    ]
    live = {one.start: one.before for one in seen}
    states = [state for state in live.values() if state]
    if not states or explorer.stage.invented:
        return Reading()
    schema = schema_of(explorer.stage.subject, states)
    some = [
        one for tool in explorer.stage.subject.tools for one in ledger.successes(tool)[:_FOR_LINKS]
    ]
    return read_rules(explorer.stage.subject, schema, links_of(some, schema))


def not_understood(explorer: Explorer, reading: Reading) -> tuple[Discarded, ...]:
    """List the rules of an environment of which no sentence was read, and those read wrong."""
    unread = {one.text for one in reading.silent}
    silent = [
        Discarded(rule=rule, reason=_UNREAD)
        for rule in explorer.stage.subject.skeleton.rules
        if reading.schema is not None and all(part in unread for part in parts_of(rule))
    ]
    wrong = [
        Discarded(rule=rule.statement.text, reason=f"Read as {rule.text!r}, {why}")
        for rule, why in reading.dropped
    ]
    return (*silent, *wrong)


async def stated_rules(explorer: Explorer, reading: Reading) -> AsyncIterator[CandidateFinding]:
    """Claim that calls break rules that a sentence states."""
    if not reading.rules or reading.schema is None:
        return
    views = Views(reading.schema.words_of_source)
    steps = sorted(
        (one for kept in explorer.ledger.changing.values() for one in kept),
        key=lambda seen: len(seen.history),
    )[:_MOST_STEPS]
    told: set[str] = set()
    judged = [*judge(reading.rules, steps, views)]
    for judgement in judged:
        if judgement.convinces:
            for tool, broken in judgement.broke.items():
                told.add(tool)
                yield claim(judgement.rule, broken[0], views)
    for judgement in judged:
        async for claimed in _probed(explorer, judgement, steps, views):
            if claimed.calls[-1].tool not in told:
                told.add(claimed.calls[-1].tool)
                yield claimed


async def _probed(
    explorer: Explorer, judgement: Judgement, steps: Sequence[CallRecord], views: Views
) -> AsyncIterator[CandidateFinding]:
    """Try a rule that no call broke in states made for it."""
    rule = judgement.rule
    if rule.condition is not None and not judgement.broke:
        async for seen in probe_conditions(explorer, rule, steps, views):
            yield claim(rule, seen, views)
    if rule.limit is not None:
        async for seen in probe_limits(explorer, rule, steps, views):
            yield claim(rule, seen, views)


def claim(rule: StatedRule, seen: CallRecord, views: Views) -> CandidateFinding:
    """Claim that a call breaks a rule."""

    async def shows(replay: Sequence[CallRecord]) -> bool:
        last = replay[-1]
        fresh = Views(views.words)
        return last.succeeded and bool(rule.broken_by(fresh.step(last)))

    where = ", ".join(sorted(rule.broken_by(views.step(seen)))[:_SHOWN])
    one = rule.statement
    said = f"{rule.text}: not so after the call ({where[:160]}). Stated in {one.place}: "
    said += repr(one.text[:160])
    return CandidateFinding(
        FindingKind.BROKEN_INVARIANT,
        said,
        seen.start,
        seen.sequence,
        shows,
        key=one.context or one.text,
        severity="serious" if rule.sure else "possible",
    )
