"""Ask for the rules of an environment as code that can be checked after every call."""

import ast
import re
from collections.abc import Sequence
from typing import Literal

from envscaler.environment.code.lint import lint_class
from envscaler.environment.code.syntax import parse, statements
from envscaler.errors import ReplyError
from envscaler.llm.calls import Calls
from envscaler.prompt_text import class_outline
from envscaler.prompts import render
from envscaler.records import Invariant, Skeleton
from envscaler.replies import read_code

_NAME = re.compile(r"rule_(\d+)")
_SHAPES: dict[tuple[str, ...], Literal["state", "step"]] = {
    ("state",): "state",
    ("before", "call", "after"): "step",
}
_FUNCTIONS = {"state": "invariant", "step": "step_invariant"}


async def write_invariants(skeleton: Skeleton, calls: Calls) -> tuple[Invariant, ...]:
    """Have the rules written as predicates, as many as can be seen in the state.

    They are candidates: whether one holds and tells anything shows when it is run.

    Raises:
        ReplyError: The reply is not a block of such functions.
    """
    prompt = render(
        "skel_builder/write_invariants",
        skeleton=skeleton,
        class_source=class_outline(skeleton.source, skeleton.class_name),
    )
    return await calls.ask(
        "judge", prompt, lambda reply: read_invariants(reply.content, skeleton.rules)
    )


def read_invariants(reply: str, rules: Sequence[str]) -> tuple[Invariant, ...]:
    """Read predicates named after the number of their rule.

    Args:
        reply: Holds one block of functions `rule_N(state)` or `rule_N(before, call, after)`.
        rules: Rule 1 first.

    Raises:
        ReplyError: A function has another name or other parameters, or code that may not run.
    """
    code = read_code(reply)
    findings = lint_class(code)
    if findings:
        raise ReplyError("\n".join(str(finding) for finding in findings))
    return tuple(
        _invariant(item.node, item.text, rules) for item in statements(code, parse(code).body)
    )


def _invariant(node: ast.stmt, text: str, rules: Sequence[str]) -> Invariant:
    if not isinstance(node, ast.FunctionDef):
        raise ReplyError(f"line {node.lineno}: only functions rule_N stand in the block")
    found = _NAME.fullmatch(node.name)
    number = int(found[1]) if found else 0
    if not 1 <= number <= len(rules):
        raise ReplyError(f"{node.name}: name it rule_N, with N from 1 to {len(rules)}")
    kind = _SHAPES.get(tuple(arg.arg for arg in node.args.args))
    if kind is None:
        raise ReplyError(f"{node.name} takes either (state) or (before, call, after)")
    source = text.replace(f"def {node.name}(", f"def {_FUNCTIONS[kind]}(", 1)
    return Invariant(rule=rules[number - 1], kind=kind, source=source + "\n")
