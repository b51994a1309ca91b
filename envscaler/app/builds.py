"""A build that somebody watches: the command in a process of its own, and what it has printed."""

import codecs
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from envscaler.resources import DEMO

_MOST = 200_000
"""Characters that are shown; what came before falls out."""
_PAUSE = 0.3
"""Seconds between two looks: a page that is drawn anew for each line has no time for a click."""


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
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def watch(self) -> Iterator[str]:
        """Build, and yield everything that was printed so far each time there is more."""
        shown = ""
        for command in self._commands:
            if self._stopped:
                return
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            ) as process:
                self._process = process
                for text in _printed(process):
                    shown = (shown + text)[-_MOST:]
                    yield shown
            if process.returncode:
                yield f"{shown}\n(ended with {process.returncode})"
                return

    def stop(self) -> None:
        """Ask the build to end; what is done is kept."""
        self._stopped = True
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()


def _printed(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Yield what a process prints, piece by piece, until it ends."""
    if process.stdout is None:
        return
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while piece := os.read(process.stdout.fileno(), 65_536):
        yield decoder.decode(piece)
        time.sleep(_PAUSE)
