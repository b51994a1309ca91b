"""`configs/default.yaml`, then `--config`, then `--set`: files and words to settings."""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast, get_args

from pydantic import ValidationError

from envscaler.chat import Role
from envscaler.config.sections import ModelSettings, Settings
from envscaler.errors import ConfigError
from envscaler.records import JsonObject, JsonValue
from envscaler.resources import CONFIGS
from envscaler.yaml_files import parse_yaml, read_yaml


def load_settings(config: str | Path | None, overrides: Sequence[str]) -> Settings:
    """Put the settings of a run together.

    Args:
        config: A YAML file with what differs from the defaults, or the name of a shipped one
            such as `demo`; None for the defaults alone.
        overrides: `section.key=value` each, the value in YAML; later ones win.

    Raises:
        ConfigError: A file or a setting that does not exist, or a value that cannot be.
    """
    tree = _read_yaml(CONFIGS / "default.yaml")
    if config is not None:
        path = _find(config)
        _lay_over(tree, _read_yaml(path), str(path))
    for override in overrides:
        _lay_over(tree, _parse_override(override), f"--set {override}")
    models = cast("JsonObject", tree["models"])
    default = cast("JsonObject", models.pop("default"))
    tree["models"] = {role: default | cast("JsonObject", own) for role, own in models.items()}
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in problem["loc"])
        raise ConfigError(
            f"Setting {name} cannot be {problem['input']!r}: {problem['msg']}"
        ) from error


def _find(config: str | Path) -> Path:
    path = Path(config)
    shipped = CONFIGS / f"{path}.yaml"
    if not path.suffix and not path.is_file() and shipped.is_file():
        return shipped
    if not path.is_file():
        names = ", ".join(sorted(each.stem for each in CONFIGS.glob("*.yaml")))
        raise ConfigError(f"No settings file {path}; give a path, or one of the shipped: {names}")
    return path


def _read_yaml(path: Path) -> JsonObject:
    tree = read_yaml(path)
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(f"{path} must hold sections such as `llm:`, not a {type(tree).__name__}")
    return cast("JsonObject", tree)


def _parse_override(override: str) -> JsonObject:
    name, equals, text = override.partition("=")
    if not equals or not name.strip():
        raise ConfigError(f"--set {override}: write it as section.key=value")
    value = cast("JsonValue", parse_yaml(text, f"--set {override}: the value"))
    for key in reversed(name.strip().split(".")):
        value = {key: value}
    return cast("JsonObject", value)


def _lay_over(tree: JsonObject, extra: JsonObject, source: str) -> None:
    """Lay what a user sets over all settings; a reply's length set for all roles counts for all."""
    models = extra.get("models")
    default = models.get("default") if isinstance(models, dict) else None
    if isinstance(default, dict) and "max_tokens" in default:
        for role, own in cast("JsonObject", tree["models"]).items():
            if role != "default" and isinstance(own, dict):
                own.pop("max_tokens", None)
    _overlay(tree, extra, source)


def _overlay(base: JsonObject, extra: JsonObject, source: str, where: tuple[str, ...] = ()) -> None:
    """Lay `extra` over `base`, in place; both are parts of the tree at `where`."""
    for key, value in extra.items():
        here = (*where, str(key))
        if key not in base and not _may_be_new(here):
            raise ConfigError(f"{source}: {_unknown(here, _names_at(base, where))}")
        old = base.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _overlay(old, value, source, here)
        elif isinstance(old, dict):
            raise ConfigError(f"{source}: {'.'.join(here)} is a section; set one of its keys")
        else:
            base[key] = value


def _may_be_new(here: tuple[str, ...]) -> bool:
    """Tell whether a name need not be in default.yaml: what a role sets itself, or free fields."""
    if here[0] != "models" or len(here) < 3 or here[1] not in ("default", *get_args(Role)):
        return False
    return here[2] in ModelSettings.model_fields and (len(here) == 3 or here[2] == "extra_body")


def _names_at(base: JsonObject, where: tuple[str, ...]) -> Iterable[str]:
    return ModelSettings.model_fields if where[:1] == ("models",) and len(where) == 2 else base


def _unknown(here: tuple[str, ...], known: Iterable[str]) -> str:
    *parents, name = here
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    remedy = (
        f"did you mean {'.'.join((*parents, near[0]))}?"
        if near
        else (f"known here: {', '.join(known)}")
    )
    return f"unknown setting {'.'.join(here)}; {remedy}"
