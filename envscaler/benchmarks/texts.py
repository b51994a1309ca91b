"""The texts of benchmarks: what no training task may come close to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from envscaler.benchmarks.acebench import AceBenchmark
from envscaler.benchmarks.benchmark import Choice, Task
from envscaler.benchmarks.bfcl import BfclBenchmark
from envscaler.benchmarks.named import PREFIX, each_named
from envscaler.benchmarks.tau_bench import TauBenchmark
from envscaler.jsonl import write_rows
from envscaler.records import Record

_FILE = "benchmark-texts.jsonl"
_READERS: Mapping[str, Callable[[Choice], Sequence[Task]]] = {
    "bfcl": lambda choice: BfclBenchmark().load(choice),
    "tau-bench": lambda choice: TauBenchmark().load(choice),
    "acebench": lambda choice: AceBenchmark().load(choice),
}


class BenchmarkText(Record):
    """What the user of a task says, as far as it is known beforehand."""

    id: str
    source: str
    """Benchmark and task; the first one of those that say the same."""
    text: str


def texts_file(named: Path, run: Path) -> Path:
    """Return a file with texts: the one that is named, or one with those of benchmarks.

    Args:
        named: A file, or `bench:NAME,NAME=FOLDER`.
        run: Where the texts of benchmarks are written.

    Raises:
        ConfigError: There is no such benchmark, or it is not installed.
    """
    words = str(named)
    if not words.startswith(PREFIX):
        return named
    run.mkdir(parents=True, exist_ok=True)
    write_rows(run / _FILE, list(texts_of(words.removeprefix(PREFIX))))
    return run / _FILE


def texts_of(named: str) -> Iterator[BenchmarkText]:
    """Yield the texts of benchmarks, each text once.

    Args:
        named: Names, with commas between them and perhaps `=FOLDER` behind them.

    Raises:
        ConfigError: There is no such benchmark, or it is not installed.
    """
    seen: set[str] = set()
    for name, data in each_named(named, _READERS):
        for task in _READERS[name](Choice(data=data)):
            if task.text not in seen:
                seen.add(task.text)
                source = f"{name} {task.id}"
                yield BenchmarkText(id=source.replace(" ", "/"), source=source, text=task.text)
