"""Scenarios as environments of TRL's `GRPOTrainer(environment_factory=…)`.

    environments = Environments(envscaler.load_export("runs/one"))
    data = environments.dataset()
    trainer = GRPOTrainer(..., environment_factory=environments, train_dataset=data)
    environments.use_exact_schemas(trainer)

TRL takes the public methods of a class for tools, so each environment becomes a class of its own.
It writes their schemas anew from signatures, without enums, items and nested properties;
`use_exact_schemas` puts back those that an agent saw in rollouts and in rows of `export-sft`.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping

from datasets import Dataset
from trl import GRPOTrainer

from envscaler.env import Env, FunctionTool
from envscaler.errors import ConfigError, RowError
from envscaler.playing.playable import Playable, Source, playable
from envscaler.playing.session import settings_of

_PYTHON = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list,
    "object": dict,
}
_TAKEN = ("reset", "get_reward")


class _Played:
    """What every environment class is built on; all but two methods begin with an underscore."""

    _rows: Mapping[str, Source]

    def __init__(self) -> None:
        self._env: Env | None = None
        self._problem = ""

    def reset(self, scenario_id: str, **_columns: object) -> None:
        """Begin a scenario; the task stands in the prompt already."""
        if self._env is not None:
            self._env.close()
        self._env, self._problem = None, ""
        try:
            self._env = Env(self._rows[scenario_id])
        except RowError as error:
            self._problem = str(error)

    def get_reward(self) -> float | None:
        """Score the state; None, which TRL leaves out of the batch, where something broke."""
        return self._env.score().reward if self._env is not None else None

    def _call(self, tool: str, arguments: dict) -> str:
        if self._env is None:
            return f"The environment did not open: {self._problem}"
        return self._env.call(tool, arguments)


class Environments(dict[str, type]):
    """Environment id → class, for `environment_factory`.

    Args:
        rows: Rows of `load_export`, or scenarios of `load_scenarios`.

    Raises:
        ArtifactError: A row is not whole.
        ConfigError: A tool has a name that TRL needs for itself.
    """

    def __init__(self, rows: Iterable[Source]) -> None:
        super().__init__()
        self._rows: dict[str, Source] = {}
        self._playables: list[Playable] = []
        for row in rows:
            known = playable(row, None, settings_of(()))
            self._rows[known.scenario_id] = row
            self._playables.append(known)
            if known.env_id not in self:
                self[known.env_id] = _class_of(known, self._rows)

    def dataset(self) -> Dataset:
        """Return a row for each scenario: prompt, environment and scenario id."""
        return Dataset.from_list(
            [
                {
                    "prompt": [
                        {"role": "system", "content": one.system},
                        {"role": "user", "content": one.task},
                    ],
                    "environment": one.env_id,
                    "scenario_id": one.scenario_id,
                }
                for one in self._playables
            ]
        )

    def use_exact_schemas(self, trainer: GRPOTrainer) -> None:
        """Let a trainer describe the tools exactly as rollouts and `export-sft` do."""
        # TRL has no public way to say this; the extra is pinned to versions that have this one.
        for one in self._playables:
            trainer._env_tools[one.env_id] = one.functions


def _class_of(one: Playable, rows: Mapping[str, Source]) -> type:
    """Build the class of an environment."""
    methods = {tool["function"]["name"]: _method(tool) for tool in one.functions}
    for name in methods:
        if name in _TAKEN or name.startswith("_"):
            raise ConfigError(f"TRL cannot offer the tool {name!r} of environment {one.env_id}")
    name = re.sub(r"\W", "_", one.env_id)
    return type(name, (_Played,), {**methods, "_rows": rows})


def _method(tool: FunctionTool) -> Callable[..., str]:
    """Write a tool as a method with the signature and docstring that TRL reads."""
    function = tool["function"]
    name, properties = function["name"], function["parameters"].get("properties") or {}
    required = function["parameters"].get("required") or []

    def method(self: _Played, **arguments: object) -> str:
        return self._call(name, arguments)

    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    parameters += [_parameter(key, schema, key in required) for key, schema in properties.items()]
    told = [f"    {key}: {schema.get('description', key)}" for key, schema in properties.items()]
    method.__name__ = method.__qualname__ = name
    method.__doc__ = "\n".join([function["description"], *(["", "Args:", *told] if told else ())])
    method.__annotations__ = {one.name: one.annotation for one in parameters[1:]} | {"return": str}
    method.__signature__ = inspect.Signature(parameters, return_annotation=str)
    return method


def _parameter(name: str, schema: dict, required: bool) -> inspect.Parameter:  # noqa: FBT001
    kinds = schema.get("type", "string")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    python = _PYTHON[next((kind for kind in kinds if kind in _PYTHON), "string")]
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=python if required else python | None,
        default=inspect.Parameter.empty if required else None,
    )
