"""What is said while a stage runs."""

import io
import logging
from contextlib import redirect_stderr
from itertools import count

import pytest

from envscaler.llm.usage import Meter, Price
from envscaler.pipeline.progress import Progress
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

    assert [record.message for record in caplog.records] == ["mine: 3 of 10 rows, 1 dropped"]
