"""One live environment inside a worker: the class body run anew, the object, its calls."""

import io
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
from typing import cast

from . import clock, export, randomness
from .load import Copies
from .wire import LOADERS, MODULE

_DATA = (dict, list, set, frozenset, tuple, str, int, float, bool, type(None), bytes)
_DATA_TYPES = frozenset((*_DATA, Counter, OrderedDict, defaultdict, deque))
_CODE_TYPES = (type, FunctionType, BuiltinFunctionType, ModuleType, GenericAlias, UnionType)
_CODE_MODULES = frozenset(("typing", "re", "functools"))


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
        exec(self.code, module.__dict__)  # noqa: S102  what this process is locked up for
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

    @property
    def inner(self) -> object:
        """The object that lives in it."""
        return self._object

    @property
    def module(self) -> ModuleType:
        """The module that its class was defined in, its own alone."""
        return self._module

    @property
    def slept(self) -> float:
        """Seconds by which it is ahead of its clock, because it slept."""
        return self._slept

    def build(self, state: str) -> None:
        """Run the class body, construct the object and set its attributes.

        Args:
            state: Initial state as tagged JSON. The constructor and the attributes get a copy each.
        """
        self._initial = state
        self._enter(0)
        self._module = self._program.take_module()
        self._object = self.another()
        self._slept = clock.slept()

    def another(self) -> object:
        """Make an object of the same class, in the initial state."""
        namespace = self._module.__dict__
        kind = cast("type", namespace[self._program.name])
        return _made(kind, Copies(self._initial, namespace), raw=not _is_exported(self._initial))

    def anew(self, state: str, slept: float) -> "Instance":
        """Make an environment of the same code, seed and clock in a given state."""
        fresh = Instance(self._program, self._seed, self._start, self._step)
        fresh.build(state)
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
        self._enter(step)
        try:
            return cast("Callable[..., object]", getattr(self._object, method))(**arguments)
        finally:
            self._slept = clock.slept()

    def state(self) -> bytes:
        """Encode every attribute of the object as tagged JSON."""
        return export.to_json(object.__getattribute__(self._object, "__dict__"))

    def snapshot(self) -> bytes:
        """Copy everything that calls can have changed; only another worker can read it.

        Raises:
            CannotSnapshotError: Something cannot be copied.
        """
        sys.modules[MODULE] = self._module
        members = object.__getattribute__(self._object, "__dict__")
        try:
            return pickle.dumps((members, self._statics(), self._slept), protocol=5)
        except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
            raise CannotSnapshotError(str(error)) from None

    def restore(self, copy: bytes) -> None:
        """Go back to a snapshot of an instance of the same code."""
        sys.modules[MODULE] = self._module
        members, statics, self._slept = pickle.loads(copy)  # noqa: S301  of this cage, in this cage
        instance = object.__new__(type(self._object))
        object.__getattribute__(instance, "__dict__").update(members)
        self._object = instance
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


def _take(copies: Copies) -> dict[str, object]:
    return cast("dict[str, object]", copies.take())


_EXPORTED = ('"$dataclass"', '"$enum"')
"""Tags of what only a constructor makes: a state with them has been through it."""


def _is_exported(state: str) -> bool:
    return any(tag in state for tag in _EXPORTED)


def _made(kind: type, copies: Copies, *, raw: bool) -> object:
    """Make an object in a state: by its constructor, by its loading method, or by its attributes.

    Args:
        kind: Its class.
        copies: Of the state.
        raw: The state may be as somebody wrote it, not as an object of the class was exported.
    """
    names = _parameters(kind.__init__)
    if len(names) > 1 and names[0] in _take(copies):
        values = _take(copies)
        found = cast("object", kind(**{name: values[name] for name in names if name in values}))
        return _set(found, _take(copies))
    blank = _blank(kind, names, raw=raw)
    if blank is None:
        return _by_constructor(kind, copies)
    loader = next((name for name in LOADERS if hasattr(blank, name)), None)
    if loader and raw and _take(copies):
        if _is_loaded(blank, loader, copies):
            return blank
        blank = _blank(kind, names, raw=raw)
    return _set(blank, _take(copies))


def _is_loaded(blank: object, loader: str, copies: Copies) -> bool:
    """Have an object load a state; False where the state has the form of attributes already.

    A state that was read from an object is that of its attributes, and a loading method may refuse
    it, or take it for its own form and make the same of it.
    """
    before = set(_members(blank))
    try:
        cast("Callable[[object], None]", getattr(blank, loader))(_take(copies))
    except Exception:  # noqa: BLE001  generated code raises what it likes
        return False
    made, given = _members(blank), _take(copies)
    if not before or not before <= given.keys():
        return True
    return any(name in made and _has_another_form(made[name], given[name]) for name in given)


def _has_another_form(made: object, given: object) -> bool:
    """Say whether a value became another container, or objects."""
    if type(made) is not type(given):
        return True
    try:
        return _is_exported(export.to_json(made).decode())
    except export.ExportError:
        return False


def _by_constructor(kind: type, copies: Copies) -> object:
    """Give the whole state to a constructor, and set what it did not take from there."""
    found = cast("object", kind(_take(copies)))
    made, values = _members(found), _take(copies)
    others = [name for name in values if name in made and not _same(made[name], values[name])]
    # A constructor may leave its marks on the process: it runs a second time only to tell what
    # it made of an attribute from what it always makes.
    ignored = _always_the_same(kind, made, others) if others else set[str]()
    # What keeps the whole of the argument would hold itself, one level deeper each time.
    ignored |= {name for name in others if _same(made[name], values)}
    for name, value in values.items():
        if name not in made or name in ignored:
            setattr(found, name, value)
    return found


def _always_the_same(kind: type, made: dict[str, object], names: list[str]) -> set[str]:
    """Return the attributes that have the same value without a state."""
    blank = _without_state(kind)
    empty = _members(blank) if blank is not None else {}
    return {name for name in names if name in empty and _same(made[name], empty[name])}


def _same(one: object, other: object) -> bool:
    try:
        return export.to_json(one) == export.to_json(other)
    except export.ExportError:
        return False


def _blank(kind: type, parameters: tuple[str, ...], *, raw: bool) -> object:
    """Make an object on which a state can be laid; None where the constructor is to have it."""
    if not parameters:
        return cast("object", kind())
    return None if raw else _without_state(kind)


def _without_state(kind: type) -> object:
    """Make an object without a state; None where the constructor insists on one."""
    empty: dict[str, object] = {}
    ways: tuple[tuple[object, ...], ...] = ((), (empty,))
    for given in ways:
        try:
            return cast("object", kind(*given))
        except Exception:  # noqa: BLE001  generated code raises what it likes
            continue
    return None


def _members(thing: object) -> dict[str, object]:
    return cast("dict[str, object]", object.__getattribute__(thing, "__dict__"))


def _set(thing: object, values: dict[str, object]) -> object:
    for name, value in values.items():
        setattr(thing, name, value)
    return thing


def _parameters(function: object) -> tuple[str, ...]:
    code = function.__code__ if isinstance(function, FunctionType) else None
    return code.co_varnames[1 : code.co_argcount] if code else ()


class Output(io.TextIOBase):
    """Keeps the first part of what is printed.

    Args:
        limit: Characters kept.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._parts: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        room = self._limit - self._size
        if room > 0:
            self._parts.append(text[:room])
            self._size += min(len(text), room)
        return len(text)

    def take(self) -> str:
        """Return what was kept, and start again."""
        if not self._parts:
            return ""
        text = "".join(self._parts)
        self._parts, self._size = [], 0
        return text
