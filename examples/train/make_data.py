"""Make scenarios without a model, and split them: `python make_data.py data`.

`data/train`, `data/held-out-scenarios` and `data/held-out-environment` are runs of envscaler. No
state is in two of them, and every id is drawn at random: it can be looked up, but not remembered.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from draw_states import draw_states

HERE = Path(__file__).parent
TRAINED = ("library", "lockers", "workshop")
HELD_OUT = "nursery"


def split(lines: Iterable[str], held_out: int) -> tuple[list[str], list[str]]:
    """Divide scenarios into those to train on and those held out, for each environment alike.

    A hash of its initial state says where a scenario goes, not its place in the file.
    """
    by_environment: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        row = json.loads(line)
        state = sha256(json.dumps(row["initial_state"], sort_keys=True).encode()).hexdigest()
        by_environment.setdefault(row["env_id"], []).append((state, line))
    train, held = [], []
    for rows in by_environment.values():
        rows.sort()
        held += [line for _, line in rows[:held_out]]
        train += [line for _, line in rows[held_out:]]
    return train, held


def make_run(folder: Path, names: Sequence[str], count: int, seed: int) -> None:
    """Import environments with states, and make a scenario in each state."""
    folder.mkdir(parents=True)
    for name in names:
        (folder / f"{name}.json").write_text(
            json.dumps(draw_states(name, count, seed)), encoding="utf-8"
        )
        source = HERE / "environments" / f"{name}.py"
        envscaler("import", source, "--states", folder / f"{name}.json", "--run", folder)
    envscaler(
        *("gen-scen", "--phrasing", "template", "--tiers", 1, "--per-tier", count, "--run", folder),
        *("--ordered", "--set", f"scen_generator.states={folder / 'states.jsonl'}"),
        *("--set", "scen_generator.min_checks=2", "--set", f"seed={seed}"),
    )


def envscaler(*command: object) -> None:
    """Run a command of envscaler."""
    subprocess.run([sys.executable, "-m", "envscaler", *map(str, command)], check=True)


def main() -> None:
    """Make everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=60, help="scenarios of an environment")
    parser.add_argument("--held-out", type=int, default=8, help="of which held out")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    made, held = args.folder / "made", args.folder / "held-out-scenarios"
    train = args.folder / "train"
    make_run(made, TRAINED, args.count, args.seed)
    make_run(args.folder / "held-out-environment", [HELD_OUT], 2 * args.held_out, args.seed)
    lines = (made / "scenarios.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    for folder, rows in zip((train, held), split(lines, args.held_out), strict=True):
        folder.mkdir()
        (folder / "scenarios.jsonl").write_text("".join(rows), encoding="utf-8")
        (folder / "envs.jsonl").write_bytes((made / "envs.jsonl").read_bytes())
    settings = ("--set", "train.validation_share=0", "--set", f"prompts={HERE / 'prompts'}")
    envscaler("export-sft", "--from", "references", "--run", train, *settings)
    envscaler("export-rl", "--run", train, *settings)


if __name__ == "__main__":
    main()
