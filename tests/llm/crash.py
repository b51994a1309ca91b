"""A process that stores replies until it is killed, and what must be there afterwards."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

from envscaler.llm.store import Store
from tests.llm.builders import make_stored

ROOT = Path(__file__).parents[2]


def kill_while_storing(path: Path, after: int) -> list[str]:
    """Start a process that stores replies, and kill it with SIGKILL.

    Args:
        path: The store.
        after: Acknowledged replies after which it is killed.

    Returns:
        The keys that it acknowledged.
    """
    command = [sys.executable, "-m", "tests.llm.crash", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        keys = [process.stdout.readline().strip() for _ in range(after)]
        process.kill()
        rest = process.stdout.read().split("\n")[:-1]  # a last line without an end says nothing
    return keys + rest


def lost(path: Path, keys: list[str]) -> int:
    """Count the acknowledged replies that the store does not have."""
    with Store(path) as store:
        return sum(store.get(key) is None for key in keys)


def main() -> None:
    """Store replies for ever, many at once, and print the key of each that is acknowledged."""
    start = random.randrange(10**9)

    async def store_some(store: Store, first: int) -> None:
        for number in range(first, sys.maxsize, 20):
            stored = make_stored(f"{start} {number}", content="x" * 2000)
            await store.put(stored)
            sys.stdout.write(f"{stored.key}\n")
            sys.stdout.flush()

    async def store_many(store: Store) -> None:
        await asyncio.gather(*(store_some(store, first) for first in range(20)))

    with Store(Path(sys.argv[1])) as store:
        asyncio.run(store_many(store))


if __name__ == "__main__":
    main()
