"""Exchange methods of an assembled module, the others and their order left alone."""

import textwrap
from collections.abc import Mapping

from envscaler.environment.code.assemble import assemble
from envscaler.environment.code.classes import read_class
from envscaler.environment.code.syntax import FunctionNode, first_line
from envscaler.errors import ReplyError


def replace_methods(source: str, class_name: str, methods: Mapping[str, str]) -> str:
    """Put new methods in the place of old ones.

    Args:
        source: The module.
        class_name: Its environment class.
        methods: Name → reply that `check_method` has accepted, imports and helpers included.

    Raises:
        ReplyError: The class has no such method of its own, or a reply does not fit into it.
    """
    found = read_class(source, class_name)
    own = [node for node in found.node.body if isinstance(node, FunctionNode)]
    missing = methods.keys() - {node.name for node in own}
    if missing:
        raise ReplyError(f"{class_name} defines no method {', '.join(sorted(missing))}")
    lines = found.source.splitlines()
    kept: dict[str, str] = {}
    for node in own:
        if not node.name.startswith("_"):
            kept[node.name] = _cut(lines, node)
    return assemble("\n".join(lines) + "\n", [methods.get(name, kept[name]) for name in kept])


def _cut(lines: list[str], node: FunctionNode) -> str:
    """Take a method out of `lines`, leaving blank ones, with the comments right above it."""
    begin, end = first_line(node) - 1, node.end_lineno or node.lineno
    while lines[begin - 1].lstrip().startswith("#"):
        begin -= 1
    text = textwrap.dedent("\n".join(lines[begin:end])) + "\n"
    lines[begin:end] = [""] * (end - begin)
    return text
