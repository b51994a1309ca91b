"""A scenario played by hand in the terminal, from scripted lines."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from envscaler.app.acting import Actors
from envscaler.app.hand import HandPlay
from envscaler.app.terminal import HELP, TerminalPlay
from envscaler.config import Settings
from envscaler.display.console import open_console
from envscaler.env import Env
from envscaler.functions import export_sft
from envscaler.jsonl import read_objects, read_rows
from envscaler.load import load_run
from envscaler.records import (
    CheckProof,
    CheckRole,
    Observation,
    ObservationKind,
    Proof,
    ReferenceCall,
    Scenario,
    Trajectory,
)
from tests.face import LEND, write_desk
from tests.interact.fakes import make_scenario

Played = Callable[..., tuple[str, bool]]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder with the lending desk, whose scenario has a solution."""
    call = ReferenceCall(
        name="lend",
        arguments=LEND,
        observation=Observation(kind=ObservationKind.OK, value={"success": True}),
        succeeded=True,
        changed=True,
    )
    proof = Proof(
        proven=True,
        reasons=(),
        reference=(call,),
        score=1.0,
        noop_score=0.0,
        checks=(CheckProof(item="Is B2 lent to Ada?", role=CheckRole.GOAL),),
        mutants=(),
        repeatable=True,
    )
    scenario: Scenario = make_scenario().model_copy(update={"proof": proof})
    return write_desk(tmp_path, scenarios=(scenario,))


@pytest.fixture
def played(run: Path, settings: Settings) -> Played:
    """Play what is typed, line by line; return what was shown and whether it was kept."""

    def play(*lines: str) -> tuple[str, bool]:
        left = iter(lines)

        def ask(prompt: str) -> str:
            shown.write(prompt + "\n")
            line = next(left, None)
            if line is None:
                raise EOFError
            return line

        shown = io.StringIO()
        scenario = load_run(run).scenarios[0]
        with Env(scenario) as env:
            console = open_console(Console(file=shown, width=100))
            hand, actors = HandPlay(scenario, env, settings), Actors(run, settings)
            kept = TerminalPlay(hand, actors, run, console, ask).loop()
        return shown.getvalue(), kept

    return play


def test_a_form_leads_to_the_full_reward(played: Played, run: Path) -> None:
    shown, kept = played("2", "B2", "Ada", ":score", ":done It is lent.")

    assert kept
    assert "book_id (string): " in shown
    assert '+ loans.B2 "Ada"' in shown
    assert "Reward: 1.0000" in shown
    (row,) = read_rows(run / "trajectories.jsonl", Trajectory)
    assert row.reward is not None
    assert row.reward.score == 1.0
    assert [message.role for message in row.messages] == [
        *("system", "user", "assistant", "tool", "assistant")
    ]


def test_what_was_played_is_exported_for_fine_tuning(played: Played, run: Path) -> None:
    played(":think Look it up.", "lend book_id=B2 reader=Ada", ":done It is lent.")

    report = export_sft(run, settings=("train.validation_share=0",))

    assert report.rows["train"] == 1
    (row,) = read_objects(run / "exports/messages/train.jsonl")
    text = str(row)
    assert "Look it up." in text
    assert "It is lent." in text


def test_a_call_is_taken_back(played: Played) -> None:
    shown, _ = played("lend book_id=B2 reader=Ada", ":undo", ":score", ":state loans", ":undo")

    assert "Reward: 0.0000" in shown
    assert '"B2"' not in shown.partition("Reward:")[2]
    assert "There is no call to take back" in shown


def test_the_reference_is_played_on_demand(played: Played) -> None:
    shown, _ = played("list_loans", ":hint", ":reference", ":score", ":hint")

    assert 'lend {"book_id": "B2", "reader": "Ada"}' in shown
    assert "Reward: 1.0000" in shown
    assert "no further call" in shown


def test_checks_turn_when_the_state_does(played: Played) -> None:
    shown, _ = played(":checks", "lend book_id=B2 reader=Ada", ":checks")

    assert shown.index("✗ Is B2 lent to Ada? goal") < shown.index("✓ Is B2 lent to Ada? goal")


def test_what_the_filters_refuse_is_kept_but_not_exported(played: Played, run: Path) -> None:
    shown, kept = played(":done Nothing to do.")

    assert kept
    assert "Exports leave it out: 1 turns of the agent" in shown
    assert len([*read_rows(run / "rollouts.jsonl", Trajectory)]) == 1
    assert not (run / "trajectories.jsonl").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("borrow", "There is no tool borrow"),
        ("9", "There is no tool 9"),
        (":dance", "There is no command :dance"),
        ("lend book_id=B2", "lend needs the argument 'reader'"),
        (":state books", "There is no 'books'"),
        (":tools lend", "The reader."),
        (":rules", "A book is lent to one reader at a time."),
        (":task", "Lend book B2 to Ada."),
        ("audit", "the ledger is locked"),
    ],
)
def test_each_line_has_an_answer(played: Played, line: str, told: str) -> None:
    shown, kept = played(line)

    assert told in shown.partition("[0] > ")[2]
    assert not kept


def test_help_names_every_command(played: Played) -> None:
    shown, _ = played(":help")

    assert [command for command, _ in HELP if command not in shown] == []


def test_an_environment_that_breaks_ends_nothing(played: Played) -> None:
    shown, _ = played("forget", ":state", ":undo", ":score")

    assert "Reward: 0.0000" in shown


def test_the_command_plays_from_a_pipe(run: Path) -> None:
    lines = "lend book_id=B2 reader=Ada\n:done It is lent.\n"
    command = [sys.executable, "-m", "envscaler", "play", str(run), "scen"]

    done = subprocess.run(
        command, input=lines, capture_output=True, text=True, check=True, timeout=120
    )

    assert "Reward: 1.0000" in done.stdout
    assert len([*read_rows(run / "trajectories.jsonl", Trajectory)]) == 1
