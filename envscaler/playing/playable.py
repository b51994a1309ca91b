"""All that it takes to play a scenario, and where it is read from."""

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, TypedDict, TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from envscaler.config import Settings
from envscaler.environment.state.text import write_value
from envscaler.errors import ArtifactError, ConfigError
from envscaler.load import LoadedScenario, load_run
from envscaler.prompts import own_prompts
from envscaler.records import (
    SCHEMA_VERSION,
    Check,
    Clock,
    JsonObject,
    Observation,
    Record,
    Scenario,
    Skeleton,
    Tool,
)
from envscaler.sandbox import Journal
from envscaler.train.rl import opening_text

Row = Mapping[str, object]
"""A row of `export-rl`; columns that a trainer added do no harm."""
Source = Scenario | Row | tuple[Path | str, str]
ValueT = TypeVar("ValueT")


class Function(TypedDict):
    """A tool as function calling has it."""

    name: str
    description: str
    parameters: JsonObject
    """JSON schema of the arguments."""


class FunctionTool(TypedDict):
    """A tool in the OpenAI format."""

    type: Literal["function"]
    function: Function


class Playable(Record):
    """A scenario with the code of its environment."""

    scenario_id: str
    env_id: str
    class_name: str
    source: str
    """The whole Python module. Data until the sandbox runs it."""
    tools: tuple[Tool, ...]
    initial_state: JsonObject
    clock: Clock
    seed: int
    checks: tuple[Check, ...]
    system: str
    """What an agent is told before the task."""
    task: str
    reward: Literal["fraction", "goal"] | None = None
    """Which score counts; None where the settings decide."""

    @property
    def start(self) -> Journal:
        """The journal of an environment in which nothing has happened."""
        return Journal.model_construct(
            seed=self.seed, clock=self.clock, initial_state=self.initial_state, calls=()
        )

    @property
    def functions(self) -> list[FunctionTool]:
        """The tools as function objects, new ones each time."""
        return [cast("FunctionTool", copy.deepcopy(tool.as_function())) for tool in self.tools]

    @staticmethod
    def text_of(observation: Observation, settings: Settings) -> str:
        """Write what a call gave back as the agent reads it."""
        return write_value(observation.value, settings.interact.observation_text)


def playable(source: Source, environment: Skeleton | None, settings: Settings) -> Playable:
    """Read what a user hands over.

    Args:
        source: A scenario, a row of `export-rl`, or a run folder with the id of a scenario.
        environment: Of a scenario that does not bring its own.
        settings: Say which prompts an agent is told with.

    Raises:
        ConfigError: It is none of these, or a scenario comes without its environment.
        ArtifactError: The row or the run is not whole, or there is no such scenario.
    """
    if isinstance(source, Scenario):
        return _of_scenario(source, environment, settings)
    if isinstance(source, Mapping):
        return _of_row(source)
    try:
        folder, scenario_id = TypeAdapter(tuple[Path, str]).validate_python(source)
    except ValidationError as error:
        raise ConfigError(
            "Give a Scenario, a row of export-rl, or (run folder, scenario id), "
            f"not {repr(source)[:80]}"
        ) from error
    return _of_scenario(load_run(folder).scenarios[scenario_id], environment, settings)


def _of_scenario(scenario: Scenario, environment: Skeleton | None, settings: Settings) -> Playable:
    if environment is None and isinstance(scenario, LoadedScenario):
        environment = scenario.environment
    if environment is None:
        raise ConfigError(
            f"Scenario {scenario.id} comes without its environment: give it as the second "
            f"argument, or read the scenario with envscaler.load_scenarios"
        )
    if environment.id != scenario.env_id:
        raise ConfigError(
            f"Scenario {scenario.id} plays in environment {scenario.env_id}, not {environment.id}"
        )
    with own_prompts(settings.prompts):
        system = opening_text(environment, scenario.clock)
    # Validated already, and an initial state is large.
    return Playable.model_construct(
        scenario_id=scenario.id,
        env_id=environment.id,
        class_name=environment.class_name,
        source=environment.source,
        tools=environment.tools,
        initial_state=scenario.initial_state,
        clock=scenario.clock,
        seed=scenario.seed,
        checks=scenario.checks,
        system=system,
        task=scenario.task,
        reward=None,
    )


class _RowReader:
    """Takes a row of `export-rl` apart; names the row and the column in every complaint."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._name = str(row.get("scenario_id") or "without scenario_id")

    def check_version(self) -> None:
        version = self._row.get("schema_version")
        if version != SCHEMA_VERSION:
            raise ArtifactError(
                f"Row {self._name} has schema version {version}, this envscaler reads "
                f"{SCHEMA_VERSION}; write it again with `envscaler export-rl`"
            )

    def get(self, column: str, kind: type[ValueT]) -> ValueT:
        """Read a column; one that is no text where text is not meant may also be JSON text."""
        if self._row.get(column) is None:
            raise ArtifactError(f"Row {self._name} has no {column}; {_REMEDY}")
        value = _plain(self._row[column])
        reader = TypeAdapter(kind)
        try:
            if isinstance(value, str) and kind is not str:
                return reader.validate_json(value)
            return reader.validate_python(value)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]["msg"]
            raise ArtifactError(f"Row {self._name}, column {column}: {problem}") from error


_REMEDY = (
    "environments stand in a file of their own beside the rows: read both with "
    "envscaler.load_export(folder)"
)


def _plain(value: object) -> object:
    """Turn what data set libraries make of a list (a tuple, an array) into a list."""
    if isinstance(value, str | Mapping | Record) or not isinstance(value, Iterable):
        return cast("object", value)
    return list(cast("Iterable[object]", value))


class _Message(BaseModel):
    role: str
    content: str


class _Function(BaseModel):
    function: Tool


class _Check(BaseModel):
    """A check as a row has it, with what follows from the rest."""

    item: str
    source: str
    initially_true: bool | None = None
    by_code: bool = False

    @property
    def check(self) -> Check:
        return Check(**self.model_dump())


def _of_row(row: Row) -> Playable:
    reader = _RowReader(row)
    reader.check_version()
    messages = reader.get("prompt", list[_Message])
    if [one.role for one in messages] not in (["system", "user"], ["user"]):
        raise ArtifactError(
            f"Row {row.get('scenario_id')} does not open with a system message and the task"
        )
    return Playable(
        scenario_id=reader.get("scenario_id", str),
        env_id=reader.get("env_id", str),
        class_name=reader.get("class_name", str),
        source=reader.get("class_source", str),
        tools=tuple(one.function for one in reader.get("tools", list[_Function])),
        initial_state=reader.get("initial_state", JsonObject),
        clock=reader.get("clock", Clock),
        seed=reader.get("seed", int),
        checks=tuple(each.check for each in reader.get("checks", list[_Check])),
        system="".join(one.content for one in messages[:-1]),
        task=messages[-1].content,
        reward=_reward(row),
    )


def _reward(row: Row) -> Literal["fraction", "goal"] | None:
    which = row.get("reward")
    return which if which in ("fraction", "goal") else None  # pyright: ignore[reportReturnType]
