"""Python source as statements with their own text, comments included."""

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from envscaler.errors import ReplyError

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

_MAX_CHARACTERS = 1_000_000
_SHORT = 4_000
"""Characters of a source below which many are remembered with their trees."""
_MAX_DEPTH = 200
"""Nesting of the syntax tree; beyond it the recursive walks of `ast` itself may fail."""
_FSTRING_START: int = getattr(tokenize, "FSTRING_START", -1)
_FSTRING_END: int = getattr(tokenize, "FSTRING_END", -1)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and its text: the comments above it, decorators, and what belongs to it."""

    node: ast.stmt
    text: str
    """Without the indentation of its block; no line break at the end."""


def parse(source: str) -> ast.Module:
    """Parse a module that was perhaps parsed before: nobody changes this tree, see `own_tree`.

    Raises:
        ReplyError: It is not Python, or too large or too deeply nested to be read.
    """
    return (_known if len(source) < _SHORT else _known_long)(source)


def own_tree(source: str) -> ast.Module:
    """Parse a module for somebody who changes the tree.

    Raises:
        ReplyError: As of `parse`.
    """
    if len(source) > _MAX_CHARACTERS:
        raise ReplyError(f"The code has {len(source)} characters; at most {_MAX_CHARACTERS}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except SyntaxError as error:
        raise ReplyError(f"The code does not parse: line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ReplyError(f"The code does not parse: {error}") from error
    _check_depth(tree)
    return tree


_known = lru_cache(256)(own_tree)
_known_long = lru_cache(4)(own_tree)
"""A tree takes a hundred times as much memory as its text."""


def _check_depth(tree: ast.Module) -> None:
    level: list[ast.AST] = [tree]
    for _ in range(_MAX_DEPTH):
        level = [
            child
            for node in level
            for value in cast("dict[str, _Field]", vars(node)).values()
            if isinstance(value, list | ast.AST)
            for child in (value if isinstance(value, list) else (value,))
            if isinstance(child, ast.AST) and type(child) not in _LEAVES
        ]
        if not level:
            return
    raise ReplyError(f"The code is nested more than {_MAX_DEPTH} levels deep")


_Field = list[ast.AST | str | None] | ast.AST | str | int | None
_LEAVES = frozenset((ast.Name, ast.Constant, ast.Load, ast.Store, ast.Del, ast.alias))
"""Half of all nodes, in which nothing is but how a name is used."""
_BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")


def walk_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the statements inside one, in the order in which `ast.walk` has them."""
    level: list[ast.AST] = [node]
    while level:
        yield from [each for each in level if isinstance(each, ast.stmt) and each is not node]
        level = [
            inner
            for each in level
            for name in _BLOCKS
            for inner in cast("list[ast.AST]", getattr(each, name, ()))
        ]


def normalise(source: str) -> str:
    """Return the source with plain line breaks and its common indentation removed."""
    text = source.replace("\r\n", "\n").replace("\r", "\n").strip("\n").rstrip() + "\n"
    first = next((line for line in text.splitlines() if line.strip()), "")
    margin = first[: len(first) - len(first.lstrip())]
    if not margin:
        return text
    inside = _lines_inside_strings(text) - _docstring_lines(f"if True:\n{text}", shift=1)
    return "".join(
        line if number in inside else line.removeprefix(margin)
        for number, line in enumerate(text.splitlines(keepends=True), start=1)
    )


@lru_cache(1024)
def indent(text: str, margin: str) -> str:
    """Indent code, leaving strings of several lines as they are; docstrings move along."""
    fixed = _lines_inside_strings(text) - _docstring_lines(text)
    return "\n".join(
        line if not line.strip() or number in fixed else margin + line
        for number, line in enumerate(text.split("\n"), start=1)
    )


def statements(source: str, body: Sequence[ast.stmt], margin: str = "") -> list[Statement]:
    """Cut a block into its statements.

    A comment belongs to the statement below it, unless it is indented deeper than the block: then
    it belongs to the one above.

    Args:
        source: The module that `body` was parsed from.
        body: All statements of one block.
        margin: Indentation of the block.
    """
    lines = source.split("\n")
    cut: list[Statement] = []
    free = first_line(body[0]) - 1 if body and margin else 0
    for node, following in _with_begin_of_next(body):
        begin = first_line(node) - 1
        end = node.end_lineno or node.lineno
        if begin < free or following == end - 1:
            cut.append(Statement(node, ast.unparse(node)))
            free = max(free, end)
            continue
        last = _end_of_tail(lines, end, following, margin)
        above = [line.removeprefix(margin) for line in _comments(lines[free:begin])]
        cut.append(Statement(node, "\n".join([*above, _unindented(lines, begin, last, margin)])))
        free = last
    return cut


def _with_begin_of_next(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, int | None]]:
    """Yield statements with the index of the line where the next one begins; None for the last."""
    begins = (first_line(node) - 1 for node in body[1:])
    return zip(body, (*begins, None), strict=False)


def first_line(node: ast.stmt) -> int:
    """Line on which a statement begins, decorators included; from 1."""
    decorators = node.decorator_list if isinstance(node, FunctionNode | ast.ClassDef) else ()
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _comments(lines: list[str]) -> list[str]:
    return [line.rstrip() for line in lines if line.lstrip().startswith("#")]


def _end_of_tail(lines: list[str], end: int, following: int | None, margin: str) -> int:
    """Find the end of the comments behind a statement that are indented deeper than it."""
    last = end
    for number in range(end, len(lines) if following is None else following):
        line = lines[number]
        if not line.strip():
            continue
        deeper = line.startswith(margin) and line[len(margin) :][:1] in {" ", "\t"}
        if not (line.lstrip().startswith("#") and deeper):
            break
        last = number + 1
    return last


def _unindented(lines: list[str], begin: int, end: int, margin: str) -> str:
    text = "\n".join(lines[begin:end]).rstrip()
    return normalise(text).rstrip("\n") if margin else text


def _lines_inside_strings(text: str) -> set[int]:
    """Numbers of the lines that begin inside a string."""
    inside: set[int] = set()
    open_strings: list[int] = []
    for token in _tokens(text):
        if token.type == _FSTRING_START:
            open_strings.append(token.start[0])
        elif token.type == _FSTRING_END:
            inside.update(range(open_strings.pop() + 1, token.end[0] + 1))
        elif token.type == tokenize.STRING:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    return inside


def _tokens(text: str) -> list[tokenize.TokenInfo]:
    tokens: list[tokenize.TokenInfo] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            tokens.append(token)  # noqa: PERF402  # what came before an error is still wanted
    except (tokenize.TokenError, SyntaxError):
        pass
    return tokens


def _docstring_lines(text: str, shift: int = 0) -> set[int]:
    """Numbers of the lines that begin inside a docstring; none when the text does not parse."""
    try:
        tree = parse(text)
    except ReplyError:
        return set()
    lines: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, FunctionNode | ast.ClassDef) or ast.get_docstring(node) is None:
            continue
        string = node.body[0]
        end = string.end_lineno or string.lineno
        lines.update(range(string.lineno + 1 - shift, end + 1 - shift))
    return lines
