"""`envscaler rollout --from FILE`: given calls, or those of trajectories, made and scored again.

No model is asked. What comes of it is written to `RUN/replays.jsonl`.
"""

from collections.abc import Sequence
from pathlib import Path

from envscaler.by_id import read_by_id
from envscaler.config import InteractSettings
from envscaler.errors import ArtifactError, GuestError
from envscaler.interact.play import EnvironmentHost, Scorer
from envscaler.jsonl import read_rows
from envscaler.pipeline.measure import Found, Measured, measure
from envscaler.pipeline.run import Run
from envscaler.published.solutions import read_solutions
from envscaler.records import (
    Call,
    Environment,
    JsonObject,
    Observation,
    Provenance,
    Reward,
    Scenario,
    Step,
    ToolCall,
    Trajectory,
    row_id,
)


class Replay(Measured):
    """`replays.jsonl`: calls that were made again, and what they are worth."""

    env_id: str
    scenario_id: str
    source_id: str
    """The trajectory, or the scenario with the number of the solution, that the calls are from."""
    steps: tuple[Step, ...]
    reward: Reward | None
    """None when the scenario has no checks."""
    recorded: float | None = None
    """The score that the trajectory has; None when it has none or calls were given."""
    other_results: int = 0
    """Calls of the trajectory that came to something else."""


class _Given:
    """Calls for one scenario, and what was recorded of them."""

    def __init__(
        self, source_id: str, calls: Sequence[Call], played: Trajectory | None = None
    ) -> None:
        self.source_id = source_id
        self.calls = calls
        self.played = played


async def replay(run: Run, file: Path) -> Found[Replay]:
    """Make the calls in a file again, as a stage that writes `replays.jsonl`.

    Args:
        run: With `envs.jsonl` and `scenarios.jsonl`.
        file: Trajectories of ours, or calls for scenarios as `import --solutions` takes them.

    Raises:
        ArtifactError: A file is missing or holds neither, or a scenario or environment is not in
            the run.
        EnvScalerError: What stopped the stage.
    """
    folder, settings = run.path("envs").parent, run.settings.interact
    environments = read_by_id(folder / "envs.jsonl", Environment)
    scenarios = read_by_id(folder / "scenarios.jsonl", Scenario)
    given = _read(file)
    for name, _ in given:
        if name not in scenarios or scenarios[name].env_id not in environments:
            raise ArtifactError(f"{file}: scenario {name} or its environment is not in {folder}")

    async def one(pair: tuple[str, _Given]) -> Replay:
        scenario = scenarios[pair[0]]
        environment = environments[scenario.env_id]
        return await _replay(environment, scenario, pair[1], run.sandbox, settings)

    def basis(pair: tuple[str, _Given]) -> tuple[str, ...]:
        scenario = scenarios[pair[0]]
        rows = (environments[scenario.env_id], scenario, *pair[1].calls)
        return (*(row.model_dump_json() for row in rows), settings.reward)

    return await measure(
        run,
        given,
        one,
        name="replay",
        out="replays",
        kind=Replay,
        id_of=lambda pair: row_id("replay", pair[1].source_id),
        basis=basis,
    )


def _read(file: Path) -> list[tuple[str, _Given]]:
    """Return what is given for each scenario, from trajectories or from calls."""
    try:
        rows = [*read_rows(file, Trajectory)]
    except ArtifactError:
        return [
            (each.scenario_id, _Given(f"{each.scenario_id}:{number}", calls))
            for each in read_solutions(file)
            for number, calls in enumerate(each.solutions)
        ]
    return [
        (row.scenario_id, _Given(row.id, [_call(step) for step in row.steps], row)) for row in rows
    ]


def _call(step: Step) -> Call:
    arguments = step.call.arguments if isinstance(step.call.arguments, dict) else {}
    return Call(name=step.call.name, arguments=arguments)


async def _replay(
    environment: Environment,
    scenario: Scenario,
    given: _Given,
    host: EnvironmentHost,
    settings: InteractSettings,
) -> Replay:
    session = await host.open(environment, scenario)
    steps: list[Step] = []
    try:
        start: JsonObject = await session.state()
        scorer = Scorer(scenario, host, settings.reward, start)
        observations = await session.play(given.calls)
        for number, (call, observation) in enumerate(zip(given.calls, observations, strict=True)):
            made = ToolCall(id=f"call_{number}", name=call.name, arguments=call.arguments)
            steps.append(Step(call=made, observation=observation))
        reward = await scorer.score(await session.state())
    except GuestError as error:
        reward = Reward(
            score=None,
            definition=settings.reward,
            verdicts=(),
            isolation=host.level,
            problem=str(error),
        )
    finally:
        await session.close()
    return _row(scenario, given, steps, reward)


def _row(scenario: Scenario, given: _Given, steps: Sequence[Step], reward: Reward | None) -> Replay:
    played = given.played
    before = [step.observation for step in played.steps] if played else []
    return Replay(
        id=row_id("replay", given.source_id),
        provenance=Provenance(parents=(scenario.id,)),
        env_id=scenario.env_id,
        scenario_id=scenario.id,
        source_id=given.source_id,
        steps=tuple(steps),
        reward=reward,
        recorded=played.reward.score if played and played.reward else None,
        other_results=sum(map(_differ, before, (step.observation for step in steps))),
    )


def _differ(one: Observation, other: Observation) -> bool:
    return one.value != other.value
