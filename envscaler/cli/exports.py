"""Training data out, published data in."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from envscaler.cli.options import Config, Overrides, RunFolder
from envscaler.cli.say import say
from envscaler.terminal import counted

if TYPE_CHECKING:
    from envscaler.scen_generator.proof.imported import Settled
    from envscaler.train.export import ExportReport

exports = typer.Typer()

Parquet = Annotated[bool, typer.Option("--parquet", help="Also as parquet; needs pyarrow.")]


@exports.command()
def export_sft(  # noqa: PLR0913  # typer reads options from the signature
    run: RunFolder,
    format_name: Annotated[
        str, typer.Option("--format", "-f", help="Such as messages; the folder has its name.")
    ] = "messages",
    origin: Annotated[
        Literal["trajectories", "references"],
        typer.Option("--from", help="What was played, or proven reference solutions: no model."),
    ] = "trajectories",
    template: Annotated[
        str | None,
        typer.Option(help="For llamafactory and text: the template of the model, such as qwen3."),
    ] = None,
    parquet: Parquet = False,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Write trajectories, or reference solutions, as rows for fine-tuning."""
    from envscaler.config import load_settings
    from envscaler.interact.filters import keep
    from envscaler.train.sft import export_sft

    named = (f"train.template={template}",) if template else ()
    settings = load_settings(config, (*(overrides or ()), *named, *_also(parquet=parquet)))
    chosen = partial(keep, settings=settings.interact)
    _say(export_sft(run, settings, format_name, chosen, origin=origin))


@exports.command()
def export_rl(
    run: RunFolder,
    parquet: Parquet = False,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Write scenarios as rows for reinforcement learning."""
    from envscaler.config import load_settings
    from envscaler.train.rl import export_rl

    chosen = (*(overrides or ()), *_also(parquet=parquet))
    _say(export_rl(run, load_settings(config, chosen)))


def _also(*, parquet: bool) -> tuple[str, ...]:
    return ("train.parquet=true",) if parquet else ()


@exports.command("import")
def import_(  # noqa: PLR0913  # typer reads options from the signature
    files: Annotated[
        list[Path],
        typer.Argument(help="JSON or JSONL, .gz too; one .py; or bench:bfcl,acebench=FOLDER."),
    ],
    run: RunFolder,
    states: Annotated[
        Path | None, typer.Option("--states", help="With a .py: JSON with its initial states.")
    ] = None,
    class_name: Annotated[
        str | None, typer.Option("--class", help="The class, where a .py has several.")
    ] = None,
    compat: Annotated[
        Literal["ours", "published"], typer.Option(help="By which rules tool schemas are written.")
    ] = "ours",
    solutions: Annotated[
        Path | None,
        typer.Option(help="Calls for each scenario: they prove it and close its world."),
    ] = None,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Take published environments, scenarios and rollouts, or a class of yours, into a run."""
    import asyncio

    from envscaler.benchmarks.environments import Imported, import_benchmarks
    from envscaler.benchmarks.named import PREFIX
    from envscaler.config import load_settings
    from envscaler.pipeline.lock import only_one
    from envscaler.published.import_module import import_files
    from envscaler.published.solutions import read_solutions
    from envscaler.scen_generator.proof.imported import prove_imported

    settings = load_settings(config, overrides or ())
    with only_one(run):
        if str(files[0]).startswith(PREFIX):
            found = import_benchmarks(str(files[0]).removeprefix(PREFIX), run)
        else:
            read = import_files(files, run, states=states, class_name=class_name, compat=compat)
            found = Imported(read, read_solutions(solutions) if solutions else [])
        report, given = found.report, found.solutions
        settled = None
        if (run / "scenarios.jsonl").is_file():
            settled = asyncio.run(prove_imported(run, given, settings))
    for artifact, count in report.written.items():
        say(f"{run / artifact}.jsonl: {counted(count, 'rows')}")
    say(f"{report.skipped} known already, {report.dropped} dropped")
    for kind, count in report.reasons.items():
        say(f"  {count} × {kind}, such as: {report.examples[kind]}")
    if settled is not None and given:
        _say_proven(settled, len(given))


def _say_proven(settled: "Settled", given: int) -> None:
    say(f"{settled.proven} of {counted(given, 'scenarios')} proven by their solutions")
    for reason, names in grouped(settled.unproven).items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        say(f"  {names[0]}{more}: {reason}")


def grouped(reasons: Mapping[str, str]) -> dict[str, list[str]]:
    """Sort names by what is said of them, what is said most often first."""
    found: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        found.setdefault(reason, []).append(name)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))


def _say(report: "ExportReport") -> None:
    rows = ", ".join(f"{count} {split}" for split, count in report.rows.items())
    say(f"{report.folder}: {rows} rows in {', '.join(report.files)}")
    for why, count in report.skipped.items():
        say(f"  {count} left out: {why}")
    for note in report.notes:
        say(f"  {note}")
