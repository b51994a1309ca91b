"""Play exported rows where nothing else of a run is: in a process and a folder of its own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import TypeAdapter

import envscaler
from envscaler.env import Env
from envscaler.errors import RowError, SandboxError
from envscaler.records import Call, JsonObject, Record


class Part(Record):
    """A row of `export-rl` with its environment, and what is played in it."""

    row: JsonObject
    plays: tuple[tuple[Call, ...], ...]


_PARTS = TypeAdapter(tuple[Part, ...])
_REWARDS = TypeAdapter(tuple[tuple[float | None, ...], ...])
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from envscaler.certify.alone import main; main(sys.argv[2], sys.argv[3:])"
)


def rewards_elsewhere(
    parts: Sequence[Part], settings: Sequence[str] = ()
) -> tuple[tuple[float | None, ...], ...]:
    """Play rows in another process, and return the reward of every play of each.

    Args:
        parts: Rows and plays.
        settings: As for `Env`.

    Raises:
        SandboxError: The other process failed.
    """
    root = str(Path(envscaler.__file__).parents[1])
    with TemporaryDirectory() as folder:
        file = Path(folder, "rows.json")
        file.write_bytes(_PARTS.dump_json(tuple(parts)))
        done = subprocess.run(
            [sys.executable, "-c", _START, root, str(file), *settings],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise SandboxError(f"Playing rows in a process of their own failed: {last}")
    return _REWARDS.validate_json(done.stdout)


def main(file: str, settings: Sequence[str]) -> None:
    """Play the rows of a file and print their rewards."""
    parts = _PARTS.validate_json(Path(file).read_bytes())
    found = [[_reward(part.row, calls, settings) for calls in part.plays] for part in parts]
    sys.stdout.write(json.dumps(found))


def _reward(row: JsonObject, calls: Sequence[Call], settings: Sequence[str]) -> float | None:
    try:
        with Env(row, settings=settings) as env:
            for call in calls:
                env.call(call.name, call.arguments)
            return env.score().reward
    except RowError:
        return None
