"""A run to look at: one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from envscaler.cli.options import Config, Overrides
from envscaler.cli.say import say

reports = typer.Typer()

_KILO = 1024


@reports.command()
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    out: Annotated[Path | None, typer.Option(help="The HTML file; RUN/report.html.")] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Another run on the same scenarios.")
    ] = None,
    replay: Annotated[
        bool, typer.Option(help="Make the calls again to show what each changed.")
    ] = True,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Write a run as one HTML file that needs no server and no network."""
    from envscaler.config import load_settings
    from envscaler.report.write import write_report

    settings = load_settings(config, overrides or ())
    file = out or run / "report.html"
    written = write_report(run, file, settings, against=against, replay=replay)
    for note in written.notes:
        say(note)
    counts = ", ".join(f"{count:,} {name}" for name, count in written.counts.items())
    say(f"{counts.replace('dropped', 'rejected rows')}")
    say(f"{written.path}: {written.size / _KILO:,.0f} KB; open it in a browser")
