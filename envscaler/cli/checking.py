"""Test environments by code alone."""

import re
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from envscaler.cli.grouped import Grouped
from envscaler.cli.options import (
    SHARDS,
    Address,
    Config,
    Executor,
    Overrides,
    Processes,
    ShardOf,
    with_executor,
)
from envscaler.cli.say import say
from envscaler.cli.stages import do, shard_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractAsyncContextManager

    from envscaler.check_env.stage import Examined
    from envscaler.config import Settings
    from envscaler.pipeline.run import Run
    from envscaler.published.read_environments import Given
    from envscaler.records import Invariant, Skeleton

checking = typer.Typer()

_AT_ONCE = 2
"""Environments examined side by side; each keeps about one core busy."""


@checking.command("check-env", cls=Grouped, epilog=SHARDS)
def check_env(  # noqa: PLR0913  # typer reads options from the signature
    file: Annotated[Path, typer.Argument(help="Environments of ours or published ones, or a .py.")],
    states: Annotated[
        Path | None,
        typer.Option("--states", "--scenarios", help="States, or scenarios, that calls begin in."),
    ] = None,
    class_name: Annotated[
        str | None, typer.Option("--class", help="The class, where a .py has several.")
    ] = None,
    invariants: Annotated[
        Path | None,
        typer.Option(help="A .py of predicates that have to hold; see docs/findings.md."),
    ] = None,
    rules_file: Annotated[
        Path | None,
        typer.Option("--rules", help="Rules in words, one a line or a JSON list, for a class."),
    ] = None,
    model: Annotated[
        bool,
        typer.Option("--model", help="Have a model write as code what rules and tools ask."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
    run: Annotated[
        Path | None,
        typer.Option("--run", "-r", help="Keeps RUN/examined.jsonl, to go on when interrupted."),
    ] = None,
    executor: Executor = None,
    processes: Processes = None,
    address: Address = None,
    shard: ShardOf = None,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Fuzz every tool; report defects with reproducing calls."""
    from envscaler.check_env.stage import examine_all
    from envscaler.config import load_settings
    from envscaler.published.read_environments import read_environments
    from envscaler.skel_builder.predicates import advised_by_model

    if shard is not None and run is None:
        raise typer.BadParameter("--shard needs the folder that shards are merged in: --run RUN")
    elsewhere = with_executor(overrides, executor, processes, address)
    settings = _side_by_side(load_settings(config, elsewhere))
    read = _with_rules(read_environments(file, states, class_name), rules_file)
    given = [(one.skeleton, one.states, _rules(one, invariants)) for one in read]
    with ExitStack() as stack:
        folder = run or Path(stack.enter_context(TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        opening = _opening(folder, settings, shard, asks=model)
        work = partial(examine_all, given=given, consult=advised_by_model if model else None)
        found = do(opening, "check-env", work, quiet=not run, err=as_json)
        say_examined(found, as_json=as_json)
        if shard is not None:
            return
        if len(found) < len(given) or not all(row.is_sound for row in found):
            raise typer.Exit(1)


def _opening(
    folder: Path, settings: "Settings", shard: str | None, *, asks: bool
) -> "AbstractAsyncContextManager[Run]":
    """Open the folder of an examination, with models where they are asked."""
    from envscaler.pipeline.measure import in_order, open_measuring
    from envscaler.pipeline.opening import open_run

    if asks:
        return open_run(folder, in_order(settings), "check-env", shard_of(shard))
    return open_measuring(folder, settings, "check-env", shard_of(shard))


def _with_rules(given: "list[Given]", file: Path | None) -> "list[Given]":
    """Add the rules of a file to those that the environments have."""
    from dataclasses import replace

    from envscaler.published.read_rules import read_rules

    if file is None:
        return [*given]
    found: list[Given] = []
    for one in given:
        rules = dict.fromkeys((*one.skeleton.rules, *read_rules(file, one.skeleton.id)))
        skeleton = one.skeleton.model_copy(update={"rules": tuple(rules)})
        found.append(replace(one, skeleton=skeleton))
    return found


def _side_by_side(settings: "Settings") -> "Settings":
    """Have no more environments examined at once than there are cores for, which each takes."""
    runner = settings.runner
    workers = runner.workers if runner.executor != "local" else _AT_ONCE
    return settings.model_copy(update={"runner": runner.model_copy(update={"workers": workers})})


def _rules(one: "Given", file: Path | None) -> "tuple[Invariant, ...]":
    """Return the rules of an environment that are in a file."""
    return _read_rules(file, one.skeleton) if file else ()


def _read_rules(file: Path, skeleton: "Skeleton") -> "tuple[Invariant, ...]":
    from envscaler.environment.code.predicates import read_predicates
    from envscaler.errors import ArtifactError

    if not file.is_file():
        raise ArtifactError(f"{file} does not exist; give a Python file of predicates")
    return read_predicates(file.read_text(encoding="utf-8"), skeleton.rules)


def say_examined(found: "Iterable[Examined]", *, as_json: bool) -> None:
    """Print what was found in environments."""
    for row in found:
        _say(row, as_json=as_json)


def _say(row: "Examined", *, as_json: bool) -> None:
    """Print what was found in one environment."""
    import json

    from envscaler.check_env.report import json_lines, report_lines

    if row.examination is None:
        problem = {"env_id": row.id, "problem": row.problem}
        say(json.dumps(problem) if as_json else f"{row.id}: {row.problem}{_remedy(row.problem)}")
        return
    found = row.examination
    lines = map(json.dumps, json_lines(row.id, found)) if as_json else report_lines(row.id, found)
    for line in lines:
        say(line)


def _remedy(problem: str | None) -> str:
    """Say what lets a class start that imports what the sandbox does not offer."""
    missing = re.search(r"No module named '(\w+)", problem or "")
    if missing is None:
        return ""
    return f"; if it is installed here, --set sandbox.modules=[{missing[1]}] lets it be imported"
