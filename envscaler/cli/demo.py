"""`envscaler demo`: every stage, from the replies recorded in data/demo."""

from pathlib import Path

import typer


def run_demo(folder: Path) -> None:
    """Run every stage on the demo's tasks and say what was made, and where.

    Raises:
        EnvScalerError: Something is wrong with the installation, or the folder is another run's.
    """
    from envscaler.cli.stages import in_run
    from envscaler.config import load_settings
    from envscaler.interact.rollout import rollout
    from envscaler.llm.models import STORE
    from envscaler.llm.recordings import import_store
    from envscaler.llm.store import Store
    from envscaler.resources import DEMO
    from envscaler.run import only_one
    from envscaler.scen_generator.generate import gen_scen
    from envscaler.skel_builder.build import build_skel
    from envscaler.train.rl import export_rl
    from envscaler.train.sft import export_sft

    settings = load_settings("demo", ())
    with only_one(folder), Store(folder / STORE) as store:
        import_store(DEMO / "replies.jsonl", store)
    in_run(folder, settings, "build-skel", lambda run: build_skel(run, DEMO / "tasks.jsonl"))
    in_run(folder, settings, "gen-scen", gen_scen)
    in_run(folder, settings, "rollout", rollout)
    for report in (export_sft(folder, settings, "llamafactory"), export_rl(folder, settings)):
        typer.echo(f"{report.folder}: {', '.join(report.files)}")
    typer.echo(f"Look at it with: envscaler show {folder / 'trajectories.jsonl'}")
