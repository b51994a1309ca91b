"""The stages of the pipeline as commands."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from envscaler.cli.grouped import Grouped
from envscaler.cli.options import (
    SHARD_EPILOG,
    Config,
    Options,
    Overrides,
    PreviewOf,
    ShardOf,
    with_options,
)
from envscaler.cli.say import say
from envscaler.errors import UserStopError

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from envscaler.config import Settings
    from envscaler.pipeline.run import Run
    from envscaler.pipeline.shards import Shard

stages = typer.Typer()

T = TypeVar("T")


@stages.command(cls=Grouped, epilog=SHARD_EPILOG)
@with_options
def build_skel(
    options: Options,
    tasks: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="JSONL, JSON, text, CSV or parquet (.gz too), or hf:NAME:SPLIT."
        ),
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="Field of each row that holds the task.")
    ] = None,
    task: Annotated[str | None, typer.Option(help="One sentence instead of a file.")] = None,
    preview: PreviewOf = None,
    shard: ShardOf = None,
) -> None:
    """Turn tasks into tested environments."""
    if (tasks is None) == (task is None):
        raise typer.BadParameter("give either --tasks FILE or --task SENTENCE")
    if task is not None and (shard, preview) != (None, None):
        raise typer.BadParameter("--task is one row; --shard and --preview take some of many")
    settings = options.settings(skel_builder__max_tasks=preview)
    if task is not None:  # one row, whose steps are shown as they happen
        settings = settings.model_copy(
            update={"runner": settings.runner.model_copy(update={"executor": "local"})}
        )

    async def work(run: "Run") -> None:
        from envscaler.display.build import Narrator
        from envscaler.display.console import open_console
        from envscaler.skel_builder.build import build_one, build_skel

        if tasks is not None:
            await build_skel(run, tasks, column=column, embed=run.embed)
        elif task is not None:
            await build_one(run, task, Narrator(open_console()))

    in_run(options.run, settings, "build-skel", work, shard, preview)


@stages.command(cls=Grouped)
def estimate(
    tasks: Annotated[str, typer.Option(metavar="FILE", help="As build-skel takes it.")],
    column: Annotated[
        str | None, typer.Option(help="Field of each row that holds the task.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="RUN", help="A run to take averages from; the demo's."),
    ] = None,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Say how many requests and tokens a run will take, and what it will cost."""
    from envscaler.config import load_settings
    from envscaler.display.estimate import estimate_text
    from envscaler.estimate import estimate as guess
    from envscaler.estimate import measure_averages, shipped_averages
    from envscaler.llm.models import open_meter
    from envscaler.skel_builder.collect import FILTERS, read_tasks, until_enough

    settings = load_settings(config, overrides or ())
    keeps = FILTERS[settings.skel_builder.task_filter]
    rows = until_enough(read_tasks(tasks, column), keeps, settings.skel_builder.max_tasks)
    kept = sum(keeps(task.text) is None for task in rows)
    averages = shipped_averages() if source is None else measure_averages(source)
    say(estimate_text(guess(kept, averages, settings, open_meter(settings.llm)), kept, source))


@stages.command(cls=Grouped, epilog=SHARD_EPILOG)
@with_options
def gen_scen(  # noqa: PLR0913  options of one command
    options: Options,
    kind: Annotated[
        Literal["rl", "sft"] | None, typer.Option(help="With checks, or without.")
    ] = None,
    strategy: Annotated[
        Literal["task_first", "solution_first", "both"] | None,
        typer.Option(help="Whether a task or its solution is made first."),
    ] = None,
    phrasing: Annotated[
        Literal["model", "template"] | None,
        typer.Option(help="Who words a solution; template: no model at all."),
    ] = None,
    tiers: Annotated[
        str | None, typer.Option(help="How hard, with template: 3, 1-5 or 1,2,4.")
    ] = None,
    per_tier: Annotated[
        int | None, typer.Option(min=1, help="Scenarios of each tier for an environment.")
    ] = None,
    avoid: Annotated[
        Path | None,
        typer.Option(help="Texts that no task may be like: a file, or bench:bfcl,acebench=FOLDER."),
    ] = None,
    preview: PreviewOf = None,
    shard: ShardOf = None,
) -> None:
    """Make states, tasks and checks in each environment."""
    if (tiers or per_tier) and not phrasing:
        phrasing = "template"  # nothing else knows of tiers
    if phrasing and not strategy:
        strategy = "solution_first"  # a task that comes first has no other phrasing

    async def work(run: "Run") -> None:
        from envscaler.scen_generator.distinct import distinct_chains
        from envscaler.scen_generator.generate import gen_scen, given_states
        from envscaler.scen_generator.shortfalls import shortfalls

        if states := given_states(run):
            say(f"Scenarios begin in the states of {states}.")
        await gen_scen(run)
        if chains := distinct_chains(run):
            say(f"{chains}.")
        for each in dict.fromkeys(map(str, shortfalls(run))):
            say(f"{each}.")

    if avoid is not None:
        from envscaler.benchmarks.texts import texts_file

        avoid = texts_file(avoid, options.run)
    settings = options.settings(
        scen_generator__kind=kind,
        scen_generator__strategy=strategy,
        scen_generator__phrasing=phrasing,
        scen_generator__tiers=_numbers(tiers) if tiers else None,
        scen_generator__per_tier=per_tier,
        scen_generator__avoid=avoid,
    )
    in_run(options.run, settings, "gen-scen", work, shard, preview)


def _numbers(text: str) -> list[int]:
    """Read `3`, `1-5` or `1,2,4`.

    Raises:
        BadParameter: It is none of these.
    """
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not first.strip().isdecimal() or (last and not last.strip().isdecimal()):
            raise typer.BadParameter(f"--tiers takes numbers such as 3, 1-5 or 1,2,4, not {text!r}")
        found += range(int(first), int(last or first) + 1)
    return found


@stages.command(cls=Grouped, epilog=SHARD_EPILOG)
@with_options
def rollout(
    options: Options,
    attempts: Annotated[
        int | None, typer.Option("--attempts", "-n", min=1, help="Episodes for each scenario.")
    ] = None,
    agent: Annotated[
        Literal["model", "reference", "slip", "noop", "random", "one-lookup", "greedy"] | None,
        typer.Option(help="Who acts; all but model need none."),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="RUN|FILE",
            help="Another run, whose scenarios are played here; or calls, or trajectories, that "
            "are made and scored again: no model.",
        ),
    ] = None,
    preview: PreviewOf = None,
    shard: ShardOf = None,
) -> None:
    """Let an agent act in each scenario, and score it."""
    from envscaler.interact.same_set import is_run, take_scenarios

    if source is not None and not is_run(source):
        if preview is not None:
            raise typer.BadParameter("--from FILE makes all calls again; leave --preview out")
        _replay(options, source, shard)
        return

    async def work(run: "Run") -> None:
        from envscaler.interact.rollout import rollout

        await rollout(run)

    settings = options.settings(interact__attempts=attempts, interact__agent=agent)
    if source is not None:
        take_scenarios(source, options.run)
    in_run(options.run, settings, "rollout", work, shard, preview)


def _replay(options: Options, source: Path, shard: str | None) -> None:
    from envscaler.display.tables import replay_table
    from envscaler.interact.replay import replay

    found = in_measuring(
        options.run,
        options.settings(),
        "rollout --from",
        lambda run: replay(run, source),
        shard=shard,
    )
    say(replay_table(found))


def in_run(
    folder: Path,
    settings: "Settings",
    command: str,
    work: Callable[["Run"], Awaitable[object]],
    shard: str | None = None,
    preview: int | None = None,
) -> None:
    """Do the work of a command in a run folder, and say at the end what came of it.

    Args:
        folder: Of the run.
        settings: Of the run.
        command: Its name.
        work: What it does.
        shard: Such as `0/3`; None for all rows.
        preview: How many rows are made, aside; None for all rows.

    Raises:
        EnvScalerError: What stopped it; what was done until then is on disk and was said.
    """
    from envscaler.pipeline.opening import open_preview, open_run

    if preview is None:
        do(open_run(folder, settings, command, shard_of(shard)), command, work)
        return
    if shard is not None:
        raise typer.BadParameter("give either --preview or --shard")
    from envscaler.display.console import open_console
    from envscaler.display.preview import show_preview
    from envscaler.pipeline.preview import PreviewPart

    do(open_preview(folder, settings, command, preview), command, work)
    show_preview(PreviewPart(folder, preview), command, open_console())


def shard_of(text: str | None) -> "Shard | None":
    """Read a shard such as `0/3`; None stands for all rows.

    Raises:
        ConfigError: It is something else.
    """
    from envscaler.pipeline.shards import Shard

    return None if text is None else Shard.parse(text)


def in_measuring(
    folder: Path,
    settings: "Settings",
    command: str,
    work: Callable[["Run"], Awaitable[T]],
    *,
    shard: str | None = None,
    quiet: bool = False,
) -> T:
    """Do the same for a command that asks no model; return what it found.

    Args:
        folder: Where rows are kept.
        settings: Of the sandbox and the loop.
        command: Its name, in messages.
        work: What it does.
        shard: Such as `0/3`; None for all rows.
        quiet: Say nothing of the stage but what is lost.

    Raises:
        EnvScalerError: What stopped it; what was found until then is on disk and was said.
    """
    from envscaler.pipeline.measure import open_measuring

    opening = open_measuring(folder, settings, command, shard_of(shard))
    return do(opening, command, work, quiet=quiet)


def do(
    opening: "AbstractAsyncContextManager[Run]",
    command: str,
    work: Callable[["Run"], Awaitable[T]],
    *,
    quiet: bool = False,
    err: bool = False,
) -> T:
    """Do the work of a command in what `opening` opens, and say what came of it.

    Args:
        opening: A run.
        command: Its name.
        work: What it does.
        quiet: Say it only where rows were lost.
        err: Say it on standard error: the output is for a program.
    """
    from envscaler.display.summary import summary

    async def whole() -> T:
        opened: Run | None = None
        try:
            async with opening as opened:
                return await work(opened)
        finally:
            # After the run is closed: only then is requests.jsonl complete.
            lost = opened is not None and any(each.dropped for each in opened.reports)
            if opened is not None and (lost or not quiet) and (text := summary(opened)):
                say(text, err=quiet or err)

    try:
        return asyncio.run(whole())
    except KeyboardInterrupt:
        raise UserStopError(f"{command} was stopped; the same command continues it") from None
