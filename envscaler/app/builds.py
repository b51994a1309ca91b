"""A build that somebody watches: the command in a process of its own, and what it has printed."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from envscaler.resources import DEMO

_MOST = 200_000
"""Characters that are shown; what came before falls out."""


class Build:
    """One environment being built from one sentence.

    Args:
        run: The run folder, which keeps what is made. The same build goes on where it stopped.
        sentence: The task.
        recorded: Answer from the replies of the demo, not from a model.
    """

    def __init__(self, run: Path, sentence: str, *, recorded: bool) -> None:
        here = [sys.executable, "-m", "envscaler"]
        self._commands = [[*here, "build-skel", f"--task={sentence}", f"--run={run}"]]
        if recorded:
            self._commands[0].append("--config=demo")
            replies = str(DEMO / "replies.jsonl")
            self._commands.insert(0, [*here, "store", "import", replies, f"--run={run}"])
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False

    def watch(self) -> Iterator[str]:
        """Build, and yield everything that was printed so far each time there is more."""
        shown = ""
        for command in self._commands:
            if self._stopped:
                return
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            ) as process:
                self._process = process
                for line in process.stdout or ():
                    shown = (shown + line)[-_MOST:]
                    yield shown
            if process.returncode:
                yield f"{shown}\n(ended with {process.returncode})"
                return

    def stop(self) -> None:
        """Ask the build to end; what is done is kept."""
        self._stopped = True
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
