"""How many rows each stage made and refused, why, and what they cost."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from envscaler.llm.usage import Price, Tokens
from envscaler.records import (
    Assessment,
    Candidate,
    Dropped,
    Environment,
    JsonObject,
    Row,
    Scenario,
    Skeleton,
    Task,
    Topic,
    Trajectory,
)
from envscaler.report.rows import RunRows

STAGES: tuple[tuple[str, str, type[Row]], ...] = (
    ("collect", "tasks", Task),
    ("mine", "candidates", Candidate),
    ("select", "topics", Topic),
    ("write", "skeletons", Skeleton),
    ("assess", "assessments", Assessment),
    ("admit", "envs", Environment),
    ("gen-scen", "scenario_candidates", Scenario),
    ("dedupe", "scenarios", Scenario),
    ("rollout", "rollouts", Trajectory),
    ("filter", "trajectories", Trajectory),
)
"""Stage, what it writes, and what is in there."""
_COPIES = frozenset({"dedupe", "filter"})
"""Stages whose rows are those of the stage before, and were paid for there."""


def funnel(rows: RunRows) -> list[JsonObject]:
    """Return for each stage that ran how many rows it made, and how many it refused as what."""
    refused: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows.read("dropped", Dropped):
        refused[row.stage][row.kind] += 1
    found: list[JsonObject] = []
    for stage, artifact, _ in STAGES:
        path = rows.folder / f"{artifact}.jsonl"
        if not path.is_file() and stage not in refused:
            continue
        reasons: JsonObject = dict(refused.pop(stage, Counter[str]()).most_common())
        found.append({"stage": stage, "out": artifact, "made": _lines(path), "refused": reasons})
    for stage, kinds in refused.items():
        found.append({"stage": stage, "out": "", "made": None, "refused": dict(kinds)})
    return found


def spending(rows: RunRows, prices: Mapping[str, Price]) -> list[JsonObject]:
    """Return what the rows of each stage took of each model.

    What rows took that were dropped half-way stands in no row, and is not here.
    """
    totals: dict[tuple[str, str], Tokens] = {}
    for stage, model, row in _paid(rows):
        totals.setdefault((stage, model), Tokens()).add(row.provenance.usage)
        totals[stage, model].calls += row.provenance.usage.calls - 1
    return [_spent(stage, model, tokens, prices) for (stage, model), tokens in totals.items()]


def _paid(rows: RunRows) -> Iterator[tuple[str, str, Row]]:
    for stage, artifact, kind in STAGES:
        for row in () if stage in _COPIES else rows.read(artifact, kind):
            if row.provenance.usage.calls:
                yield stage, " + ".join(row.provenance.models), row


def _spent(stage: str, model: str, tokens: Tokens, prices: Mapping[str, Price]) -> JsonObject:
    price = prices.get(model)
    return {
        "stage": stage,
        "model": model,
        "calls": tokens.calls,
        "prompt": tokens.prompt,
        "completion": tokens.completion,
        "reasoning": tokens.reasoning,
        "in_cache": tokens.in_cache,
        "cost": None if price is None else round(price.of(tokens), 4),
    }


def _lines(path: Path) -> int | None:
    if not path.is_file():
        return None
    with path.open("rb") as lines:
        return sum(1 for line in lines if line.strip())
