"""Examine an environment without a model: call it, name what is wrong, show how to see it."""

from collections.abc import AsyncIterator, Callable, Sequence, Set

from envscaler.check_env.anomalies import Anomaly
from envscaler.check_env.confirm import CandidateFinding, claim_of, confirm
from envscaler.check_env.detectors.argument_ranges import argument_ranges
from envscaler.check_env.detectors.at_limits import call_at_limits
from envscaler.check_env.detectors.batches import try_batches
from envscaler.check_env.detectors.boundaries import boundaries
from envscaler.check_env.detectors.broken_invariants import (
    broken_invariants,
    judged_calls,
    sort_invariants,
)
from envscaler.check_env.detectors.declared_types import declared_types
from envscaler.check_env.detectors.duplicate_ids import duplicates
from envscaler.check_env.detectors.fields_as_limits import fields_as_limits
from envscaler.check_env.detectors.filters_together import filters_together
from envscaler.check_env.detectors.give_back import give_back
from envscaler.check_env.detectors.hostile_inputs import hostile_calls
from envscaler.check_env.detectors.inferred_rules import inferred_rules
from envscaler.check_env.detectors.inverse_operations import inverse_operations
from envscaler.check_env.detectors.irrelevant_records import irrelevant_records
from envscaler.check_env.detectors.key_types import key_confusions
from envscaler.check_env.detectors.late_refusals import late_refusals
from envscaler.check_env.detectors.linked_calls import call_about_what_changed
from envscaler.check_env.detectors.list_places import list_places
from envscaler.check_env.detectors.mirrored import mirrored
from envscaler.check_env.detectors.moved_records import moved_records
from envscaler.check_env.detectors.named_effects import named_effects
from envscaler.check_env.detectors.no_effect import idle_successes, ignored
from envscaler.check_env.detectors.own_limits import own_limits
from envscaler.check_env.detectors.per_record import per_record
from envscaler.check_env.detectors.promised_orders import promised_orders
from envscaler.check_env.detectors.reordered import reordered, sorted_in_place
from envscaler.check_env.detectors.short_lists import short_lists
from envscaler.check_env.detectors.slow_calls import slow_calls
from envscaler.check_env.detectors.split_periods import split_periods
from envscaler.check_env.detectors.stated_rules import (
    not_understood,
    read_stated,
    stated_rules,
)
from envscaler.check_env.detectors.text_searches import text_searches
from envscaler.check_env.detectors.too_many_rows import too_many_rows
from envscaler.check_env.detectors.uneven_pages import uneven_pages
from envscaler.check_env.detectors.unguarded_states import unguarded_states
from envscaler.check_env.detectors.unreachable import unreachable
from envscaler.check_env.detectors.unsteady import unsteady_answers
from envscaler.check_env.detectors.varied_successes import vary_successes
from envscaler.check_env.detectors.void_records import void_records
from envscaler.check_env.detectors.wrong_answers import wrong_answers
from envscaler.check_env.detectors.wrong_totals import missing_members, wrong_totals
from envscaler.check_env.doubted_states import doubted
from envscaler.check_env.explorer import Budget, Explorer
from envscaler.check_env.predicates.exercise import exercise
from envscaler.check_env.predicates.judge import PredicateJudge
from envscaler.check_env.predicates.oracle import Oracle
from envscaler.check_env.referee import Referee, Told, settle
from envscaler.check_env.stated_rules.reader import Reading
from envscaler.environment.state.plain_rows import has_objects
from envscaler.errors import GuestError
from envscaler.inputs.session import Stage
from envscaler.inputs.states import invent
from envscaler.inputs.subject import Subject, read_subject
from envscaler.records import (
    CallStats,
    Clock,
    Discarded,
    Examination,
    Finding,
    FindingKind,
    Invariant,
    JsonObject,
    Skeleton,
)
from envscaler.sandbox import Sandbox

_CHANGED = (FindingKind.QUERY_CHANGES_STATE, FindingKind.REFUSED_CALL_CHANGED_STATE)
_FAILURES = frozenset((FindingKind.UNCAUGHT_EXCEPTION, FindingKind.UNREACHABLE_SUCCESS))
_EXPERIMENTS = (
    unreachable,
    ignored,
    duplicates,
    key_confusions,
    unsteady_answers,
    slow_calls,
    hostile_calls,
    inferred_rules,
    wrong_answers,
    boundaries,
    irrelevant_records,
    promised_orders,
    text_searches,
    uneven_pages,
    short_lists,
    own_limits,
    per_record,
    mirrored,
    wrong_totals,
    too_many_rows,
    missing_members,
    void_records,
    inverse_operations,
    give_back,
    argument_ranges,
    declared_types,
    filters_together,
    reordered,
    sorted_in_place,
    late_refusals,
    fields_as_limits,
    split_periods,
    moved_records,
    list_places,
    named_effects,
)
_WITH_READING = (unguarded_states,)
"""Experiments that need what was read of the tables of the state."""
_INVENTED = 2
"""States that are invented for an environment that has none."""


async def examine(  # noqa: PLR0913  # the options of check-env, each with a default
    skeleton: Skeleton,
    initial_states: Sequence[JsonObject],
    sandbox: Sandbox,
    *,
    seed: int = 0,
    budget: Budget | None = None,
    invariants: Sequence[Invariant] = (),
    oracle: Oracle | None = None,
    referee: Referee | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Examination:
    """Call an environment in many ways, and report what is wrong with it.

    Args:
        skeleton: The environment.
        initial_states: Where calls begin; without any, states are invented from the source. The
            class's own empty state is tried as well.
        sandbox: Where it runs.
        seed: Of the choice of calls: the same seed finds the same.
        budget: How much is tried.
        invariants: Rules as code; those that tell something are checked after every change.
        oracle: Writes what each tool has to do as predicates, which are checked with all calls, and
            proposes sequences of calls.
        referee: Rules on findings that are only possible, such as those that stand on a sentence.
        progress: Told what is being done.

    Raises:
        ReplyError: The source cannot be read.
        GuestError: The environment starts in none of the states.
        SandboxError: The machinery failed.
    """
    subject = read_subject(skeleton)
    stage, lawful, left_out = await _prepared(subject, initial_states, sandbox)
    explorer = Explorer(stage, budget or Budget(), seed)
    await _explore(explorer, progress)
    progress("judging rules")
    made = judged_calls(explorer) if invariants else []
    rules = await sort_invariants(invariants, lawful, sandbox, subject.hints, made)
    reading = read_stated(explorer)
    judge = PredicateJudge(oracle) if oracle else None
    claims = _experiments(explorer, rules.telling, reading, progress)
    if judge is not None:
        await judge.write(explorer, lawful)
        progress("making the calls that a model proposes")
        await judge.probe(explorer)
        claims = _with_judge(explorer, claims, judge, progress)
    findings, doubtful = await _concluded(explorer, claims, referee)
    return Examination(
        findings=tuple(findings),
        tools=await _tools(explorer),
        initial_states=tuple(stage.initial_states),
        invariants=(*rules.telling, *(judge.invariants if judge else ())),
        discarded=(
            *_discarded(rules.discarded, not_understood(explorer, reading), judge),
            *doubtful,
            *left_out,
        ),
    )


async def _explore(explorer: Explorer, progress: Callable[[str], None]) -> None:
    """Make the calls that all experiments begin with."""
    progress("calling every tool")
    await explorer.run()
    progress("mixing good and bad items in batches")
    await try_batches(explorer)
    progress("changing one argument of what succeeded")
    await vary_successes(explorer)
    progress("calling about what was just changed")
    await call_about_what_changed(explorer)
    progress("calling at limits")
    await call_at_limits(explorer)


async def _prepared(
    subject: Subject, initial_states: Sequence[JsonObject], sandbox: Sandbox
) -> tuple[Stage, list[JsonObject], list[Discarded]]:
    """Return where calls are made, the states at the start, and which given ones do not start.

    States are invented where none is given.
    """
    turns = range(0 if initial_states else _INVENTED)
    invented = [invent(subject.skeleton, turn) for turn in turns]
    given = initial_states or [one.state for one in invented]
    usable, failed = await _usable(subject, given, sandbox)
    guessed = not all(one.declared for one in invented)
    starts = [start for start, _ in usable]
    lives = [live for _, live in usable]
    plain = any(map(has_objects, lives)) and not any(map(has_objects, starts))
    stage = Stage(subject, sandbox, starts, Clock(), bool(invented), guessed, plain=plain)
    return stage, lives, failed if initial_states else []


def _discarded(
    given: Sequence[Discarded], unread: Sequence[Discarded], judge: PredicateJudge | None
) -> tuple[Discarded, ...]:
    """List what was not checked; a rule that was not understood may be checked as code."""
    if judge is None:
        return (*given, *unread)
    known = {one.about for one in judge.predicates}
    return (*given, *judge.discarded, *(one for one in unread if one.rule not in known))


async def _with_judge(
    explorer: Explorer,
    claims: AsyncIterator[CandidateFinding],
    judge: PredicateJudge,
    progress: Callable[[str], None],
) -> AsyncIterator[CandidateFinding]:
    """Hold predicates against all calls that were made, those of the experiments too."""
    pool = judge.watch(explorer)
    async for claim in claims:
        yield claim
    progress("judging every tool by its description")
    await exercise(explorer)
    explorer.stage.watchers.clear()
    async for claim in judge.claims(pool):
        yield claim


async def _tools(explorer: Explorer) -> dict[str, CallStats]:
    """Count the calls of each tool, and the lines that they reached."""
    reached = await explorer.measure_lines()
    return {
        name: call_stats.model_copy(
            update={
                "lines": len(explorer.traced.lines.get(name, ())),
                "lines_reached": len(explorer.traced.lines.get(name, frozenset()) & reached[name]),
            }
        )
        for name, call_stats in sorted(explorer.ledger.call_stats.items())
    }


async def _usable(
    subject: Subject, initial_states: Sequence[JsonObject], sandbox: Sandbox
) -> tuple[list[tuple[JsonObject, JsonObject]], list[Discarded]]:
    """Return the states in which the environment starts, each as given and as it is then.

    Its own empty state is among them if it has all the attributes of the others, and nothing in
    the place of a number but a number: a constructor may take `{}` for its one needed argument.

    Returns:
        These, and of each other state why it is left out.
    """
    usable: list[tuple[JsonObject, JsonObject]] = []
    failed: list[Discarded] = []
    problems: list[GuestError] = []
    for number, state in enumerate([*initial_states, JsonObject()], 1):
        stage = Stage(subject, sandbox, [state], Clock(), invented=False)
        try:
            session = await stage.begin(0)
        except GuestError as error:
            problems.append(error)
            if number <= len(initial_states):
                name = f"State {number} of {len(initial_states)}"
                failed.append(Discarded(rule=name, reason=f"it is left out, since {error}"))
            continue
        if state or _is_like(session.state, usable, subject.class_names):
            usable.append((state, session.state))
        await session.close()
    if not usable and problems:
        raise problems[0]
    return usable, failed


def _is_like(
    state: JsonObject, others: Sequence[tuple[JsonObject, JsonObject]], besides: Set[str]
) -> bool:
    """Say whether a state has all attributes of others, each of a type that it has there, or None.

    Args:
        state: As it is when it began.
        others: As they were given, and as they are when they began.
        besides: What the class itself has.
    """
    if not {name for given, _ in others for name in given} <= state.keys() | besides:
        return False
    for name, value in state.items():
        known = {type(one[name]) for _, one in others if one.get(name) is not None}
        if known and value is not None and type(value) not in known:
            return False
    return True


async def _findings(
    explorer: Explorer, claims: AsyncIterator[CandidateFinding]
) -> AsyncIterator[Told]:
    """Confirm every claim; one of a kind and tool is enough."""
    told: set[tuple[str, str, str]] = set()
    aside = explorer.ledger.kept_by_many()
    for kept in explorer.ledger.anomalies.values():
        if kept[0].kind in _CHANGED and all(
            aside.issuperset(one.seen.changed_paths) for one in kept
        ):
            continue
        found = await _first_confirmed(explorer.stage, kept)
        if found is not None:
            told.add((found.finding.kind, found.finding.tool, ""))
            yield found
    async for claim in claims:
        key = (claim.kind, claim.calls[-1].tool, claim.key)
        found = None if key in told else await _confirmed(explorer.stage, claim)
        if found is not None:
            told.add(key)
            yield found


async def _first_confirmed(stage: Stage, kept: Sequence[Anomaly]) -> Told | None:
    """Confirm the first that can be, of what looked wrong in the same way."""
    for anomaly in kept:
        found = await _confirmed(stage, claim_of(anomaly, stage.subject))
        if found is not None:
            return found
    return None


async def _confirmed(stage: Stage, claim: CandidateFinding) -> Told | None:
    """Confirm a claim; None where it does not show again, or may come from our states."""
    finding = await confirm(stage, claim)
    return None if finding is None or _may_be_ours(stage, finding) else Told(finding, claim)


async def _concluded(
    explorer: Explorer, claims: AsyncIterator[CandidateFinding], referee: Referee | None
) -> tuple[list[Finding], tuple[Discarded, ...]]:
    """Confirm all claims and have doubts settled; also what was found to be none, and why."""
    told = [one async for one in _findings(explorer, claims)]
    told, of_states = doubted(told, len(explorer.stage.subject.tools))
    findings, ruled_out = await settle(explorer.stage, referee, told)
    return findings, (*of_states, *ruled_out)


def _may_be_ours(stage: Stage, finding: Finding) -> bool:
    """Say whether a finding may come from what we put into a state, not from the class."""
    fails = finding.kind in _FAILURES or "failed" in finding.message
    return fails and stage.is_guess(finding.start)


async def _experiments(
    explorer: Explorer,
    rules: Sequence[Invariant],
    reading: Reading,
    progress: Callable[[str], None],
) -> AsyncIterator[CandidateFinding]:
    for claim in idle_successes(explorer):
        yield claim
    async for claim in broken_invariants(explorer, rules):
        yield claim
    progress("stated rules")
    async for claim in _tried(stated_rules(explorer, reading)):
        yield claim
    for reader in _WITH_READING:
        progress(reader.__name__.replace("_", " "))
        async for claim in _tried(reader(explorer, reading)):
            yield claim
    for experiment in _EXPERIMENTS:
        progress(experiment.__name__.replace("_", " "))
        async for claim in _tried(experiment(explorer)):
            yield claim


async def _tried(claims: AsyncIterator[CandidateFinding]) -> AsyncIterator[CandidateFinding]:
    """Yield the claims of an experiment, which ends where a state made for it is not taken."""
    try:
        async for claim in claims:
            yield claim
    except GuestError:
        return
