"""Test environments by code alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envscaler.cli.options import Config, Overrides
from envscaler.cli.say import say

if TYPE_CHECKING:
    from envscaler.published.read_environments import Given
    from envscaler.records import Examination
    from envscaler.sandbox import Sandbox

checking = typer.Typer()

_AT_ONCE = 2
"""Environments examined side by side; each keeps about one core busy."""


@checking.command("check-env")
def check_env(
    file: Annotated[Path, typer.Argument(help="Environments of ours or published ones, or a .py.")],
    scenarios: Annotated[
        Path | None, typer.Option(help="Scenarios whose initial states calls begin in.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Fuzz every tool; report defects with reproducing calls."""
    import asyncio

    from envscaler.config import load_settings
    from envscaler.published.read_environments import read_environments
    from envscaler.sandbox import Sandbox

    settings = load_settings(config, overrides or ())
    given = read_environments(file, scenarios)

    async def check_all() -> int:
        turns = asyncio.Semaphore(_AT_ONCE)
        async with Sandbox.start(settings.sandbox) as sandbox:

            async def check(one: "Given") -> "Examination | str":
                async with turns:
                    return await _examined(one, sandbox, settings.seed)

            tasks = [asyncio.create_task(check(one)) for one in given]
            bad = [
                _say(one.skeleton.id, await task, as_json=as_json)
                for one, task in zip(given, tasks, strict=True)
            ]
        return sum(bad)

    if asyncio.run(check_all()):
        raise typer.Exit(1)


async def _examined(one: "Given", sandbox: "Sandbox", seed: int) -> "Examination | str":
    """Examine an environment; where it does not even start, say why."""
    from envscaler.check_env.examine import examine
    from envscaler.errors import GuestError, ReplyError

    try:
        return await examine(one.skeleton, one.states, sandbox, seed=seed)
    except (GuestError, ReplyError) as error:
        return str(error)


def _say(name: str, found: "Examination | str", *, as_json: bool) -> bool:
    """Print what was found; say whether it is serious."""
    import json

    from envscaler.check_env.report import json_lines, report_lines

    if isinstance(found, str):
        say(json.dumps({"env_id": name, "problem": found}) if as_json else f"{name}: {found}")
        return True
    lines = map(json.dumps, json_lines(name, found)) if as_json else report_lines(name, found)
    for line in lines:
        say(line)
    return bool(found.serious)
