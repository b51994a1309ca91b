"""Make an object of a class in a given state: by its constructor, its loader, or its attributes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import cast

from . import export
from .attempt import Raised, attempt
from .last_export import pack
from .load import Copies
from .of_state import is_of_class, made_of_state
from .randomness import only_draws
from .wire import is_loader, loaders_first


def names_read(code: CodeType) -> set[str]:
    """Return the names of attributes and globals in a module, those in constructors left out."""
    if code.co_name == "__init__":
        return set()
    inner = (names_read(each) for each in code.co_consts if isinstance(each, CodeType))
    return set(code.co_names).union(*inner)


def _take(copies: Copies) -> dict[str, object]:
    return cast("dict[str, object]", copies.take())


_EXPORTED = tuple(
    f'"${name}"' for name in ("dataclass", "enum", "date", "datetime", "timedelta", "decimal")
)
"""Tags of what only a constructor makes: a state with them has been through it."""
_TAKES_ANY = 0x08
"""The flag of code that has a `**parameter`."""


def is_exported(state: str) -> bool:
    """Say whether a state was read from an object, by its tags."""
    return any(tag in state for tag in _EXPORTED)


@dataclass(frozen=True)
class Made:
    """An object, and what it was constructed with."""

    thing: object
    argument: object = None
    """The one argument of its constructor; None where there was another number of them."""

    @property
    def kept(self) -> set[str]:
        """Names of attributes that hold the very argument, as `self.config = config` does."""
        members = _members(self.thing)
        return {name for name, value in members.items() if value is self.argument is not None}


def make_again(kind: type, copies: Copies) -> Made:
    """Make an object in the state that another object of the class was seen in.

    Whatever a constructor makes of such a state, all attributes are then as they were. What it
    makes alike is left as it is: a named tuple is exported as a tuple.
    """
    found, values = make(kind, copies, raw=False), _take(copies)
    made = _members(found.thing)
    if _are_packed_alike({name: made[name] for name in values if name in made}, values):
        return found
    others = {
        name: value
        for name, value in values.items()
        if name not in made or not _same(made[name], value)
    }
    return _set(found, others)


def _are_packed_alike(made: dict[str, object], values: dict[str, object]) -> bool:
    """Say whether all is soon seen to be alike, as it nearly always is."""
    packed = pack(made)
    return packed is not None and packed == pack(values)


def make(kind: type, copies: Copies, *, raw: bool) -> Made:
    """Make an object in a state: by its constructor, by its loading method, or by its attributes.

    Args:
        kind: Its class.
        copies: Of the state.
        raw: The state may be as somebody wrote it, not as an object of the class was exported.
    """
    made: object = made_of_state(kind, copies) if raw else None
    if made is not None:
        return Made(made)
    loader = _loader_of(kind, copies)
    names, _ = _parameters(kind.__init__)
    if members := _taken_members(kind, copies, loads=loader is not None):
        return _by_keywords(kind, members, copies, raw=raw)
    # A class that loads states may let its constructor take an argument that it does not need.
    blank = _blank(kind, names, raw=raw and loader is None)
    if blank is None:
        return _by_constructor(kind, copies, raw=raw)
    if loader and raw and _take(copies):
        return _by_loader(kind, blank, loader, copies, takes_state=bool(names))
    return _set(blank, _take(copies))


def _loader_of(kind: type, copies: Copies) -> str | None:
    """Name the method by which a class takes a state."""
    for name in loaders_first(dir(kind)):
        if is_of_class(kind, name):
            continue
        parameters, _ = _parameters(cast("object", getattr(kind, name)))
        if is_loader(name, parameters, _take(copies)):
            return name
    return None


def _taken_members(kind: type, copies: Copies, *, loads: bool) -> tuple[str, ...]:
    """Return the members of a state that a constructor takes by their names, if it does so."""
    names, needed = _parameters(kind.__init__)
    if _takes_members(names, needed, copies):
        return names
    if not _take(copies).keys().isdisjoint(_named_only(kind.__init__)):
        return names
    any_name = not names and not loads and _takes_any(kind.__init__)
    return tuple(_take(copies)) if any_name else ()


def _takes_members(names: tuple[str, ...], needed: tuple[str, ...], copies: Copies) -> bool:
    """Say whether a constructor takes members of a state by their names, not the state as a whole.

    Args:
        names: Of its parameters.
        needed: Those of them that have no default.
        copies: Of the state.
    """
    if len(needed) > 1:
        return True
    return len(names) > 1 and not _take(copies).keys().isdisjoint(needed or names[:1])


def _by_loader(kind: type, blank: Made, loader: str, copies: Copies, *, takes_state: bool) -> Made:
    """Have an object load a state; one of attributes is given to the constructor, or set.

    Args:
        kind: The class.
        blank: An object of it without a state.
        loader: Name of its loading method.
        copies: Of the state.
        takes_state: The constructor has a parameter.
    """
    if _is_loaded(blank.thing, loader, copies):
        return blank
    if takes_state:  # only what may be as somebody wrote it is loaded
        return _by_constructor(kind, copies, raw=True)
    # What a loading method draws from is in no state.
    drawing = {name: each for name, each in _members(blank.thing).items() if only_draws(each)}
    blank = _set(Made(cast("object", kind())), drawing)
    return _set(blank, _take(copies))


def _is_loaded(blank: object, loader: str, copies: Copies) -> bool:
    """Have an object load a state; False where the state has the form of attributes already.

    A state that was read from an object is that of its attributes, and a loading method may refuse
    it, or take it for its own form and make the same of it.
    """
    # A generator of random numbers is in no state that was read from an object.
    before = {name for name, value in _members(blank).items() if not only_draws(value)}
    sizes = _sizes(blank)
    if isinstance(_load(blank, loader, copies), Raised):
        return False
    made, given = _members(blank), _take(copies)
    if any(given.values()) and _sizes(blank) == sizes:  # refused, with a word and no exception
        return False
    if not before or not before <= given.keys():
        return True
    return any(name in made and _has_another_form(made[name], given[name]) for name in given)


def _sizes(thing: object) -> dict[str, tuple[int, int]]:
    """Tell by members and their sizes whether anything is done to an object."""
    held = {
        name: len(cast("dict[object, object]", value))
        if isinstance(value, dict | list | set)
        else 0
        for name, value in _members(thing).items()
    }
    return {name: (id(value), held[name]) for name, value in _members(thing).items()}


def _load(blank: object, loader: str, copies: Copies) -> object:
    """Call a loading method with a state, or with its members where it takes more than one."""
    method = cast("Callable[..., object]", getattr(blank, loader))
    names, _ = _parameters(getattr(method, "__func__", None))
    state = _take(copies)
    if len(names) > 1 and state.keys() >= {*names}:
        return attempt(method, **state)
    return attempt(method, state)


_SCALARS = frozenset((str, int, float, bool, type(None)))


def _has_another_form(made: object, given: object) -> bool:
    """Say whether a value became another container, or objects."""
    if type(made) is not type(given) and not {type(made), type(given)} <= _SCALARS:
        return True
    try:
        return is_exported(export.state_to_json(made).decode())
    except export.ExportError:
        return False


def _by_keywords(kind: type, names: tuple[str, ...], copies: Copies, *, raw: bool) -> Made:
    """Give each parameter of a constructor what the state has under its name.

    A state that was read from an object may hold what its constructor makes of the parameters.
    """
    given = {name: value for name, value in _take(copies).items() if name in names}
    raw = raw and (bool(given) or not _take(copies))  # else the state is one of attributes
    thing: object = attempt(kind, **given)
    if isinstance(thing, Raised):
        if raw:
            raise thing.error
        return _set(Made(cast("object", object.__new__(kind))), _take(copies))
    values = _take(copies)
    left = _not_taken(kind, names, _members(thing), values)
    return _set(Made(thing), {name: values[name] for name in left})


def _not_taken(
    kind: type, names: tuple[str, ...], made: dict[str, object], values: dict[str, object]
) -> set[str]:
    """Return what of a state is still to be set on an object that was constructed with the rest.

    Args:
        kind: Its class.
        names: Of the parameters of its constructor.
        made: Its attributes.
        values: The state.
    """
    left = {name for name in values if name not in names or name not in made}
    left = {name for name in left if not _is_elsewhere(kind, made, name)}
    given = [name for name in names if name in made and name in values]
    # An empty list that became an empty dict is no sign that it was not taken.
    given = [name for name in given if not _are_empty(made[name], values[name])]
    differing = [name for name in given if not _same(made[name], values[name])]
    return left | (_always_the_same(kind, made, differing) if differing else set[str]())


def _are_empty(*values: object) -> bool:
    return all(isinstance(one, dict | list | set | tuple) and not one for one in values)


def _by_constructor(kind: type, copies: Copies, *, raw: bool) -> Made:
    """Give the whole state to a constructor, and set what it did not take from there.

    What was read from an object may have another form than the constructor takes.
    """
    argument = _take(copies)
    # Of one that takes it by its name alone, this is the only one.
    by_name = dict.fromkeys(_named_only(kind.__init__), argument)
    found: object = attempt(kind, **by_name) if by_name else attempt(kind, argument)
    if isinstance(found, Raised):
        return _by_other_ways(kind, copies, found, raw=raw)
    made, values = _members(found), _take(copies)
    others = [name for name in values if name in made and not _same(made[name], values[name])]
    # A constructor may leave its marks on the process: it runs a second time only to tell what
    # it made of an attribute from what it always makes.
    ignored = _always_the_same(kind, made, others) if others else set[str]()
    # What keeps the whole of the argument would hold itself, one level deeper each time.
    ignored |= {name for name in others if _same(made[name], values)}
    left = _not_made(kind, made, values) | ignored
    if left:
        used = _names_in_methods(kind)
        if _keeps_all(used, made, values):  # a second one would go stale
            left &= used
    return _set(Made(found, argument), {name: values[name] for name in values if name in left})


def _by_other_ways(kind: type, copies: Copies, refused: Raised, *, raw: bool) -> Made:
    """Make an object where its constructor does not take the whole state as its one argument."""
    names, _ = _parameters(kind.__init__)
    if raw and names[:1] == tuple(_take(copies)):  # the one member is meant
        return _by_keywords(kind, names, copies, raw=True)
    if raw:
        raise refused.error
    return _set(Made(cast("object", object.__new__(kind))), _take(copies))


def _keeps_all(used: set[str], made: dict[str, object], values: dict[str, object]) -> bool:
    """Say whether methods that use some names work on the whole state, under a name of its own."""
    kept = (name for name, value in made.items() if name not in values and _same(value, values))
    return any(name in used for name in kept) and used.isdisjoint(_BY_NAME)


_BY_NAME = frozenset(("getattr", "vars", "__dict__"))
"""How attributes are read by names that stand elsewhere."""


def _names_in_methods(kind: type) -> set[str]:
    """Return the names that the methods of a class use, those of what they hold included."""
    found: set[str] = set()
    for each in kind.__mro__[:-1]:
        for item in vars(each).values():
            method = item.fget if isinstance(item, property) else item
            code = getattr(method, "__code__", None)
            if isinstance(code, CodeType):
                found |= names_read(code)
    return found


def _not_made(kind: type, made: dict[str, object], names: Iterable[str]) -> set[str]:
    """Return what a constructor has made no attribute of, under this name or another one."""
    return {name for name in names if name not in made and not _is_elsewhere(kind, made, name)}


def _is_elsewhere(kind: type, made: dict[str, object], name: str) -> bool:
    """Say whether a constructor keeps a member of a state under another name than it came by.

    It does where it has an attribute of the name that begins with `_`, or where the class has a
    method or a property of the name, which an attribute would hide.
    """
    own = cast("object", getattr(kind, name, None))
    return f"_{name}" in made or callable(own) or isinstance(own, property)


def _always_the_same(kind: type, made: dict[str, object], names: list[str]) -> set[str]:
    """Return the attributes that have the same value without a state."""
    blank = _without_state(kind)
    empty = _members(blank.thing) if blank is not None else {}
    return {name for name in names if name in empty and _same(made[name], empty[name])}


def _same(one: object, other: object) -> bool:
    """Say whether two values are exported alike."""
    if differ(one, other, _LEVELS):
        return False
    packed, another = pack(one), pack(other)
    if packed is not None and another is not None:
        return packed == another
    try:
        return export.state_to_json(one) == export.state_to_json(other)
    except export.ExportError:
        return False


_Plain = dict[object, object]
_LEVELS = 1
"""Containers that are looked into before anything is exported."""
_STRINGS = frozenset((str,))
_PLAIN = _SCALARS | {dict, list}


def differ(one: object, other: object, levels: int) -> bool:
    """Say whether values differ as far as is soon seen; False where only their export would tell.

    Most pairs do: an attribute is not the whole state, and what is empty is not what is full. No
    method of generated code is called, so only the plainest types are compared.
    """
    kind, another = type(one), type(other)
    if kind not in _PLAIN or another not in _PLAIN:
        return False
    if kind is not another:
        return True
    if kind is dict:
        return _dicts_differ(cast("_Plain", one), cast("_Plain", other), levels)
    if kind is list:
        return _lists_differ(cast("list[object]", one), cast("list[object]", other), levels)
    return kind is not float and one != other  # two that are not a number are exported alike


def _dicts_differ(one: _Plain, other: _Plain, levels: int) -> bool:
    if not _STRINGS.issuperset(map(type, one)) or not _STRINGS.issuperset(map(type, other)):
        return False
    if len(one) != len(other) or list(one) != list(other):
        return True
    return levels > 0 and any(differ(item, other[key], levels - 1) for key, item in one.items())


def _lists_differ(one: list[object], other: list[object], levels: int) -> bool:
    if len(one) != len(other):
        return True
    pairs = zip(one, other, strict=True)
    return levels > 0 and any(differ(item, another, levels - 1) for item, another in pairs)


def _blank(kind: type, parameters: tuple[str, ...], *, raw: bool) -> Made | None:
    """Make an object on which a state can be laid; None where the constructor is to have it."""
    if not parameters:
        return Made(cast("object", kind()))
    return None if raw else _without_state(kind)


def _without_state(kind: type) -> Made | None:
    """Make an object without a state; None where the constructor insists on one."""
    empty: dict[str, object] = {}
    ways: tuple[tuple[object, ...], ...] = ((), (empty,))
    for given in ways:
        thing: object = attempt(kind, *given)
        if not isinstance(thing, Raised):
            return Made(thing, *given)
    return None


def _members(thing: object) -> dict[str, object]:
    return cast("dict[str, object]", object.__getattribute__(thing, "__dict__"))


def _set(made: Made, values: dict[str, object]) -> Made:
    for name, value in values.items():
        setattr(made.thing, name, value)
    return made


def _takes_any(function: object) -> bool:
    """Say whether a constructor takes members of a state by whatever names they have."""
    return isinstance(function, FunctionType) and bool(function.__code__.co_flags & _TAKES_ANY)


def _named_only(function: object) -> tuple[str, ...]:
    """Return the parameter that a constructor insists on, where it is taken by its name alone."""
    _, needed = _parameters(function)
    code = cast("FunctionType", function).__code__ if needed else None
    placed = code.co_varnames[: code.co_argcount] if code is not None else ()
    return needed if len(needed) == 1 and needed[0] not in placed else ()


def _parameters(function: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the parameters of a constructor, and those of them that have no default."""
    code = function.__code__ if isinstance(function, FunctionType) else None
    if code is None:
        return (), ()
    function = cast("FunctionType", function)
    placed = code.co_varnames[1 : code.co_argcount]
    named = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    defaults = len(function.__defaults__ or ())
    have = set(placed[len(placed) - defaults :]) if defaults else set[str]()
    have |= set(function.__kwdefaults__ or ())
    return (*placed, *named), tuple(name for name in (*placed, *named) if name not in have)
