"""Make scenarios without a model, and split them: `python make_data.py data`.

`data/solutions` is what a model is shown, `data/rewards` what it finds out by itself, in an
environment of which no solution is shown. `data/held-out-…` is what it has not seen: no state is in
two of them, and every id is drawn at random, so that it can be looked up, but not remembered.
`data/seen` and `data/new-ids` probe for memory: scenarios that were trained on, and the same with
other ids. Who remembers an id solves the first and not the second.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random

from draw_states import draw_states

HERE = Path(__file__).parent
SHOWN = ("library", "lockers")
REWARDED = ("workshop",)
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


def with_new_ids(line: str, random: Random) -> str:
    """Give a scenario other ids, wherever they stand: state, solution and checks."""
    (records,) = json.loads(line)["initial_state"].values()
    free = [number for number in range(1000, 9999) if str(number) not in line]
    numbers = random.sample(free, len(records))
    new = {one: f"{one[0]}{number}" for one, number in zip(records, numbers, strict=True)}
    return re.sub("|".join(new), lambda found: new[found.group()], line)


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
    make_run(args.folder / "held-out-environment", [HELD_OUT], 2 * args.held_out, args.seed)
    random = Random(args.seed)
    for name, environments in (("solutions", SHOWN), ("rewards", REWARDED)):
        held_out = 2 * args.held_out // len(environments)
        made = args.folder / f"made-{name}"
        make_run(made, environments, args.count, args.seed)
        train, held = split(_lines(made), held_out)
        copy_run(made, args.folder / name, train)
        copy_run(made, args.folder / f"held-out-{name}", held)
    made = args.folder / "made-rewards"
    _, seen = split(_lines(args.folder / "rewards"), args.held_out)
    copy_run(made, args.folder / "seen", seen)
    copy_run(made, args.folder / "new-ids", [with_new_ids(line, random) for line in seen])
    settings = ("--set", "train.validation_share=0", "--set", f"prompts={HERE / 'prompts'}")
    shown = ("--from", "references", "--run", args.folder / "solutions")
    envscaler("export-sft", *shown, *settings)
    envscaler("export-rl", "--run", args.folder / "rewards", *settings)


def copy_run(made: Path, folder: Path, rows: Iterable[str]) -> None:
    """Make a run of some scenarios of another."""
    folder.mkdir()
    (folder / "scenarios.jsonl").write_text("".join(rows), encoding="utf-8")
    (folder / "envs.jsonl").write_bytes((made / "envs.jsonl").read_bytes())


def _lines(run: Path) -> list[str]:
    return (run / "scenarios.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)


if __name__ == "__main__":
    main()
