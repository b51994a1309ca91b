"""Where generated code runs: locked worker processes, a frozen clock, seeded randomness.

Processes: the *clean process* imports what generated code may use and locks itself; a *template* is
forked from it for each class in use and has the class at hand; a *worker* is forked from there for
each live environment, locked further, and ends with it. Nothing is ever forked from the host.

The same journal gives the same bytes, on Python 3.11, 3.12 and 3.13: time, randomness, hashes,
process numbers, users, processor times and paths are the same in every worker. Objects lie at the
same addresses too, so that `repr(object())`, `id` and the order of a set of objects repeat, as long
as interpreter, machine and kind of isolation (`process` or `shared`) stay what they are and the
container allows `personality`; snapshots and rebuilds restore values, not addresses. What still
tells one run from another: the C types behind `datetime.datetime` and `_random.Random`, when they
are reached through `__mro__`, the processor's own counters through `ctypes`, and the paths of this
package in the text of a traceback. Time zones are those of the machine.
"""

from envscaler.sandbox.guest.wire import Look
from envscaler.sandbox.host import Sandbox
from envscaler.sandbox.journal import Journal, JournalCall, Snapshot, Start
from envscaler.sandbox.live import LiveEnvironment
from envscaler.sandbox.watched import ProbeResult

__all__ = [
    "Journal",
    "JournalCall",
    "LiveEnvironment",
    "Look",
    "ProbeResult",
    "Sandbox",
    "Snapshot",
    "Start",
]
