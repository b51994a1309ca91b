"""Tables are whole in a pipe, as wide as a terminal on one, and written in one place."""

import ast
import re
from pathlib import Path

import pytest

import envscaler
from envscaler.display import tables
from envscaler.display.tables import calibration_table, draw, replay_table, usage_table
from envscaler.interact.replay import Replay
from envscaler.llm.usage import Meter, Price
from envscaler.records import Calibration, Provenance, Reward, Usage

ALIGNED = re.compile(r"f.[<>^]")


def make_replay(score: float | None, problem: str = "") -> Replay:
    reward = Reward(
        score=score, definition="goal", verdicts=(), isolation="process", problem=problem
    )
    return Replay(
        id="replay-1",
        provenance=Provenance(),
        env_id="env-1",
        scenario_id="scen-1",
        source_id="traj-1",
        steps=(),
        reward=reward,
        recorded=None,
        other_results=0,
    )


def test_a_pipe_gets_every_cell_whole() -> None:
    long = "x" * 400

    assert draw(("name", "count"), [(long, 1234)]).splitlines()[1] == f"{long}   1234"


def test_a_terminal_gets_no_line_wider_than_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "page_width", lambda: 40)

    lines = draw(("name", "count"), [("x" * 70, 1234)]).splitlines()

    assert max(map(len, lines)) <= 40
    assert sum(line.count("x") for line in lines) == 70


def test_texts_stand_left_and_numbers_right() -> None:
    assert draw(("name", "n"), [("one", 1), ("three", 100), ("none", None)]).splitlines() == [
        "name     n",
        "one      1",
        "three  100",
        "none     -",
    ]


def test_markup_in_a_cell_is_text() -> None:
    assert draw(("name",), [("[red]x[/red] :smile:",)]).splitlines()[1] == "[red]x[/red] :smile:"


def test_model_usage_has_a_line_for_each_stage_and_model() -> None:
    meter = Meter(stage="judge", prices={"m": Price(input=2.0, output=8.0)})
    meter.count("m", Usage(calls=1, prompt_tokens=2000, completion_tokens=1000))
    meter.count_cached("m", Usage(prompt_tokens=1500, completion_tokens=34))

    head, line = usage_table(meter).splitlines()

    assert head.split("  ")[:2] == ["stage", "model"]
    assert line.split()[:9] == ["judge", "m", "1", "2,000", "0", "1,000", "0", "0", "0"]
    assert line.split()[9:] == ["0.01", "1", "1,534"]


def test_a_run_without_calls_has_no_usage() -> None:
    assert usage_table(Meter()) == ""


def test_a_replay_without_a_score_says_why() -> None:
    lines = replay_table([make_replay(None, "the class broke"), make_replay(0.5)]).splitlines()

    assert [line.split()[3] for line in lines[1:3]] == ["-", "0.5000"]
    assert lines[3] == "traj-1: the class broke"


def test_no_module_outside_display_aligns_cells() -> None:
    """A format such as `{name:<20}` would be a second way to write a table."""
    root = Path(envscaler.__file__).parent
    found = [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in root.rglob("*.py")
        if path.parent.name != "display"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FormattedValue)
        and node.format_spec
        and ALIGNED.match(ast.unparse(node.format_spec))
    ]

    assert found == []


def test_of_many_names_the_first_are_written_out() -> None:
    rows = [
        Calibration(
            id=f"cal-{number}",
            env_id="env-1",
            scenario_id=f"s{number}",
            attempts=1,
            scored=1,
            passes=0,
            pass_rate=0.0,
            mean_score=0.0,
            band="never",
        )
        for number in range(203)
    ]

    line = calibration_table(rows).splitlines()[-1]

    assert line.startswith("never solved: s0, s1, ")
    assert line.endswith(", s199, and 3 more")
