"""An ACEBench task inside the sandbox: the instances of its classes."""

import copy
import json
from collections.abc import Mapping

from envscaler.benchmarks.guest.loader import load_class
from envscaler.sandbox.guest.attempt import Raised, attempt

_BASE = "BaseApi"
"""Its settings go to every instance: what classes inherit of it, each has for itself."""


class AceTask:
    """The instances of one task.

    Args:
        classes: Class → its module, in the order in which the task names them.
        config: Class → what it starts from.
        saved: Class → attributes that are scored.
    """

    def __init__(
        self,
        classes: dict[str, str],
        config: dict[str, dict[str, object]],
        saved: dict[str, list[str]],
    ) -> None:
        self._saved = saved
        self._instances = {
            name: _started(load_class(module, name)(), config.get(name, {}), config.get(_BASE, {}))
            for name, module in classes.items()
        }

    def call(self, name: str, arguments: dict[str, object]) -> str:
        """Make a call of every instance that has the method; the last result counts."""
        owners = [each for each in self._instances.values() if callable(getattr(each, name, None))]
        if not owners or name.startswith("_"):
            return f"Error during execution: name {name!r} is not defined"
        result: object = None
        for owner in owners:
            result = attempt(getattr(owner, name), **arguments)
            if isinstance(result, Raised):
                return f"Error during execution: {result.error}"
        return result if isinstance(result, str) else json.dumps(result, default=str)

    def fingerprint(self) -> str:
        """Write what is scored."""
        return json.dumps(self.judge(), default=str)

    def judge(self) -> dict[str, dict[str, object]]:
        """Return what is scored, as a JSON file would have it: keys are strings."""
        found = {
            name: {key: value for key, value in vars(each).items() if key in self._saved[name]}
            for name, each in self._instances.items()
        }
        return json.loads(json.dumps(found, default=str))


def _started(instance: object, *configs: Mapping[str, object]) -> object:
    load = getattr(instance, "_load_scenario", None)
    for config in configs if load is not None else ():
        load(copy.deepcopy(dict(config)), long_context=False)  # pyright: ignore[reportOptionalCall]
    return instance
