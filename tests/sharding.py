"""Shards of a command, made and merged as a user does it."""

import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from typer.testing import CliRunner

from envscaler.cli.app import app
from envscaler.errors import EnvScalerError
from envscaler.jsonl import count_rows

CHECKOUT = Path(__file__).parents[1]
EXAMPLE = CHECKOUT / "data" / "example"


def call(*arguments: object, code: int = 0) -> str:
    """Run a command as a user does; an error of ours is raised as it is."""
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if isinstance(result.exception, EnvScalerError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def call_shards(count: int, *arguments: object, only: Iterable[int] | None = None) -> None:
    """Run all shards of a command, or only some of them."""
    for index in range(count) if only is None else only:
        call(*arguments, "--shard", f"{index}/{count}")


def kill_once_written(rows: Path, wanted: int, *arguments: object) -> bool:
    """Kill a command with SIGKILL once it has written some rows; say whether it had."""
    command = [sys.executable, "-m", "envscaler", *map(str, arguments)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=CHECKOUT) as process:
        while count_rows(rows) < wanted and process.poll() is None:
            time.sleep(0.01)
        process.kill()
    return count_rows(rows) >= wanted
