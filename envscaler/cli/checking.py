"""Test environments by code alone."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from envscaler.cli.options import Config, Overrides
from envscaler.cli.say import say
from envscaler.cli.stages import in_measuring

if TYPE_CHECKING:
    from envscaler.check_env.stage import Examined

checking = typer.Typer()

_AT_ONCE = 2
"""Environments examined side by side; each keeps about one core busy."""


@checking.command("check-env")
def check_env(
    file: Annotated[Path, typer.Argument(help="Environments of ours or published ones, or a .py.")],
    scenarios: Annotated[
        Path | None, typer.Option(help="Scenarios whose initial states calls begin in.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
    run: Annotated[
        Path | None,
        typer.Option("--run", "-r", help="Keeps RUN/examined.jsonl, to go on when interrupted."),
    ] = None,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Fuzz every tool; report defects with reproducing calls."""
    from envscaler.check_env.stage import examine_all
    from envscaler.config import load_settings
    from envscaler.published.read_environments import read_environments

    settings = load_settings(config, overrides or ())
    two = settings.runner.model_copy(update={"workers": _AT_ONCE})
    settings = settings.model_copy(update={"runner": two})
    given = [(one.skeleton, one.states) for one in read_environments(file, scenarios)]
    with TemporaryDirectory() as scratch:
        folder = run or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        found = in_measuring(
            folder, settings, "check-env", lambda opened: examine_all(opened, given), quiet=not run
        )
    for row in found:
        _say(row, as_json=as_json)
    if len(found) < len(given) or not all(row.is_sound for row in found):
        raise typer.Exit(1)


def _say(row: "Examined", *, as_json: bool) -> None:
    """Print what was found in one environment."""
    import json

    from envscaler.check_env.report import json_lines, report_lines

    if row.examination is None:
        problem = {"env_id": row.id, "problem": row.problem}
        say(json.dumps(problem) if as_json else f"{row.id}: {row.problem}")
        return
    found = row.examination
    lines = map(json.dumps, json_lines(row.id, found)) if as_json else report_lines(row.id, found)
    for line in lines:
        say(line)
