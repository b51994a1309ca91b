"""How many planted faults are found: `python -m tests.bench.bench_planted`.

Every fault of `tests/explore/planted`, and the clean environments that they were planted into.
"""

import sys
import time

from tests.check_env.planted.faults import FAULTS, planted_source
from tests.check_env.planted.states import CLASSES, STATES, clean_source, skeleton_of
from tests.check_env.test_planted import examine_all, shows


def main() -> None:
    """Print what was missed, and the share that was found."""
    began = time.perf_counter()
    planted = [
        (skeleton_of(fault.environment, planted_source(fault)), [STATES[fault.environment]])
        for fault in FAULTS
    ]
    clean = [(skeleton_of(name, clean_source(name)), [STATES[name]]) for name in CLASSES]
    seen = examine_all([*planted, *clean])
    missed = [fault.name for fault, one in zip(FAULTS, seen, strict=False) if not shows(one, fault)]
    alarms = sum(len(one.findings) for one in seen[len(FAULTS) :])
    found = len(FAULTS) - len(missed)
    sys.stdout.write(
        f"{found} of {len(FAULTS)} planted faults found, missed: {', '.join(missed) or 'none'}\n"
        f"{alarms} false alarms in {len(CLASSES)} clean environments\n"
        f"{time.perf_counter() - began:.0f} s\n"
    )


if __name__ == "__main__":
    main()
