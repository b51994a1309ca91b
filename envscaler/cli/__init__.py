"""The `envscaler` command: read the options, call one stage, print what came of it.

Nothing heavy is imported before a command is called, so that `--help` answers at once.
"""

from envscaler.cli.app import main

__all__ = ["main"]
