"""Follow what the names of a function may stand for, and what it reads and writes through them."""

import ast
from collections.abc import Callable, Iterable, Sequence

from envscaler.environment.code.syntax import FunctionNode
from envscaler.environment.dataflow.known_calls import (
    BOXING,
    CHANGING,
    CHANGING_FIRST,
    PICKING,
    TAKING,
    VIEWING,
)
from envscaler.environment.dataflow.value_sources import (
    NOWHERE,
    Effects,
    Place,
    Places,
    boxed,
    inner,
)

Lookup = Callable[[str, bool], Effects | None]
"""Find the effects of a function by name; the flag asks for a method. None: not known."""

_CONTAINERS = (ast.List, ast.ListComp, ast.Set, ast.SetComp, ast.Dict, ast.DictComp)


class EffectsReader:
    """Reads one function, branch by branch, and collects its effects.

    Args:
        owners: Names that stand for the instance or its class.
        lookup: Finds the effects of the functions that it calls.
    """

    def __init__(self, owners: Iterable[str], lookup: Lookup) -> None:
        self._owners = frozenset(owners)
        self._lookup = lookup
        self._names: dict[str, Places] = {}
        self._in_loop = False
        self.effects = Effects()

    def run(self, function: FunctionNode) -> Effects:
        """Read a function from its first line to its last."""
        arguments = function.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        self.effects.parameters = [arg.arg for arg in named if arg.arg not in self._owners]
        for name in self.effects.parameters:
            self._names[name] = frozenset([Place("parameter", name)])
        self._block(function.body)
        return self.effects

    def _block(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                self._bind_each(targets, self._places(value), value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(target, self._places(value), value)
            case ast.AugAssign():
                self._augment(node)
            case ast.Delete(targets=targets):
                self._bind_each(targets, NOWHERE, None)
            case ast.Return(value=ast.expr() as value):
                self.effects.result |= self._places(value)
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                self._branches([node.body])
            case _:
                self._compound(node)

    def _bind_each(
        self, targets: Iterable[ast.expr], places: Places, value: ast.expr | None
    ) -> None:
        for target in targets:
            self._bind(target, places, value)

    def _compound(self, node: ast.stmt) -> None:
        match node:
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(node)
            case ast.If():
                self._places(node.test)
                self._branches([node.body, node.orelse])
            case ast.With() | ast.AsyncWith():
                self._with(node)
            case ast.Try():
                self._branches([node.body, []])
                self._branches([[], node.orelse, *(item.body for item in node.handlers)])
                self._block(node.finalbody)
            case ast.Match():
                self._match(node)
            case _:
                self._children(node)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        # Twice: what the first round binds, the second may use above it. A loop inside is read
        # again with the outer one.
        outer, self._in_loop = self._in_loop, True
        for _ in range(1 if outer else 2):
            if isinstance(node, ast.While):
                self._places(node.test)
            else:
                self._bind(node.target, inner(self._places(node.iter)), None)
            self._branches([node.body, []])
        self._in_loop = outer
        self._block(node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            places = self._places(item.context_expr)
            if item.optional_vars:
                self._bind(item.optional_vars, places, None)
        self._block(node.body)

    def _branches(self, bodies: Iterable[Sequence[ast.stmt]]) -> None:
        """Read alternatives; afterwards a name may stand for what any of them left it with."""
        before = self._names
        joined: dict[str, Places] = {}
        for body in bodies:
            self._names = dict(before)
            self._block(body)
            for name, places in self._names.items():
                joined[name] = joined.get(name, NOWHERE) | places
        self._names = joined

    def _match(self, node: ast.Match) -> None:
        places = self._places(node.subject)
        for case in node.cases:
            for part in ast.walk(case.pattern):
                if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                    self._names[part.name] = inner(places)
        self._branches([case.body for case in node.cases])

    def _bind(self, target: ast.expr, places: Places, value: ast.expr | None) -> None:
        match target:
            case ast.Name(id=name):
                self._names[name] = places
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                self._bind_parts(targets, places, value)
            case ast.Starred(value=item):
                self._bind(item, boxed(places), None)
            case ast.Attribute(attr=name, value=owner) if self._is_owner(owner):
                self.effects.writes.add(Place("attribute", name))
            case ast.Subscript(value=owner, slice=key):
                self._places(key)
                self._change(owner, places)
            case ast.Attribute(value=owner):
                self._change(owner, places)
            case _:
                pass

    def _bind_parts(
        self, targets: Iterable[ast.expr], places: Places, value: ast.expr | None
    ) -> None:
        for place, item in enumerate(targets):
            self._bind(item, self._unpacked(places, value, place), None)

    def _unpacked(self, places: Places, value: ast.expr | None, position: int) -> Places:
        if isinstance(value, ast.Tuple) and position < len(value.elts):
            return self._places(value.elts[position])
        return inner(places)

    def _augment(self, node: ast.AugAssign) -> None:
        places = self._places(node.value)
        if not isinstance(node.target, ast.Name):
            self._places(node.target)
            self._bind(node.target, places, None)
        elif isinstance(node.value, _CONTAINERS):
            # `items += [...]` changes the list itself; `total += 1` only binds the name anew.
            self._change(node.target, places)

    def _change(self, owner: ast.expr, added: Places) -> None:
        """Note that a value is changed, and what is put into it."""
        attribute = self._own_attribute(owner)
        # A change to an attribute does not read it.
        places = (
            self._places(owner) if attribute is None else frozenset([Place("attribute", attribute)])
        )
        self._write(places)
        if isinstance(owner, ast.Name):
            self._names[owner.id] = places | boxed(added)

    def _write(self, places: Places) -> None:
        self.effects.writes |= {place for place in places if not place.boxed}

    def _own_attribute(self, node: ast.expr) -> str | None:
        """Return the name of an attribute of self; None for all else, methods too."""
        if not isinstance(node, ast.Attribute) or not self._is_owner(node.value):
            return None
        return node.attr if self._lookup(node.attr, True) is None else None

    def _is_owner(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self._owners
            case ast.Attribute(value=owner, attr="__class__"):
                return self._is_owner(owner)
            case ast.Call(func=ast.Name(id="type" | "super"), args=arguments):
                return not arguments or self._is_owner(arguments[0])
            case _:
                return False

    def _places(self, node: ast.expr) -> Places:
        """Read an expression; return what its value may be part of."""
        match node:
            case ast.Name(id=name):
                places = self._names.get(name, NOWHERE)
            case ast.Attribute(value=owner, attr=name) if self._is_owner(owner):
                places = self._attribute(name)
            case ast.Attribute(value=value):
                places = inner(self._places(value))
            case ast.Subscript(value=value, slice=key):
                self._children(key)
                places = self._places(value)
                places = boxed(places) if isinstance(key, ast.Slice) else inner(places)
            case ast.NamedExpr(target=target, value=value):
                places = self._places(value)
                self._bind(target, places, value)
            case _:
                places = self._computed(node)
        return places

    def _computed(self, node: ast.expr) -> Places:
        """Read an expression that computes a value; return what the value may be part of."""
        match node:
            case ast.Call():
                places = self._call(node)
            case ast.IfExp() | ast.BoolOp() | ast.Starred() | ast.Await():
                places = self._children(node)
            case ast.Tuple() | ast.List() | ast.Set() | ast.Dict() | ast.BinOp():
                places = boxed(self._children(node))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                places = self._comprehension(node)
            case _:
                self._children(node)
                places = NOWHERE
        return places

    def _children(self, node: ast.AST) -> Places:
        found = NOWHERE
        for child in ast.iter_child_nodes(node):
            found |= self._places(child) if isinstance(child, ast.expr) else self._children(child)
        return found

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> Places:
        before = dict(self._names)
        for generator in node.generators:
            self._bind(generator.target, inner(self._places(generator.iter)), None)
            for condition in generator.ifs:
                self._places(condition)
        made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        found = [self._places(part) for part in made]
        self._names = before
        return boxed(NOWHERE.union(*found))

    def _attribute(self, name: str) -> Places:
        effects = self._lookup(name, True)
        if effects is not None:  # a property, or a method that is passed on
            return self._apply(effects, {})
        self.effects.reads.add(name)
        return frozenset([Place("attribute", name)])

    def _call(self, node: ast.Call) -> Places:
        given = [self._places(item) for item in node.args]
        named = {item.arg or "": self._places(item.value) for item in node.keywords}
        effects = self._effects_of(node.func)
        if effects is not None:
            return self._apply(effects, dict(zip(effects.parameters, given, strict=False)) | named)
        everything = NOWHERE.union(*given, *named.values())
        match node.func:
            case ast.Attribute(value=owner, attr=name) if not self._is_owner(owner):
                places = self._method_call(owner, name, given)
            case ast.Attribute() | ast.Name():
                places = NOWHERE
            case _:
                places = self._children(node.func)
        return places | self._function_call(node, given, everything)

    def _effects_of(self, function: ast.expr) -> Effects | None:
        """Look up what a method or a function of the module does; None for any other."""
        match function:
            case ast.Attribute(value=owner, attr=name) if self._is_owner(owner):
                return self._lookup(name, True)
            case ast.Name(id=name):
                return self._lookup(name, False)
            case _:
                return None

    def _apply(self, effects: Effects, given: dict[str, Places]) -> Places:
        """Take over what a called function does to its arguments and to self."""
        self.effects.reads |= effects.reads
        for place in effects.writes:
            reached = given.get(place.name, NOWHERE)
            reached = frozenset([place]) if place.kind == "attribute" else reached
            self._write(reached)
        found = NOWHERE
        for place in effects.result:
            reached = given.get(place.name, NOWHERE)
            reached = frozenset([place]) if place.kind == "attribute" else reached
            found |= boxed(reached) if place.boxed else reached
        return found

    def _method_call(self, owner: ast.expr, name: str, given: list[Places]) -> Places:
        """Read a call of a method that the class does not define, such as that of a dict."""
        if name in CHANGING:
            self._change(owner, NOWHERE.union(*given))
            return NOWHERE
        places = self._places(owner)
        if name in TAKING:
            self._write(places)
        if name in TAKING or name == "get":
            # The key only finds the value; the default behind it may be the value.
            return inner(places).union(*given[1:])
        return boxed(places) if name in VIEWING else NOWHERE

    def _function_call(self, node: ast.Call, given: list[Places], everything: Places) -> Places:
        """Read a call of a function that the module does not define, by its name."""
        match node.func:
            case ast.Attribute(attr=name) | ast.Name(id=name):
                pass
            case _:
                return NOWHERE
        if name in {"getattr", "setattr", "delattr"}:
            return self._by_name(name, node.args)
        if name in CHANGING_FIRST and given:
            self._write(given[0])
        if name in BOXING:
            return boxed(everything)
        return inner(everything) if name in PICKING else NOWHERE

    def _by_name(self, function: str, args: list[ast.expr]) -> Places:
        match args:
            case [owner, ast.Constant(value=str(name)), *_] if self._is_owner(owner):
                if function == "getattr":
                    return self._attribute(name)
                self.effects.writes.add(Place("attribute", name))
            case _:
                pass
        return NOWHERE
