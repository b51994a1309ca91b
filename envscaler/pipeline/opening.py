"""Open a run folder: its lock, its settings, the models, the sandbox, and who makes the rows."""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from envscaler.config import Settings, endpoints, read_environment
from envscaler.llm.calls import Models
from envscaler.llm.models import STORE, RunModels, open_meter, open_models
from envscaler.pipeline.executors.messages import SetUp
from envscaler.pipeline.executors.pool import Pool, open_pool
from envscaler.pipeline.executors.processes import start_process, usable_cores
from envscaler.pipeline.executors.worker import versions
from envscaler.pipeline.kept_settings import keep_settings
from envscaler.pipeline.lock import only_one
from envscaler.pipeline.log import keep_log
from envscaler.pipeline.merged import MergedPart
from envscaler.pipeline.part import Part
from envscaler.pipeline.preview import PREVIEW, PreviewPart
from envscaler.pipeline.run import Embed, Run
from envscaler.pipeline.shards import Shard, ShardPart
from envscaler.prompts import own_prompts
from envscaler.sandbox import Sandbox


@asynccontextmanager
async def open_run(
    folder: Path, settings: Settings, command: str, shard: Shard | None = None
) -> AsyncGenerator[Run]:
    """Open a run folder for one command: its lock, its settings, models and sandbox.

    Args:
        folder: Made when it does not exist.
        settings: Kept in `folder/settings/`, or compared with those kept there.
        command: Such as `gen-scen`.
        shard: Which rows are made; None: all.

    Raises:
        ConfigError: Another process works in the folder, or it was made with other settings.
        IsolationError: This machine cannot isolate generated code.
    """
    if shard is None:
        with only_one(folder):
            async with _opened(folder, settings, command) as run:
                yield run
        return
    with in_shard(folder, shard, settings, command) as (part, ended):
        async with _opened(part.folder, settings, command, part) as run:
            yield run
            ended(run)


@contextmanager
def in_shard(
    folder: Path, shard: Shard, settings: Settings, command: str
) -> Generator[tuple[ShardPart, Callable[[Run], None]]]:
    """Keep others out of a shard, and note what it is made with, and when it is at its end."""
    part = ShardPart(folder, shard, command)
    with only_one(folder, shared=True), only_one(part.folder):
        note = part.begin(settings)
        yield part, lambda run: part.end(note, run.reports)


@asynccontextmanager
async def open_preview(
    folder: Path, settings: Settings, command: str, count: int
) -> AsyncGenerator[Run]:
    """Open a run in which only a few rows are made, in `folder/preview/`.

    Raises:
        ConfigError: Another process works in the folder, or what rows are made from is not there.
        IsolationError: This machine cannot isolate generated code.
    """
    part = PreviewPart(folder, count)
    with only_one(folder, shared=True), only_one(part.folder):
        part.begin(command)
        async with _opened(part.folder, settings, command, part) as run:
            yield run


@asynccontextmanager
async def open_merge(part: MergedPart, settings: Settings, command: str) -> AsyncGenerator[Run]:
    """Open a run whose rows are taken from shards; its lock is the caller's.

    Raises:
        ConfigError: The rows that are there were made with other settings.
        IsolationError: This machine cannot isolate generated code.
    """
    async with _opened(part.folder, settings, command, part) as run:
        yield run


@asynccontextmanager
async def _opened(
    folder: Path, settings: Settings, command: str, part: Part | None = None
) -> AsyncGenerator[Run]:
    meter = open_meter(settings.llm)
    also = _paid_before(folder, part)
    with own_prompts(settings.prompts):
        keep_settings(folder, settings, command)
        roles = endpoints(settings, read_environment())
        with keep_log(folder, command) as log:
            async with (
                open_models(settings, roles, folder, meter, also) as models,
                Sandbox.start(settings.sandbox) as sandbox,
                open_workers(settings, folder, models) as workers,
            ):
                embed = _embed(models)
                yield Run(folder, settings, models, sandbox, meter, embed, log, part, workers)


def _paid_before(folder: Path, part: Part | None) -> list[Path]:
    """Return the stores beside that of a folder which hold replies to requests of the same run."""
    if isinstance(part, PreviewPart):
        whole = part.run / STORE
        return [whole] if whole.is_file() else []
    run, shards = (part.run, part.stores(STORE)) if isinstance(part, ShardPart) else (folder, [])
    preview = run / PREVIEW / STORE
    return [*shards, preview] if preview.is_file() else shards


def _embed(models: RunModels) -> Embed | None:
    embedder = models.embedder
    return None if embedder is None else lambda texts: embedder.embed(list(texts))


@asynccontextmanager
async def open_workers(
    settings: Settings, folder: Path, models: Models
) -> AsyncGenerator[Pool | None]:
    """Open those who make rows elsewhere, where the settings want it; they start when needed.

    Raises:
        ConfigError: There is no such cluster, or Ray is not installed.
    """
    runner = settings.runner
    setup = SetUp(settings, folder)
    match runner.executor:
        case "local":
            yield None
        case "process":
            count = runner.processes or usable_cores()
            async with open_pool(start_process, count, setup, versions(), models) as pool:
                yield pool
        case "ray":
            from envscaler.pipeline.executors import ray_cluster

            with ray_cluster.connected(runner.address) as cores:
                count = runner.processes or cores
                start = ray_cluster.start_actor
                async with open_pool(start, count, setup, versions(), models) as pool:
                    yield pool
