"""The command as a whole: its parts put together, and how it ends."""

import logging
import sys
from typing import Annotated

import typer

from envscaler import __version__
from envscaler.cli.checking import checking
from envscaler.cli.evals import evals
from envscaler.cli.exports import exports
from envscaler.cli.extras import batch, extras, store
from envscaler.cli.hardened import hardened
from envscaler.cli.proofs import proofs
from envscaler.cli.reports import reports
from envscaler.cli.say import say
from envscaler.cli.serving import serving
from envscaler.cli.stages import stages
from envscaler.errors import EnvScalerError, UserStopError
from envscaler.terminal import printable

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(stages)
app.add_typer(checking)
app.add_typer(proofs)
app.add_typer(hardened)
app.add_typer(exports)
app.add_typer(reports)
app.add_typer(serving)
app.add_typer(extras)
app.add_typer(batch, name="batch")
app.add_typer(store, name="store")
app.add_typer(evals, name="eval")


def main() -> None:
    """Run the command; an error of ours is one line on stderr and exit code 1."""
    _speak()
    try:
        _check_system(sys.argv[1:])
        app()
    except EnvScalerError as error:
        say(f"envscaler: {error}", err=True)
        sys.exit(error.exit_code if isinstance(error, UserStopError) else 1)


def _check_system(arguments: list[str]) -> None:
    """End every command but the harmless ones with the remedy, where none of them could work."""
    if sys.platform == "win32" and arguments and not {"-h", "--help", "--version"} & set(arguments):
        from envscaler.sandbox.machine import refuse_windows

        refuse_windows()


@app.callback(invoke_without_command=True)
def envscaler(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Synthesise tool environments, tasks and trajectories for training agents."""
    if version:
        say(__version__)
        raise typer.Exit


def _speak() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines("%(message)s"))
    logger = logging.getLogger("envscaler")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


class _Lines(logging.Formatter):
    """Messages may quote what models and files have written."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))
