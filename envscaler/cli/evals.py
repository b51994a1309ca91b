"""`envscaler eval`: the benchmarks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from envscaler.cli.grouped import Grouped
from envscaler.cli.options import EPILOG, Options, ShardOf, with_options
from envscaler.cli.say import say
from envscaler.cli.stages import in_run
from envscaler.errors import ConfigError

if TYPE_CHECKING:
    from envscaler.benchmarks.benchmark import Benchmark, Choice, TaskT
    from envscaler.benchmarks.controls import ControlName
    from envscaler.config import Settings
    from envscaler.pipeline.run import Run
    from envscaler.records import Trajectory

evals = typer.Typer(help="Play a benchmark with a model, or with none.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option(help="Where it was installed or checked out.")]
AgentName = Annotated[
    Literal["model", "ground-truth", "skip-last-write", "read-only", "no-op"],
    typer.Option("--agent", help="A model, or a control that needs none."),
]
Trials = Annotated[int, typer.Option("--trials", "-n", min=1, help="Plays of each task.")]
Formats = Annotated[str | None, typer.Option("--tool-format", help="native, text, or native,text.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Only the first tasks of each category.")]
Floor = Annotated[
    bool, typer.Option("--floor/--no-floor", help="Play no-op and read-only controls as well.")
]
Models = Annotated[
    str, typer.Option("--reference", help="Models of the paper to put beside, or none.")
]
_MODELS = "qwen3-8b,qwen3-8b+sft,qwen3-8b+rl"
_LOAD_TIME, _CALL_TIME = 60.0, 60.0
"""Seconds: the code is the benchmark's own, and known to come to an end."""


@evals.command(cls=Grouped, epilog=EPILOG)
@with_options
def bfcl(  # noqa: PLR0913 (each is an option of the command)
    options: Options,
    split: Annotated[
        str, typer.Option(help="base, miss_func, miss_param, long_context; all if none is named.")
    ] = "",
    data: Data = None,
    agent: AgentName = "model",
    trials: Trials = 1,
    tool_format: Formats = None,
    limit: Limit = None,
    floor: Floor = True,
    reference: Models = _MODELS,
    shard: ShardOf = None,
) -> None:
    """BFCL v4 multi-turn: eight stateful APIs, scripted users."""
    from envscaler.benchmarks.benchmark import Choice
    from envscaler.benchmarks.bfcl import BfclBenchmark

    plan = _Plan(agent, trials, tool_format, limit, floor=floor, reference=reference, shard=shard)
    _evaluate(options, BfclBenchmark(), Choice(data=data, groups=_words(split)), plan)


@evals.command(cls=Grouped, epilog=EPILOG)
@with_options
def tau_bench(  # noqa: PLR0913 (each is an option of the command)
    options: Options,
    domain: Annotated[str, typer.Option(help="retail, airline; both if none is named.")] = "",
    data: Data = None,
    agent: AgentName = "model",
    trials: Trials = 1,
    tool_format: Formats = None,
    limit: Limit = None,
    floor: Floor = True,
    reference: Models = _MODELS,
    shard: ShardOf = None,
    user: Annotated[
        str | None, typer.Option(help="llm (the published default), react, verify or reflection.")
    ] = None,
) -> None:
    """tau-bench: tools on tables, a policy, a user that a model plays."""
    from envscaler.benchmarks.benchmark import Choice
    from envscaler.benchmarks.tau_bench import TauBenchmark

    plan = _Plan(agent, trials, tool_format, limit, floor=floor, reference=reference, shard=shard)
    chosen = Choice(data=data, groups=_words(domain), user_strategy=user)
    _evaluate(options, TauBenchmark(), chosen, plan)


@evals.command(cls=Grouped, epilog=EPILOG)
@with_options
def acebench(  # noqa: PLR0913 (each is an option of the command)
    options: Options,
    split: Annotated[str, typer.Option(help="multi_step, multi_turn; both if none is named.")] = "",
    data: Data = None,
    agent: AgentName = "model",
    trials: Trials = 1,
    tool_format: Formats = None,
    limit: Limit = None,
    floor: Floor = True,
    reference: Models = _MODELS,
    shard: ShardOf = None,
    corrected: Annotated[
        bool, typer.Option("--corrected", help="With wrong milestones and answers put right.")
    ] = False,
) -> None:
    """ACEBench's agent tasks: end-to-end and process accuracy."""
    from envscaler.benchmarks.acebench import AceBenchmark
    from envscaler.benchmarks.benchmark import Choice

    plan = _Plan(agent, trials, tool_format, limit, floor=floor, reference=reference, shard=shard)
    chosen = Choice(data=data, groups=_words(split), corrected=corrected)
    _evaluate(options, AceBenchmark(), chosen, plan)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a benchmark is played."""

    agent: "Literal['model'] | ControlName"
    trials: int
    tool_format: str | None
    limit: int | None
    floor: bool
    reference: str
    shard: str | None

    def __post_init__(self) -> None:
        from envscaler.benchmarks.paper import MODELS

        unknown = [each for each in self.models if each not in (*MODELS, "none")]
        if unknown:
            raise ConfigError(f"--reference {unknown[0]}: the paper has {', '.join(MODELS)}")

    @property
    def models(self) -> tuple[str, ...]:
        return _words(self.reference)

    @property
    def control(self) -> "ControlName | None":
        return None if self.agent == "model" else self.agent

    @property
    def floors(self) -> "tuple[ControlName, ...]":
        chosen: tuple[ControlName, ...] = ("no-op", "read-only") if self.floor else ()
        return tuple(each for each in chosen if each != self.agent)


def _evaluate(
    options: Options, benchmark: "Benchmark[TaskT]", choice: "Choice", plan: _Plan
) -> None:
    """Play a benchmark in a run, and print its table."""
    formats = f"[{plan.tool_format}]" if plan.tool_format else None
    settings = options.settings(interact__tool_format=formats)
    tasks = _first(benchmark.load(choice), plan.limit)

    async def work(run: "Run") -> None:
        from envscaler.benchmarks.evaluate import evaluate
        from envscaler.benchmarks.paper import references
        from envscaler.benchmarks.table import table

        variant = "corrected" if choice.corrected else choice.user_strategy or ""
        rows = await evaluate(
            run, benchmark, tasks, agent=plan.control, count=plan.trials, variant=variant
        )
        floors: dict[ControlName, Sequence[Trajectory]] = {
            name: await evaluate(run, benchmark, tasks, agent=name, variant=variant)
            for name in plan.floors
        }
        if run.waits("The table is made"):
            return
        models = tuple(each for each in plan.models if each != "none")
        papers = references(benchmark.name, models)
        say(table(rows, floors, papers, tasks=len(tasks)) + "\n")

    in_run(options.run, with_room(settings), "eval", work, plan.shard)


def with_room(settings: "Settings") -> "Settings":
    """Give the sandbox time for whole packages and large tables, also on a busy machine."""
    given = settings.sandbox
    times = {
        "load_time": max(given.load_time, _LOAD_TIME),
        "call_soft": max(given.call_soft, _CALL_TIME),
        "call_hard": max(given.call_hard, 2 * _CALL_TIME),
    }
    return settings.model_copy(update={"sandbox": given.model_copy(update=times)})


def _first(tasks: "Sequence[TaskT]", limit: int | None) -> "list[TaskT]":
    """Return the first tasks of each category."""
    taken: Counter[str] = Counter()
    found: list[TaskT] = []
    for task in tasks:
        taken[task.group] += 1
        found += [task] if limit is None or taken[task.group] <= limit else []
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (each.strip() for each in text.split(","))))
