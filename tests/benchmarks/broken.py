"""Half a checkout of a benchmark, and what has to be said of it."""

import shutil
from pathlib import Path

import pytest

from envscaler.benchmarks.benchmark import Benchmark, Choice, TaskT
from envscaler.errors import ConfigError


def refuse_without(benchmark: Benchmark[TaskT], folder: Path, missing: str, said: str) -> None:
    """Take something out of a checkout, and see it refused in one line."""
    path = folder / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()

    with pytest.raises(ConfigError, match=said) as caught:
        benchmark.load(Choice(data=folder))
    assert "\n" not in str(caught.value)
