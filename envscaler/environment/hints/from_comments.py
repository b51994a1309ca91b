"""What the texts around code say about values: comments, docstrings, rules."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from envscaler.environment.code.syntax import FunctionNode

_QUOTED = re.compile(r"""(?<!\w)['"“‘`]([\w][\w .:/-]{0,40})['"”’`](?!\w)""")
_FIELD_LINE = re.compile(r"^\s*(?P<name>\w+)\s*(?:\([^)]*\))?\s*:(?P<rest>.*)$")
_CLASS_LINE = re.compile(r"^class\s+(?P<name>\w+)")
_ATTRIBUTE_LINE = re.compile(r"self\.(?P<name>\w+)\s*[:=]")


def notes_of(source: str) -> Iterator[tuple[str, str]]:
    """Yield declarations with the comment beside or above them: it tells what values are."""
    above: list[str] = []
    record = ""
    for line in source.splitlines():
        code, _, comment = line.partition("#")
        if found := _CLASS_LINE.match(code):
            record = found["name"]
        if not code.strip() and comment:
            above.append(comment.strip())
            continue
        yield from _notes_beside(code, comment, above, record)
        above = []


def _notes_beside(
    code: str, comment: str, above: Sequence[str], record: str
) -> Iterator[tuple[str, str]]:
    """Yield the name that a line declares, with its comment; a field also by its record."""
    attribute, field = _ATTRIBUTE_LINE.match(code.strip()), _FIELD_LINE.match(code)
    if attribute and (above or comment):
        yield attribute["name"], " ".join([*above, comment]).strip()
    elif field and comment:
        yield field["name"], comment.strip()
        yield f"{record}.{field['name']}", comment.strip()


def words_told(
    source: str, tree: ast.Module, rules: Iterable[str], known: set[str]
) -> Iterator[tuple[str, list[str]]]:
    """Yield names with the quoted words that stand beside them.

    Args:
        source: The module.
        tree: The same, parsed.
        rules: Of the environment.
        known: Names that a docstring or a rule may speak of.
    """
    for name, note in notes_of(source):
        yield name, quoted_words(note)
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode):
            yield from _words_of_docstring(node, known)
    for rule in rules:
        for name in sorted(known.intersection(re.findall(r"\w+", rule))):
            yield name, [word for word in quoted_words(rule) if word not in known]


def _words_of_docstring(function: FunctionNode, known: set[str]) -> Iterator[tuple[str, list[str]]]:
    names = known | {one.arg for one in function.args.args}
    for line in (ast.get_docstring(function) or "").splitlines():
        found = _FIELD_LINE.match(line)
        if found and found["name"] in names:
            yield found["name"], quoted_words(found["rest"])


def quoted_words(text: str) -> list[str]:
    """Return what stands in quotes."""
    return [word.strip() for word in _QUOTED.findall(text)]
