"""Scenarios for other programs: servers, and packages that they install."""

from pathlib import Path
from typing import Annotated

import typer

from envscaler.cli.options import Config, Overrides, RunFolder
from envscaler.cli.say import say
from envscaler.errors import ConfigError
from envscaler.terminal import counted

serving = typer.Typer()

Playable = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, or RUN/exports/rl.")]


@serving.command()
def serve(  # noqa: PLR0913 (each is an option of the command)
    run: Playable,
    mcp: Annotated[
        str | None, typer.Option(metavar="SCENARIO", help="Serve one over stdio, for MCP clients.")
    ] = None,
    result: Annotated[
        Path | None, typer.Option(help="With --mcp: where the score is kept after every call.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Serve all over HTTP.")] = None,
    host: Annotated[str, typer.Option(help="With --port: where to listen.")] = "127.0.0.1",
    idle: Annotated[
        float, typer.Option(min=1, help="With --port: seconds until a session counts as abandoned.")
    ] = 600.0,
    overrides: Overrides = None,
) -> None:
    """Let other programs play scenarios: over MCP (stdio), OpenEnv or NeMo Gym (HTTP)."""
    if (mcp is None) == (port is None):
        raise ConfigError("Say how to serve: either --mcp SCENARIO or --port PORT")
    if mcp is not None:
        _serve_mcp(run, mcp, result, overrides or [])
    elif port is not None:
        _serve_http(run, host, port, idle)


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
    say(f"{out}: {counted(count, 'scenarios')}; pip install -e {out} && vf-eval {out.name} --help")


@serving.command()
def export_openenv(
    run: RunFolder,
    out: Annotated[Path, typer.Option(help="Folder of the package; its name is the package's.")],
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Write scenarios as an OpenEnv package: a server, its image, and a manifest."""
    from envscaler.adapters.openenv_package import export_openenv
    from envscaler.config import load_settings

    count = export_openenv(run, out, load_settings(config, overrides or ()))
    say(f"{out}: {counted(count, 'scenarios')}; openenv validate --level static {out}")


@serving.command()
def export_harbor(
    run: Playable,
    out: Annotated[Path, typer.Option(help="Gets a folder for each scenario.")],
    wheel: Annotated[
        Path | None, typer.Option(help="Of envscaler, for the images; without: from an index.")
    ] = None,
) -> None:
    """Write scenarios of an RL export as Harbor tasks."""
    from envscaler.adapters.harbor import export_harbor

    say(f"{out}: {export_harbor(run, out, wheel)} tasks")


def _serve_mcp(run: Path, scenario_id: str, result: Path | None, overrides: list[str]) -> None:
    import asyncio

    from envscaler.adapters import adapter
    from envscaler.env import AsyncEnv
    from envscaler.load import load_playable

    server = adapter("mcp")
    env = AsyncEnv(load_playable(run)[scenario_id], settings=overrides)
    asyncio.run(server.serve(env, result))


def _serve_http(run: Path, host: str, port: int, idle: float) -> None:
    from importlib.util import find_spec

    from envscaler.adapters import adapter
    from envscaler.adapters.rows import rows_of

    gym = adapter("nemo_gym", "serve")
    sessions = gym.Sessions(rows_of(str(run)), idle=idle)
    if find_spec("openenv"):
        made, spoken = adapter("openenv").app(sessions, idle=idle), "OpenEnv and NeMo Gym"
    else:
        made, spoken = gym.app(sessions), "NeMo Gym (OpenEnv: pip install 'envscaler[openenv]')"
    say(f"{counted(len(sessions.rows), 'scenarios')} at http://{host}:{port}: {spoken}")
    adapter("http_server", "serve").listen(made, host, port)
