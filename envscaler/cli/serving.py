"""Scenarios for other programs: servers, and packages that they install."""

from pathlib import Path
from typing import Annotated

import typer

from envscaler.cli.options import Config, Overrides, RunFolder
from envscaler.errors import ConfigError

serving = typer.Typer()

Playable = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, or RUN/exports/rl.")]


@serving.command()
def serve(
    run: Playable,
    mcp: Annotated[
        str | None, typer.Option(metavar="SCENARIO", help="Serve one over stdio, for MCP clients.")
    ] = None,
    result: Annotated[
        Path | None, typer.Option(help="With --mcp: where the score is kept after every call.")
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Let other programs play scenarios: over MCP (stdio)."""
    if mcp is None:
        raise ConfigError("Say how to serve: --mcp SCENARIO")
    _serve_mcp(run, mcp, result, overrides or [])


@serving.command()
def export_verifiers(
    run: RunFolder,
    out: Annotated[Path, typer.Option(help="Folder of the package; its name is the package's.")],
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Write scenarios as a package for verifiers and prime-rl."""
    from envscaler.adapters.verifiers_package import export_verifiers
    from envscaler.config import load_settings

    count = export_verifiers(run, out, load_settings(config, overrides or ()))
    typer.echo(f"{out}: {count} scenarios; pip install -e {out} && vf-eval {out.name} --help")


def _serve_mcp(run: Path, scenario_id: str, result: Path | None, overrides: list[str]) -> None:
    import asyncio

    from envscaler.adapters import adapter
    from envscaler.env import AsyncEnv
    from envscaler.load import load_playable

    server = adapter("mcp")
    env = AsyncEnv(load_playable(run)[scenario_id], settings=overrides)
    asyncio.run(server.serve(env, result))
