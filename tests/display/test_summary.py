"""What a command says at its end."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from envscaler.config import Settings
from envscaler.display.summary import summary
from envscaler.display.tables import stage_table
from envscaler.llm.usage import Meter
from envscaler.pipeline.run import Run
from envscaler.pipeline.stage import StageReport
from envscaler.records import Usage
from envscaler.sandbox import Sandbox

MINE = StageReport(
    name="mine",
    out=Path("one/candidates.jsonl"),
    written=5,
    skipped=2,
    dropped=4,
    lost=1,
    waiting=0,
    interrupted=False,
    reasons={"reply": 1, "not_stateful": 3},
    examples={"reply": "no ```json block", "not_stateful": "it only\ncalculates"},
)


@pytest.fixture
def run(tmp_path: Path, settings: Settings) -> Run:
    """A run in which nothing was done."""
    return Run(tmp_path, settings, {}, cast("Sandbox", None), Meter())


def test_reasons_are_grouped_with_an_example_the_most_frequent_first() -> None:
    assert stage_table([MINE]).splitlines() == [
        "stage  written  skipped  dropped  waiting  file",
        "mine         5        2        4        0  one/candidates.jsonl",
        "  mine: 3 × not_stateful, such as: it only calculates",
        "  mine: 1 × reply, such as: no ```json block",
    ]


def test_a_long_reason_is_cut() -> None:
    table = stage_table([replace(MINE, reasons={"reply": 1}, examples={"reply": "x" * 500})])

    assert table.endswith(f"such as: {'x' * 99}…")


def test_nothing_done_says_nothing(run: Run) -> None:
    assert summary(run) == ""


def test_what_was_spent_is_told(run: Run) -> None:
    assert run.meter is not None
    run.meter.stage = "mine"
    run.meter.count("qwen3", Usage(calls=1, prompt_tokens=1000, completion_tokens=20))

    assert [word for word in ("mine", "qwen3", "1,000", "20") if word not in summary(run)] == []


def test_waiting_requests_are_counted_in_their_file(run: Run) -> None:
    run.reports.append(replace(MINE, waiting=1))
    (run.folder / "requests.jsonl").write_text("{}\n{}\n{}\n", encoding="utf-8")

    assert f"3 requests are waiting in {run.folder}/requests.jsonl" in summary(run)


def test_old_requests_are_not_told_when_nothing_waits(run: Run) -> None:
    run.reports.append(MINE)
    (run.folder / "requests.jsonl").write_text("{}\n", encoding="utf-8")

    assert "waiting in" not in summary(run)
