"""Play held-out scenarios with models: `python measure.py data measured base=models/base …`.

Each model is served and asked by `envscaler rollout`, as any other model would be. Appends a line
for each model and each set to `measured/measured.jsonl`; episodes stay in `measured/NAME-SET`.
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

HERE = Path(__file__).parent
SETS = ("held-out-solutions", "held-out-rewards", "held-out-environment")


def summary(episodes: Iterable[Mapping]) -> dict[str, float | int | None]:
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
    command = [sys.executable, str(HERE / "serve.py"), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            lines = iter(process.stdout.readline, "")
            yield next(line.split()[1] for line in lines if line.startswith("address "))
        finally:
            process.kill()


def play(run: Path, name: str, url: str, steps: int) -> list[dict]:
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
    command = [sys.executable, "-m", "envscaler", "rollout", "--run", str(run), "-w", "16", *sets]
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
                row = {"model": name, "set": kind} | summary(play(run, name, url, args.steps))
                row["seconds"] = round(time.monotonic() - started)
                line = json.dumps(row)
                print(line, flush=True)
                with (args.out / "measured.jsonl").open("a", encoding="utf-8") as file:
                    file.write(f"{line}\n")


if __name__ == "__main__":
    main()
