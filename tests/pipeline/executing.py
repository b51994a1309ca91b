"""Stages whose rows are made by workers, and what they have to come to."""

from pathlib import Path
from shutil import copy

from typer.testing import CliRunner

from envscaler.chat import Prompt
from envscaler.cli.app import app
from envscaler.config import Settings
from envscaler.jsonl import read_rows
from envscaler.llm.calls import Models
from envscaler.llm.models import STORE
from envscaler.llm.recordings import import_store
from envscaler.llm.store import Store
from envscaler.pipeline.opening import open_workers
from envscaler.pipeline.run import Maker, Run
from envscaler.pipeline.stage import StageReport
from envscaler.records import Task
from envscaler.resources import DEMO
from envscaler.sandbox import Sandbox

EXAMPLE = Path(__file__).parents[2] / "data" / "example"


async def made(
    folder: Path, settings: Settings, maker: Maker[int, Task], numbers: range, models: Models
) -> StageReport:
    """Run one stage whose rows are made by workers."""
    async with (
        Sandbox.start(settings.sandbox) as sandbox,
        open_workers(settings, folder, models) as workers,
    ):
        run = Run(folder, settings, models, sandbox, workers=workers)
        return await run.stage(
            numbers,
            run.step(maker),
            name="make",
            out="tasks",
            kind=Task,
            id_of=lambda number: f"task-{number}",
        )


def texts(folder: Path) -> list[str]:
    return [row.text for row in read_rows(folder / "tasks.jsonl", Task)]


def said(prompt: Prompt) -> str:
    return f"said {prompt.messages[0].get('content')}"


def begin_example(folder: Path) -> None:
    """Put into a run folder what the demo's episodes are played from."""
    folder.mkdir(exist_ok=True)
    for name in ("envs", "scenarios"):
        copy(EXAMPLE / f"{name}.jsonl", folder)
    with Store(folder / STORE) as store:
        import_store(DEMO / "replies.jsonl", store)


def play_example(folder: Path, *options: str) -> None:
    """Play the demo's episodes again, from recorded replies; they have to be those shipped."""
    begin_example(folder)
    command = ["rollout", "--run", str(folder), "-c", "demo", "--ordered", *options]

    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, (result.output, result.exception)

    assert_like_the_example(folder)


def assert_like_the_example(folder: Path) -> None:
    """The episodes of a run are those that are shipped."""
    for path in ("rollouts.jsonl", "trajectories.jsonl"):
        assert (folder / path).read_bytes() == (EXAMPLE / path).read_bytes()
