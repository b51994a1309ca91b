"""Where generated code runs: locked worker processes, a frozen clock, seeded randomness."""

from envscaler.sandbox.host import Sandbox
from envscaler.sandbox.live import Journal, JournalCall, LiveEnvironment, Snapshot, Start
from envscaler.sandbox.watched import ProbeResult

__all__ = [
    "Journal",
    "JournalCall",
    "LiveEnvironment",
    "ProbeResult",
    "Sandbox",
    "Snapshot",
    "Start",
]
