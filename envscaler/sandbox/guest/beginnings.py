"""How environments of one class begin: what a constructor made of a state is kept for the next.

Many are opened in one state. From the third on none is constructed: its attributes are those that
the second had, where these are plain data that nobody else holds, and where its constructor left
the module as it was. The module is run for each of them, as always.
"""

from collections import OrderedDict
from types import ModuleType

from .instance import Instance, Program, Whole
from .pristine import Lookout, Marks

_MOST = 32
"""Beginnings that are kept; the oldest are forgotten."""
_Key = tuple[str, int, float, float]


class Beginnings:
    """What is kept for the environments of one class.

    Args:
        program: The class.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._kept: OrderedDict[_Key, Whole | None] = OrderedDict()
        """How an environment begins, of those that were opened twice; None where that is told only
        by its constructor."""
        self._once: dict[_Key, None] = {}

    def build(self, instance: Instance, state: str) -> None:
        """Bring an environment to where it begins.

        Args:
            instance: A new one.
            state: Initial state as tagged JSON.
        """
        key = (state, *instance.beginning)
        kept = self._kept.get(key)
        if kept is not None:
            instance.build_alike(state, kept)
        elif key in self._kept:
            instance.build(state)
        elif key in self._once:
            self._kept[key] = self._built(instance, state)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        else:
            self._once[key] = None
            if len(self._once) > _MOST:
                del self._once[next(iter(self._once))]
            instance.build(state)

    def _built(self, instance: Instance, state: str) -> Whole | None:
        """Build an environment; return all of it, where another one may be made of the same."""
        lookout, marks = Lookout(), list[Marks | None]()

        def take() -> ModuleType:
            module = self.program.take_module()
            marks.append(lookout.marks(module))
            return module

        instance.build(state, take)
        [before] = marks
        if before is None or before != lookout.marks(instance.module):
            return None
        return instance.whole() if lookout.holds_nothing_of(instance) else None
