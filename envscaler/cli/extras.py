"""Looking at things, and moving replies in and out."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envscaler.cli.options import Config, Overrides, RunFolder
from envscaler.cli.say import say
from envscaler.errors import EndpointError, IsolationError
from envscaler.terminal import counted

if TYPE_CHECKING:
    from envscaler.llm.rows import ImportCounts
    from envscaler.llm.store import Store

extras = typer.Typer()
batch = typer.Typer(help="Requests that are answered in a batch file.", no_args_is_help=True)
store = typer.Typer(help="Recorded replies.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A JSONL file.")]
Files = Annotated[list[Path], typer.Argument(help="JSONL files.")]


@extras.command()
def demo(run: RunFolder = Path("runs/demo")) -> None:
    """Run everything from recorded replies: no key."""
    from envscaler.cli.demo import run_demo

    run_demo(run)


@extras.command()
def merge(
    runs: Annotated[list[Path], typer.Argument(help="Run folders in which shards have worked.")],
    into: Annotated[
        Path | None, typer.Option(help="Folder of the run that they make; the one that was given.")
    ] = None,
) -> None:
    """Put shards together: the artifacts of one run, byte for byte."""
    from envscaler.cli.merged import say_merged
    from envscaler.cli.stages import do
    from envscaler.merge import merging

    if into is None and len(runs) > 1:
        raise typer.BadParameter("give the folder that the runs are merged into: --into RUN")
    is_clean = True
    with merging(runs, into or runs[0]) as merges:
        for each in merges:
            do(each.opened(), f"merge of {each.command}", each.work)
            say(each.finished())
            is_clean = say_merged(each.command, each.into) and is_clean
    if not is_clean:
        raise typer.Exit(1)


@extras.command()
def show(
    file: Annotated[Path, typer.Argument(help="A run folder, or a JSONL file.")],
    row: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Or the first letters of one.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="FIELD", help="One field of a row, such as source.")
    ] = None,
    source: Annotated[
        bool, typer.Option("--source", help="Also code, initial states and the like.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Print how far a run is, the rows of a file, or one row in full."""
    from envscaler.display.console import open_console
    from envscaler.display.show import show_list, show_part, show_row
    from envscaler.report.overview import find_row, overview
    from envscaler.report.rows import open_rows

    if file.is_dir():
        rows = open_rows(file)
        if row is None:
            say(overview(rows))
            return
        file, row = find_row(rows, row)
    if as_json or only:
        show_part(file, row or "", only, open_console(), as_json=as_json)
    elif row is None:
        show_list(file, open_console())
    else:
        show_row(file, row, open_console(), source=source)


@extras.command()
def why(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    row: Annotated[str, typer.Argument(metavar="ID", help="Or the first letters of one.")],
) -> None:
    """Say what led to a row, and why it was kept or refused."""
    from envscaler.report.overview import why
    from envscaler.report.rows import open_rows

    for line in why(open_rows(run), row):
        say(line)


@extras.command()
def doctor(
    ask: Annotated[
        bool, typer.Option("--ask", help="Send each model a few short requests: what it can do.")
    ] = False,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Report sandbox isolation and model endpoints."""
    import asyncio

    from envscaler.config import endpoints, load_settings, read_environment
    from envscaler.display.doctor import machine_table, probed_table
    from envscaler.sandbox.doctor import report

    settings = load_settings(config, overrides or ())
    found = asyncio.run(report(settings.sandbox))
    where = endpoints(settings, read_environment())
    say(machine_table(found, settings, where))
    if ask:
        from envscaler.llm.probe import probe_all

        probed = asyncio.run(probe_all(settings, where))
        say(f"\n{probed_table(probed)}")
        if silent := [each for each in probed if each.problem]:
            raise EndpointError(f"{silent[0].model} does not answer: {silent[0].problem}")
    if found.problem:
        raise IsolationError(found.problem)


@batch.command("import")
def batch_import(files: Files, run: RunFolder) -> None:
    """Take the answers to RUN/requests*.jsonl; the same stage command then goes on."""
    from envscaler.llm.batch import import_responses

    with _store_of(run) as replies:
        found = import_responses(files, replies)
    for file, counts in zip(files, found, strict=True):
        _say(file, counts)


@store.command("import")
def store_import(file: File, run: RunFolder) -> None:
    """Put recorded replies into a run, so that they are not asked for again."""
    from envscaler.llm.recordings import import_store

    with _store_of(run) as replies:
        _say(file, import_store(file, replies))


@store.command("export")
def store_export(
    file: File,
    run: RunFolder,
    with_requests: Annotated[
        bool,
        typer.Option(
            "--with-requests", help="Also what was asked, where llm.keep_requests was set."
        ),
    ] = False,
) -> None:
    """Write all replies of a run to a file."""
    from envscaler.llm.recordings import export_store

    with _store_of(run) as replies:
        count = export_store(replies, file, with_requests=with_requests)
    say(f"{counted(count, 'replies')} written to {file}")


@contextmanager
def _store_of(run: Path) -> "Generator[Store]":
    from envscaler.llm.models import STORE
    from envscaler.llm.store import Store
    from envscaler.pipeline.lock import only_one

    with only_one(run), Store(run / STORE) as replies:
        yield replies


def _say(file: Path, counts: "ImportCounts") -> None:
    say(f"{file}: {counted(counts.added, 'replies')} taken, {counts.known} known already")
    for problem in counts.problems:
        say(f"  {problem}")
