"""Scenarios as environments of TRL's `GRPOTrainer(environment_factory=…)`.

    environments = Environments(envscaler.load_export("runs/one"))
    data = environments.dataset()
    trainer = GRPOTrainer(..., environment_factory=environments, train_dataset=data)
    environments.use_exact_schemas(trainer)

TRL takes the public methods of a class for tools, so each environment becomes a class of its own.
It writes their schemas anew from signatures, without enums, items and nested properties;
`use_exact_schemas` puts back those that an agent saw in rollouts and in rows of `export-sft`.

With `Environments(rows, user=MODEL)` a simulated user tells the task. TRL ends an episode at the
first reply without a call, so the agent speaks to the user by a tool, `tell_user`.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping

from datasets import Dataset
from trl import GRPOTrainer

from envscaler.adapters.user import User, Users, opening_with_user, with_environment
from envscaler.env import Env, FunctionTool
from envscaler.errors import ConfigError, EnvScalerError, RowError
from envscaler.playing.playable import Playable, Source, playable
from envscaler.playing.session import settings_of
from envscaler.prompts import render

_PYTHON = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list,
    "object": dict,
}
_TAKEN = ("reset", "get_reward")
_TELL = "tell_user"
_TELL_TOOL: FunctionTool = {
    "type": "function",
    "function": {
        "name": _TELL,
        "description": "Send the user a message. The result is what the user answers.",
        "parameters": {
            "type": "object",
            "properties": {"message": {"type": "string", "description": "Your words."}},
            "required": ["message"],
        },
    },
}


_ENDED = "[The user has ended the conversation.]"


class _Played:
    """What every environment class is built on; all but two methods begin with an underscore."""

    _rows: Mapping[str, Source]
    _users: Users | None

    def __init__(self) -> None:
        self._env: Env | None = None
        self._user: User | None = None
        self._problem = ""

    def reset(self, scenario_id: str, **_columns: object) -> str | None:
        """Begin a scenario; return what the user says first, where one does."""
        if self._env is not None:
            self._env.close()
        self._env, self._user, self._problem = None, None, ""
        try:
            self._env = Env(self._rows[scenario_id])
            return self._begin(self._rows[scenario_id])
        except RowError as error:
            self._problem = str(error)
            return None

    def _begin(self, source: Source) -> str | None:
        if self._users is None:
            return None  # the task stands in the prompt already
        self._user = self._users.meet(source)
        return self._user.begin().result() or _ENDED

    def get_reward(self) -> float | None:
        """Score the state; None, which TRL leaves out of the batch, where something broke."""
        if self._env is None or self._problem:
            return None
        return self._env.score().reward

    def _call(self, tool: str, arguments: dict) -> str:
        if self._env is None:
            return f"The environment did not open: {self._problem}"
        if tool == _TELL and self._user is not None:
            return self._tell(str(arguments.get("message", "")))
        return self._env.call(tool, arguments)

    def _tell(self, message: str) -> str:
        try:
            return self._user.answer(message).result() or _ENDED
        except EnvScalerError as error:
            # TRL tells the agent and goes on; it is not to blame, so there is no reward.
            self._problem = self._problem or f"The user did not answer: {error}"
            raise


class Environments(dict[str, type]):
    """Environment id → class, for `environment_factory`.

    Args:
        rows: Rows of `load_export`, or scenarios of `load_scenarios`.
        user: Model that speaks as the user, in scenarios of `load_scenarios`; None: the task is
            told at once.

    Raises:
        ArtifactError: A row is not whole.
        ConfigError: A tool has a name that TRL needs for itself, or rows cannot be talked about.
    """

    def __init__(self, rows: Iterable[Source], user: str | None = None) -> None:
        super().__init__()
        self._users = Users(user) if user is not None else None
        self._rows: dict[str, Source] = {}
        self._playables: list[Playable] = []
        self._systems: dict[str, str] = {}
        for row in rows:
            known = playable(row, None, settings_of(()))
            self._rows[known.scenario_id] = row
            self._playables.append(known)
            self._systems[known.scenario_id] = self._system(known, row)
            if known.env_id not in self:
                self[known.env_id] = _class_of(self._functions(known), known.env_id)
                self[known.env_id]._rows, self[known.env_id]._users = self._rows, self._users

    def _system(self, one: Playable, source: Source) -> str:
        if self._users is None:
            return one.system
        [note] = render("interact/tell_user").messages
        return f"{opening_with_user(with_environment(source))}\n\n{note.get('content')}"

    def _functions(self, one: Playable) -> list[FunctionTool]:
        return one.functions if self._users is None else [*one.functions, _TELL_TOOL]

    def dataset(self) -> Dataset:
        """Return a row for each scenario: prompt, environment and scenario id."""
        return Dataset.from_list(
            [
                {
                    "prompt": [
                        {"role": "system", "content": self._systems[one.scenario_id]},
                        # `reset` adds what a user says first.
                        {"role": "user", "content": "" if self._users else one.task},
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
            trainer._env_tools[one.env_id] = self._functions(one)


def _class_of(functions: list[FunctionTool], env_id: str) -> type[_Played]:
    """Build the class of an environment."""
    methods = {tool["function"]["name"]: _method(tool) for tool in functions}
    taken = [name for name in methods if name in _TAKEN or name.startswith("_")]
    if taken or len(methods) < len(functions):
        name = taken[0] if taken else _TELL
        raise ConfigError(f"TRL cannot offer the tool {name!r} of environment {env_id}")
    return type(re.sub(r"\W", "_", env_id), (_Played,), methods)


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
