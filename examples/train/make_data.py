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
TIERS = "1"
"""One person and one change; tier 2 has two of each."""
SEEN = 16
"""Of a tier, to probe for memory with."""


def choose(
    lines: Iterable[str], groups: int, trained: int, held_out: int
) -> tuple[list[str], list[str]]:
    """Choose scenarios to train on and others to hold out: so many of each group.

    A group is what there is of an environment and a tier. A hash of its initial state says where a
    scenario goes, not its place in the file; what begins in the state of one that is held out is
    not trained on.

    Raises:
        SystemExit: There are too few scenarios, or groups.
    """
    by_group: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for line in lines:
        row = json.loads(line)
        state = sha256(json.dumps(row["initial_state"], sort_keys=True).encode()).hexdigest()
        by_group.setdefault((row["env_id"], row["shape"]["tier"]), []).append((state, line))
    ordered = [sorted(rows) for rows in by_group.values()]
    held = [pair for rows in ordered for pair in rows[:held_out]]
    closed = {state for state, _ in held}
    left = [[line for state, line in rows if state not in closed] for rows in ordered]
    if len(ordered) < groups or any(len(rows) < trained for rows in left):
        sys.exit(f"{trained} of each are wanted, and there are {[len(rows) for rows in left]}")
    return [line for rows in left for line in rows[:trained]], [line for _, line in held]


def with_new_ids(line: str, random: Random) -> str:
    """Give a scenario other ids, wherever they stand: state, solution and checks."""
    (records,) = json.loads(line)["initial_state"].values()
    free = [number for number in range(1000, 9999) if str(number) not in line]
    numbers = random.sample(free, len(records))
    new = {one: f"{one[0]}{number}" for one, number in zip(records, numbers, strict=True)}
    return re.sub("|".join(new), lambda found: new[found.group()], line)


def make_run(folder: Path, names: Sequence[str], tiers: str, count: int, seed: int) -> None:
    """Import environments with states, and make so many scenarios of each tier, or a few more.

    The search does not find something to ask for in every state, so it is given more of them.
    """
    folder.mkdir(parents=True)
    for name in names:
        (folder / f"{name}.json").write_text(
            json.dumps(draw_states(name, 6 * count, seed)), encoding="utf-8"
        )
        source = HERE / "environments" / f"{name}.py"
        envscaler("import", source, "--states", folder / f"{name}.json", "--run", folder)
    asked = ("--tiers", tiers, "--per-tier", count + count // 4 + 1)
    envscaler(
        *("gen-scen", "--phrasing", "template", *asked),
        *("--run", folder, "--ordered", "--set", f"seed={seed}"),
        *("--set", f"scen_generator.states={folder / 'states.jsonl'}"),
        *("--set", "scen_generator.min_checks=2"),
    )


def envscaler(*command: object) -> None:
    """Run a command of envscaler."""
    subprocess.run([sys.executable, "-m", "envscaler", *map(str, command)], check=True)


def main() -> None:
    """Make everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tiers", default=TIERS, help="kinds of scenarios, such as 1,2")
    parser.add_argument("--shown", type=int, default=52, help="solutions of a class and tier")
    parser.add_argument("--rewarded", type=int, default=44, help="rewards of a class and tier")
    parser.add_argument("--held-out", type=int, default=24, help="of a tier, in each of three sets")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    tiers = len(args.tiers.split(","))
    parts = (("solutions", SHOWN, args.shown), ("rewards", REWARDED, args.rewarded))
    for name, environments, trained in (*parts, ("environment", (HELD_OUT,), 0)):
        held_out = args.held_out // len(environments)
        made = args.folder / f"made-{name}"
        make_run(made, environments, args.tiers, trained + held_out, args.seed)
        train, held = choose(_lines(made), len(environments) * tiers, trained, held_out)
        copy_run(made, args.folder / f"held-out-{name}", held)
        if trained:
            copy_run(made, args.folder / name, train)
    random = Random(args.seed)
    made = args.folder / "made-rewards"
    _, seen = choose(_lines(args.folder / "rewards"), tiers, 0, min(args.rewarded, SEEN))
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
