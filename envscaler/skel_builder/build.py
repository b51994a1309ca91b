"""build-skel: tasks → candidates → topics → skeletons → assessments → envs."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from envscaler.jsonl import read_rows, write_rows
from envscaler.pipeline.merged import MergedPart
from envscaler.pipeline.part import Step
from envscaler.pipeline.run import Run
from envscaler.pipeline.shards import ShardPart, fingerprint
from envscaler.pipeline.stage import StageReport
from envscaler.records import (
    Assessment,
    Candidate,
    Environment,
    Row,
    Skeleton,
    Task,
    Topic,
    row_id,
)
from envscaler.skel_builder.admit import (
    Admission,
    admit,
    environment_id,
    outcome_of,
    summarise,
)
from envscaler.skel_builder.assess import assess, assessment_id
from envscaler.skel_builder.collect import (
    FILTERS,
    TaskFilter,
    read_tasks,
    refuse_task,
    until_enough,
)
from envscaler.skel_builder.events import Assessed, Listener, silent
from envscaler.skel_builder.mine import candidate_id, mine
from envscaler.skel_builder.repair import with_source
from envscaler.skel_builder.select import (
    Embed,
    Refusals,
    clusters_wanted,
    select,
    topic_id,
    topic_of,
)
from envscaler.skel_builder.skeleton import skeleton_id, write_skeleton

RowT = TypeVar("RowT", bound=Row)


async def build_skel(
    run: Run, tasks: str | Path, *, column: str | None = None, embed: Embed | None = None
) -> list[StageReport]:
    """Make environments of the tasks in a file.

    Topics are chosen when every task has been judged; until then, in a batch run, the later
    stages wait. After that each stage works on what the one before it has finished.

    Args:
        run: Folder, settings, models and sandbox.
        tasks: A file of any kind that `read_task_rows` reads.
        column: Field that holds the task; None where rows have a known shape.
        embed: Turns texts into vectors to find near-duplicate topics; None for TF-IDF.

    Returns:
        A report for each stage that ran.

    Raises:
        ConfigError: The settings cannot work.
        ArtifactError: A file is missing or is not what it should be.
        StopRunError: The run was stopped.
    """
    settings = run.settings.skel_builder
    clusters_wanted(settings)  # a wrong setting shows before anything is paid for
    keeps = FILTERS[settings.task_filter]
    rows = until_enough(read_tasks(tasks, column), keeps, settings.max_tasks)
    if isinstance(run.part, ShardPart):
        return await _build_shard(run, run.part, rows, keeps)
    return await build_from(run, rows, embed)


async def build_from(
    run: Run, rows: Iterable[Task], embed: Embed | None = None
) -> list[StageReport]:
    """Make environments of tasks; as `build_skel`, which reads them from a file."""
    settings = run.settings.skel_builder
    stages = _Stages(run, silent)
    reports = [await stages.collect(rows, FILTERS[settings.task_filter])]
    reports.append(await stages.mine(run.rows("tasks", Task)))
    if reports[-1].waiting:
        return reports
    candidates = run.path("candidates")
    refusals = await select(
        read_rows(candidates, Candidate), settings, seed=run.settings.seed, embed=embed
    )
    reports.append(await stages.choose(run.rows("candidates", Candidate), refusals))
    if isinstance(run.part, MergedPart) and not run.part.has("write"):
        return reports
    reports.append(await stages.write(run.rows("topics", Topic)))
    reports.append(await stages.test(run.rows("skeletons", Skeleton)))
    reports.append(await stages.admit(run.rows("skeletons", Skeleton)))
    return reports


async def _build_shard(
    run: Run, part: ShardPart, rows: Iterable[Task], keeps: TaskFilter
) -> list[StageReport]:
    """Mine the tasks of a shard, or build the topics of it once those of all are chosen."""
    stages = _Stages(run, silent)
    given = run.path("given")
    write_rows(given, rows)
    if fingerprint(given) == fingerprint(part.run / given.name):
        reports = [await stages.write(run.rows("topics", Topic))]
        reports.append(await stages.test(run.rows("skeletons", Skeleton)))
        run.waits("Environments are admitted")
        return reports
    kept = (task for task in read_rows(given, Task) if keeps(task.text) is None)
    reports = [await stages.mine(kept)]
    run.waits("Topics are selected among all candidates")
    return reports


async def build_one(run: Run, sentence: str, listener: Listener = silent) -> list[StageReport]:
    """Make one environment of one sentence, whatever its usefulness.

    Args:
        run: Its folder gets the same artifacts as a whole run; rows of others stay out of it.
        sentence: The task.
        listener: Is told of each step as it happens; not of steps that an earlier run has done.

    Returns:
        A report for each stage that ran; the last of them tells how far it went.

    Raises:
        ArtifactError: A file is missing or is not what it should be.
        StopRunError: The run was stopped.
    """
    stages = _Stages(run, listener)
    task = Task(id=row_id("task", sentence.strip()), text=sentence.strip(), source="user")
    candidate, topic = candidate_id(task), topic_id(candidate_id(task))
    any_score = run.settings.skel_builder.model_copy(
        update={"min_usefulness": 1, "min_modelability": 1}
    )
    reports = [await stages.collect([task], FILTERS["none"])]
    reports.append(await stages.mine([task]))
    mined = _with_id(read_rows(run.path("candidates"), Candidate), candidate)
    refusals = await select(mined, any_score, seed=run.settings.seed)
    reports.append(await stages.choose(mined, refusals))
    topics = _with_id(read_rows(run.path("topics"), Topic), topic)
    reports.append(await stages.write(topics))
    skeletons = _with_id(read_rows(run.path("skeletons"), Skeleton), skeleton_id(topic))
    reports.append(await stages.test(skeletons))
    reports.append(await stages.admit(skeletons))
    return reports


def _with_id(rows: Iterable[RowT], wanted: str) -> list[RowT]:
    return [row for row in rows if row.id == wanted]


def _miner(listener: Listener, run: Run) -> Step[Task, Candidate]:
    async def step(task: Task) -> Candidate:
        return await mine(task, run.calls(candidate_id(task)), listener)

    return step


def _writer(listener: Listener, run: Run) -> Step[Topic, Skeleton]:
    async def step(topic: Topic) -> Skeleton:
        calls, settings = run.calls(skeleton_id(topic.id)), run.settings.skel_builder
        return await write_skeleton(topic, calls, run.sandbox, settings, listener)

    return step


def _tester(listener: Listener, run: Run) -> Step[Skeleton, Assessment]:
    async def step(skeleton: Skeleton) -> Assessment:
        calls, settings = run.calls(assessment_id(skeleton)), run.settings.skel_builder
        return await assess(skeleton, calls, run.sandbox, settings, listener)

    return step


@dataclass(frozen=True)
class _Stages:
    """The stages, each over the rows that it is given."""

    run: Run
    listener: Listener

    async def collect(self, rows: Iterable[Task], keeps: TaskFilter) -> StageReport:
        async def step(task: Task) -> Task:
            return refuse_task(task, keeps)

        return await self.run.stage(
            rows, step, name="collect", out="tasks", kind=Task, id_of=lambda task: task.id
        )

    async def mine(self, rows: Iterable[Task]) -> StageReport:
        return await self.run.stage(
            rows,
            self.run.step(partial(_miner, self.listener)),
            name="mine",
            out="candidates",
            kind=Candidate,
            id_of=candidate_id,
            divided=True,
        )

    async def choose(self, rows: Iterable[Candidate], refusals: Refusals) -> StageReport:
        async def step(candidate: Candidate) -> Topic:
            return topic_of(candidate, refusals)

        return await self.run.stage(
            rows,
            step,
            name="select",
            out="topics",
            kind=Topic,
            id_of=lambda candidate: topic_id(candidate.id),
        )

    async def write(self, rows: Iterable[Topic]) -> StageReport:
        return await self.run.stage(
            rows,
            self.run.step(partial(_writer, self.listener)),
            name="write",
            out="skeletons",
            kind=Skeleton,
            id_of=lambda topic: skeleton_id(topic.id),
            divided=True,
        )

    async def test(self, rows: Iterable[Skeleton]) -> StageReport:
        return await self.run.stage(
            rows,
            self.run.step(partial(_tester, self.listener)),
            name="assess",
            out="assessments",
            kind=Assessment,
            id_of=assessment_id,
        )

    async def admit(self, rows: Iterable[Skeleton]) -> StageReport:
        """Work on the rows whose assessment is there; the others are counted where they stopped."""
        outcomes = self._outcomes()

        async def step(skeleton: Skeleton) -> Environment:
            outcome = outcomes[assessment_id(skeleton)]
            if outcome.repaired is not None:
                skeleton = with_source(skeleton, outcome.repaired)
            summary = summarise(skeleton, outcome)
            self.listener(Assessed(summary=summary))
            return admit(skeleton, summary, self.run.settings.skel_builder)

        return await self.run.stage(
            (row for row in rows if assessment_id(row) in outcomes),
            step,
            name="admit",
            out="envs",
            kind=Environment,
            id_of=environment_id,
            made_from=lambda row: row.origin,
        )

    def _outcomes(self) -> dict[str, Admission]:
        rows = read_rows(self.run.path("assessments"), Assessment)
        return {row.id: outcome_of(row) for row in rows}
