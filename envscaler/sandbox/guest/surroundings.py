"""What a call may change outside the state: what instances share, and mutable defaults."""

from collections.abc import Iterator, Sequence
from enum import Enum
from operator import is_
from types import CellType, FunctionType, ModuleType
from typing import NamedTuple, cast

from .export import ExportError, to_json
from .instance import Instance
from .last_export import pack
from .parts import MUTABLE, SCALARS, ids_in
from .wire import MODULE

_DATA = (*MUTABLE, *SCALARS)


def _own_classes(module: ModuleType) -> list[type]:
    return [
        value
        for value in list(vars(module).values())
        if isinstance(value, type) and value.__module__ == MODULE and not issubclass(value, Enum)
    ]


class Around(NamedTuple):
    """What a call may change outside the state."""

    shared: dict[str, bytes]
    """Data that all instances share: of the module, of classes, of closures."""
    defaults: dict[str, bytes]
    """Mutable defaults of functions."""
    kept: set[str]
    """Defaults that have become a part of the state: the next call will share them."""


class Surroundings:
    """What is around an instance; its functions are looked for again only where a name changed."""

    def __init__(self) -> None:
        self._values: list[object] = []
        self._functions: list[tuple[str, FunctionType]] = []

    def look(self, instance: Instance) -> Around:
        """Return what a call may change outside the state, as it is now."""
        owners = [instance.module, *_own_classes(instance.module)]
        values = [value for owner in owners for value in list(vars(owner).values())]
        if len(values) != len(self._values) or not all(map(is_, values, self._values)):
            self._functions = [*_functions(instance.module)]
        self._values = values
        objects = [*_default_objects(self._functions)]
        return Around(
            _shared(owners, self._functions),
            {name: mark(value) for name, value in objects},
            _kept(instance, objects),
        )


def _shared(
    owners: Sequence[ModuleType | type], functions: Sequence[tuple[str, FunctionType]]
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    module, *kinds = owners
    places: list[tuple[str, dict[str, object]]] = [("", vars(module))]
    places += [(f"{kind.__name__}.", dict(vars(kind))) for kind in kinds]
    for owner, namespace in places:
        for name, value in list(namespace.items()):
            if not name.startswith("__") and isinstance(value, _DATA):
                found[owner + name] = mark(cast("object", value))
    for name, function in functions:
        for variable, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=False
        ):
            found[f"{variable} in {name}"] = mark(_contents(cell))
    return found


def _contents(cell: CellType) -> object:
    try:
        return cast("object", cell.cell_contents)
    except ValueError:  # an empty cell
        return None


def _functions(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    for owner in (module, *_own_classes(module)):
        for name, value in list(vars(owner).items()):
            inner = getattr(value, "__func__", value)
            if isinstance(inner, FunctionType) and inner.__module__ == MODULE:
                yield name, inner


def _default_objects(
    functions: Sequence[tuple[str, FunctionType]],
) -> Iterator[tuple[str, object]]:
    for name, function in functions:
        code, values = function.__code__, function.__defaults__ or ()
        names = code.co_varnames[: code.co_argcount][-len(values) :] if values else ()
        pairs = [*zip(names, values, strict=True), *(function.__kwdefaults__ or {}).items()]
        for parameter, value in pairs:
            if isinstance(value, MUTABLE):
                yield f"{name}({parameter})", value


def _kept(instance: Instance, objects: Sequence[tuple[str, object]]) -> set[str]:
    defaults = {id(value): name for name, value in objects}
    if not defaults:
        return set()
    return {defaults[each] for each in ids_in(instance.inner) & defaults.keys()}


def mark(value: object) -> bytes:
    """Write a value so that it is seen whether it has changed."""
    packed = pack(value)
    if packed is not None:
        return packed
    try:
        return to_json(value)
    except ExportError:
        return b""


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    """Name what is another now, or gone, or new."""
    return sorted(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )
