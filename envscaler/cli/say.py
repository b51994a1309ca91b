"""Print lines for a person; nothing in them is obeyed by the terminal."""

import typer

from envscaler.terminal import printable


def say(text: str, *, err: bool = False) -> None:
    """Print a text and a line end, on stderr with `err`."""
    typer.echo(printable(text), err=err)
