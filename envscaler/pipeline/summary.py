"""What a command says when it is done: rows, reasons, tokens, and what to do next."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from envscaler.llm.batch import REQUESTS, request_files
from envscaler.pipeline.run import Run
from envscaler.pipeline.stage import StageReport

_WIDEST = 100
"""Characters of an example reason."""


def summary(run: Run) -> str:
    """Return the table of a run's stages, what was spent, and what waits."""
    parts = [stage_table(run.reports), run.meter.table() if run.meter else "", waiting(run)]
    return "\n\n".join(part for part in parts if part)


def stage_table(reports: Sequence[StageReport]) -> str:
    """Return one line per stage, and under it one per reason for which rows were dropped."""
    if not reports:
        return ""
    head = ("stage", "written", "skipped", "dropped", "waiting")
    names = max(len(report.name) for report in reports)
    lines = [_line(names, *head, "file")]
    for report in reports:
        counts = (report.written, report.skipped, report.dropped, report.waiting)
        lines.append(_line(names, report.name, *counts, report.out))
        lines += _reasons(report)
    return "\n".join(lines)


def waiting(run: Run) -> str:
    """Return how to go on when requests wait in the batch file, else nothing."""
    files = request_files(run.folder / REQUESTS)
    if not any(report.waiting for report in run.reports) or not files:
        return ""
    count = sum(_lines_in(path) for path in files)
    return (
        f"{count} requests are waiting in {', '.join(map(str, files))}; answer them with a batch "
        "service or `vllm run-batch`, then "
        f"`envscaler batch import RESPONSES.jsonl … --run {run.folder}`, then run the same command "
        "again"
    )


def _lines_in(path: Path) -> int:
    with path.open("rb") as lines:
        return sum(1 for _ in lines)


def _line(names: int, stage: str, *cells: str | int | Path) -> str:
    *counts, file = cells
    return f"{stage:<{max(names, 5)}}" + "".join(f"{count:>9}" for count in counts) + f"  {file}"


def _reasons(report: StageReport) -> Iterator[str]:
    for kind, count in sorted(report.reasons.items(), key=lambda each: (-each[1], each[0])):
        example = " ".join(report.examples[kind].split())
        if len(example) > _WIDEST:
            example = f"{example[: _WIDEST - 1]}…"
        yield f"  {count} × {kind}, such as: {example}"
