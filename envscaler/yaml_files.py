"""Read YAML that a person, or somebody else, has written."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

import yaml

from envscaler.errors import ConfigError

_MOST_VALUES = 100_000
"""Aliases counted as often as they are used: a few lines can stand for billions."""


def read_yaml(path: Path) -> object:
    """Read a file.

    Raises:
        ConfigError: It cannot be read, or is not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not YAML: {_in_one_line(error)}") from error
    return parse_yaml(text, str(path))


def parse_yaml(text: str, source: str) -> object:
    """Read a text.

    Args:
        text: YAML.
        source: Where it is from, for messages.

    Raises:
        ConfigError: It is not YAML, or stands for more values than any settings have.
    """
    try:
        value = cast("object", yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ConfigError(f"{source} is not YAML: {_in_one_line(error)}") from error
    except RecursionError as error:
        raise ConfigError(f"{source} is nested too deep") from error
    if _is_huge(value):
        raise ConfigError(f"{source} stands for more than {_MOST_VALUES} values; write them out")
    return value


def _is_huge(value: object) -> bool:
    left, count = [value], 0
    while left and count <= _MOST_VALUES:
        count += 1
        here = left.pop()
        if isinstance(here, dict):
            left += cast("Mapping[object, object]", here).values()
        elif isinstance(here, list):
            left += cast("Iterable[object]", here)
    return count > _MOST_VALUES


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())
