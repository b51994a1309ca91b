"""One live environment inside a worker: the class body run anew, the object, its calls."""

import json
import pickle
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from enum import EnumMeta
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GenericAlias,
    ModuleType,
    UnionType,
)
from typing import NamedTuple, cast

from . import clock, export, randomness
from .last_export import LastExport, pack
from .load import Copies
from .making import Made, is_exported, make, make_again, names_read
from .run_code import run_code
from .wire import MODULE

_DATA = (dict, list, set, frozenset, tuple, str, int, float, bool, type(None), bytes)
_DATA_TYPES = frozenset((*_DATA, Counter, OrderedDict, defaultdict, deque))
_CODE_TYPES = (type, FunctionType, BuiltinFunctionType, ModuleType, GenericAlias, UnionType)
_CODE_MODULES = frozenset(("typing", "re", "functools"))


Copied = Callable[[str, dict[str, object]], Copies]
"""Gives copies of a state as JSON, whose classes are looked up in a namespace."""


class CannotSnapshotError(Exception):
    """The object or its class holds something that cannot be copied."""


class Program:
    """A class that can be run any number of times.

    Args:
        name: The class.
        code: Compiled module that defines it.
    """

    def __init__(self, name: str, code: CodeType) -> None:
        self.name = name
        self.code = code
        self.uses_randomness = randomness.uses_randomness(code)
        self.names_read = names_read(code)
        """Attributes and globals that its methods and functions know."""
        self._defined: ModuleType | None = None

    def define(self) -> None:
        """Run the module beforehand, which does nothing but define."""
        module = self._run()
        sys.modules.pop(MODULE)
        self._defined = module

    def take_module(self) -> ModuleType:
        """Return a module that has been run and that nobody else has."""
        module, self._defined = self._defined, None
        if module is None:
            return self._run()
        sys.modules[MODULE] = module
        return module

    def _run(self) -> ModuleType:
        module = sys.modules[MODULE] = ModuleType(MODULE)
        run_code(self.code, module.__dict__)
        return module


class Instance:
    """An environment that lives.

    Args:
        program: Its class.
        seed: Seed of everything random.
        start: Time at which it starts, in seconds since 1970.
        step: Seconds that pass with every call.
    """

    def __init__(self, program: Program, seed: int, start: float, step: float) -> None:
        self._program = program
        self._seed, self._start, self._step = seed, start, step
        self._slept = 0.0
        self._module = ModuleType(MODULE)
        self._object: object = None
        self._initial = "{}"
        self._was_seen = False
        self._kept: set[str] = set()
        self._last_export = LastExport()
        self._told: Told | None = None
        """What it was told to be, as long as nothing has happened since."""
        self._copy: bytes | None = None
        """The snapshot that it went back to, as long as nothing has happened since."""
        self._at_copy: tuple[bytes, Told] | None = None
        """A snapshot, and what it was told to be there."""

    @property
    def inner(self) -> object:
        """The object that lives in it."""
        return self._object

    @property
    def module(self) -> ModuleType:
        """The module that its class was defined in, its own alone."""
        return self._module

    @property
    def program(self) -> Program:
        """Its class."""
        return self._program

    @property
    def slept(self) -> float:
        """Seconds by which it is ahead of its clock, because it slept."""
        return self._slept

    @property
    def is_plain(self) -> bool:
        """Whether the state that was just told is of nothing but the exact types of JSON."""
        return self._told is not None and self._told.is_plain

    def build(
        self,
        state: str,
        take: Callable[[], ModuleType] | None = None,
        copied: Copied = Copies,
        *,
        was_seen: bool = False,
    ) -> None:
        """Run the class body, construct the object and set its attributes.

        Args:
            state: Initial state as tagged JSON. The constructor and the attributes get a copy each.
            take: Gives a module that was run already, and is as new.
            copied: Gives copies of the state, perhaps some that were at hand.
            was_seen: The state is that of an object of the class, with all its attributes.
        """
        self._initial, self._was_seen = state, was_seen
        self._enter(0)
        self._module = (take or self._program.take_module)()
        sys.modules[MODULE] = self._module
        made = self._made(copied)
        self._object = made.thing
        # What it only keeps of its argument, and never reads, would double the state.
        kept = made.kept - self._program.names_read
        self._kept = kept - _names_in(state) if kept else kept
        self._slept = clock.slept()

    @property
    def beginning(self) -> tuple[int, float, float]:
        """Seed, time and step: all that decides how it begins, beside the state."""
        return self._seed, self._start, self._step

    def whole(self) -> "Whole | None":
        """Return all of it; None where it is more than plain data."""
        self.state()
        members = cast("dict[str, object]", object.__getattribute__(self._object, "__dict__"))
        if not self.is_plain or pack(members) is None:
            return None
        return Whole(
            pickle.dumps((members, self._slept, self._kept), protocol=5), self._last_export.copy()
        )

    def build_alike(self, state: str, whole: "Whole") -> None:
        """Run the class body, and make the object of what another one began with.

        Args:
            state: Initial state as tagged JSON.
            whole: All of one that began in this state, and as this one begins.
        """
        self._initial = state
        self._enter(0)
        self._module = sys.modules[MODULE] = self._program.take_module()
        members, self._slept, self._kept = pickle.loads(whole.copy)  # noqa: S301  of this cage
        self._object = _made_of(cast("type", self._module.__dict__[self._program.name]), members)
        self._last_export = whole.export.copy()

    def another(self) -> object:
        """Make an object of the same class, in the initial state."""
        self._told = self._copy = None  # they may share something
        return self._made().thing

    def _made(self, copied: Copied = Copies) -> Made:
        namespace = self._module.__dict__
        kind = cast("type", namespace[self._program.name])
        copies = copied(self._initial, namespace)
        if self._was_seen:
            return make_again(kind, copies)
        return make(kind, copies, raw=not is_exported(self._initial))

    def anew(
        self,
        state: str,
        slept: float,
        take: Callable[[], ModuleType] | None = None,
        copied: Copied = Copies,
    ) -> "Instance":
        """Make an environment of the same code, seed and clock in a given state."""
        fresh = Instance(self._program, self._seed, self._start, self._step)
        fresh._last_export = self._last_export.copy()
        fresh.build(state, take, copied, was_seen=True)
        fresh._slept = slept
        return fresh

    def _enter(self, step: int) -> None:
        """Set time and randomness to those of a step; step 0 is the construction."""
        clock.set_time(self._start + max(step - 1, 0) * self._step, self._slept)
        if self._program.uses_randomness:
            randomness.set_step(self._seed, step)
        sys.modules[MODULE] = self._module

    def call(self, step: int, method: str, arguments: dict[str, object]) -> object:
        """Call a tool as the environment's `step`-th call, counted from 1."""
        self._told = self._copy = None
        self._enter(step)
        try:
            return cast("Callable[..., object]", getattr(self._object, method))(**arguments)
        finally:
            self._slept = clock.slept()

    def state(self) -> bytes:
        """Encode the attributes of the object as tagged JSON."""
        if self._told is None:
            text = self._exported()
            self._told = Told(text, self._last_export.is_plain)
            if self._copy is not None:
                self._at_copy = self._copy, self._told
        return self._told.text

    def _exported(self) -> bytes:
        if export.hides_attributes(type(self._object)):
            raise export.ExportError("the class hides its attributes: it defines __dict__")
        members = cast("dict[str, object]", object.__getattribute__(self._object, "__dict__"))
        if self._kept:
            members = {name: item for name, item in members.items() if name not in self._kept}
        try:
            return self._last_export.of(
                members, lambda: export.state_to_json(members, type(self._object))
            )
        except export.ExportError:
            # What a generator draws next is how a state comes about, and no part of one.
            state = {
                name: item for name, item in members.items() if not randomness.only_draws(item)
            }
            if len(state) == len(members):
                raise
            return export.state_to_json(state, type(self._object))

    def snapshot(self) -> bytes:
        """Copy everything that calls can have changed; only another worker can read it.

        Raises:
            CannotSnapshotError: Something cannot be copied.
        """
        sys.modules[MODULE] = self._module
        members = object.__getattribute__(self._object, "__dict__")
        try:
            return pickle.dumps((members, self._statics(), self._slept, self._kept), protocol=5)
        except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
            raise CannotSnapshotError(str(error)) from None

    def restore(self, copy: bytes) -> None:
        """Go back to a snapshot of an instance of the same code."""
        sys.modules[MODULE] = self._module
        members, statics, self._slept, self._kept = pickle.loads(copy)  # noqa: S301  of this cage
        was_here = self._at_copy is not None and self._at_copy[0] == copy
        self._told = self._at_copy[1] if self._at_copy and was_here else None
        self._copy = copy
        self._object = _made_of(type(self._object), members)
        for owner, name, value in statics:
            place = self._module if owner is None else self._module.__dict__[owner]
            setattr(place, name, value)

    def _statics(self) -> list[tuple[str | None, str, object]]:
        """List data held by the module and its classes, as owner, name and value."""
        found: list[tuple[str | None, str, object]] = []
        for name, value in list(self._module.__dict__.items()):
            if _is_own_class(value):
                members = dict(cast("type", value).__dict__)
                found += [(name, key, item) for key, item in _data_of(members)]
        return found + [(None, key, item) for key, item in _data_of(dict(self._module.__dict__))]


class Told(NamedTuple):
    """A state as it was told."""

    text: bytes
    is_plain: bool
    """It is of nothing but the exact types of JSON."""


class Whole(NamedTuple):
    """All of an instance that consists of plain data."""

    copy: bytes
    export: LastExport


def _made_of(kind: type, members: dict[str, object]) -> object:
    made = cast("object", object.__new__(kind))
    object.__getattribute__(made, "__dict__").update(members)
    return made


def _data_of(namespace: dict[str, object]) -> list[tuple[str, object]]:
    """Return what is data in a namespace.

    Raises:
        CannotSnapshotError: Something is neither data nor code.
    """
    found: list[tuple[str, object]] = []
    for name, value in namespace.items():
        if name.startswith("__") and name.endswith("__"):
            continue
        if type(value) in _DATA_TYPES:
            found.append((name, value))
        elif not _is_code(value):
            raise CannotSnapshotError(f"{name} is a {type(value).__name__}")
    return found


def _is_own_class(value: object) -> bool:
    return (
        isinstance(value, type) and value.__module__ == MODULE and not isinstance(value, EnumMeta)
    )


def _is_code(value: object) -> bool:
    """Say whether calls leave a value as it is: functions, classes, annotations, descriptors."""
    kind = type(value)
    if isinstance(value, _CODE_TYPES) or value is ...:
        return True
    return kind.__module__ in _CODE_MODULES or hasattr(kind, "__get__")


def _names_in(state: str) -> set[str]:
    return set(cast("dict[str, object]", json.loads(state)))
