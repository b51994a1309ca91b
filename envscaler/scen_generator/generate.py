"""The stage: environments × k → scenarios.jsonl."""

from collections.abc import Iterator

from envscaler.config import ScenGeneratorSettings
from envscaler.jsonl import read_rows
from envscaler.llm.calls import Calls
from envscaler.pipeline import StageReport
from envscaler.records import Environment, Scenario
from envscaler.run import Run
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.brief import Brief, brief_for
from envscaler.scen_generator.checks import CheckWriter, Posed, make_checklist
from envscaler.scen_generator.solve import Prover
from envscaler.scen_generator.states import make_state
from envscaler.scen_generator.tasks import make_task


async def gen_scen(run: Run) -> list[StageReport]:
    """Make the scenarios of every environment of a run: `envs.jsonl` → `scenarios.jsonl`."""
    settings = run.settings.scen_generator

    async def step(brief: Brief) -> Scenario:
        calls = run.calls("gen-scen", brief.environment.id, brief.index)
        return await make_scenario(brief, calls, run.sandbox, settings)

    report = await run.stage(
        _briefs(run),
        step,
        name="gen-scen",
        out="scenarios",
        kind=Scenario,
        id_of=lambda brief: brief.id,
    )
    return [report]


def _briefs(run: Run) -> Iterator[Brief]:
    settings = run.settings.scen_generator
    for environment in read_rows(run.path("envs"), Environment):
        for index in range(settings.scenarios_per_env):
            yield brief_for(environment, index, settings.clock, run.settings.seed)


async def make_scenario(
    brief: Brief, calls: Calls, sandbox: Sandbox, settings: ScenGeneratorSettings
) -> Scenario:
    """Make one scenario: state, then task, then checks, then the proof.

    Raises:
        RowError: One of them could not be made.
    """
    state = await make_state(brief, calls, sandbox, tries=settings.state_tries)
    posed = Posed(brief, state, await make_task(brief, state.written, calls))
    scenario = Scenario(
        id=brief.id,
        env_id=brief.environment.id,
        kind=settings.kind,
        index=brief.index,
        initial_state=state.written,
        task=posed.task,
        clock=brief.clock,
        seed=brief.seed,
    )
    if settings.kind == "rl":
        scenario = await _with_checks(scenario, posed, calls, sandbox, settings)
    provenance = calls.provenance(brief.environment.id)
    return scenario.model_copy(update={"provenance": provenance})


async def _with_checks(
    scenario: Scenario,
    posed: Posed,
    calls: Calls,
    sandbox: Sandbox,
    settings: ScenGeneratorSettings,
) -> Scenario:
    least, most = settings.min_checks, settings.max_checks
    checklist = await make_checklist(posed, calls, least=least, most=most)
    writer = CheckWriter(posed, checklist, calls, sandbox, settings.check_tries)
    scenario = scenario.model_copy(update={"checks": await writer.write_all()})
    if settings.prove:
        scenario = await Prover(posed, calls, sandbox, settings).prove(scenario)
    return scenario
