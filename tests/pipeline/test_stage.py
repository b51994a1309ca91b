"""The stage runner: nothing lost, nothing done twice, and no way to hang."""

import asyncio
import os
import re
import signal
import weakref
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from envscaler.config import RunnerSettings
from envscaler.errors import (
    ArtifactError,
    BudgetError,
    PendingError,
    ProviderError,
    RejectedError,
    ReplyError,
    RowError,
    UserStopError,
)
from envscaler.jsonl import RowWriter, read_rows, write_rows
from envscaler.pipeline.stage import StageReport, run_stage
from envscaler.records import Dropped, Task
from tests.conftest import RoomFor
from tests.fakes import runner_settings

OPTIONS = runner_settings(workers=4, ordered=False, grace=5, stop_window=0)


def make_task(number: int) -> Task:
    return Task(id=f"task-{number}", text="Renew my loan", source="test")


@dataclass
class Bench:
    """A stage over numbers: what each number does is said by the test."""

    folder: Path
    errors: dict[int, Exception]
    waits: dict[int, float]

    @property
    def out(self) -> Path:
        return self.folder / "tasks.jsonl"

    @property
    def numbers(self) -> list[int]:
        return [int(row.id.removeprefix("task-")) for row in read_rows(self.out, Task)]

    @property
    def drops(self) -> list[tuple[str, str, str]]:
        rows = read_rows(self.folder / "dropped.jsonl", Dropped)
        return [(row.stage, row.id, row.reason) for row in rows]

    async def step(self, number: int) -> Task:
        await asyncio.sleep(self.waits.get(number, 0))
        if number in self.errors:
            raise self.errors[number]
        return make_task(number)

    def run(
        self,
        numbers: Iterable[int],
        options: RunnerSettings = OPTIONS,
        step: Callable[[int], Awaitable[Task]] | None = None,
    ) -> StageReport:
        return asyncio.run(self.stage(numbers, options, step))

    async def stage(
        self,
        numbers: Iterable[int],
        options: RunnerSettings = OPTIONS,
        step: Callable[[int], Awaitable[Task]] | None = None,
    ) -> StageReport:
        return await run_stage(
            numbers,
            step or self.step,
            name="mine",
            out=self.out,
            kind=Task,
            id_of=lambda number: f"task-{number}",
            options=options,
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A stage in which every row succeeds at once."""
    return Bench(tmp_path, {}, {})


def counts(report: StageReport) -> tuple[int, int, int, int]:
    return report.written, report.skipped, report.dropped, report.waiting


def test_every_row_is_written_skipped_dropped_or_waiting(bench: Bench) -> None:
    write_rows(bench.out, [make_task(0), make_task(1)])
    bench.errors = {2: ReplyError("no code"), 3: PendingError("asked")}

    report = bench.run(range(7))

    assert counts(report) == (3, 2, 1, 1)
    assert not report.interrupted


def test_a_row_that_is_given_twice_is_made_once(bench: Bench) -> None:
    report = bench.run([1, 2, 1])

    assert (sorted(bench.numbers), counts(report)) == ([1, 2], (2, 1, 0, 0))


def test_a_drop_is_kept_with_stage_kind_and_reason(bench: Bench) -> None:
    bench.errors = {1: RejectedError("not_stateful", "it only calculates")}

    report = bench.run(range(2))

    assert list(read_rows(bench.folder / "dropped.jsonl", Dropped)) == [
        Dropped(id="task-1", stage="mine", kind="not_stateful", reason="it only calculates")
    ]
    assert report.reasons == {"not_stateful": 1}
    assert report.examples == {"not_stateful": "it only calculates"}


def test_dropped_rows_get_another_try(bench: Bench) -> None:
    bench.errors = {1: ProviderError("overloaded"), 2: ReplyError("no code")}
    bench.run(range(4))
    del bench.errors[1]

    report = bench.run(range(4))

    assert counts(report) == (1, 2, 1, 0)
    assert bench.drops == [("mine", "task-2", "no code")]


def test_drops_of_other_stages_stay(bench: Bench) -> None:
    other = Dropped(id="topic-1", stage="select", kind="duplicate", reason="of topic-2")
    write_rows(bench.folder / "dropped.jsonl", [other])
    bench.errors = {0: ReplyError("no code")}
    bench.run(range(1))

    bench.run(range(1))

    assert bench.drops == [
        ("select", "topic-1", "of topic-2"),
        ("mine", "task-0", "no code"),
    ]


def test_no_more_rows_are_in_flight_than_workers(bench: Bench) -> None:
    flying: set[int] = set()
    most = 0

    async def step(number: int) -> Task:
        nonlocal most
        flying.add(number)
        most = max(most, len(flying))
        await asyncio.sleep(0.002)
        flying.remove(number)
        return make_task(number)

    bench.run(range(20), step=step)

    assert most == OPTIONS.workers


def test_one_slow_row_does_not_hold_up_the_window(bench: Bench) -> None:
    bench.waits = {0: 0.2}

    bench.run(range(20))

    assert bench.numbers[-1] == 0


def test_ordered_rows_come_out_in_the_order_given(bench: Bench) -> None:
    bench.waits = {0: 0.05, 5: 0.03, 6: 0.01}
    bench.errors = {3: ReplyError("no code")}

    bench.run(range(20), OPTIONS.model_copy(update={"ordered": True}))

    assert bench.numbers == [0, 1, 2, *range(4, 20)]


def test_ordered_rows_do_not_overtake_one_that_waits(bench: Bench) -> None:
    ordered = OPTIONS.model_copy(update={"ordered": True})
    bench.errors = {2: PendingError("asked")}

    first = bench.run(range(5), ordered)
    bench.errors.clear()
    bench.run(range(5), ordered)

    assert counts(first) == (2, 0, 0, 3)
    assert bench.numbers == [0, 1, 2, 3, 4]


def test_ordered_rows_are_taken_only_so_far_ahead(bench: Bench) -> None:
    taken: list[int] = []

    def rows() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    async def step(number: int) -> Task:
        if number == 0:
            await asyncio.sleep(0.05)
            assert len(taken) == 8 * OPTIONS.workers
        return make_task(number)

    bench.run(rows(), OPTIONS.model_copy(update={"ordered": True}), step)

    assert bench.numbers == list(range(1000))


class Weighty:
    """An input that can be watched."""

    def __init__(self, number: int) -> None:
        self.number = number


def test_inputs_are_let_go_when_they_are_done(tmp_path: Path) -> None:
    alive: weakref.WeakSet[Weighty] = weakref.WeakSet()
    most = 0

    def rows() -> Iterator[Weighty]:
        nonlocal most
        for number in range(500):
            row = Weighty(number)
            alive.add(row)
            most = max(most, len(alive))
            yield row

    async def step(row: Weighty) -> Task:
        return make_task(row.number)

    asyncio.run(
        run_stage(
            rows(),
            step,
            name="mine",
            out=tmp_path / "tasks.jsonl",
            kind=Task,
            id_of=lambda row: f"task-{row.number}",
            options=OPTIONS,
        )
    )

    assert most <= 2 * OPTIONS.workers


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_rows_in_flight_finish(bench: Bench, number: signal.Signals) -> None:
    async def step(index: int) -> Task:
        if index == 2:
            os.kill(os.getpid(), number)
        await asyncio.sleep(0.05)
        return make_task(index)

    report = bench.run(range(100), step=step)

    assert sorted(bench.numbers) == [0, 1, 2, 3]
    assert report.interrupted
    assert isinstance(report.error, UserStopError)


def test_a_stopped_stage_goes_on_where_it_was(bench: Bench) -> None:
    async def step(index: int) -> Task:
        if index == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return await bench.step(index)

    bench.run(range(20), step=step)

    report = bench.run(range(20))

    assert sorted(bench.numbers) == list(range(20))
    assert report.written + report.skipped == 20


@pytest.mark.parametrize(("grace", "signals"), [(0.05, 1), (60, 2)], ids=["grace", "second"])
def test_rows_that_do_not_finish_are_given_up(bench: Bench, grace: float, signals: int) -> None:
    cancelled: list[int] = []

    async def step(index: int) -> Task:
        try:
            for _ in range(signals if index == 3 else 0):
                os.kill(os.getpid(), signal.SIGINT)
                await asyncio.sleep(0.01)
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(index)
            raise
        return make_task(index)

    report = bench.run(range(100), OPTIONS.model_copy(update={"grace": grace}), step)

    assert (report.written, sorted(cancelled)) == (0, [0, 1, 2, 3])


def test_a_step_that_never_waits_can_be_stopped(bench: Bench) -> None:
    async def step(index: int) -> Task:
        if index == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return make_task(index)

    report = bench.run(range(1000), step=step)

    assert report.interrupted
    assert report.written < 100


def test_signal_handlers_are_put_back(bench: Bench) -> None:
    def handlers() -> list[object]:
        return [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    async def around() -> tuple[list[object], list[object]]:
        before = handlers()
        await bench.stage(range(3))
        return before, handlers()

    before, after = asyncio.run(around())

    assert after == before


def test_a_stop_from_a_row_keeps_what_is_in_flight(bench: Bench) -> None:
    bench.errors = {5: BudgetError("The limit of 10 tokens is reached")}
    bench.waits = {4: 0.05, 6: 0.05}

    report = bench.run(range(100))

    assert report.error is bench.errors[5]
    assert {0, 1, 2, 3, 4, 6} <= set(bench.numbers)
    assert len(bench.numbers) < 20


def test_what_stopped_the_stage_first_is_the_reason(bench: Bench) -> None:
    first, second = BudgetError("first"), BudgetError("second")
    bench.errors = {1: first, 2: second}
    bench.waits = {2: 0.02}

    report = bench.run(range(10))

    assert report.error is first


def test_a_broken_input_stops_the_stage_and_keeps_what_is_done(bench: Bench) -> None:
    problem = ArtifactError("tasks.jsonl:6 is torn")

    def rows() -> Iterator[int]:
        yield from range(5)
        raise problem

    report = bench.run(rows())

    assert report.error is problem
    assert sorted(bench.numbers) == [0, 1, 2, 3, 4]


def test_a_full_disk_stops_the_stage_after_a_whole_row(bench: Bench, room_for: RoomFor) -> None:
    with room_for(1000):
        report = bench.run(range(100))

    assert str(report.error).startswith(f"{bench.out} cannot be written: File too large")
    assert len(bench.numbers) == report.written > 0


def test_a_bug_is_never_caught(bench: Bench) -> None:
    bench.errors = {5: ZeroDivisionError("ours")}

    with pytest.raises(ZeroDivisionError, match="ours"):
        bench.run(range(100))


def fail_often(bench: Bench, error: RowError) -> StageReport:
    bench.errors = dict.fromkeys((n for n in range(100) if n % 3), error)
    return bench.run(range(100), OPTIONS.model_copy(update={"stop_window": 10}))


def test_the_same_failure_over_and_over_stops_early(bench: Bench) -> None:
    report = fail_often(bench, ProviderError("504 from the gateway"))

    assert re.fullmatch(
        r"mine stopped early: \d of the last 10 rows failed for the same reason, provider; "
        "for example: 504 from the gateway",
        str(report.error),
    )
    assert report.written + report.dropped < 20


@pytest.mark.parametrize("error", [RejectedError("duplicate", "of b"), PendingError("asked")])
def test_a_verdict_or_a_wait_is_no_failure(bench: Bench, error: RowError) -> None:
    report = fail_often(bench, error)

    assert report.error is None


def test_different_failures_do_not_stop_early(bench: Bench) -> None:
    kinds = (ReplyError("no code"), ProviderError("504"))
    bench.errors = {number: kinds[number % 2] for number in range(100)}

    report = bench.run(range(100), OPTIONS.model_copy(update={"stop_window": 10, "workers": 1}))

    assert (report.error, report.dropped) == (None, 100)


def test_an_output_of_another_stage_is_refused_untouched(bench: Bench) -> None:
    with RowWriter(bench.out) as out:
        out.append(Dropped(id="a", stage="b", kind="c", reason="d"))
    before = bench.out.read_bytes()

    with pytest.raises(ArtifactError, match=r"tasks\.jsonl:1 is not a Task"):
        bench.run(range(3))

    assert bench.out.read_bytes() == before


def test_a_torn_tail_costs_only_its_row(bench: Bench) -> None:
    bench.run(range(3))
    bench.out.write_bytes(bench.out.read_bytes()[:-5])

    report = bench.run(range(3))

    assert (counts(report), sorted(bench.numbers)) == ((1, 2, 0, 0), [0, 1, 2])


def test_a_row_that_could_not_be_read_again_is_dropped_and_the_run_goes_on(bench: Bench) -> None:
    async def spoilt(number: int) -> Task:
        task = make_task(number)
        return task.model_copy(update={"text": "half \ud83d"}) if number == 1 else task

    report = bench.run(range(3), step=spoilt)

    assert counts(report) == (2, 0, 1, 0)
    assert report.reasons == {"unwritable": 1}
    assert sorted(bench.numbers) == [0, 2]


def test_a_reason_with_half_a_character_is_kept(bench: Bench) -> None:
    bench.errors = {1: ReplyError("got 'half \ud83d'")}

    bench.run(range(2))

    assert [reason for _, _, reason in bench.drops] == ["got 'half \ufffd'"]
