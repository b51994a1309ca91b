"""What a call may change outside the state: what instances share, and mutable defaults."""

from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import chain
from operator import is_
from types import CellType, FunctionType, ModuleType
from typing import NamedTuple, cast

from .export import ExportError, to_json
from .instance import Instance
from .last_export import pack
from .parts import MUTABLE, SCALARS, ids_in
from .wire import MODULE

_DATA = (*MUTABLE, *SCALARS)


def own_classes(module: ModuleType) -> list[type]:
    """Return the classes that a module defines, Enums left out."""
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
    """What is around an instance; what it consists of is sorted anew only where a name changed."""

    def __init__(self) -> None:
        self.turn = 0
        """Counts how often something was another object than the time before."""
        self._owners: list[ModuleType | type] = []
        self._values: list[object] = []
        self._fixed: dict[str, bytes] = {}
        self._mutable: list[tuple[str, object]] = []
        self._functions: list[tuple[str, FunctionType]] = []
        self._closures: list[tuple[str, FunctionType]] = []
        self._defaults: list[object] = []
        self._objects: list[tuple[str, object]] = []

    def look(self, instance: Instance) -> Around:
        """Return what a call may change outside the state, as it is now."""
        shared, defaults = self.marks(instance.module)
        return Around(shared, defaults, _kept(instance, self._objects))

    def marks(self, module: ModuleType) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """Return the data that all instances share, and mutable defaults, as they are now."""
        self._sort(module)
        shared = {**self._fixed, **{name: mark(value) for name, value in self._mutable}}
        for name, function in self._closures:
            cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
            shared.update((f"{each} in {name}", mark(_contents(cell))) for each, cell in cells)
        return shared, {name: mark(value) for name, value in self._objects}

    def _sort(self, module: ModuleType) -> None:
        # As long as all values are the same objects, so are the classes among them.
        same = self._owners[:1] == [module]
        if not same or not _are_the_same(_values_of(self._owners), self._values):
            self.turn += 1
            self._owners = [module, *own_classes(module)]
            self._values = _values_of(self._owners)
            self._functions = [*_functions(module)]
            self._closures = [one for one in self._functions if one[1].__closure__]
            # A scalar that is the same object is the same value.
            self._fixed, self._mutable = _data_in(self._owners)
        defaults: list[object] = [
            each
            for _, function in self._functions
            for each in (function.__defaults__, function.__kwdefaults__)
        ]
        same = _are_the_same(defaults, self._defaults)
        if not same or dict in set(map(type, defaults)):
            self.turn += not same
            self._objects = [*_default_objects(self._functions)]
        self._defaults = defaults

    def held(self) -> Iterator[object]:
        """Yield what can be changed of all that was looked at last."""
        yield from (value for _, value in (*self._mutable, *self._objects))
        for _, function in self._closures:
            yield from map(_contents, function.__closure__ or ())

    @property
    def functions(self) -> list[FunctionType]:
        """The functions of the module that was looked at last."""
        return [function for _, function in self._functions]


def _values_of(owners: Sequence[ModuleType | type]) -> list[object]:
    return [*chain.from_iterable([vars(owner).copy().values() for owner in owners])]


def _are_the_same(some: list[object], others: list[object]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def _data_in(
    owners: Sequence[ModuleType | type],
) -> tuple[dict[str, bytes], list[tuple[str, object]]]:
    """Return the data of a module and its classes: scalars with their marks, and the others."""
    fixed: dict[str, bytes] = {}
    mutable: list[tuple[str, object]] = []
    for owner in owners:
        prefix = f"{owner.__name__}." if isinstance(owner, type) else ""
        for name, value in vars(owner).copy().items():
            if name.startswith("__") or not isinstance(value, _DATA):
                continue
            held = cast("object", value)
            if type(held) in SCALARS:
                fixed[prefix + name] = mark(held)
            else:
                mutable.append((prefix + name, held))
    return fixed, mutable


def _contents(cell: CellType) -> object:
    try:
        return cast("object", cell.cell_contents)
    except ValueError:  # an empty cell
        return None


def _functions(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    for owner in (module, *own_classes(module)):
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
