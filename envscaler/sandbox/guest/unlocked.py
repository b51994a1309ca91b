"""A worker without a wall: time-outs and a frozen clock, for machines that offer no more.

It guards against accidents, not against malice.
"""

import contextlib
import json

from . import boot, lockdown
from .wire import Limits
from .worker import Worker, serve
from .zygote import freeze_world, import_modules


def main(limits: str) -> None:
    """Serve until the host hangs up.

    Args:
        limits: `Limits` as JSON.
    """
    boot.keep_only_control()
    import_modules(Limits(**json.loads(limits)))
    freeze_world()
    worker = Worker(Limits(**json.loads(limits)))
    serve(boot.CONTROL, worker, _limit(worker.limits.memory))


def _limit(memory: int) -> lockdown.Lock:
    def limit() -> None:
        # Where the system knows no such limit, there is none.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            lockdown.limit_resources(memory)
            lockdown.start_and_open_nothing()

    return limit
