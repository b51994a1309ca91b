"""Make an object of a class by a method that the class itself has for it, such as `from_dict`."""

import inspect
import json
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import cast

from .attempt import Raised, attempt
from .load import Copies
from .wire import MAKER

_SHORTEST = 2
"""Letters with which a key may begin to be one of a flat store: `room:12`."""


def is_of_class(kind: type, name: str) -> bool:
    """Say whether a method belongs to the class, not to its objects."""
    held = cast("object", inspect.getattr_static(kind, name))
    return isinstance(held, classmethod | staticmethod)


def made_of_state(kind: type, copies: Copies) -> object | None:
    """Make an object of a state, as somebody wrote it; None where another way is to be taken.

    That is so where the class has no such method, where its constructor takes the members of the
    state by their names and the method asks for none of them, and where the state is that of an
    object already.

    Raises:
        Exception: What the method raises of a state that no other way fits either.
    """
    name = cast("object", getattr(kind, MAKER, None))
    if not isinstance(name, str):
        return None
    state = cast("dict[str, object]", copies.take())
    method = cast("Callable[[object], object]", getattr(kind, name))
    code = cast("object", getattr(getattr(method, "__func__", method), "__code__", None))
    taken, needed = _parameters(kind)
    by_names = _fits_names(state, taken, needed)
    if by_names and not _asks_for_any(code, state):
        return None
    made = _made(kind, method, copies)
    if not isinstance(made, Raised):
        return None if _holds_the_whole(made, state) else made
    if by_names or len(needed) == 1 or state.keys() <= _attributes(kind, code):
        return None
    raise made.error


def _fits_names(state: dict[str, object], taken: set[str], needed: set[str]) -> bool:
    """Say whether all members of a state are parameters, and all that are needed are there."""
    return bool(state) and needed <= state.keys() <= taken


def _asks_for_any(code: object, state: dict[str, object]) -> bool:
    """Say whether a method names a member of a state, or how its name begins."""
    asked = {*_texts(code)} if isinstance(code, CodeType) else set[str]()
    return any(_asks_for(asked, key) for key in state)


def _asks_for(asked: set[str], key: str) -> bool:
    return key in asked or any(len(one) >= _SHORTEST and key.startswith(one) for one in asked)


def _made(kind: type, method: Callable[[object], object], copies: Copies) -> object:
    """Return an object of a class, or what was raised: of the state, or else of its text."""
    made = attempt(method, copies.take())
    if isinstance(made, kind):
        return made
    written = attempt(json.dumps, copies.take())
    of_text = attempt(method, written) if isinstance(written, str) else made
    if isinstance(of_text, kind):
        return of_text
    if isinstance(made, Raised):
        return made
    return Raised(TypeError(f"{method.__name__} returns no {kind.__name__}"))


def _holds_the_whole(made: object, state: dict[str, object]) -> bool:
    """Say whether a state is that of an object already, and has become a part of another one."""
    members = cast("dict[str, object]", getattr(made, "__dict__", {}))
    return members.keys() == state.keys() and any(one == state for one in members.values())


def _attributes(kind: type, code: object) -> set[str]:
    """Return what may be names of attributes of a new object."""
    codes = (getattr(kind.__init__, "__code__", None), code)
    return {name for one in codes if isinstance(one, CodeType) for name in one.co_names}


def _texts(code: CodeType) -> Iterator[str]:
    """Yield the texts in a function, and in those inside of it."""
    for one in code.co_consts:
        if isinstance(one, str):
            yield one
        elif isinstance(one, CodeType):
            yield from _texts(one)


def _parameters(kind: type) -> tuple[set[str], set[str]]:
    """Return the parameters of a constructor, and those that have no default."""
    if not isinstance(kind.__init__, FunctionType):
        return set(), set()
    code, defaults = kind.__init__.__code__, kind.__init__.__defaults__ or ()
    placed = code.co_varnames[1 : code.co_argcount]
    named = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    given = {*placed[len(placed) - len(defaults) :], *(kind.__init__.__kwdefaults__ or ())}
    return {*placed, *named}, {*placed, *named} - given
