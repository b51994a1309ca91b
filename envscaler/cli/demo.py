"""`envscaler demo`: every stage, from the replies recorded in data/demo."""

from collections.abc import Iterator
from pathlib import Path

from envscaler.cli.say import say
from envscaler.terminal import counted


def run_demo(folder: Path) -> None:
    """Run every stage on the demo's tasks, say what was made and where, and show a proof.

    Raises:
        EnvScalerError: Something is wrong with the installation, or the folder is another run's.
    """
    from envscaler.cli.stages import in_run
    from envscaler.config import load_settings
    from envscaler.interact.rollout import rollout
    from envscaler.llm.models import STORE
    from envscaler.llm.recordings import import_store
    from envscaler.llm.store import Store
    from envscaler.pipeline.lock import only_one
    from envscaler.resources import DEMO
    from envscaler.scen_generator.generate import gen_scen
    from envscaler.skel_builder.build import build_skel
    from envscaler.train.rl import export_rl
    from envscaler.train.sft import export_sft

    settings = load_settings("demo", ())
    with only_one(folder), Store(folder / STORE) as store:
        import_store(DEMO / "replies.jsonl", store)
    say("1. build-skel: environments from plain-text tasks\n")
    in_run(folder, settings, "build-skel", lambda run: build_skel(run, DEMO / "tasks.jsonl"))
    say("\n2. gen-scen: states, tasks and checks, each proven by executing a solution\n")
    in_run(folder, settings, "gen-scen", gen_scen)
    say("\n3. rollout: an agent and a simulated user act, their work is scored\n")
    in_run(folder, settings, "rollout", rollout)
    export_sft(folder, settings, "llamafactory")
    export_rl(folder, settings)
    say("\n4. What was made\n")
    for line in _made(folder):
        say(line)
    _show_proof(folder)
    say(
        f"\nWhat to do next:\n"
        f"  envscaler report {folder}    everything in a browser, one file and no server\n"
        f"  envscaler play {folder} -c demo    a scenario by hand, or `:model all`\n"
        f"  envscaler show {folder / 'envs.jsonl'} env    any row whole"
    )


def _made(folder: Path) -> Iterator[str]:
    from envscaler.jsonl import read_rows
    from envscaler.records import Environment, Scenario, Trajectory

    environments = list(read_rows(folder / "envs.jsonl", Environment))
    tools = counted(sum(len(row.tools) for row in environments), "tools")
    yield f"{folder / 'envs.jsonl'}: {len(environments)} tested environments, {tools}"
    scenarios = list(read_rows(folder / "scenarios.jsonl", Scenario))
    proven = sum(row.proof is not None and row.proof.proven for row in scenarios)
    yield f"{folder / 'scenarios.jsonl'}: {counted(len(scenarios), 'scenarios')}, {proven} proven"
    kept = list(read_rows(folder / "trajectories.jsonl", Trajectory))
    scores = [row.reward.score for row in kept if row.reward and row.reward.score is not None]
    mean = f", mean score {sum(scores) / len(scores):.2f}" if scores else ""
    yield f"{folder / 'trajectories.jsonl'}: {counted(len(kept), 'trajectories')}{mean}"
    yield f"{folder / 'exports'}: rows for LLaMA-Factory, and for reinforcement learning"
    yield f"{folder / 'dropped.jsonl'}: what was left out on the way, each with its reason"


def _show_proof(folder: Path) -> None:
    from rich.console import Group
    from rich.text import Text

    from envscaler.display.console import open_console
    from envscaler.display.rows import proof_parts
    from envscaler.jsonl import read_rows
    from envscaler.records import Scenario

    for row in read_rows(folder / "scenarios.jsonl", Scenario):
        if row.proof is not None and row.proof.proven:
            say(f"\n5. A proof: why the reward of {row.id} can be trusted\n")
            open_console().print(Group(Text(row.task, "italic"), *proof_parts(row.proof)))
            return
