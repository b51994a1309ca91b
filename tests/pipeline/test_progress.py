"""What is said while a stage runs."""

import asyncio
import io
import logging
from contextlib import redirect_stderr
from itertools import count
from pathlib import Path

import pytest

from envscaler.jsonl import count_rows
from envscaler.llm.usage import Meter, Price
from envscaler.pipeline.progress import Counted, Progress
from envscaler.records import Usage


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def make_meter() -> Meter:
    meter = Meter(prices={"qwen3": Price(input=1.0, output=2.0)})
    meter.count("qwen3", Usage(calls=1, prompt_tokens=1_000_000, completion_tokens=250_000))
    return meter


def test_a_terminal_sees_rows_drops_tokens_and_cost() -> None:
    terminal = Terminal()

    with redirect_stderr(terminal), Progress("mine", 4, make_meter()) as progress:
        progress.skip()
        progress.advance(dropped=False)
        progress.advance(dropped=True)

    last = terminal.getvalue().split("\r")[-1]
    assert "mine" in last
    assert "3/4" in last
    assert "1 dropped, 1,250,000 tokens, cost 1.50" in last


def test_a_log_file_gets_a_line_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    seconds = count(step=12)

    with (
        caplog.at_level(logging.INFO),
        Progress("mine", 10, None, now=lambda: float(next(seconds))) as progress,
    ):
        for index in range(5):
            progress.advance(dropped=index == 0)

    assert [record.message for record in caplog.records] == [
        "mine: 3 of 10 rows, 1 dropped, about 01:24 left"
    ]


def test_rows_that_were_there_say_nothing_about_the_time_that_is_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seconds = iter((0.0, 40.0))

    with (
        caplog.at_level(logging.INFO),
        Progress("mine", 10, None, now=lambda: next(seconds)) as progress,
    ):
        progress.skip()
        progress.skip()
        progress.renew()

    assert [record.message for record in caplog.records] == ["mine: 2 of 10 rows, 0 dropped"]


def test_the_figures_are_renewed_while_no_row_comes_to_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    meter = make_meter()
    seconds = count(step=40)

    async def wait_for_a_reply() -> None:
        with (
            Progress("write", 3, meter, now=lambda: float(next(seconds)), pause=0) as progress,
            progress.renewed(),
            meter.sending(),
            meter.sending(),
        ):
            for _ in range(9):
                await asyncio.sleep(0)

    with caplog.at_level(logging.INFO):
        asyncio.run(wait_for_a_reply())

    assert caplog.records[0].message.startswith("write: 0 of 3 rows, 0 dropped")
    assert caplog.records[0].message.endswith("cost 1.50, 2 in flight")
    assert meter.in_flight == 0


def test_lines_are_counted_without_being_read(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b"{}\nnot JSON\n\xff\n")

    assert count_rows(tmp_path / "rows.jsonl") == 3
    assert count_rows(tmp_path / "none.jsonl") == 0


def test_rows_with_a_known_number_are_taken_one_at_a_time() -> None:
    taken: list[int] = []
    rows = Counted((taken.append(index) or index for index in range(9)), 9)

    assert len(rows) == 9
    assert next(iter(rows)) == 0
    assert len(taken) == 1


def test_a_replay_shows_what_its_replies_once_cost(caplog: pytest.LogCaptureFixture) -> None:
    meter = Meter()
    meter.count_cached("qwen3", Usage(prompt_tokens=1500, completion_tokens=34))
    seconds = iter((0.0, 40.0))

    with (
        caplog.at_level(logging.INFO),
        Progress("mine", None, meter, now=lambda: next(seconds)) as progress,
    ):
        progress.renew()

    assert caplog.records[0].message == "mine: 0 rows, 0 dropped, 1 stored reply of 1,534 tokens"
