"""A function that says what is wrong with a call, written from its description alone."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from envscaler.check_env.judged_steps import StepUnderRule, run_each
from envscaler.environment.code.lint import lint_class
from envscaler.environment.code.predicates import SHAPES
from envscaler.environment.code.syntax import parse, statements
from envscaler.errors import ReplyError
from envscaler.records import Check, Clock, Invariant, VerdictKind
from envscaler.sandbox import Sandbox

_STEP = """

def step_invariant(before, call, after):
    return told(before, call, after) is True
"""
_STATE = """

def invariant(state):
    return told(state) is True
"""
_TELL = """

def check_func(final_state):
    said = {call}
    raise ValueError("told: " + str(said))
"""
_CALLS = {
    "state": "told(final_state)",
    "step": 'told(initial_state["before"], initial_state["call"], final_state)',
}
_TOLD = re.compile(r"(?s).*?told: (?P<said>.*?)(?: \(line \d+: .*\))?$")
_LONGEST = 300
_OR_STATE = {True: "", False: " or (state)"}


@dataclass(frozen=True)
class Predicate:
    """A function that returns True where all is well, and else what is wrong."""

    name: str
    """Of the tool that it judges; of a rule, `rule_3`."""
    about: str
    """The sentences that it was written for."""
    kind: Literal["state", "step"]
    source: str
    """The function as it was written."""
    tool: str = ""
    """Whose calls it judges; empty: those of all."""

    @cached_property
    def invariant(self) -> Invariant:
        """The same as a rule that is True or not."""
        source = self._renamed + (_STEP if self.kind == "step" else _STATE)
        return Invariant(rule=self.about, kind=self.kind, source=source)

    @property
    def _renamed(self) -> str:
        return self.source.replace(f"def {self.name}(", "def told(", 1)

    @property
    def teller(self) -> Check:
        """What says in words what the function says."""
        tell = _TELL.format(call=_CALLS[self.kind])
        return Check(item=self.name, source=f"{self._renamed}{tell}")


def read_functions(
    code: str, names: Sequence[str], about: Sequence[str], tools: Sequence[str]
) -> list[Predicate]:
    """Read the functions of a block.

    Args:
        code: The block.
        names: What functions may be called.
        about: What each of these names stands for.
        tools: Those of the names that are tools.

    Raises:
        ReplyError: A function has another name or other parameters, or code that may not run.
    """
    findings = lint_class(code)
    if findings:
        raise ReplyError("\n".join(str(finding) for finding in findings))
    said = dict(zip(names, about, strict=True))
    return [_read(item.node, item.text, said, tools) for item in statements(code, parse(code).body)]


def _read(node: ast.stmt, text: str, about: dict[str, str], tools: Sequence[str]) -> Predicate:
    if not isinstance(node, ast.FunctionDef) or node.name not in about:
        raise ReplyError(f"line {node.lineno}: only functions named {', '.join(about)} stand here")
    own = node.name in tools
    kind = SHAPES.get(tuple(arg.arg for arg in node.args.args))
    if kind is None or (own and kind == "state"):
        raise ReplyError(f"{node.name} takes (before, call, after){_OR_STATE[own]}")
    return Predicate(node.name, about[node.name], kind, text + "\n", node.name if own else "")


async def told(
    predicate: Predicate, steps: Sequence[StepUnderRule], sandbox: Sandbox, clock: Clock
) -> list[str]:
    """Return what a predicate says of each step that it finds wrong, or how it failed.

    Raises:
        SandboxError: The machinery failed.
    """
    verdicts = await run_each([predicate.teller], steps, sandbox, clock)
    return [_words(row[0].kind, row[0].message) for row in verdicts]


def _words(kind: VerdictKind, message: str) -> str:
    found = _TOLD.fullmatch(message)
    if kind is VerdictKind.ERROR and found is not None:
        said = found["said"].strip()
        return "it is wrong" if said in {"False", "None", ""} else said[:_LONGEST]
    return f"the function failed: {message}"[:_LONGEST]
