"""A module that was run for an environment made anew, kept for the next one while it is as new.

To run a module is a third of what a closely watched call takes. It is as new when all that calls
can change in it is plain data or code, and has the marks that it had when it had just been run.
"""

from collections.abc import Iterator
from enum import Enum, EnumMeta
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    GenericAlias,
    GetSetDescriptorType,
    MemberDescriptorType,
    ModuleType,
    UnionType,
)
from typing import NamedTuple, cast

from . import randomness
from .instance import Instance, Program
from .load import Copies
from .parts import ids_in, ids_within
from .surroundings import Around, Surroundings
from .wire import MODULE

_CODE = (
    BuiltinFunctionType, ModuleType, GenericAlias, UnionType, GetSetDescriptorType,
    MemberDescriptorType,
)  # fmt: skip
_CODE_MODULES = frozenset(("typing", "re"))
_OF_MEMBERS = frozenset(("_value_", "_name_", "__objclass__", "_sort_order_"))
_SCALARS = frozenset((int, float, str, bool, bytes, type(None)))
_FIXED_MODULES = frozenset(("datetime", "decimal", "uuid"))
"""Modules whose objects never change."""
_PYTHON_S = frozenset(
    ("__name__", "__doc__", "__package__", "__loader__", "__spec__", "__builtins__", "__file__",
     "__cached__", "__annotations__", "__module__", "__dict__", "__weakref__", "__qualname__",
     "__orig_bases__", "__parameters__", "__required_keys__", "__optional_keys__", "__total__",
     "__readonly_keys__", "__mutable_keys__", "__closed__", "__extra_items__", "__hash__",
     "__dataclass_fields__", "__dataclass_params__", "__match_args__", "__abstractmethods__",
     "__firstlineno__", "__static_attributes__", "__annotate__", "__annotate_func__",
     "__annotations_cache__", "__conditional_annotations__", "__type_params__", "__replace__",
     "__warningregistry__")
)  # fmt: skip
"""Names of what Python keeps in modules and classes."""
_UNKNOWN = object()


class Marks(NamedTuple):
    """All that calls can change in a module, as far as it is known."""

    shared: dict[str, bytes]
    defaults: dict[str, bytes]
    codes: list[CodeType]
    """What its functions do."""
    names: list[tuple[str, object]]
    """What it and its classes hold by name: of what another module has another of, its type."""


class Lookout:
    """Looks at one module, again and again."""

    def __init__(self) -> None:
        self._surroundings = Surroundings()
        self._turn = -1
        """Of the surroundings, when all values were known."""
        self._enums: list[EnumMeta] = []
        self._names: list[tuple[str, object]] = []

    def around(self, instance: Instance) -> Around:
        """Return what a call of an instance may change outside the state, as it is now."""
        return self._surroundings.look(instance)

    def marks(self, module: ModuleType) -> Marks | None:
        """Return the marks of all that can change; None where something has none."""
        return self._known(module, *self._surroundings.marks(module))

    def marks_of(self, instance: Instance, around: Around) -> Marks | None:
        """Return the marks of what was just seen around an instance."""
        return self._known(instance.module, around.shared, around.defaults)

    def holds_nothing_of(self, instance: Instance) -> bool:
        """Say whether nothing that can be changed is in both, the instance and its module."""
        return ids_in(instance.inner).isdisjoint(ids_within(self._surroundings.held()))

    def _known(
        self, module: ModuleType, shared: dict[str, bytes], defaults: dict[str, bytes]
    ) -> Marks | None:
        if not all(shared.values()) or not all(defaults.values()):
            return None
        if not self._is_still_known() and not self._is_known(module):
            return None
        codes = [one.__code__ for one in self._surroundings.functions]
        return Marks(shared, defaults, codes, self._names)

    def _is_still_known(self) -> bool:
        """Say whether all is as it was when it was known; what objects hold can have changed."""
        functions = self._surroundings.functions
        return (
            self._turn == self._surroundings.turn
            and not any(map(vars, functions))
            and all(map(_is_bare, (one for one in functions if _is_laden(one))))
            and all(map(_are_plain_members, self._enums))
        )

    def _is_known(self, module: ModuleType) -> bool:
        """Say whether all values are code or have marks, and functions keep nothing else."""
        named = [*_values(module)]
        values = [value for _, value in named]
        known = all(map(_is_known, values)) and all(map(_is_bare, self._surroundings.functions))
        self._turn = self._surroundings.turn if known else -1
        self._enums = [value for value in values if isinstance(value, EnumMeta)]
        self._names = [(name, _fixed_part(value)) for name, value in named]
        return known


class PristineModule:
    """Gives out a module that is as new.

    Args:
        program: What is run for it.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._module: ModuleType | None = None
        self._lookout = Lookout()
        self._marks: Marks | None = None
        self._state, self._namespace = "{}", dict[str, object]()
        self._copies = Copies(self._state, self._namespace)
        self._may_keep = True

    def take(self) -> ModuleType:
        """Return the module of the last time if nothing has changed in it, or else a new one."""
        module = self._module
        if module is not None and self._lookout.marks(module) == self._marks:
            return module
        if not self._may_keep:
            return self._program.take_module()
        before = randomness.position()
        module = self._program.take_module()
        # What draws at random when it is run leaves another number to those after it.
        marks = self._lookout.marks(module) if randomness.position() == before else None
        self._may_keep = marks is not None
        self._module, self._marks = (None, None) if marks is None else (module, marks)
        return module

    def is_as_new(self, marks: Marks | None) -> bool:
        """Say whether a module with these marks is as one that was just run."""
        return marks is not None and marks == self._marks

    def copied(self, state: str, namespace: dict[str, object]) -> Copies:
        """Return copies of a state: those of the last time where it is the same, decoded once."""
        if self._state != state or self._namespace is not namespace:
            self._state, self._namespace = state, namespace
            self._copies = Copies(state, namespace)
        return self._copies


def _is_laden(function: FunctionType) -> bool:
    """Say whether what a function was defined with may be another, though it has the same tuple."""
    return function.__closure__ is not None or function.__kwdefaults__ is not None


def _values(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Yield what a module and its classes hold, in classes also what methods are wrapped in."""
    for name, value in vars(module).copy().items():
        if not _is_python_s(name, value):
            yield name, value if name[:2] != "__" else _UNKNOWN
        if isinstance(value, type) and value.__module__ == MODULE and type(value) is not EnumMeta:
            own = vars(value).copy().items()
            yield from ((name, _inner(one)) for name, one in own if not _is_python_s(name, one))


def _fixed_part(value: object) -> object:
    """Return a value that is the same object wherever the module is run; else its type."""
    is_own = isinstance(value, type) and value.__module__ == MODULE
    fixed = isinstance(value, (BuiltinFunctionType, ModuleType, type)) and not is_own
    return value if fixed else type(value)


def _inner(value: object) -> object:
    """Return what a class holds; a class inside it holds what nobody looks at."""
    return _UNKNOWN if isinstance(value, type) and value.__module__ == MODULE else value


def _is_python_s(name: str, value: object) -> bool:
    """Say whether a name is one that Python gives a meaning, or of a function."""
    return name in _PYTHON_S or (name[-2:] == "__" and isinstance(value, FunctionType))


def _is_known(value: object) -> bool:
    """Say whether a value is code, or data that has a mark."""
    kind = type(value)
    if kind in _SCALARS or kind in (FunctionType, dict, list, set, bytearray):
        return True
    if isinstance(value, EnumMeta):
        return _are_plain_members(value)
    if isinstance(value, staticmethod | classmethod | property):
        return all(
            part is None or type(part) is FunctionType for part in _wrapped(cast("object", value))
        )
    if isinstance(value, tuple | frozenset):
        return all(map(_is_fixed, cast("tuple[object, ...]", value)))
    return isinstance(value, (type, *_CODE)) or kind.__module__ in _CODE_MODULES or _is_fixed(value)


def _are_plain_members(kind: EnumMeta) -> bool:
    return all(map(_is_plain_member, cast("Iterator[Enum]", iter(kind))))


def _is_fixed(value: object) -> bool:
    """Say whether a value is one that never changes."""
    if type(value) in (tuple, frozenset):
        return all(map(_is_fixed, cast("tuple[object, ...]", value)))
    return type(value) in _SCALARS or type(value).__module__ in _FIXED_MODULES


def _wrapped(value: object) -> tuple[object, ...]:
    if isinstance(value, property):
        return value.fget, value.fset, value.fdel
    return (getattr(value, "__func__", value),)


def _is_plain_member(member: Enum) -> bool:
    held = cast("dict[str, object]", object.__getattribute__(member, "__dict__"))
    return held.keys() <= _OF_MEMBERS and type(held.get("_value_")) in _SCALARS


def _is_bare(function: FunctionType) -> bool:
    """Say whether a function keeps nothing but mutable defaults and what its cells hold."""
    given = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return (
        not vars(function)
        and all(type(each) in _SCALARS or type(each) in (dict, list, set) for each in given)
        and all(map(_is_plain_cell, function.__closure__ or ()))
    )


def _is_plain_cell(cell: CellType) -> bool:
    try:
        held = type(cast("object", cell.cell_contents))
    except ValueError:  # an empty cell
        return False
    return held in _SCALARS or held in (dict, list, set) or held is type
