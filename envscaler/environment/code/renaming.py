"""Give a name that clashes another one, where it is certain what the name refers to."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import accumulate

from envscaler.environment.code.syntax import Statement, own_tree, parse
from envscaler.errors import ReplyError

_OWNERS = {"self", "cls"}


def rename_name(statement: Statement, old: str, new: str) -> Statement:
    """Rename a module-level name in one statement.

    Raises:
        ReplyError: A parameter or local variable has the same name.
    """
    for node in ast.walk(statement.node):
        if _binds_locally(node, old, statement.node):
            raise ReplyError(
                f"{old!r} means different things in several methods, and in one of them it is "
                "also a local name; give it another name"
            )
    return _rewritten(statement, _NameRenamer(old, new), after_dot=False)


def rename_method(statement: Statement, old: str, new: str) -> Statement:
    """Rename a private method, and its uses through `self` or `cls`, in one statement.

    Raises:
        ReplyError: The name is also used in another way.
    """
    for node in ast.walk(statement.node):
        foreign = isinstance(node, ast.Attribute) and node.attr == old and not _is_own(node)
        if foreign or (isinstance(node, ast.Constant) and node.value == old):
            raise ReplyError(f"Several methods bring a different {old!r}; give it another name")
    return _rewritten(statement, _MethodRenamer(old, new), after_dot=True)


def _binds_locally(node: ast.AST, name: str, top: ast.stmt) -> bool:
    if isinstance(node, ast.Name):
        is_local = not isinstance(top, ast.Assign | ast.AnnAssign)
        return is_local and node.id == name and not isinstance(node.ctx, ast.Load)
    return node is not top and name in _bound_by(node)


def _bound_by(node: ast.AST) -> set[str | None]:
    """Names that a node binds, or that are spelt out in it as a string."""
    names: set[str | None] = set()
    match node:
        case ast.arg(arg=name) | ast.Constant(value=str(name)):
            names = {name}
        case ast.Import() | ast.ImportFrom():
            names = {alias.asname or alias.name for alias in node.names}
        case ast.Global() | ast.Nonlocal():
            names = {*node.names}
        case (
            ast.FunctionDef(name=name)
            | ast.AsyncFunctionDef(name=name)
            | ast.ClassDef(name=name)
            | ast.ExceptHandler(name=name)
            | ast.MatchAs(name=name)
            | ast.MatchStar(name=name)
        ):
            names = {name}
        case _:
            pass
    return names


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in _OWNERS


class _NameRenamer(ast.NodeTransformer):
    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.new, node.ctx) if node.id == self.old else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.new if node.name == self.old else node.name
        return self.generic_visit(node)


class _MethodRenamer(ast.NodeTransformer):
    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr != self.old:
            return node
        return ast.Attribute(node.value, self.new, node.ctx)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.new if node.name == self.old else node.name
        return self.generic_visit(node)


def _rewritten(
    statement: Statement, renamer: "_NameRenamer | _MethodRenamer", *, after_dot: bool
) -> Statement:
    tree = own_tree(statement.text)
    wanted = ast.fix_missing_locations(renamer.visit(tree))
    text = _with_tokens_replaced(statement.text, renamer.old, renamer.new, after_dot=after_dot)
    # The text keeps the author's layout but knows no grammar: a keyword argument looks like a
    # name, and so does a word in an f-string. Then the tree is written out instead.
    if ast.dump(parse(text)) != ast.dump(wanted):
        text = ast.unparse(wanted)
    return Statement(parse(text).body[0], text)


def _with_tokens_replaced(text: str, old: str, new: str, *, after_dot: bool) -> str:
    for start in reversed([*_places_of(text, old, after_dot=after_dot)]):
        text = text[:start] + new + text[start + len(old) :]
    return text


def _places_of(text: str, name: str, *, after_dot: bool) -> Iterator[int]:
    """Yield where a name stands in a source, as an attribute or on its own."""
    starts = list(accumulate(map(len, text.splitlines(keepends=True)), initial=0))
    word = re.compile(rf"{'' if after_dot else '(?<![.])'}\b{re.escape(name)}\b")
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        start = starts[token.start[0] - 1] + token.start[1]
        if _is_name(token, name) and (before == "def" or (before == ".") is after_dot):
            yield start
        elif _is_f_string(token):
            # Up to Python 3.11 a whole f-string is one token.
            yield from (start + match.start() for match in word.finditer(token.string))
        before = token.string


def _is_name(token: tokenize.TokenInfo, name: str) -> bool:
    return token.type == tokenize.NAME and token.string == name


def _is_f_string(token: tokenize.TokenInfo) -> bool:
    return token.type == tokenize.STRING and "f" in token.string[:2].lower()
