"""What the state of an environment holds in several places as one: a record in two tables.

A state says nothing of that where the record is a plain dict or a list, so an environment that is
made anew in the state has two of it. Here they become one again.
"""

from collections.abc import Iterator, Sequence
from typing import cast

from .attempt import Raised, attempt
from .export import field_names

_MAX_DEPTH = 40
_PLAIN = (dict, list, tuple)
Step = object
Path = tuple[Step, ...]
"""Names of attributes, keys and places, from the outside in."""
Aliases = Sequence[tuple[Path, Path]]
"""Where the same thing is: the first place, and another one."""


def aliases_in(thing: object) -> Aliases:
    """Return where the attributes of an object hold one thing in several places."""
    first: dict[int, Path] = {}
    found: list[tuple[Path, Path]] = []
    pending: list[tuple[object, Path]] = [(object.__getattribute__(thing, "__dict__"), ())]
    while pending:
        holder, path = pending.pop()
        for step, item in _inside(holder):
            if not _holds_others(item) or len(path) >= _MAX_DEPTH:
                continue
            place = (*path, step)
            if id(item) in first and not _is_tuple(item):
                found.append((first[id(item)], place))
            else:
                first[id(item)] = place
                pending.append((item, place))
    return found


def make_one(thing: object, aliases: Aliases) -> None:
    """Put one thing where there are several that are alike, in an object made anew."""
    for one, other in aliases:
        put = attempt(_copy_to, thing, one, other)
        if isinstance(put, Raised):  # it has another form: what is claimed of it shows that
            return


def _is_tuple(value: object) -> bool:
    return isinstance(value, tuple)


def _holds_others(value: object) -> bool:
    return isinstance(value, _PLAIN) or field_names(type(value)) is not None


def _inside(holder: object) -> Iterator[tuple[Step, object]]:
    if isinstance(holder, dict):
        yield from cast("dict[object, object]", holder).items()
    elif isinstance(holder, list | tuple):
        yield from enumerate(cast("list[object]", holder))
    else:
        names = field_names(type(holder)) or ()
        yield from ((name, object.__getattribute__(holder, name)) for name in names)


def _at(thing: object, path: Path) -> object:
    found: object = object.__getattribute__(thing, "__dict__")
    for step in path:
        if isinstance(found, dict):
            found = cast("dict[object, object]", found)[step]
        elif isinstance(found, list | tuple):
            found = cast("list[object]", found)[cast("int", step)]
        else:
            found = object.__getattribute__(found, cast("str", step))
    return found


def _copy_to(thing: object, one: Path, other: Path) -> None:
    _put(_at(thing, other[:-1]), other[-1], _at(thing, one))


def _put(holder: object, step: Step, value: object) -> None:
    if isinstance(holder, dict):
        cast("dict[object, object]", holder)[step] = value
    elif isinstance(holder, list):
        cast("list[object]", holder)[cast("int", step)] = value
    elif not isinstance(holder, tuple):
        object.__setattr__(holder, cast("str", step), value)
