"""Exercise a worker before anything is forked from it, with a class of our own.

Python rewrites its own code while it runs it the first times, and imports and caches things late.
What happened before the fork need not happen in every worker. No generated code is involved, and
nothing stays that generated code could tell from a worker that did not do it.
"""

import json
import marshal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from . import clock, randomness, wire
from .instance import Program

if TYPE_CHECKING:
    from .worker import Worker

_SOURCE = Path(__file__).with_name("warm_up_class.py.txt").read_text(encoding="utf-8")
_STATE = {"items": {f"I{n}": {"name": f"Item {n}", "tags": ["a", "b"], "more": None}
                    for n in range(9)}}  # fmt: skip
_NOBODY: list[int] = []
_OPTIONS = {"id": 0, "seed": 0, "start": clock.EPOCH, "step": 1.0, "gone": _NOBODY, "look": False}
_CALLS = (
    ("find", {"name": "Item 3"}),
    ("find", {"name": "nobody", "limit": 1}),
    ("add", {"item_id": "I10", "tags": ["c"]}),
    ("add", {"item_id": "I10"}),
)
_CHECK = "def check_func(final_state):\n    return len(final_state.get('items', {})) == 9\n"
_ROUNDS = 12
"""So often that Python has settled the code that runs."""


class Example:
    """An environment of our own that is played before any other.

    A worker that has played it has copies of the pages that every environment needs, before anybody
    waits for it.
    """

    def __init__(self) -> None:
        code = compile(_SOURCE, f"<{wire.MODULE}>", "exec", dont_inherit=True)
        self._packed = wire.pack(bytes((wire.FREE,)), b"Example", marshal.dumps(code))
        self._program = Program("Example", code)
        self._program.define()
        state, options = json.dumps(_STATE).encode(), json.dumps(_OPTIONS).encode()
        calls = [
            (wire.CALL, json.dumps([0, step, name, arguments]).encode())
            for step, (name, arguments) in enumerate(_CALLS, 1)
        ]
        self._open = (wire.OPEN, wire.pack(options, state))
        self._live = (self._open, *calls, (wire.STATE, b"0"))

    def warm_up(self, worker: "Worker") -> None:
        """Open, call, read, copy and grade so often that Python has settled; leave no trace."""
        worker.load(self._packed)
        for _ in range(_ROUNDS):
            for request in (*self._live, (wire.SNAPSHOT, b"0")):
                worker.answer(*request)
            _grade(worker)
        worker.forget()
        _reset_world()

    def rehearse(self, worker: "Worker") -> None:
        """Open, call and read once, and leave the worker with the class that it had."""
        with worker.instead(self._program):
            for request in self._live:
                worker.answer(*request)
        _reset_world()


def _reset_world() -> None:
    sys.modules.pop(wire.MODULE, None)
    clock.set_time(clock.EPOCH)
    randomness.set_step(0, 0)


def _grade(worker: "Worker") -> None:
    code = marshal.dumps(compile(_CHECK, f"<{wire.MODULE}>", "exec", dont_inherit=True))
    state = json.dumps(_STATE).encode()
    scene = wire.pack(b"2025-01-01T00:00:00+00:00", state, state)
    body = wire.pack_checks(scene, [(0, wire.READING)], [code])
    worker.answer(wire.CHECK_ALL, body)
