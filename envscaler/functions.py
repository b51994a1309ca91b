"""What the commands `check-env`, `export-sft` and `export-rl` do, as functions."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from envscaler.check_env.examine import examine
from envscaler.config import Settings, load_settings
from envscaler.errors import ConfigError
from envscaler.published.read_environments import Given, read_environments
from envscaler.records import Examination, JsonObject, Skeleton
from envscaler.sandbox import Sandbox
from envscaler.train.export import ExportReport
from envscaler.train.rl import export_rl as write_rl
from envscaler.train.sft import Origin
from envscaler.train.sft import export_sft as write_sft


def check_environment(
    environment: Skeleton | Path | str,
    initial_states: Sequence[JsonObject] = (),
    *,
    settings: Sequence[str] = (),
) -> Examination:
    """Call every tool of an environment in many ways, without a model, and report what is wrong.

    Args:
        environment: One that was loaded, or a file with one, such as a Python module.
        initial_states: Where calls begin; without any, those that the environment was tested in,
            or invented ones.
        settings: What differs from the defaults, such as `("seed=1",)`.

    Returns:
        Its `findings` hold the calls that show them; `serious` are those that matter most.

    Raises:
        ConfigError: A file with several environments, or a setting that does not exist.
        ArtifactError: There is no such file, or it holds no environment.
        ReplyError: The source cannot be read.
        GuestError: The environment starts in none of the states.
        IsolationError: This machine cannot isolate generated code.
    """
    chosen = load_settings(None, settings)
    given = _given(environment)
    states = initial_states or given.states
    # In a thread, because the caller may be inside a running loop.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, _examined(given.skeleton, states, chosen)).result()


def export_sft(
    run: Path | str,
    format_name: str = "messages",
    *,
    origin: Origin = "trajectories",
    settings: Sequence[str] = (),
) -> ExportReport:
    """Write what was played in a run as rows for fine-tuning, into `RUN/exports`.

    Args:
        run: The run folder.
        format_name: As for `envscaler export-sft --format`.
        origin: As for `--from`.
        settings: What differs from the defaults, such as `("train.validation_share=0",)`.

    Raises:
        ConfigError: There is no such format or setting.
        ArtifactError: The trajectories are missing, unreadable or not one is usable.
    """
    return write_sft(Path(run), load_settings(None, settings), format_name, origin=origin)


def export_rl(run: Path | str, *, settings: Sequence[str] = ()) -> ExportReport:
    """Write the scenarios of a run as rows for reinforcement learning, into `RUN/exports/rl`.

    Args:
        run: The run folder.
        settings: What differs from the defaults, such as `("train.bands=[medium]",)`.

    Raises:
        ConfigError: There is no such setting or band.
        ArtifactError: The scenarios are missing, unreadable or have no checks.
    """
    return write_rl(Path(run), load_settings(None, settings))


def _given(environment: Skeleton | Path | str) -> Given:
    if isinstance(environment, Skeleton):
        return Given.of(environment)
    found = read_environments(Path(environment))
    if len(found) != 1:
        raise ConfigError(
            f"{environment} holds {len(found)} environments; check them one by one, from "
            "envscaler.load_environments"
        )
    return found[0]


async def _examined(
    skeleton: Skeleton, states: Sequence[JsonObject], settings: Settings
) -> Examination:
    async with Sandbox.start(settings.sandbox) as sandbox:
        return await examine(skeleton, states, sandbox, seed=settings.seed)
