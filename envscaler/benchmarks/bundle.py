"""Put whole modules into one text, so that the sandbox, where no file can be opened, has them.

Each module becomes a function whose names are all global. A loader inside (`guest/loader.py`) runs
it as the body of a module when something imports that, so the modules see what they would see
installed: their own names, their packages, relative imports, circles.
"""

import ast
import symtable
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from envscaler.errors import ArtifactError
from envscaler.resources import package_text

_HERE = "envscaler.benchmarks.guest"
_LOADER = f"__import__('sys').modules['{_HERE}.loader']"
_ATTEMPT = "envscaler.sandbox.guest.attempt"


def bundle(
    modules: Mapping[str, str], guest: str, class_name: str, *, late: tuple[str, ...] = ()
) -> str:
    """Write modules and a class of ours that uses them as one module.

    Args:
        modules: Full name → source; a package has the name `package.__init__`.
        guest: Module of `guest/` with the class, which imports what it needs of `modules`.
        class_name: The class, which the sandbox opens.
        late: Packages that are large and seldom used: they are imported at their first use.

    Raises:
        ArtifactError: A source is no Python.
    """
    ours = {name: _source_of(name) for name in (f"{_HERE}.loader", _ATTEMPT, f"{_HERE}.{guest}")}
    whole = {**modules, **ours}
    names = {name: f"_module_{number}" for number, name in enumerate(whole)}
    functions = [as_function(text, names[name], name, late) for name, text in whole.items()]
    table = ", ".join(f"{name!r}: {function}" for name, function in names.items())
    start = _START.format(
        table=table, here=_HERE, loader=names[f"{_HERE}.loader"], guest=guest, name=class_name
    )
    return "\n\n".join([*functions, start])


_START = package_text("benchmarks/bundle_start.py.txt")


def _source_of(name: str) -> str:
    package, *inner, last = name.split(".")
    return files(package).joinpath(*inner, f"{last}.py").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def as_function(source: str, function: str, name: str, late: tuple[str, ...] = ()) -> str:
    """Write a module as a function that declares every name of the module as global.

    Args:
        source: Of the module.
        function: Name of the function.
        name: Of the module.
        late: As for `bundle`; the modules of such a package import each other at once.

    Raises:
        ArtifactError: The source is no Python.
    """
    try:
        tree = ast.parse(source)
        bound = _bound_names(source, name)
    except SyntaxError as error:
        raise ArtifactError(f"{name} is no Python: {error.msg}, line {error.lineno}") from error
    used = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    package = name.endswith(".__init__")  # what that imports, others may take from it
    late = () if name.partition(".")[0] in late else late
    body = ast.fix_missing_locations(_Body(None if package else used, late).visit(tree)).body
    head = [ast.Global(names=bound)] if bound else []
    whole = ast.parse(f"def {function}():\n    pass")
    definition = whole.body[0]
    if isinstance(definition, ast.FunctionDef):
        definition.body = [*head, *body, ast.Pass()]
    return ast.unparse(ast.fix_missing_locations(whole))


def _bound_names(source: str, name: str) -> list[str]:
    """Name all that a module assigns, imports or defines."""
    return sorted(
        symbol.get_name()
        for symbol in symtable.symtable(source, name, "exec").get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    )


class _Body(ast.NodeTransformer):
    """Rewrites what may stand at the top of a module and not in a function.

    Args:
        used: Names that the module looks up; None: imports are kept whether used or not.
        late: Packages that are imported at their first use.
    """

    def __init__(self, used: set[str] | None, late: tuple[str, ...]) -> None:
        self._used = used
        self._late = late

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Drop the annotation: a global name may have none."""
        if node.value is None:
            return ast.Pass()
        return ast.Assign(targets=[node.target], value=node.value)

    def visit_Import(self, node: ast.Import) -> ast.AST:
        """Leave out what is imported and never used: the sandbox may not have it."""
        if len(node.names) == 1 and node.names[0].name in self._late:
            name = node.names[0].name
            bound = node.names[0].asname or name
            return ast.parse(f"{bound} = {_LOADER}.Late({name!r})").body[0]
        if self._used is None:
            return node
        used = [
            each
            for each in node.names
            if (each.asname or each.name.partition(".")[0]) in self._used
        ]
        return ast.Import(names=used) if used else ast.Pass()

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if node.module == "__future__":
            return ast.Pass()
        if [each.name for each in node.names] != ["*"]:
            return node
        where = "." * node.level + (node.module or "")
        call = f"{_LOADER}.star_import({where!r}, globals())"
        return ast.parse(call).body[0]
