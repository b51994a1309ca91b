"""Looking back at scenarios: whether they still hold, and how hard they are."""

import typer

from envscaler.cli.options import Config, Overrides, RunFolder
from envscaler.cli.say import say

proofs = typer.Typer()


@proofs.command()
def verify(run: RunFolder, config: Config = None, overrides: Overrides = None) -> None:
    """Prove every scenario again, from disk and in other workers."""
    import asyncio

    from envscaler.config import load_settings
    from envscaler.scen_generator.proof.verify import table, verify

    found = asyncio.run(verify(run, load_settings(config, overrides or ())))
    say(table(found))
    if any(row.disagreements for row in found):
        raise typer.Exit(1)


@proofs.command()
def calibrate(run: RunFolder, config: Config = None, overrides: Overrides = None) -> None:
    """Say how often each scenario was solved: RUN/calibration.jsonl."""
    from envscaler.config import load_settings
    from envscaler.interact.calibrate import calibrate, table

    say(table(calibrate(run, load_settings(config, overrides or ()).calibrate)))
