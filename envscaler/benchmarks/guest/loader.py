"""Lets bundled modules be imported where no file can be opened. Runs inside the sandbox."""

import builtins
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import cast

Bodies = Mapping[str, Callable[[], None]]
"""Full name → a function whose code is the body of the module."""


class Loader:
    """Makes modules from functions."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the body, where there is one: a package may be there for its modules only."""
        body = self._bodies.get(module.__name__)
        if body is not None:
            # What C code imports from inside a function looks for them in the module.
            module.__dict__["__builtins__"] = builtins
            FunctionType(cast("FunctionType", body).__code__, module.__dict__)()


class Finder:
    """Finds the bundled modules before any file is looked for."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = {name.removesuffix(".__init__"): body for name, body in bodies.items()}
        self._packages = {each for name in bodies for each in _above(name)}
        self._loader = Loader(self._bodies)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        """Answer as `importlib` asks."""
        is_package = name in self._packages
        if name not in self._bodies and not is_package:
            return None
        return ModuleSpec(name, cast("None", self._loader), is_package=is_package)


def _above(name: str) -> list[str]:
    parts = name.split(".")[:-1]
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def install(bodies: Bodies) -> None:
    """Have bundled modules found by `import`."""
    sys.meta_path.insert(0, Finder(bodies))


def load_class(module: str, name: str) -> type:
    """Return a class of a bundled module."""
    return getattr(import_module(module), name)


class Late:
    """Stands for a module that is imported when something is looked up in it.

    Args:
        name: Of the module.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        return getattr(import_module(self._name), name)


def star_import(where: str, namespace: dict[str, object]) -> None:
    """Do what `from where import *` does at the top of a module."""
    package = str(namespace["__package__"])
    module = import_module(where, package) if where[:1] == "." else import_module(where)
    names = getattr(module, "__all__", None)
    if names is None:
        names = [name for name in vars(module) if name[:1] != "_"]
    namespace.update({name: getattr(module, name) for name in cast("list[str]", names)})
