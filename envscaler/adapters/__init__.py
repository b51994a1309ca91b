"""One module for each trainer or evaluator; each needs the extra of its name, and no other."""

from importlib import import_module
from types import ModuleType

from envscaler.errors import ConfigError


def adapter(name: str, extra: str | None = None) -> ModuleType:
    """Import a module of this folder.

    Args:
        name: Of the module.
        extra: Of the package, that installs what the module needs; None when it has its name.

    Raises:
        ConfigError: What it needs is not installed.
    """
    try:
        return import_module(f"envscaler.adapters.{name}")
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"The package {error.name} is missing; pip install 'envscaler[{extra or name}]'"
        ) from error
