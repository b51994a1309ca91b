"""Environments made anew beside one that is watched, and when they cannot but do the same.

A call that changed nothing is made again only where something may be hidden. Nothing is when the
attributes are plain data, and the module is as one that was just run: then all that the call had
before it is what one made anew has. What is left is where objects lie in memory, so code that asks
for it is never trusted; and each way in which a call of a tool ends is tried once in any case.
"""

from types import CodeType, ModuleType
from typing import cast

from .instance import Instance, Program
from .pristine import Marks, PristineModule
from .surroundings import own_classes

_TELLING = frozenset(
    ("id", "hash", "gc", "sys", "weakref", "ctypes", "inspect", "exec", "eval", "globals",
     "__import__", "importlib", "import_module", "threading", "_thread", "__hash__", "modules")
)  # fmt: skip
"""Names through which code can come to know where an object lies, or what else there is."""
_ADDRESS = b" at 0x"


class MadeAnew:
    """What is known of the environments of one class that were made anew.

    Args:
        program: The class.
        module: One in which it was run.
    """

    def __init__(self, program: Program, module: ModuleType) -> None:
        self.pristine = PristineModule(program)
        self._may_tell = _names_any(program.code) or any(
            _is_hashed_by_address(kind)
            for kind in own_classes(module)
            if kind.__name__ != program.name
        )
        self._agreed: set[tuple[str, ...]] = set()

    def hides_nothing(self, instance: Instance, marks: Marks | None) -> bool:
        """Say whether all that an instance has before it, one made anew in its state has too.

        Args:
            instance: The instance, whose state was just told.
            marks: Of its module.
        """
        return not self._may_tell and instance.is_plain and self.pristine.is_as_new(marks)

    def have_agreed(self, instance: Instance, method: str, kind: str, body: bytes) -> bool:
        """Say whether it was tried already what comes of a call of a tool that ends in one way."""
        return _way(instance, method, kind) in self._agreed and _ADDRESS not in body

    def note_agreement(self, instance: Instance, method: str, kind: str) -> None:
        """Remember that one made anew did the same."""
        self._agreed.add(_way(instance, method, kind))


def _way(instance: Instance, method: str, kind: str) -> tuple[str, ...]:
    members = cast("dict[str, object]", object.__getattribute__(instance.inner, "__dict__"))
    return method, kind, *members


def _names_any(code: CodeType) -> bool:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return not _TELLING.isdisjoint(code.co_names) or any(map(_names_any, inner))


def _is_hashed_by_address(kind: type) -> bool:
    """Say whether the order of a set of its objects hangs on where they lie."""
    return kind.__hash__ is object.__hash__ and not issubclass(kind, BaseException)
