"""What strangers wrote is shown on a terminal, and never obeyed."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import envscaler
from envscaler.terminal import counted, printable

ROOT = Path(envscaler.__file__).parent


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Plain, with\ttabs\nand Zoë’s 東京 🎉", "Plain, with\ttabs\nand Zoë’s 東京 🎉"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x1b]52;c;cm0gLXJm\x1b\\", "\\x1b]52;c;cm0gLXJm\\x1b\\"),
        ("\x9b2J", r"\x9b2J"),
        ("safe\u202etxt.exe", r"safe\u202etxt.exe"),
        ("a\u2066b\u2069", r"a\u2066b\u2069"),
        ("done\rgone", r"done\x0dgone"),
        ("a\r\nb", "a\nb"),
        ("a\ud83d", r"a\ud83d"),
        ("\x7f\x00", r"\x7f\x00"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters()))
def test_any_text_can_be_sent_and_has_no_control_characters(text: str) -> None:
    shown = printable(text)

    shown.encode()
    assert all(letter in "\t\n" or not "\x00" <= letter < " " for letter in shown)
    assert not any("\x7f" <= letter <= "\x9f" for letter in shown)
    assert printable(shown) == shown


def test_nothing_is_printed_on_another_way() -> None:
    ways = {
        ("typer.echo", "cli/say.py"),
        ("Console", "display/console.py"),
        ("Console", "display/tables.py"),  # into a text, which `say` prints
    }
    names = {name for name, _ in ways}

    texts = {path: path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py")}

    found = {
        (name, str(path.relative_to(ROOT)))
        for path, text in texts.items()
        if any(name in text for name in names)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and (name := ast.unparse(node.func)) in names
    }

    assert found == ways


@pytest.mark.parametrize(
    ("count", "plural", "said"),
    [
        (0, "scenarios", "0 scenarios"),
        (1, "scenarios", "1 scenario"),
        (1, "rejected rows", "1 rejected row"),
        (1, "trajectories", "1 trajectory"),
        (2000, "replies", "2,000 replies"),
    ],
)
def test_one_of_something_is_not_said_as_many(count: int, plural: str, said: str) -> None:
    assert counted(count, plural) == said
