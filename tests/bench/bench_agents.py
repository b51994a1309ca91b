"""How far agents without a model come, tier by tier: `python -m tests.bench.bench_agents RUN`.

RUN has scenarios of `gen-scen --phrasing template`. Each agent plays all of them once, in a folder
that is thrown away; the table has the share with full marks, and the mean score behind it.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from envscaler.config import Settings, load_settings
from envscaler.interact.rollout import rollout
from envscaler.interact.scripted import ScriptedName
from envscaler.jsonl import read_rows
from envscaler.pipeline.run import Run
from envscaler.records import Scenario, Trajectory
from envscaler.sandbox import Sandbox

AGENTS: tuple[ScriptedName, ...] = ("noop", "random", "one-lookup", "greedy", "slip", "reference")


def main(source: Path) -> None:
    """Play, and print the table."""
    rows = [*read_rows(source / "scenarios.jsonl", Scenario)]
    tier_of = {row.id: row.shape.tier for row in rows if row.shape is not None}
    tiers = sorted({*tier_of.values()})
    counts = [sum(each == tier for each in tier_of.values()) for tier in tiers]
    heads = [f"tier {tier} ({count})" for tier, count in zip(tiers, counts, strict=True)]
    _say(["agent", *heads])
    _say(["---"] * (len(tiers) + 1))
    for agent in AGENTS:
        scores = asyncio.run(_play(source, agent))
        cells = [_cell([scores[name] for name in tier_of if tier_of[name] == t]) for t in tiers]
        _say([f"`{agent}`", *cells])


def _say(cells: Sequence[str]) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def _cell(scores: Sequence[float]) -> str:
    passed = sum(each == 1 for each in scores)
    return f"{passed / len(scores):.0%} ({sum(scores) / len(scores):.2f})"


async def _play(source: Path, agent: ScriptedName) -> dict[str, float]:
    """Return the score of one attempt at each scenario."""
    settings = _settings(agent)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("envs.jsonl", "scenarios.jsonl"):
            shutil.copy(source / name, folder)
        async with Sandbox.start(settings.sandbox) as sandbox:
            await rollout(Run(Path(folder), settings, {}, sandbox))
        played = [*read_rows(Path(folder) / "rollouts.jsonl", Trajectory)]
    return {row.scenario_id: _score(row) for row in played}


def _score(row: Trajectory) -> float:
    if row.reward is None or row.reward.score is None:
        raise RuntimeError(f"{row.scenario_id} has no score: {row.reward}")
    return row.reward.score


def _settings(agent: ScriptedName) -> Settings:
    assert agent in get_args(ScriptedName)
    return load_settings(None, (f"interact.agent={agent}", "interact.max_steps=60"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
