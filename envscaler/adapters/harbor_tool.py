"""What runs inside the containers of a Harbor task: one call of a tool, and the score at the end.

    python -m envscaler.adapters.harbor_tool call SCENARIO CALLS NAME [ARGUMENTS]
    python -m envscaler.adapters.harbor_tool score SCENARIO CALLS REWARD

Each command starts from the scenario and makes the calls again that stand in the file CALLS.
Whoever writes into that file has made calls, no more: state, tools and checks come from elsewhere.
"""

import fcntl
import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from envscaler.env import AsyncEnv, Env
from envscaler.errors import ArtifactError, EnvScalerError
from envscaler.sandbox import Journal
from envscaler.sandbox.live import JournalCall

_USAGE = "call SCENARIO CALLS NAME [ARGUMENTS] | score SCENARIO CALLS REWARD"


def call(scenario: Path, calls: Path, name: str, arguments: str = "{}") -> str:
    """Call a tool and return what the agent reads; two at once wait for each other.

    Raises:
        EnvScalerError: The scenario cannot be opened.
    """
    row = json.loads(scenario.read_text(encoding="utf-8"))
    with _locked(calls) as file, Env(row, journal=_journal(row, file.read())) as env:
        made = len(env.journal.calls)
        text = env.call(name, arguments)
        for one in env.journal.calls[made:]:
            file.write(one.model_dump_json() + "\n")
    return text


def score(scenario: Path, calls: Path, reward: Path) -> None:
    """Score the state that the calls lead to, and write the reward to a file.

    Raises:
        ArtifactError: There is no score, because the environment or a check broke.
        EnvScalerError: The scenario cannot be opened.
    """
    row = json.loads(scenario.read_text(encoding="utf-8"))
    text = calls.read_text(encoding="utf-8") if calls.is_file() else ""
    with Env(row, journal=_journal(row, text)) as env:
        found = env.score()
    if found.reward is None:
        raise ArtifactError(f"There is no score: {found.problem}")
    reward.write_text(f"{found.reward}\n", encoding="utf-8")


def _journal(row: dict, text: str) -> Journal:
    made = tuple(JournalCall.model_validate_json(line) for line in text.splitlines())
    return AsyncEnv(row).journal.model_copy(update={"calls": made})


@contextmanager
def _locked(path: Path) -> Generator[TextIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        yield file


def main(arguments: list[str]) -> int:
    """Run one of the two commands; an error of ours is one line on stderr and exit code 1."""
    try:
        match arguments:
            case ["call", scenario, calls, name, *rest] if len(rest) < 2:
                sys.stdout.write(call(Path(scenario), Path(calls), name, *rest) + "\n")
            case ["score", scenario, calls, reward]:
                score(Path(scenario), Path(calls), Path(reward))
            case _:
                sys.stderr.write(f"{_USAGE}\n")
                return 2
    except EnvScalerError as error:
        sys.stderr.write(f"envscaler: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
