"""Play held-out scenarios with models: `python measure.py data measured base=models/base …`.

Each model is served and asked by `envscaler rollout`, as any other model would be. Appends a line
for each model, set and tier to `measured/measured.jsonl`; episodes stay in `measured/NAME-SET`.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Row = Mapping[str, Any]
AT_ONCE = 24
"""Episodes."""
SETS = ("held-out-solutions", "held-out-rewards", "held-out-environment")


def summary(episodes: Iterable[Row]) -> dict[str, float | int | None]:
    """Say how episodes went: only those that have a reward count for its mean."""
    rows = list(episodes)
    rewards = [row["reward"] for row in rows if row["reward"] is not None]
    calls = [step for row in rows for step in row["steps"]]
    return {
        "episodes": len(rows),
        "scored": len(rewards),
        "goal": _mean([one["goal"] for one in rewards]),
        "fraction": _mean([one["fraction"] for one in rewards]),
        "solved": sum(one["goal"] == 1 for one in rewards),
        "finished": sum(row["stop_reason"] == "finished" for row in rows),
        "calls": len(calls),
    }


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 3) if values else None


@contextmanager
def served(folder: Path) -> Generator[str]:
    """Serve a model as long as this lasts; gives its address."""
    command = [sys.executable, str(HERE / "serve.py"), str(folder), "--batch", str(AT_ONCE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            lines = iter(process.stdout.readline, "")
            yield next(line.split()[1] for line in lines if line.startswith("address "))
        finally:
            process.kill()


def play(run: Path, name: str, url: str, steps: int) -> list[Row]:
    """Let the model at an address play every scenario of a run."""
    settings = {
        "models.agent.base_url": f"{url}/v1",
        "models.agent.model": name,
        "models.agent.temperature": 0,
        "models.agent.max_tokens": 64,
        "prompts": HERE / "prompts",
        "interact.max_steps": steps,
        "interact.max_bad_replies": 1,
        "llm.transient_tries": 1,
        "llm.timeout": 3600,
    }
    sets = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    rollout = ["-m", "envscaler", "rollout", "--run", str(run), "-w", str(AT_ONCE)]
    command = [sys.executable, *rollout, *sets]
    subprocess.run(command, check=True)
    lines = (run / "rollouts.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def main() -> None:
    """Measure every model on every set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("models", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--steps", type=int, default=5, help="calls in one episode")
    args = parser.parse_args()
    for name, _, folder in (one.partition("=") for one in args.models):
        with served(Path(folder)) as url:
            for kind in args.sets:
                started = time.monotonic()
                run = args.out / f"{name}-{kind}"
                run.mkdir(parents=True)
                for file in ("envs.jsonl", "scenarios.jsonl"):
                    shutil.copy(args.data / kind / file, run / file)
                episodes = play(run, name, url, args.steps)
                row = {"model": name, "set": kind, "seconds": round(time.monotonic() - started)}
                _write(args.out / "measured.jsonl", row, by_tier(run, episodes))


def by_tier(run: Path, episodes: Iterable[Row]) -> dict[int, list[Row]]:
    """Divide episodes by the tier of their scenario."""
    lines = (run / "scenarios.jsonl").read_text(encoding="utf-8").splitlines()
    tiers = {row["id"]: row["shape"]["tier"] for row in map(json.loads, lines)}
    divided: dict[int, list[Row]] = {tier: [] for tier in sorted(set(tiers.values()))}
    for episode in episodes:
        divided[tiers[episode["scenario_id"]]].append(episode)
    return divided


def _write(path: Path, row: Row, tiers: Mapping[int, Iterable[Row]]) -> None:
    with path.open("a", encoding="utf-8") as file:
        for tier, episodes in tiers.items():
            line = json.dumps({**row, "tier": tier} | summary(episodes))
            print(line, flush=True)
            file.write(f"{line}\n")


if __name__ == "__main__":
    main()
