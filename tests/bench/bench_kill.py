"""Kill a process that stores replies, again and again: `python -m tests.bench.bench_kill [kills]`.

Prints how many acknowledged replies were lost; any other number than 0 is a fault.
"""

import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.llm.crash import kill_while_storing, lost


def main() -> None:
    """Print the result."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    keys: list[str] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        for _ in range(kills):
            keys += kill_while_storing(path, random.randint(1, 300))
        missing = lost(path, keys)
    sys.stdout.write(f"{kills} kills, {len(keys)} replies acknowledged, {missing} of them lost\n")


if __name__ == "__main__":
    main()
