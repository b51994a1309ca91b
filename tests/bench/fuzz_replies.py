"""`python -m tests.bench.fuzz_replies [COUNT] [SEED]`: replies made up at random, by the thousand.

Prints how many were read, and the first that was not, with its seed.
"""

import random
import sys
import time

from tests.fuzz import make_response
from tests.test_fuzz import check


def main(count: int = 100_000, seed: int = 0) -> int:
    """Read `count` responses; each has a seed of its own, so that one alone can be read again."""
    started, slowest = time.process_time(), 0.0
    for number in range(seed, seed + count):
        raw = make_response(random.Random(number))
        before = time.process_time()
        try:
            check(raw)
        except BaseException:
            sys.stderr.write(f"seed {number}: {raw[:2000]!r}\n")
            raise
        slowest = max(slowest, time.process_time() - before)
    seconds = time.process_time() - started
    sys.stdout.write(f"{count} replies in {seconds:.0f} s, the slowest {slowest * 1000:.0f} ms\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
