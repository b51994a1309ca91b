"""Put something else in the place of a function or type, wherever a module keeps it.

A module that said `from time import perf_counter` at its own import holds the real clock under a
name of its own, and `timeit` holds it as the default of an argument.
"""

import sys
from collections.abc import Iterator
from types import FunctionType

Replacements = list[tuple[object, object]]
"""The real thing and what takes its place."""


def replace_everywhere(replacements: Replacements) -> None:
    """Replace in every module that was imported, in its classes, and in defaults of arguments.

    The modules of this package keep the real things: they know what they do.
    """
    own = __name__.partition(".")[0]
    # Sorted by identity, and the real things stay alive here, so an identity means one thing only.
    by_identity = {id(real): stand_in for real, stand_in in replacements}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in (own, "__main__"):
            _replace_in(module.__dict__, by_identity)


def _replace_in(namespace: dict[str, object], by_identity: dict[int, object]) -> None:
    for name, value in list(namespace.items()):
        if id(value) in by_identity:
            namespace[name] = by_identity[id(value)]
    for function in _functions(namespace):
        values = function.__defaults__ or ()
        if any(id(value) in by_identity for value in values):
            function.__defaults__ = tuple(by_identity.get(id(value), value) for value in values)


def _functions(namespace: dict[str, object]) -> Iterator[FunctionType]:
    for value in list(namespace.values()):
        members = list(vars(value).values()) if isinstance(value, type) else [value]
        yield from (member for member in members if isinstance(member, FunctionType))
