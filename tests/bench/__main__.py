"""All benchmarks in one run: `python -m tests.bench [--brief] [--keep]`.

`--brief` takes seconds: episodes and model calls alone. `--keep` writes the ratios into
`last_ratios.json`, to which later runs are compared, and all tables into `docs/figures.md`.
Takes a quarter of an hour or more on two cores, most of it for whole commands, which run often:
measured, and written down to be made bare.
"""

import argparse
import asyncio
import contextlib
import io
import sys
from typing import TextIO

from tests.bench import bench_commands, bench_episodes, bench_growth, bench_llm
from tests.bench.figures import Figure, keep, publish, ratios_of, report, show
from tests.bench.real_classes import are_there

_ROUNDS, _CALLS = 8, 2000
_BRIEF_ROUNDS, _BRIEF_CALLS = 2, 400
_LIVE, _ROWS = 4000, 1_000_000


class _Copied(io.TextIOBase):
    """Prints, and keeps what was printed."""

    def __init__(self, to: TextIO) -> None:
        super().__init__()
        self._to = to
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        self._to.flush()
        return self._to.write(text)


def _episodes(rounds: int) -> list[Figure]:
    if not are_there():
        sys.stdout.write("No episodes: the published data are not at hand, in ../shared/data\n")
        return []
    title, figures = asyncio.run(bench_episodes.measure(rounds))
    show(f"Episodes: {title}; ms", figures)
    return figures


def _calls(calls: int) -> list[Figure]:
    figures = bench_llm.figures(calls)
    show(f"Model calls: {calls} of {len(bench_llm.MESSAGES)} messages; ms of processor", figures)
    return figures


def _measure(*, brief: bool) -> list[Figure]:
    figures = _episodes(_BRIEF_ROUNDS if brief else _ROUNDS)
    figures += _calls(_BRIEF_CALLS if brief else _CALLS)
    if not brief:
        show(bench_commands.title(), bench_commands.measure())
        asyncio.run(bench_growth.main(_LIVE, _ROWS))
    return figures


def main() -> None:
    """Measure, print, and say what has moved."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--brief", action="store_true", help="episodes and model calls alone")
    parser.add_argument("--keep", action="store_true", help="keep ratios and tables")
    given = parser.parse_args()
    with contextlib.redirect_stdout(_Copied(sys.stdout)) as printed:
        ratios = ratios_of(_measure(brief=given.brief))
    report(ratios)
    if given.keep:
        keep(ratios)
        publish(printed.text)


if __name__ == "__main__":
    main()
