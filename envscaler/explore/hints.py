"""What the source of a class says about values: words compared, keys read, types declared."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from envscaler.environment.syntax import FunctionNode, parse
from envscaler.explore.places import singular

Word = str | int | float

Links = dict[str, dict[str, None]]
_QUOTED = re.compile(r"""(?<!\w)['"“‘`]([\w][\w .:/-]{0,40})['"”’`](?!\w)""")
_FIELD_LINE = re.compile(r"^\s*(?P<name>\w+)\s*(?:\([^)]*\))?\s*:(?P<rest>.*)$")
_UNWRAPPED = frozenset(("lower", "upper", "strip", "title", "casefold"))
_READERS = frozenset(("get", "pop", "setdefault"))


@dataclass(frozen=True, slots=True)
class Hints:
    """What was found, by name of a parameter, field or attribute."""

    words: Mapping[str, tuple[Word, ...]]
    """Literals that it is compared with, assigned, or said to be one of."""
    keys: Mapping[str, tuple[str, ...]]
    """Keys that are read from it, or from its items: `product_id` for `items`."""
    records: Mapping[str, Mapping[str, str]]
    """Record type → field → type as text."""
    formats: tuple[str, ...]
    """Formats with which dates are parsed."""
    holders: Mapping[str, tuple[str, ...]]
    """Attributes in which a name is looked up as a key: `vouchers` for `code`."""
    equals: Mapping[str, tuple[str, ...]]
    """Fields of records that a name is compared with: `id` for `ticket_id`."""

    def words_for(self, name: str) -> tuple[Word, ...]:
        """Return the words of a name; those of `status` for `new_status`."""
        parts = name.split("_")
        for start in range(len(parts)):
            found = self.words.get("_".join(parts[start:]))
            if found:
                return found
        return ()

    def record_for(self, name: str) -> Mapping[str, str]:
        """Return the fields of the record type that a name such as `orders` holds."""
        wanted = singular(name).replace("_", "").lower()
        endings = ("", "info", "record", "entry", "data", "dict", "type", "model")
        plain = {record.lower(): fields for record, fields in self.records.items()}
        found = [plain[wanted + end] for end in endings if wanted + end in plain]
        return found[0] if found else {}


def mine(source: str, rules: Iterable[str] = ()) -> Hints:
    """Look for values in a module and in the rules of its environment.

    Raises:
        ReplyError: The source does not parse.
    """
    return _Miner(source).mine(rules)


@dataclass
class _Miner:
    source: str
    words: dict[str, dict[Word, None]] = field(default_factory=dict[str, dict[Word, None]])
    keys: dict[str, dict[str, None]] = field(default_factory=dict[str, dict[str, None]])
    formats: dict[str, None] = field(default_factory=dict[str, None])
    constants: dict[str, list[Word]] = field(default_factory=dict[str, list[Word]])
    holders: Links = field(default_factory=Links)
    equals: Links = field(default_factory=Links)

    def mine(self, rules: Iterable[str]) -> Hints:
        tree = parse(self.source)
        self._read_constants(tree)
        records = _record_types(tree)
        for node in ast.walk(tree):
            if isinstance(node, FunctionNode):
                self._read_function(node)
            elif isinstance(node, ast.Dict):
                self._read_dict(node)
        self._follow_helpers(tree)
        known = {name for fields in records.values() for name in fields}
        self._read_texts(tree, known | self.words.keys())
        for rule in rules:
            self._read_rule(rule, known)
        return Hints(
            words={name: tuple(found) for name, found in self.words.items()},
            keys={name: tuple(found) for name, found in self.keys.items()},
            records=records,
            formats=tuple(self.formats),
            holders={name: tuple(found) for name, found in self.holders.items()},
            equals={name: tuple(found) for name, found in self.equals.items()},
        )

    def _add(self, name: str | None, *found: Word) -> None:
        if name and name != "success":
            self.words.setdefault(name, {}).update(dict.fromkeys(found))

    def _read_constants(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                found = [*_literals(node.value)]
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    name = _last_name(target)
                    if found and name:
                        self.constants[name] = found

    def _read_function(self, function: FunctionNode) -> None:
        aliases = dict(_aliases(function))
        for node in ast.walk(function):
            if isinstance(node, ast.Compare):
                self._read_compare(node, aliases)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Subscript) and isinstance(node.value, ast.Constant):
                        self._add(subject(target, aliases), *_literals(node.value))
            elif isinstance(node, ast.Match):
                self._read_match(node, aliases)
            self._read_key(node, aliases)
            self._read_lookup(node)
            self._read_format(node)

    def _read_lookup(self, node: ast.AST) -> None:
        """Note by which names an attribute is looked up, and what fields are compared with."""
        match node:
            case ast.Subscript(value=owner, slice=ast.Name(id=name)):
                self._link(self.holders, name, _attribute(owner))
            case ast.Call(
                func=ast.Attribute(value=owner, attr="get" | "pop" | "setdefault"),
                args=[ast.Name(id=name), *_],
            ):
                self._link(self.holders, name, _attribute(owner))
            case ast.Compare(
                left=ast.Name(id=name), ops=[ast.In() | ast.NotIn()], comparators=[owner]
            ):
                self._link(self.holders, name, _attribute(owner))
            case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
                for one, other in ((left, right), (right, left)):
                    if isinstance(one, ast.Name):
                        self._link(self.equals, one.id, _field(other))
            case _:
                pass

    @staticmethod
    def _link(links: Links, name: str, found: str | None) -> None:
        if found and found != name:
            links.setdefault(name, {})[found] = None

    def _follow_helpers(self, tree: ast.Module) -> None:
        """Let the arguments of a helper stand for what its parameters are looked up in."""
        functions = {node.name: node for node in ast.walk(tree) if isinstance(node, FunctionNode)}
        for node in ast.walk(tree):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="self"), attr=helper), args=given
                ) if helper in functions:
                    names = [one.arg for one in functions[helper].args.args[1:]]
                    for parameter, value in zip(names, given, strict=False):
                        if isinstance(value, ast.Name) and value.id != parameter:
                            for links in (self.holders, self.equals):
                                found = links.get(parameter, {})
                                links.setdefault(value.id, {}).update(found)
                case _:
                    pass

    def _read_compare(self, node: ast.Compare, aliases: Mapping[str, str]) -> None:
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            if isinstance(operator, ast.In | ast.NotIn):
                owner = subject(left, aliases)
                self._add(owner, *self._choices(right))
                if isinstance(left, ast.Constant) and isinstance(left.value, str):
                    self._add_key(subject(right, aliases), left.value)
                elif owner in aliases.values():
                    self._add_key(owner, *(str(word) for word in self._choices(right)))
            else:
                self._add(subject(left, aliases), *_literals(right))
                self._add(subject(right, aliases), *_literals(left))

    def _choices(self, node: ast.expr) -> list[Word]:
        found = list(_literals(node))
        return found or self.constants.get(_last_name(node) or "", [])

    def _read_match(self, node: ast.Match, aliases: Mapping[str, str]) -> None:
        name = subject(node.subject, aliases)
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                if isinstance(pattern, ast.MatchValue):
                    self._add(name, *_literals(pattern.value))

    def _read_key(self, node: ast.AST, aliases: Mapping[str, str]) -> None:
        match node:
            case ast.Subscript(value=owner, slice=ast.Constant(value=str(key))):
                self._add_key(subject(owner, aliases), key)
            case ast.Call(
                func=ast.Attribute(value=owner, attr=reader),
                args=[ast.Constant(value=str(key)), *_],
            ) if reader in _READERS:
                self._add_key(subject(owner, aliases), key)
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
                    self._add(name, word)
                case _:
                    pass

    def _read_texts(self, tree: ast.Module, known: set[str]) -> None:
        """Read quoted words beside a name: comments of fields, Args sections."""
        for line in self.source.splitlines():
            code, _, comment = line.partition("#")
            found = _FIELD_LINE.match(code)
            if comment and found:
                self._add(found["name"], *_quoted(comment))
        for node in ast.walk(tree):
            if isinstance(node, FunctionNode):
                names = known | {one.arg for one in node.args.args}
                for line in (ast.get_docstring(node) or "").splitlines():
                    found = _FIELD_LINE.match(line)
                    if found and found["name"] in names:
                        self._add(found["name"], *_quoted(found["rest"]))

    def _read_rule(self, rule: str, known: set[str]) -> None:
        said = set(re.findall(r"\w+", rule)) & known
        for name in said:
            self._add(name, *(word for word in _quoted(rule) if word not in known))


def _attribute(node: ast.expr) -> str | None:
    """Return the attribute of `self` that an expression is, or is a part of."""
    while isinstance(node, ast.Subscript):
        node = node.value
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
        case ast.Call(func=ast.Attribute(value=inner, attr="get" | "keys" | "setdefault")):
            return _attribute(inner)
        case _:
            return None


def _field(node: ast.expr) -> str | None:
    """Return the field that is read from a record."""
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *_]):
            return key
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner != "self":
            return name
        case _:
            return None


def _quoted(text: str) -> list[str]:
    return [word.strip() for word in _QUOTED.findall(text)]


def subject(node: ast.expr, aliases: Mapping[str, str]) -> str | None:
    """Name what an expression is about: `status` for `order["status"].lower()`."""
    match node:
        case ast.Name(id=name):
            found = aliases.get(name, name)
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            found = name
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            found = key
        case ast.Call(func=ast.Attribute(value=inner, attr=method)) if method in _UNWRAPPED:
            found = subject(inner, aliases)
        case ast.Call(
            func=ast.Attribute(attr="get" | "pop" | "setdefault"),
            args=[ast.Constant(value=str(key)), *_],
        ):
            found = key
        case (
            ast.Call(func=ast.Name(id="len" | "str" | "int" | "float" | "set"), args=[inner])
            | ast.BoolOp(values=[inner, *_])
        ):
            found = subject(inner, aliases)
        case _:
            found = None
    return found


def _aliases(function: FunctionNode) -> Iterator[tuple[str, str]]:
    """Yield local names and what they stand for; a loop's name stands for the list it is from."""
    parameters = {one.arg for one in [*function.args.args, *function.args.kwonlyargs]}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in parameters:
                stands_for = subject(value, {})
            case (
                ast.For(target=ast.Name(id=name), iter=value)
                | ast.comprehension(target=ast.Name(id=name), iter=value)
            ):
                stands_for = subject(_iterated(value), {})
            case (
                ast.For(target=ast.Tuple(elts=[ast.Name(id=name), *_]), iter=value)
                | ast.comprehension(target=ast.Tuple(elts=[ast.Name(id=name), *_]), iter=value)
            ):
                stands_for = subject(_iterated(value), {})
            case _:
                continue
        if stands_for and stands_for != name:
            yield name, stands_for


def _iterated(node: ast.expr) -> ast.expr:
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr="items" | "keys" | "values")):
            return inner
        case ast.Call(func=ast.Name(id="enumerate" | "list" | "sorted"), args=[inner, *_]):
            return _iterated(inner)
        case _:
            return node


def _literals(node: ast.expr) -> Iterator[Word]:
    match node:
        case ast.Constant(value=str() | int() | float() as value) if not isinstance(value, bool):
            if value != "":
                yield value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            yield -value
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            for item in items:
                yield from _literals(item)
        case ast.Dict(keys=keys):
            for key in keys:
                if key is not None:
                    yield from _literals(key)
        case ast.Call(func=ast.Name(id="set" | "frozenset" | "tuple" | "list"), args=[inner]):
            yield from _literals(inner)
        case _:
            pass


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


def _record_types(tree: ast.Module) -> dict[str, Mapping[str, str]]:
    """Return the classes that only declare fields."""
    found: dict[str, Mapping[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            fields = {
                item.target.id: ast.unparse(item.annotation)
                for item in node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            }
            methods = any(isinstance(item, FunctionNode) for item in node.body)
            if fields and not methods:
                found[node.name] = fields
    return found
