"""What a command says when it is done: rows, reasons, tokens, and what to do next."""

from pathlib import Path

from envscaler.display.tables import stage_table, usage_table
from envscaler.llm.batch import REQUESTS, request_files
from envscaler.pipeline.run import Run


def summary(run: Run) -> str:
    """Return the table of a run's stages, what was spent, and what waits."""
    parts = [stage_table(run.reports), usage_table(run.meter) if run.meter else "", waiting(run)]
    return "\n\n".join(part for part in parts if part)


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
