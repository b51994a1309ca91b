"""The stage: proven scenarios × operators → harder ones, and the environments that they play in."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from envscaler.by_id import read_by_id
from envscaler.config import HardeningName
from envscaler.errors import ArtifactError, RejectedError
from envscaler.jsonl import read_rows
from envscaler.pipeline.run import Run
from envscaler.pipeline.stage import StageReport
from envscaler.records import Environment, Scenario, row_id
from envscaler.scen_generator.hardening import (
    busy,
    described,
    distractors,
    infeasible,
    tempting,
)
from envscaler.scen_generator.hardening.again import Bench
from envscaler.scen_generator.hardening.classes import without_tool

_MARK = "hardened:"

Hardening = Callable[[Bench, Environment, Scenario], Awaitable[Scenario]]


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to make a scenario harder."""

    place: Callable[[Environment], Environment]
    """The environment that it plays in from then on."""
    harden: Hardening
    """Changes a scenario, and proves it again in that environment."""


def _same(environment: Environment) -> Environment:
    return environment


OPERATORS: dict[HardeningName, Operator] = {
    "distractors": Operator(distractors.distracting, distractors.harden),
    "described": Operator(_same, described.harden),
    "busy": Operator(busy.busy, busy.harden),
    "missing-tool": Operator(infeasible.reportable, infeasible.without_its_tool),
    "missing-record": Operator(infeasible.reportable, infeasible.without_its_record),
    "reportable": Operator(infeasible.reportable, infeasible.partner),
    "tempting": Operator(_same, tempting.harden),
}


@dataclass(frozen=True, slots=True)
class Task:
    """A scenario that is to be hardened."""

    environment: Environment
    scenario: Scenario
    name: HardeningName

    @property
    def id(self) -> str:
        """Names what comes of it before that is known."""
        return row_id("hard", self.scenario.id, self.name)


async def harden(run: Run, source: Path) -> list[StageReport]:
    """Harden the scenarios of a run in another folder: `scenarios` and `envs` are written there.

    Args:
        run: Its folder is the other one.
        source: Folder of the run with the proven scenarios.

    Raises:
        ArtifactError: There are no environments or scenarios, or they do not belong together.
        StopRunError: Nothing could be hardened.
    """
    environments = read_by_id(source / "envs.jsonl", Environment)
    settings = run.settings
    bench = Bench(run.sandbox, settings.scen_generator, settings.interact.reward)
    tasks = [*_tasks(environments, source, settings.scen_generator.harden)]

    async def one(task: Task) -> Scenario:
        return await hardened(bench, task)

    reports = [
        await run.stage(
            tasks,
            one,
            name="harden",
            out="scenarios",
            kind=Scenario,
            id_of=lambda task: task.id,
            made_from=_made_from,
        )
    ]
    return [*reports, await _write_environments(run, environments.values())]


async def hardened(bench: Bench, task: Task) -> Scenario:
    """Harden one scenario.

    Raises:
        RejectedError: It does not lend itself to it, or the result cannot be proven.
        GuestError: The class refuses the state.
    """
    operator = OPERATORS[task.name]
    made = await operator.harden(bench, operator.place(task.environment), task.scenario)
    provenance = made.provenance.model_copy(update={"models": (f"{_MARK}{task.name}",)})
    return made.model_copy(update={"provenance": provenance})


def _made_from(row: Scenario) -> str:
    """Return the id of the task that a row was made for."""
    provenance = row.provenance
    return row_id("hard", provenance.parents[-1], provenance.models[0].removeprefix(_MARK))


def _tasks(
    environments: Mapping[str, Environment], source: Path, names: Sequence[HardeningName]
) -> Iterator[Task]:
    for scenario in read_rows(source / "scenarios.jsonl", Scenario):
        environment = environments.get(scenario.env_id)
        if environment is None:
            raise ArtifactError(
                f"Scenario {scenario.id} plays in environment {scenario.env_id}, "
                f"which is not in {source / 'envs.jsonl'}"
            )
        for name in names:
            yield Task(environment, scenario, name)


async def _write_environments(run: Run, environments: Iterable[Environment]) -> StageReport:
    """Write the environments that hardened scenarios play in."""
    used = {row.env_id for row in read_rows(run.path("scenarios"), Scenario)}

    async def same(environment: Environment) -> Environment:
        return environment

    return await run.stage(
        [each for one in environments for each in _variants(one) if each.id in used],
        same,
        name="harden-envs",
        out="envs",
        kind=Environment,
        id_of=lambda environment: environment.id,
    )


def _variants(environment: Environment) -> Iterator[Environment]:
    """Yield every environment that operators make of one, each once."""
    found: dict[str, Environment] = {}
    for name, operator in OPERATORS.items():
        try:
            place = operator.place(environment)
        except RejectedError:
            continue
        found[place.id] = place
        if name == "missing-tool":
            fewer = (without_tool(place, tool) for tool in environment.structure.changes)
            found.update((each.id, each) for each in fewer)
    yield from found.values()
