"""Run the checks of one scenario, each with its own namespace and its own copy of the states."""

import builtins
from collections.abc import Callable
from types import CodeType
from typing import cast

from . import chance, clock
from .load import from_json

_BUILTINS = dict(builtins.__dict__)


class Scene:
    """What the checks are about.

    Args:
        initial: Initial state as tagged JSON.
        final: Final state as tagged JSON.
        time: Seconds since 1970 at which the clock stands.
    """

    def __init__(self, initial: str, final: str, time: float) -> None:
        self._initial, self._final, self._time = initial, final, time

    def run(self, code: CodeType) -> tuple[str, str]:
        """Run one check.

        Returns:
            The kind of verdict (`passed`, `failed` or `wrong_type`) and a message.
        """
        # What an earlier check did to the builtins must not reach this one.
        if builtins.__dict__ != _BUILTINS:
            builtins.__dict__.clear()
            builtins.__dict__.update(_BUILTINS)
        clock.set_time(self._time)
        chance.set_step(0, 0)
        namespace: dict[str, object] = {
            "__name__": "check",
            "initial_state": from_json(self._initial),
        }
        exec(code, namespace)  # noqa: S102  what this process is locked up for
        check = namespace.get("check_func")
        if check is None:
            return "error", "it defines no check_func"
        result = cast("Callable[[object], object]", check)(from_json(self._final))
        if result is True:
            return "passed", ""
        if result is False:
            return "failed", ""
        return "wrong_type", f"it returned a {type(result).__name__}, neither True nor False"
