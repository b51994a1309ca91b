"""A worker without a wall: time-outs and a frozen clock, for machines that offer no more.

It guards against accidents, not against malice.
"""

import contextlib
import json

from . import chance, clock, lockdown
from .wire import Limits
from .worker import Worker, serve
from .zygote import import_modules


def main(descriptor: int, limits: str) -> None:
    """Serve until the host hangs up.

    Args:
        descriptor: The socket to the host.
        limits: `Limits` as JSON.
    """
    import_modules()
    clock.install()
    chance.install()
    worker = Worker(Limits(**json.loads(limits)))
    serve(descriptor, worker, _limit(worker.limits.memory))


def _limit(memory: int) -> lockdown.Lock:
    def limit() -> None:
        # Where the system knows no such limit, there is none.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            lockdown.limit_resources(memory)

    return limit
