"""What happens while an environment is built, for whoever wants to watch."""

from collections.abc import Callable
from dataclasses import dataclass

from envscaler.records import (
    AssessmentSummary,
    Case,
    Entity,
    Examination,
    Inference,
    JsonObject,
    Judgement,
    Operation,
    Repair,
    Tool,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """It is known whether the task is stateful."""

    task: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Inferred:
    """The environment of the task has a name."""

    inference: Inference


@dataclass(frozen=True, slots=True)
class StatePlanned:
    """Entities and rules are settled."""

    entities: tuple[Entity, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassWritten:
    """The class stands, without its methods."""

    source: str


@dataclass(frozen=True, slots=True)
class OperationsPlanned:
    """The tools are named."""

    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class MethodWritten:
    """One method is accepted; they come in the order in which they are finished."""

    operation: Operation
    source: str


@dataclass(frozen=True, slots=True)
class Assembled:
    """The whole module loads in the sandbox."""

    class_name: str
    source: str
    tools: tuple[Tool, ...]


@dataclass(frozen=True, slots=True)
class StateMade:
    """The state for the test calls is accepted."""

    state: JsonObject


@dataclass(frozen=True, slots=True)
class Examined:
    """Every tool was called in many ways, without a model."""

    examination: Examination


@dataclass(frozen=True, slots=True)
class Repaired:
    """Faulty methods were written anew."""

    repairs: tuple[Repair, ...]


@dataclass(frozen=True, slots=True)
class CaseJudged:
    """One test call was made and judged."""

    case: Case


@dataclass(frozen=True, slots=True)
class Assessed:
    """All test calls are judged."""

    summary: AssessmentSummary


Event = (
    Judged
    | Inferred
    | StatePlanned
    | ClassWritten
    | OperationsPlanned
    | MethodWritten
    | Assembled
    | StateMade
    | Examined
    | Repaired
    | CaseJudged
    | Assessed
)

Listener = Callable[[Event], None]
"""Is told of each event as it happens."""


def silent(_event: Event) -> None:
    """Listen to nothing."""
