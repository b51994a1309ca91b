"""A tau-bench task inside the sandbox: its tables, and the tools that work on them."""

import json
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import TypedDict

from envscaler.benchmarks.guest.loader import load_class
from envscaler.sandbox.guest.attempt import Raised, attempt

Tables = dict[str, object]


class Action(TypedDict):
    """A call of the published solution."""

    name: str
    arguments: dict[str, object]


class TauTask:
    """The tables of one domain, in one state.

    Args:
        tools: Name → module and class.
        tables: Module that holds the tables as JSON text.
        last: Tools that the solution is compared without.
    """

    def __init__(self, tools: dict[str, list[str]], tables: str, last: list[str]) -> None:
        self._tools = tools
        self._text = str(vars(import_module(tables))["TEXT"])
        self._last = last
        self._tables: Tables = json.loads(self._text)

    def call(self, name: str, arguments: dict[str, object]) -> str:
        """Make a call of the agent."""
        return self._made(self._tables, name, arguments)

    def _made(self, tables: Tables, name: str, arguments: dict[str, object]) -> str:
        if name not in self._tools:
            return f"Unknown action {name}"
        module, class_name = self._tools[name]
        tool: object = load_class(module, class_name)
        invoke: Callable[..., object] = getattr(tool, "invoke")  # noqa: B009
        text = attempt(lambda: str(invoke(data=tables, **arguments)))
        return f"Error: {text.error}" if isinstance(text, Raised) else text

    def fingerprint(self) -> str:
        """Write what tells one state from another."""
        return str(zlib.crc32(json.dumps(self._tables).encode()))

    def judge(self, actions: list[Action]) -> bool:
        """Say whether the tables are as the published solution leaves fresh ones."""
        expected: Tables = json.loads(self._text)
        for action in actions:
            if action["name"] not in self._last:
                self._made(expected, action["name"], action["arguments"])
        # The official code compares texts: 1 and 1.0 are two things, the order of keys is none.
        return self._tables == expected and _written(self._tables) == _written(expected)


def _written(tables: Tables) -> str:
    return json.dumps(tables, sort_keys=True, default=str)
