"""`envscaler rollout`: scenarios → rollouts.jsonl → trajectories.jsonl.

Every scenario is played in each dialogue and each tool format, some times over. All that was
played is kept in `rollouts.jsonl`; what passes the filters goes on to `trajectories.jsonl`.
"""

from math import prod

from envscaler.by_id import read_by_id
from envscaler.interact.filters import keep
from envscaler.interact.play import Attempt, attempts, play, ways
from envscaler.jsonl import count_rows, read_rows
from envscaler.pipeline.part import Step
from envscaler.pipeline.progress import Counted
from envscaler.pipeline.run import Run
from envscaler.pipeline.stage import StageReport
from envscaler.records import Environment, Scenario, Trajectory


def _player(run: Run) -> Step[Attempt, Trajectory]:
    async def play_one(attempt: Attempt) -> Trajectory:
        parts = (attempt.scenario.id, attempt.dialogue, attempt.tool_format, attempt.number)
        calls = run.calls("rollout", *parts)
        return await play(attempt, calls, run.sandbox, run.settings.interact)

    return play_one


async def rollout(run: Run) -> list[StageReport]:
    """Play every scenario of a run, and filter what was played.

    Raises:
        ArtifactError: The run has no environments or scenarios, or they do not belong together.
        StopRunError: No further row can be made; see `Run.stage`.
    """
    settings = run.settings.interact

    async def keep_one(trajectory: Trajectory) -> Trajectory:
        return keep(trajectory, settings)

    environments = read_by_id(run.path("envs"), Environment)
    scenarios = read_rows(run.path("scenarios"), Scenario)
    model = run.settings.models["agent"].model if settings.agent == "model" else ""
    player = (model, run.settings.seed)
    each = settings.attempts * prod(map(len, ways(settings)))
    played = await run.stage(
        Counted(
            attempts(environments, scenarios, settings, player),
            each * count_rows(run.path("scenarios")),
        ),
        run.step(_player),
        name="rollout",
        out="rollouts",
        kind=Trajectory,
        id_of=lambda attempt: attempt.id,
        divided=True,
    )
    if run.waits("Trajectories are filtered"):
        return [played]
    kept = await run.stage(
        run.rows("rollouts", Trajectory),
        keep_one,
        name="filter",
        out="trajectories",
        kind=Trajectory,
        id_of=lambda trajectory: trajectory.id,
    )
    return [played, kept]
