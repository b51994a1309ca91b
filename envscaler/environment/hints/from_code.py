"""What the code of a class says about values: words compared, keys read, names looked up."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from envscaler.environment.code.syntax import FunctionNode
from envscaler.environment.hints.expressions import (
    Word,
    aliases_of,
    attribute_of,
    field_of,
    last_name,
    literals_of,
    subject,
)

Links = dict[str, dict[str, None]]
Aliases = Mapping[str, str]
_READERS = frozenset(("get", "pop", "setdefault"))


@dataclass
class Miner:
    """Collects what is found, by name; `Hints` says what each is."""

    words: dict[str, dict[Word, None]] = field(default_factory=dict[str, dict[Word, None]])
    stated: dict[str, set[Word]] = field(default_factory=dict[str, set[Word]])
    keys: Links = field(default_factory=Links)
    formats: dict[str, None] = field(default_factory=dict[str, None])
    constants: dict[str, list[Word]] = field(default_factory=dict[str, list[Word]])
    holders: Links = field(default_factory=Links)
    equals: Links = field(default_factory=Links)

    def read(self, tree: ast.Module) -> None:
        """Go through a module."""
        self._read_constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, FunctionNode):
                self._read_function(node)
            elif isinstance(node, ast.Dict):
                self._read_dict(node)
        self._follow_helpers(tree)

    def add(self, name: str | None, *found: Word, stated: bool = True) -> None:
        """Note words that a name may stand for."""
        if name and name != "success":
            self.words.setdefault(name, {}).update(dict.fromkeys(found))
            if stated:
                self.stated.setdefault(name, set()).update(found)

    def _read_constants(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                found = [*literals_of(node.value)]
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    name = last_name(target)
                    if found and name:
                        self.constants[name] = found

    def _read_function(self, function: FunctionNode) -> None:
        aliases = dict(aliases_of(function))
        for node in ast.walk(function):
            self._read_words(node, aliases)
            self._read_key(node, aliases)
            self._read_lookup(node)
            self._read_format(node)

    def _read_words(self, node: ast.AST, aliases: Aliases) -> None:
        match node:
            case ast.Compare():
                self._read_compare(node, aliases)
            case ast.Assign(targets=[ast.Subscript() as target], value=ast.Constant() as value):
                self.add(subject(target, aliases), *literals_of(value))
            case ast.BinOp(op=ast.Sub(), left=left, right=right):
                for names, record in ((left, right), (right, left)):
                    self._add_key(subject(record, aliases), *map(str, self._choices(names)))
            case (
                ast.For(target=ast.Name(id=name), iter=source)
                | ast.comprehension(target=ast.Name(id=name), iter=source)
            ) if found := [*literals_of(source)]:
                self.constants[name] = found
            case ast.Match():
                self._read_match(node, aliases)
            case _:
                pass

    def _read_lookup(self, node: ast.AST) -> None:
        """Note by which names an attribute is looked up, and what fields are compared with."""
        match node:
            case ast.Subscript(value=owner, slice=ast.Name(id=name)):
                self._link(self.holders, name, attribute_of(owner))
            case ast.Call(
                func=ast.Attribute(value=owner, attr="get" | "pop" | "setdefault"),
                args=[ast.Name(id=name), *_],
            ):
                self._link(self.holders, name, attribute_of(owner))
            case ast.Compare(
                left=ast.Name(id=name), ops=[ast.In() | ast.NotIn()], comparators=[owner]
            ):
                self._link(self.holders, name, attribute_of(owner))
            case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
                for one, other in ((left, right), (right, left)):
                    if isinstance(one, ast.Name):
                        self._link(self.equals, one.id, field_of(other))
            case _:
                pass

    @staticmethod
    def _link(links: Links, name: str, found: str | None) -> None:
        if found and found != name:
            links.setdefault(name, {})[found] = None

    def _follow_helpers(self, tree: ast.Module) -> None:
        """Let the arguments of a helper stand for what its parameters are looked up in."""
        for parameter, argument in _renamed_by_helpers(tree):
            for links in (self.holders, self.equals):
                found = links.get(parameter, {})
                links.setdefault(argument, {}).update(found)

    def _read_compare(self, node: ast.Compare, aliases: Aliases) -> None:
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            if isinstance(operator, ast.In | ast.NotIn):
                self._read_membership(left, right, aliases)
            else:
                self.add(subject(left, aliases), *literals_of(right), stated=False)
                self.add(subject(right, aliases), *literals_of(left), stated=False)

    def _read_membership(self, left: ast.expr, right: ast.expr, aliases: Aliases) -> None:
        owner, choices = subject(left, aliases), self._choices(right)
        self.add(owner, *choices, stated=len(choices) > 1)
        if isinstance(left, ast.Constant) and isinstance(left.value, str):
            # A key of a record or a part of a text: only running it would tell.
            self._add_key(subject(right, aliases), left.value)
            self.add(subject(right, aliases), left.value, stated=False)
        elif owner in self.constants and not choices:
            # A loop over the names of required fields: each is looked for in the record.
            self._add_key(subject(right, aliases), *map(str, self.constants[owner]))
        elif owner in aliases.values():
            self._add_key(owner, *map(str, choices))

    def _choices(self, node: ast.expr) -> list[Word]:
        found = list(literals_of(node))
        return found or self.constants.get(last_name(node) or "", [])

    def _read_match(self, node: ast.Match, aliases: Aliases) -> None:
        name = subject(node.subject, aliases)
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                if isinstance(pattern, ast.MatchValue):
                    self.add(name, *literals_of(pattern.value))

    def _read_key(self, node: ast.AST, aliases: Aliases) -> None:
        match node:
            case ast.Subscript(value=owner, slice=ast.Constant(value=str(key))):
                self._add_key(subject(owner, aliases), key)
            case ast.Call(
                func=ast.Attribute(value=owner, attr=reader),
                args=[ast.Constant(value=str(key)), *_],
            ) if reader in _READERS:
                self._add_key(subject(owner, aliases), key)
            case (
                ast.Subscript(value=ast.Name(id=table), slice=ast.Name() as key)
                | ast.Call(
                    func=ast.Attribute(value=ast.Name(id=table), attr="get"),
                    args=[ast.Name() as key, *_],
                )
            ):
                # A table of allowed transitions, say: its keys are words of what is looked up.
                self.add(subject(key, aliases), *self.constants.get(table, ()))
            case _:
                pass

    def _add_key(self, name: str | None, *found: str) -> None:
        if name:
            self.keys.setdefault(name, {}).update(dict.fromkeys(found))

    def _read_format(self, node: ast.AST) -> None:
        match node:
            case ast.Call(
                func=ast.Attribute(attr="strptime"), args=[_, ast.Constant(value=str(form))]
            ):
                self.formats[form] = None
            case ast.Constant(value=str(text)) if text.startswith("%Y-%m"):
                self.formats[text] = None
            case _:
                pass

    def _read_dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            match key, value:
                case ast.Constant(value=str(name)), ast.Constant(value=str(word)) if word:
                    self.add(name, word)
                case _:
                    pass


def _renamed_by_helpers(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield parameters of helpers with the names that are given for them."""
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, FunctionNode)}
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="self"), attr=helper), args=given
            ) if helper in functions:
                for parameter, value in zip(functions[helper].args.args[1:], given, strict=False):
                    if isinstance(value, ast.Name) and value.id != parameter.arg:
                        yield parameter.arg, value.id
            case _:
                pass
