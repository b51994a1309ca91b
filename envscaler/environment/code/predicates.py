"""Rules as code: the functions of a module that judge a state or a step."""

import ast
import re
from collections.abc import Sequence
from typing import Literal

from envscaler.environment.code.lint import lint_class
from envscaler.environment.code.syntax import parse, statements
from envscaler.errors import ReplyError
from envscaler.records import Invariant

SHAPES: dict[tuple[str, ...], Literal["state", "step"]] = {
    ("state",): "state",
    ("before", "call", "after"): "step",
}
FUNCTIONS = {"state": "invariant", "step": "step_invariant"}
_NUMBERED = re.compile(r"rule_(\d+)")


def read_predicates(source: str, rules: Sequence[str] = ()) -> tuple[Invariant, ...]:
    """Read predicates: functions of `(state)`, or of `(before, call, after)`.

    Args:
        source: The module, which holds nothing else.
        rules: What `rule_1`, `rule_2` and so on say; of other functions the docstring or the name
            tells it.

    Raises:
        ReplyError: A function has other parameters, or code that may not run.
    """
    findings = lint_class(source)
    if findings:
        raise ReplyError("\n".join(str(finding) for finding in findings))
    body = parse(source).body
    return tuple(_predicate(item.node, item.text, rules) for item in statements(source, body))


def _predicate(node: ast.stmt, text: str, rules: Sequence[str]) -> Invariant:
    if not isinstance(node, ast.FunctionDef):
        raise ReplyError(f"line {node.lineno}: only functions stand in a file of rules")
    kind = SHAPES.get(tuple(arg.arg for arg in node.args.args))
    if kind is None:
        raise ReplyError(f"{node.name} takes either (state) or (before, call, after)")
    source = text.replace(f"def {node.name}(", f"def {FUNCTIONS[kind]}(", 1)
    return Invariant(rule=_rule_of(node, rules), kind=kind, source=source + "\n")


def _rule_of(node: ast.FunctionDef, rules: Sequence[str]) -> str:
    said = (ast.get_docstring(node) or "").partition("\n")[0]
    numbered = _NUMBERED.fullmatch(node.name)
    number = int(numbered[1]) if numbered else 0
    if not said and 1 <= number <= len(rules):
        return rules[number - 1]
    return said or node.name.replace("_", " ")
