"""Rules that sentences of the environment state, and the calls that break them; no model."""

from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import chain

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.judge import MOST_BREAK, Judgement, Views, judge
from envscaler.check_env.stated_rules.probes import probe_conditions, probe_limits
from envscaler.check_env.stated_rules.reader import Reading, links_of, read_rules, schema_of
from envscaler.check_env.stated_rules.rule import StatedRule
from envscaler.check_env.stated_rules.statements import parts_of
from envscaler.inputs.session import CallRecord
from envscaler.records import Discarded, FindingKind, JsonObject

_MOST_STEPS = 400
_FOR_LINKS = 8
"""Successes of each tool that tell what its parameters are looked up in."""
_SHOWN = 3
_UNREAD = "Not understood; `--invariants` or `--model` can state it as code"


def read_stated(explorer: Explorer) -> Reading:
    """Read the sentences of an environment; nothing where its states are only guessed."""
    states = _live_states(explorer)
    if not states or explorer.stage.invented:
        return Reading()
    schema = schema_of(explorer.stage.subject, states)
    some = [
        one
        for tool in explorer.stage.subject.tools
        for one in explorer.ledger.successes(tool)[:_FOR_LINKS]
    ]
    return read_rules(explorer.stage.subject, schema, links_of(some, schema))


def _live_states(explorer: Explorer) -> list[JsonObject]:
    """Return the given states as they were before the first call, but for empty ones."""
    ledger = explorer.ledger
    live = {
        one.start: one.before
        for kept in (ledger.changing, ledger.idle, ledger.refused)
        for one in chain.from_iterable(kept.values())
        if not one.history and one.start < explorer.given
    }
    return [state for state in live.values() if state]


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
    steps = explorer.ledger.shortest_changes(_MOST_STEPS)
    told: set[str] = set()
    right = [one async for one in _rightly_read(explorer, reading.rules, steps, views)]
    for claimed in _broken([one for one, _ in right], views):
        told.add(claimed.calls[-1].tool)
        yield claimed
    for claimed in chain.from_iterable(probed for _, probed in right):
        if claimed.calls[-1].tool not in told:
            told.add(claimed.calls[-1].tool)
            yield claimed


async def _rightly_read(
    explorer: Explorer, rules: Sequence[StatedRule], steps: Sequence[CallRecord], views: Views
) -> AsyncIterator[tuple[Judgement, list[CandidateFinding]]]:
    """Yield rules with what calls did to them, and the claims of states made for them."""
    for judgement in judge(rules, steps, views):
        probed = [each async for each in _probed(explorer, judgement, steps, views)]
        if not _many_break(judgement, probed):
            yield judgement, probed


def _many_break(judgement: Judgement, probed: Sequence[CandidateFinding]) -> bool:
    """Say whether more tools break a rule than forget it: then it was misread, or is none."""
    tools = judgement.broke.keys() | {claimed.calls[-1].tool for claimed in probed}
    return len(tools) > MOST_BREAK


def _broken(judged: Sequence[Judgement], views: Views) -> Iterator[CandidateFinding]:
    """Claim that tools break the rules that others keep."""
    for judgement in judged:
        if judgement.convinces:
            for calls in judgement.broke.values():
                yield claim(judgement.rule, calls[0], views)


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
        severity="possible",
    )
