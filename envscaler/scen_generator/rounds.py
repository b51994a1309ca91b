"""One line for a stage that works in rounds: what came of all of them."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from envscaler.pipeline.stage import StageReport


def in_one(reports: Sequence[StageReport], same_rows: Collection[str]) -> list[StageReport]:
    """Put the reports of each stage together.

    What was dropped is looked for again in the next round, so what counts is the last one.

    Args:
        reports: In the order of the rounds.
        same_rows: Stages that are given the rows of earlier rounds again, and further ones.
    """
    found: dict[str, StageReport] = {}
    for each in reports:
        before = found.get(each.name, each)
        found[each.name] = each if before is each else _both(before, each, same_rows)
    return [*found.values()]


def _both(before: StageReport, after: StageReport, same_rows: Collection[str]) -> StageReport:
    seen_again = before.written if after.name in same_rows else -before.skipped
    return replace(
        after,
        written=before.written + after.written,
        skipped=max(0, after.skipped - seen_again),
        waiting=before.waiting + after.waiting,
    )
