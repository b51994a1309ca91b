"""The console keeps its own colours, and shows everything else."""

import io
from pathlib import Path

import pytest
from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from envscaler.display.console import open_console
from envscaler.display.show import show_list, show_row
from envscaler.jsonl import write_objects

HOSTILE = "\x1b]0;owned\x07 \x9b2J \u202e"
IDS = "[link=file:///etc/passwd]id[/link]\x1b[2J"


def _table() -> Table:
    table = Table()
    table.add_row(Text(HOSTILE), HOSTILE)
    return table


def _printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _console(*, terminal: bool) -> Console:
    return open_console(Console(file=io.StringIO(), force_terminal=terminal, width=200))


@pytest.mark.parametrize(
    "drawing",
    [Text(HOSTILE), Syntax(HOSTILE, "python"), Panel(Text(HOSTILE)), _table(), HOSTILE],
    ids=["text", "code", "panel", "table", "string"],
)
def test_no_drawing_lets_a_terminal_be_told_what_to_do(drawing: object) -> None:
    console = _console(terminal=False)

    console.print(drawing)

    assert not {"\x1b", "\x07", "\x9b", "\u202e"}.intersection(_printed(console))


def test_its_own_colours_stay() -> None:
    console = _console(terminal=True)

    console.print(Text("red", "red"))

    assert "\x1b[31mred" in _printed(console)


def test_rows_of_strangers_are_shown_as_text(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_objects(path, [{"id": IDS, "text": HOSTILE}])
    console = _console(terminal=False)

    show_list(path, console)
    show_row(path, IDS, console)

    assert "[link=file:///etc/passwd]" in _printed(console)
    assert not {"\x1b", "\x07", "\x9b", "\u202e"}.intersection(_printed(console))
