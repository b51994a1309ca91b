"""How large a report of 5,000 trajectories is, and how fast it is written and opened.

    python -m tests.bench.bench_report [TRAJECTORIES]

The run is the example, its trajectories repeated under other ids and with other words in them, so
that compression finds no more alike than in a real run. Needs playwright and Chromium.
"""

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from envscaler.config import load_settings
from envscaler.jsonl import read_rows, write_rows
from envscaler.records import Message, Trajectory
from envscaler.report.write import write_report
from tests.browser import Watched, chromium

EXAMPLE = Path(__file__).parents[2] / "data/example"


def others(count: int) -> Iterator[Trajectory]:
    """Yield trajectories like those of the example, the words of each message in another order."""
    rows = [*read_rows(EXAMPLE / "rollouts.jsonl", Trajectory)]
    for number in range(count):
        chance = random.Random(number)
        row = rows[number % len(rows)]
        messages = tuple(_shuffled(message, chance) for message in row.messages)
        yield row.model_copy(update={"id": f"traj-{number:012x}", "messages": messages})


def _shuffled(message: Message, chance: random.Random) -> Message:
    if message.role in {"system", "tool"}:
        return message
    words = message.content.split(" ")
    chance.shuffle(words)
    thoughts = (message.reasoning or "").split(" ") + [f"{chance.random():.12f}" for _ in range(30)]
    chance.shuffle(thoughts)
    return message.model_copy(update={"content": " ".join(words), "reasoning": " ".join(thoughts)})


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in EXAMPLE.glob("*.jsonl"):
            (folder / path.name).write_bytes(path.read_bytes())
        write_rows(folder / "rollouts.jsonl", others(count))
        out = folder / "report.html"
        for replay in (False, True):
            start = time.perf_counter()
            write_report(folder, out, load_settings(None, ()), replay=replay)
            _say(f"written {'with' if replay else 'without'} replay: {_since(start)}")
        raw = (folder / "rollouts.jsonl").stat().st_size
        _say(f"{raw / 1e6:.0f} MB of rollouts, report of {out.stat().st_size / 1e6:.1f} MB")
        _open(out)


def _open(out: Path) -> None:
    with chromium() as browser:
        start = time.perf_counter()
        watched = Watched(browser)
        page = watched.open(out)
        _say(f"opened: {_since(start)}")
        start = time.perf_counter()
        watched.go("trajectories")
        _say(f"list drawn: {_since(start)}")
        start = time.perf_counter()
        watched.go(f"trajectory/{page.evaluate('run.index.trajectories.at(-7).id')}")
        _say(f"a trajectory drawn: {_since(start)}")
        watched.go("trajectories")
        start = time.perf_counter()
        page.fill("#search", "nothing has this")
        page.press("#search", "Enter")
        page.wait_for_selector("text=Searched all text", timeout=120_000)
        _say(f"all text searched: {_since(start)}")
        size = page.evaluate("performance.memory.usedJSHeapSize")
        _say(f"heap afterwards: {size / 1e6:.0f} MB")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _since(start: float) -> str:
    return f"{time.perf_counter() - start:.2f} s"


if __name__ == "__main__":
    main()
