"""Exercise a worker before anything is forked from it, with a class of our own.

Python rewrites its own code while it runs it the first times, and imports and caches things late.
What happened before the fork need not happen in every worker. No generated code is involved, and
nothing stays that generated code could tell from a worker that did not do it.
"""

import json
import marshal
import sys
from typing import TYPE_CHECKING

from . import clock, randomness, wire

if TYPE_CHECKING:
    from .worker import Worker

_SOURCE = """
from typing import Any, Dict, List, Optional, TypedDict, Union
from datetime import datetime
import uuid


class Item(TypedDict):
    name: str
    tags: List[str]
    more: Optional[Dict[str, Any]]


class Example:
    def __init__(self, config: Optional[Dict[str, Any]] = None):
        self.items: Dict[str, Item] = {}

    def find(self, name: str, limit: int = 3) -> Dict[str, Union[bool, List[Item], str]]:
        try:
            found = [item for item in self.items.values() if item["name"] == name]
            found.sort(key=lambda item: len(item["tags"]))
            if not found:
                return {"success": False, "error": f"{name!r} is not known"}
            return {"success": True, "data": found[:limit]}
        except KeyError as error:
            return {"success": False, "error": str(error)}

    def add(self, item_id: str, tags: Optional[List[str]] = None) -> Dict[str, Any]:
        if item_id in self.items:
            raise ValueError("taken")
        now = datetime.now().isoformat()
        self.items[item_id] = {"name": item_id, "tags": tags or [], "more": {"at": now}}
        return {"success": True, "message": "Item '{}' added at {}".format(item_id, now)}
"""
_STATE = {"items": {f"I{n}": {"name": f"Item {n}", "tags": ["a", "b"], "more": None}
                    for n in range(9)}}  # fmt: skip
_OPTIONS = {"id": 0, "seed": 0, "start": clock.EPOCH, "step": 1.0}
_CALLS = (
    ("find", {"name": "Item 3"}),
    ("find", {"name": "nobody", "limit": 1}),
    ("add", {"item_id": "I10", "tags": ["c"]}),
    ("add", {"item_id": "I10"}),
)
_CHECK = "def check_func(final_state):\n    return len(final_state.get('items', {})) == 9\n"
_ROUNDS = 12
"""So often that Python has settled the code that runs."""


def warm_up(worker: "Worker") -> None:
    """Open, call, read and grade an example, and forget it."""
    code = marshal.dumps(compile(_SOURCE, f"<{wire.MODULE}>", "exec", dont_inherit=True))
    worker.load(wire.pack(bytes((wire.FREE,)), b"Example", code))
    for _ in range(_ROUNDS):
        _live(worker)
        _grade(worker)
    worker.forget()
    sys.modules.pop(wire.MODULE, None)
    clock.set_time(clock.EPOCH)
    randomness.set_step(0, 0)


def _live(worker: "Worker") -> None:
    state = json.dumps(_STATE).encode()
    worker.answer(wire.OPEN, wire.pack(json.dumps(_OPTIONS).encode(), state))
    for step, (name, arguments) in enumerate(_CALLS, 1):
        worker.answer(wire.CALL, json.dumps([0, step, name, arguments]).encode())
    for operation in (wire.STATE, wire.SNAPSHOT, wire.DROP):
        worker.answer(operation, b"0")


def _grade(worker: "Worker") -> None:
    code = marshal.dumps(compile(_CHECK, f"<{wire.MODULE}>", "exec", dont_inherit=True))
    state = json.dumps(_STATE).encode()
    scene = wire.pack(b"2025-01-01T00:00:00+00:00", state, state)
    one = (1).to_bytes(2, "little")
    worker.answer(wire.CHECK_ALL, one + wire.pack(scene, bytes((wire.READING,)), code))
