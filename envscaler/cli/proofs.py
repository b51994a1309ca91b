"""Looking back at scenarios: whether they still hold, and how hard they are."""

from pathlib import Path
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
    RunFolder,
    ShardOf,
    with_executor,
)
from envscaler.cli.say import say
from envscaler.cli.stages import in_measuring

if TYPE_CHECKING:
    from envscaler.certify.outcomes import Certificate
    from envscaler.pipeline.run import Run

proofs = typer.Typer()


@proofs.command(cls=Grouped, epilog=SHARDS)
def verify(  # noqa: PLR0913  # typer reads options from the signature
    run: RunFolder,
    floor: Annotated[
        bool, typer.Option("--floor", help="What policies that solve nothing get: RUN/floor.jsonl.")
    ] = False,
    leaks: Annotated[
        Path | None,
        typer.Option(
            help="Report the tasks nearest to texts: a file, or bench:bfcl,tau-bench=DIR."
        ),
    ] = None,
    executor: Executor = None,
    processes: Processes = None,
    address: Address = None,
    shard: ShardOf = None,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Prove every scenario again, from disk and in other workers."""
    from envscaler.config import load_settings
    from envscaler.display.proofs import floor_table, verified_table
    from envscaler.scen_generator.proof.floor import measure_floor
    from envscaler.scen_generator.proof.verify import verify

    settings = load_settings(config, with_executor(overrides, executor, processes, address))
    if leaks is not None:
        _report_leaks(run, leaks, settings.scen_generator.max_avoid_similarity)
        return
    if floor:
        floors = in_measuring(run, settings, "verify --floor", measure_floor, shard=shard)
        if shard is None:
            say(f"\n{floor_table(floors)}")
        return
    found = in_measuring(run, settings, "verify", verify, shard=shard)
    if shard is None:
        say(f"\n{verified_table(found)}")
        _end(is_clean=all(row.is_sound for row in found))


def _report_leaks(run: Path, texts: Path, limit: float) -> None:
    """Print the tasks that are nearest to texts; exit code 1 when one is too near."""
    from envscaler.benchmarks.texts import texts_file
    from envscaler.display.proofs import leaks_table
    from envscaler.scen_generator.leaks import leaks

    found = leaks(run, texts_file(texts, run))
    say(leaks_table(found, limit))
    if any(each.similarity > limit for each in found):
        raise typer.Exit(1)


@proofs.command(cls=Grouped)
def compare(
    runs: Annotated[list[Path], typer.Argument(help="Run folders with rollouts.")],
) -> None:
    """Put the pass rates of several runs side by side, with intervals."""
    from envscaler.display.models import compare_table, read_played

    say(compare_table([read_played(run) for run in runs]))


@proofs.command(cls=Grouped)
def calibrate(run: RunFolder, config: Config = None, overrides: Overrides = None) -> None:
    """Say how often each scenario was solved: RUN/calibration.jsonl."""
    from envscaler.config import load_settings
    from envscaler.display.tables import calibration_table
    from envscaler.interact.calibrate import calibrate

    say(calibration_table(calibrate(run, load_settings(config, overrides or ()).calibrate)))


@proofs.command(cls=Grouped, epilog=SHARDS)
def certify(  # noqa: PLR0913  # typer reads options from the signature
    run: RunFolder,
    executor: Executor = None,
    processes: Processes = None,
    address: Address = None,
    shard: ShardOf = None,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Test rewards, leaks, replays and limits of every scenario: RUN/certificate.json and .md."""
    from envscaler.certify.run import examine_all, write_certificate
    from envscaler.config import load_settings

    settings = load_settings(config, with_executor(overrides, executor, processes, address))

    async def work(opened: "Run") -> "Certificate | None":
        found = await examine_all(opened, run)
        return write_certificate(run, settings, found) if shard is None else None

    certificate = in_measuring(run, settings, "certify", work, shard=shard, quiet=True)
    if certificate is not None:
        say_certificate(run, certificate)
        _end(is_clean=certificate.is_clean)


def say_certificate(run: Path, certificate: "Certificate") -> None:
    """Print what was certified, and where the whole of it is."""
    say(certificate.summary())
    say(f"{run}/certificate.json and {run}/certificate.md")


def _end(*, is_clean: bool) -> None:
    if not is_clean:
        raise typer.Exit(1)
