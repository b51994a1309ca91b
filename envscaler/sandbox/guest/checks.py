"""Run the checks of one scenario, each with its own namespace and its own copy of the states."""

import builtins
import contextlib
import marshal
from collections.abc import Callable, Generator, Iterable
from operator import is_
from types import CodeType
from typing import cast

from . import clock
from .load import Copies
from .run_code import run_code

_builtins = builtins.__dict__
_ORIGINAL = dict(_builtins)


_pairwise = cast("Callable[..., Iterable[bool]]", map)
_count, _every, _list = len, all, list
"""Under names that no check can replace."""

_DOORS = frozenset(("initial_state", "globals", "eval", "exec", "vars", "__globals__"))
"""Names through which a check can reach a global."""


class Check:
    """A check at hand.

    Args:
        code: Its compiled module, marshalled.
    """

    __slots__ = ("code", "names_initial_state")

    def __init__(self, code: bytes) -> None:
        self.code: CodeType = marshal.loads(code)
        self.names_initial_state = _names_initial_state(self.code)


class Scene:
    """What the checks are about.

    Args:
        initial: Initial state as tagged JSON.
        final: Final state as tagged JSON.
        time: Seconds since 1970 at which the clock stands.
    """

    def __init__(self, initial: str, final: str, time: float) -> None:
        self._initial, self._final, self._time = Copies(initial), Copies(final), time

    def then(self, initial: str, final: Copies, time: float) -> "Scene":
        """Return the next scene of several; without an initial state it has that of this one."""
        found = Scene(initial, "{}", time)
        found._final = final
        if not initial:
            found._initial = self._initial
        return found

    def run(self, check: "Check") -> tuple[str, str]:
        """Run one check.

        Returns:
            The kind of verdict (`passed`, `failed` or `wrong_type`) and a message.
        """
        with self.set():
            return self.run_confined(check, only_reads=False)

    @contextlib.contextmanager
    def set(self) -> Generator[None]:
        """Set the clock, and undo in the end what was done to the builtins."""
        clock.set_time(self._time)
        try:
            yield
        finally:
            _restore_builtins()

    def run_confined(self, check: "Check", *, only_reads: bool) -> tuple[str, str]:
        """Run one check of many, which touches neither the clock nor builtins.

        Args:
            check: What is run.
            only_reads: It changes nothing that it is given, so it needs no copies of its own.
        """
        namespace: dict[str, object] = {"__name__": "check"}
        if check.names_initial_state:
            namespace["initial_state"] = _copy(self._initial, shared=only_reads)
        return _judge(check.code, namespace, lambda: _copy(self._final, shared=only_reads))


def _copy(copies: Copies, *, shared: bool) -> object:
    return copies.share() if shared else copies.take()


def _judge(
    code: CodeType, namespace: dict[str, object], final: Callable[[], object]
) -> tuple[str, str]:
    run_code(code, namespace)
    check = namespace.get("check_func")
    if check is None:
        return "error", "it defines no check_func"
    result = cast("Callable[[object], object]", check)(final())
    if result is True:
        return "passed", ""
    if result is False:
        return "failed", ""
    return "wrong_type", f"it returned a {type(result).__name__}, neither True nor False"


def _names_initial_state(code: CodeType) -> bool:
    """Say whether code may look at the initial state, of which it then gets a copy."""
    names = {*code.co_names, *code.co_consts}
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return not _DOORS.isdisjoint(names) or any(map(_names_initial_state, inner))


def _restore_builtins() -> None:
    """Undo what a check did to the builtins: the next one and this worker rely on them."""
    now, before = _builtins.values(), _ORIGINAL.values()
    if _count(now) != _count(before) or not _every(_pairwise(is_, now, before)):
        _builtins.clear()
        _builtins.update(_ORIGINAL)
