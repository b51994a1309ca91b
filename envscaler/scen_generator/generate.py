"""The stage: environments × k → scenario_candidates.jsonl → scenarios.jsonl."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from envscaler.config import ScenGeneratorSettings
from envscaler.errors import RejectedError
from envscaler.jsonl import read_rows
from envscaler.llm.calls import Calls
from envscaler.pipeline.part import Step
from envscaler.pipeline.progress import Counted
from envscaler.pipeline.run import Run
from envscaler.pipeline.stage import StageReport
from envscaler.records import Environment, RewardDefinition, Scenario, named_by_content
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.dedupe import read_avoided
from envscaler.scen_generator.rounds import in_one
from envscaler.scen_generator.selection import Kept, refused
from envscaler.scen_generator.shortfalls import (
    FILLED_UP,
    ROUNDS,
    is_tiered,
    round_of,
    still_wanted,
)
from envscaler.scen_generator.solution_first.initial_states import InitialStates
from envscaler.scen_generator.solution_first.intentions.make import Intentions
from envscaler.scen_generator.solution_first.intentions.tiers import BUSY
from envscaler.scen_generator.solution_first.make import SolutionFirst
from envscaler.scen_generator.spec import ScenarioSpec, spec_for, spec_id_of
from envscaler.scen_generator.task_first.checks import CheckWriter, TaskInState, make_checklist
from envscaler.scen_generator.task_first.solve import Prover
from envscaler.scen_generator.task_first.state import make_state
from envscaler.scen_generator.task_first.task import make_task


def given_states(run: Run) -> Path | None:
    """Return where states for solution_first are: imported, unless the settings name others."""
    settings = run.settings.scen_generator
    if settings.strategy == "task_first":
        return None
    imported = run.path("states")
    return settings.states or (imported if imported.is_file() else None)


def _maker(run: Run) -> Step[ScenarioSpec, Scenario]:
    return ScenarioMaker(run).make


async def gen_scen(run: Run) -> list[StageReport]:
    """Make the scenarios of every environment: `envs` → `scenario_candidates` → `scenarios`.

    All that was made is kept in `scenario_candidates.jsonl`; what is not too close to another one,
    or to a text that is to be avoided, goes on to `scenarios.jsonl`.

    Raises:
        ArtifactError: A file of the run, or one named in the settings, cannot be read.
    """
    known = len(run.reports)
    try:
        return await _in_rounds(run)
    finally:  # also where it is stopped, for who has to be told
        run.reports[known:] = in_one(run.reports[known:], ("dedupe",))


async def _in_rounds(run: Run) -> list[StageReport]:
    """Make what is missing until there is enough of it."""
    reports: list[StageReport] = []
    for more in range(_rounds(run)):
        kept = _kept_before(run, more)
        total = sum(1 for _ in _specs(run, more, kept))
        if total or not more:
            made = await run.stage(
                Counted(_specs(run, more, kept), total),
                run.step(_maker),
                name="gen-scen",
                out="scenario_candidates",
                kind=Scenario,
                id_of=lambda spec: spec.id,
                made_from=spec_id_of,
                divided=not more,  # what else is needed shows when all rows are there
            )
            reports.append(made)
        if run.waits(
            "Near-duplicates, texts to avoid and tiers that lack scenarios are looked for"
        ):
            break
        if total or more == FILLED_UP:
            reports.append(await _keep_distinct(run, more))
    return reports


class ScenarioMaker:
    """Makes scenarios by the strategies that the settings name."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._settings = run.settings.scen_generator
        self._initial_states = InitialStates(
            run.sandbox, self._settings, run.settings.seed, given_states(run)
        )
        self._definition: RewardDefinition = run.settings.interact.reward
        self._solution_first = SolutionFirst(run.sandbox, self._settings, self._definition)
        self._intentions = Intentions(run.sandbox, self._settings, self._definition)

    async def make(self, spec: ScenarioSpec) -> Scenario:
        """Make one scenario, which is named after its content.

        Raises:
            RowError: It could not be made.
        """
        return named_by_content(await self._made(spec))

    async def _made(self, spec: ScenarioSpec) -> Scenario:
        calls = self._run.calls("gen-scen", spec.environment.origin, spec.index)
        if self._is_task_first(spec):
            sandbox, settings = self._run.sandbox, self._settings
            return await make_scenario(spec, calls, sandbox, settings, self._definition)
        if self._settings.phrasing == "template":
            tiers = self._tiers(spec)
            return await self._intended(spec, calls, tiers)
        state = await self._initial_states.take(spec, calls)
        return await self._solution_first.make(spec, state, calls)

    async def _intended(self, spec: ScenarioSpec, calls: Calls, tiers: tuple[int, ...]) -> Scenario:
        """Make a scenario in the first initial state in which there is one.

        Raises:
            RejectedError: There is none in any; `exhausted` where nothing can be asked for.
        """
        refused: RejectedError | None = None
        async for state in self._initial_states.each(spec, calls, is_busy=tiers[0] >= BUSY):
            try:
                return await self._intentions.make(spec, state, calls, tiers)
            except RejectedError as error:
                if refused is None or refused.kind == "exhausted":
                    refused = error
        raise refused or RejectedError("no_state", "There is no initial state")

    def _tiers(self, spec: ScenarioSpec) -> tuple[int, ...]:
        """Return the tier of a scenario and, where no number was asked for, what else will do.

        That is an easier one, or else a harder one, which is found less often and takes longer.
        """
        tiers = self._settings.tiers
        first = tiers[spec.index % len(tiers)]
        if self._settings.per_tier is not None:
            return (first,)
        easier = sorted((each for each in tiers if each < first), reverse=True)
        return (first, *easier, *sorted(each for each in tiers if each > first))

    def _is_task_first(self, spec: ScenarioSpec) -> bool:
        strategy = self._settings.strategy
        return strategy == "task_first" or (strategy == "both" and spec.index % 2 == 0)


async def _keep_distinct(run: Run, more: int) -> StageReport:
    settings = run.settings.scen_generator
    order = {row.id: place for place, row in enumerate(read_rows(run.path("envs"), Environment))}
    # Rows come in the order in which they were done; which of two is kept must not hang on that.
    made = {row.id: row for row in read_rows(run.path("scenario_candidates"), Scenario)}
    candidates = sorted(
        (row for row in made.values() if round_of(settings, row) <= more),
        key=lambda row: (order.get(row.env_id, len(order)), row.index, row.id),
    )
    there = [*_rows(run, "scenarios")]
    kept = {row.id for row in there}
    left_out = refused(
        there,
        [row for row in candidates if row.id not in kept],
        read_avoided(settings.avoid) if settings.avoid else (),
        settings,
        repeats=more >= FILLED_UP or _rounds(run) == 1,
    )

    async def keep(row: Scenario) -> Scenario:
        if row.id in left_out:
            raise left_out[row.id]
        return row

    return await run.stage(
        candidates, keep, name="dedupe", out="scenarios", kind=Scenario, id_of=lambda row: row.id
    )


def _rounds(run: Run) -> int:
    settings = run.settings.scen_generator
    is_made_up_for = settings.per_tier is not None and is_tiered(settings)
    return ROUNDS if is_made_up_for and not run.is_preview else 1


def _kept_before(run: Run, more: int) -> Kept:
    """Return what was kept before a round, also where the round is looked at again later."""
    settings = run.settings.scen_generator
    rows = (row for row in _rows(run, "scenarios") if round_of(settings, row) < more)
    return Kept.of(rows, only_new=more <= FILLED_UP)


def _rows(run: Run, name: str) -> Iterator[Scenario]:
    path = run.path(name)
    return read_rows(path, Scenario) if path.is_file() else iter(())


def _specs(run: Run, more: int, kept: Kept) -> Iterator[ScenarioSpec]:
    """Yield what is to be made; in later rounds, what is missing in a tier."""
    settings = run.settings.scen_generator
    latest = Kept.of(row for row in _rows(run, "scenarios") if round_of(settings, row) == more - 1)
    for environment in read_rows(run.path("envs"), Environment):
        taken = _taken(settings, kept.chains[environment.id], more)
        for index in _indices(settings, environment, kept, latest, more):
            spec = spec_for(environment, index, settings.clock, run.settings.seed)
            yield replace(spec, taken=taken)


def _taken(settings: ScenGeneratorSettings, chains: Counter[int], more: int) -> frozenset[int]:
    """Return the chains of an environment of which a round looks for no more."""
    if 0 < more <= FILLED_UP:
        return frozenset(chains)
    most = settings.per_chain
    return frozenset(chain for chain, many in chains.items() if most and many >= most)


def _indices(
    settings: ScenGeneratorSettings,
    environment: Environment,
    kept: Kept,
    latest: Kept,
    more: int,
) -> Iterator[int]:
    wanted, tiers = settings.per_tier, settings.tiers
    if wanted is None or not is_tiered(settings):
        yield from range(0 if more else settings.scenarios_per_env)
        return
    for turn in range(wanted):
        for at, tier in enumerate(tiers):
            place = environment.id, tier
            missing = still_wanted(wanted, kept.tiers[place], more, latest.tiers[place])
            if turn < missing:
                yield (more * wanted + turn) * len(tiers) + at


async def make_scenario(
    spec: ScenarioSpec,
    calls: Calls,
    sandbox: Sandbox,
    settings: ScenGeneratorSettings,
    definition: RewardDefinition = "goal",
) -> Scenario:
    """Make one scenario: state, then task, then checks, then the proof.

    Raises:
        RowError: One of them could not be made.
    """
    state = await make_state(spec, calls, sandbox, tries=settings.state_tries)
    in_state = TaskInState(spec, state, await make_task(spec, state.written, calls))
    scenario = Scenario(
        id=spec.id,
        env_id=spec.environment.id,
        kind=settings.kind,
        index=spec.index,
        initial_state=state.whole,
        task=in_state.task,
        clock=spec.clock,
        seed=spec.seed,
    )
    if settings.kind == "rl":
        scenario = await _with_checks(scenario, in_state, calls, sandbox, settings)
        if settings.prove:
            prover = Prover(in_state, calls, sandbox, settings, definition)
            scenario = await prover.prove(scenario)
    provenance = calls.provenance(spec.environment.id)
    return scenario.model_copy(update={"provenance": provenance})


async def _with_checks(
    scenario: Scenario,
    in_state: TaskInState,
    calls: Calls,
    sandbox: Sandbox,
    settings: ScenGeneratorSettings,
) -> Scenario:
    least, most = settings.min_checks, settings.max_checks
    checklist = await make_checklist(in_state, calls, least=least, most=most)
    writer = CheckWriter(in_state, checklist, calls, sandbox, settings.check_tries)
    return scenario.model_copy(update={"checks": await writer.write_all()})
