"""The stage: environments × k → scenario_candidates.jsonl → scenarios.jsonl."""

from collections.abc import Iterator

from envscaler.config import ScenGeneratorSettings
from envscaler.jsonl import count_rows, read_rows
from envscaler.llm.calls import Calls
from envscaler.pipeline.progress import Counted
from envscaler.pipeline.run import Run
from envscaler.pipeline.stage import StageReport
from envscaler.records import Environment, RewardDefinition, Scenario
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.dedupe import SimilarityLimits, read_avoided, too_close
from envscaler.scen_generator.solution_first.initial_states import InitialStates
from envscaler.scen_generator.solution_first.make import SolutionFirst
from envscaler.scen_generator.spec import ScenarioSpec, spec_for
from envscaler.scen_generator.task_first.checks import CheckWriter, TaskInState, make_checklist
from envscaler.scen_generator.task_first.solve import Prover
from envscaler.scen_generator.task_first.state import make_state
from envscaler.scen_generator.task_first.task import make_task


async def gen_scen(run: Run) -> list[StageReport]:
    """Make the scenarios of every environment: `envs` → `scenario_candidates` → `scenarios`.

    All that was made is kept in `scenario_candidates.jsonl`; what is not too close to another one,
    or to a text that is to be avoided, goes on to `scenarios.jsonl`.

    Raises:
        ArtifactError: A file of the run, or one named in the settings, cannot be read.
    """
    each = run.settings.scen_generator.scenarios_per_env
    made = await run.stage(
        Counted(_specs(run), count_rows(run.path("envs")) * each),
        ScenarioMaker(run).make,
        name="gen-scen",
        out="scenario_candidates",
        kind=Scenario,
        id_of=lambda spec: spec.id,
    )
    return [made, await _keep_distinct(run)]


class ScenarioMaker:
    """Makes scenarios by the strategies that the settings name."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._settings = run.settings.scen_generator
        self._initial_states = InitialStates(run.sandbox, self._settings)
        self._definition: RewardDefinition = run.settings.interact.reward
        self._solution_first = SolutionFirst(run.sandbox, self._settings, self._definition)

    async def make(self, spec: ScenarioSpec) -> Scenario:
        """Make one scenario.

        Raises:
            RowError: It could not be made.
        """
        calls = self._run.calls("gen-scen", spec.environment.id, spec.index)
        if self._is_task_first(spec):
            sandbox, settings = self._run.sandbox, self._settings
            return await make_scenario(spec, calls, sandbox, settings, self._definition)
        state = await self._initial_states.take(spec, calls)
        return await self._solution_first.make(spec, state, calls)

    def _is_task_first(self, spec: ScenarioSpec) -> bool:
        strategy = self._settings.strategy
        return strategy == "task_first" or (strategy == "both" and spec.index % 2 == 0)


async def _keep_distinct(run: Run) -> StageReport:
    settings = run.settings.scen_generator
    order = {row.id: place for place, row in enumerate(read_rows(run.path("envs"), Environment))}
    # Rows come in the order in which they were done; which of two is kept must not hang on that.
    candidates = sorted(
        read_rows(run.path("scenario_candidates"), Scenario),
        key=lambda row: (order.get(row.env_id, len(order)), row.index),
    )
    there = [*read_rows(run.path("scenarios"), Scenario)] if _is_begun(run) else []
    kept = frozenset(row.id for row in there)
    refused = too_close(
        [*there, *(row for row in candidates if row.id not in kept)],
        read_avoided(settings.avoid) if settings.avoid else (),
        SimilarityLimits(settings.max_similarity, settings.max_avoid_similarity),
        kept,
    )

    async def keep(row: Scenario) -> Scenario:
        if row.id in refused:
            raise refused[row.id]
        return row

    return await run.stage(
        candidates, keep, name="dedupe", out="scenarios", kind=Scenario, id_of=lambda row: row.id
    )


def _is_begun(run: Run) -> bool:
    return run.path("scenarios").is_file()


def _specs(run: Run) -> Iterator[ScenarioSpec]:
    settings = run.settings.scen_generator
    for environment in read_rows(run.path("envs"), Environment):
        for index in range(settings.scenarios_per_env):
            yield spec_for(environment, index, settings.clock, run.settings.seed)


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
