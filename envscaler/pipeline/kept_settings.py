"""The settings that a run's rows were made with, kept beside them.

`RUN/settings/<command>.yaml` holds the settings that what is in a row depends on: the seed, the
models and the section of the command. How many rows, how fast, at which endpoint and with which
limits is left out, so that a run can be enlarged or moved; keys are never written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from envscaler.chat import Role
from envscaler.config import Settings, without_secrets
from envscaler.errors import ConfigError
from envscaler.records import JsonObject, JsonValue
from envscaler.yaml_files import read_yaml


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the rows of one command depend on."""

    section: str
    roles: tuple[Role, ...]
    outputs: tuple[str, ...]
    """Artifacts with rows that depend on the settings."""
    counts: frozenset[str]
    """Settings of the section that say how many rows there are, and nothing about each."""


_COMMANDS = {
    "build-skel": _Parts(
        section="skel_builder",
        roles=("miner", "coder", "tester", "judge"),
        outputs=("candidates", "skeletons", "assessments"),
        counts=frozenset({"max_tasks"}),
    ),
    "gen-scen": _Parts(
        section="scen_generator",
        roles=("task_writer", "check_writer"),
        outputs=("scenario_candidates",),
        counts=frozenset({"scenarios_per_env", "per_chain", "harden"}),
    ),
    "harden": _Parts(
        section="scen_generator",
        roles=(),
        outputs=("scenarios",),
        counts=frozenset({"scenarios_per_env", "per_chain", "harden"}),
    ),
    "rollout": _Parts(
        section="interact",
        roles=("agent", "user"),
        outputs=("rollouts",),
        counts=frozenset({"attempts"}),
    ),
    "eval": _Parts(
        section="interact",
        roles=("agent", "user"),
        outputs=("rollouts",),
        counts=frozenset({"attempts"}),
    ),
}
_OF_LOOKING = {
    "check-env": ("seed",),
    "verify": ("interact.reward", "scen_generator.max_similarity"),
    "verify --floor": ("interact.reward",),
    "certify": ("interact.reward", "interact.max_steps", "prompts"),
    "rollout --from": ("interact.reward",),
}
"""The settings that commands which look at rows again depend on; those rows are never kept."""
_OF_ENDPOINT = {"base_url", "api_key_env"}


def keep_settings(folder: Path, settings: Settings, command: str) -> None:
    """Write the settings that a command's rows depend on, or compare them with those kept.

    As long as the command has made no row, its settings may change.

    Args:
        folder: The run folder.
        settings: Those of now.
        command: Such as `gen-scen`.

    Raises:
        ConfigError: The folder holds rows of this command that were made with other settings.
    """
    if command in _OF_LOOKING:
        return
    path = folder / "settings" / f"{command}.yaml"
    now = relevant(settings, command)
    made = (folder / f"{name}.jsonl" for name in _COMMANDS[command].outputs)
    if not path.is_file() or not any(out.is_file() and out.stat().st_size for out in made):
        path.parent.mkdir(parents=True, exist_ok=True)
        note = f"# What the rows of `envscaler {command}` in this folder were made with.\n"
        draft = path.with_suffix(".part")
        draft.write_text(note + yaml.safe_dump(now, sort_keys=False), encoding="utf-8")  # pyright: ignore[reportUnknownMemberType]  (its stubs)
        draft.replace(path)
        return
    kept = dict(_leaves(_read(path)))
    for name, value in _leaves(now):
        if name in kept and kept[name] != value:
            raise ConfigError(
                f"{path}: the rows in {folder} were made with {name}={_inline(kept[name])}, now it "
                f"is {_inline(value)}; use `--set {name}={_inline(kept[name])}` or another --run"
            )


def relevant(settings: Settings, command: str) -> JsonObject:
    """Return the settings that what is in a command's rows depends on, keys excepted."""
    parts = _COMMANDS[command]
    tree = cast("JsonObject", settings.model_dump(mode="json"))
    models = cast("dict[str, JsonObject]", tree["models"])
    section = cast("JsonObject", tree[parts.section])
    return {
        "seed": tree["seed"],
        "models": {role: _kept(models[role]) for role in parts.roles},
        parts.section: _without(section, parts.counts),
    }


def public_settings(settings: Settings) -> JsonObject:
    """Return all settings, keys excepted."""
    tree = cast("JsonObject", settings.model_dump(mode="json"))
    for model in cast("dict[str, JsonObject]", tree["models"]).values():
        model["extra_body"], _ = without_secrets(cast("JsonObject", model["extra_body"]))
    return tree


def compared(settings: Settings, command: str) -> dict[str, JsonValue]:
    """Return the settings by name that rows of a command, and their number, depend on."""
    tree = cast("JsonObject", settings.model_dump(mode="json"))
    if command in _OF_LOOKING:
        leaves = dict(_leaves(tree))
        return {name: leaves[name] for name in _OF_LOOKING[command]}
    parts = _COMMANDS[command]
    return dict(_leaves({**relevant(settings, command), parts.section: tree[parts.section]}))


def _kept(model: JsonObject) -> JsonObject:
    public, _ = without_secrets(cast("JsonObject", model["extra_body"]))
    return {**_without(model, _OF_ENDPOINT), "extra_body": public}


def _without(tree: JsonObject, names: frozenset[str] | set[str]) -> JsonObject:
    return {name: value for name, value in tree.items() if name not in names}


def _read(path: Path) -> JsonObject:
    try:
        tree = read_yaml(path)
    except ConfigError as error:
        raise ConfigError(f"{error}; give another --run") from error
    if not isinstance(tree, dict):
        raise ConfigError(f"{path} holds no settings; give another --run")
    return cast("JsonObject", tree)


def _leaves(tree: JsonObject, above: str = "") -> Iterator[tuple[str, JsonValue]]:
    for name, value in tree.items():
        if isinstance(value, dict) and name != "extra_body":
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _inline(value: JsonValue) -> str:
    """Write a value as `--set` takes it."""
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000)  # pyright: ignore[reportUnknownMemberType]
    return text.removesuffix("...\n").strip()
