"""ACEBench's agent tasks in English, read from a checkout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from envscaler.benchmarks.acebench.corrections import corrected, corrected_answer
from envscaler.benchmarks.acebench.stones import read_stone
from envscaler.benchmarks.benchmark import Choice
from envscaler.benchmarks.checkout import Checkout
from envscaler.benchmarks.schemas import json_schema
from envscaler.errors import ConfigError
from envscaler.interact.scripted import PlainCall, SolvedTurn
from envscaler.records import JsonObject, Tool

GROUPS = ("multi_step", "multi_turn")
FINISHED = "finish conversation"
"""Who says this ends the conversation."""
_REMEDY = "git clone https://github.com/chenchen0103/ACEBench"
_DATA = "data_all/data_en"
_SCENARIOS = "model_inference/multi_turn/scenariosen"
_CLASSES = {
    "BaseApi": "phone_platform/base_api",
    "MessageApi": "phone_platform/message",
    "ReminderApi": "phone_platform/reminder",
    "FoodPlatform": "phone_platform/food_services",
    "Travel": "travel",
}
_INFERENCE = "model_inference/apimodel_inference.py"


class _Function(BaseModel):
    name: str
    description: str
    parameters: JsonObject


class _Question(BaseModel):
    id: str
    question: str
    initial_config: JsonObject
    involved_classes: list[str]
    function: list[_Function]


class _Answer(BaseModel):
    id: str
    ground_truth: list[dict[str, JsonObject]] | dict[str, JsonObject]
    mile_stone: list[str] | list[list[str]]


@dataclass(frozen=True)
class AceTask:
    """One agent task."""

    id: str
    group: str
    classes: tuple[str, ...]
    config: JsonObject
    question: str
    tools: tuple[Tool, ...]
    answer: tuple[tuple[str, JsonObject], ...]
    """Class → attributes, as published: a name may match no class."""
    stones: tuple[tuple[tuple[PlainCall, ...], ...], ...]
    """Ways to the goal, each a list of milestones."""
    saved: Mapping[str, tuple[str, ...]]
    """Class → attributes that are scored."""

    @property
    def environment(self) -> str:
        return "acebench/" + "+".join(self.classes)

    @property
    def text(self) -> str:
        return self.question

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Names in the answer that match no class: the official code leaves them unchecked."""
        return tuple(name for name, _ in self.answer if name not in self.classes)

    @property
    def start(self) -> JsonObject:
        """What the guest class is made from."""
        return {
            "classes": {name: module_of(name) for name in self.classes},
            "config": self.config,
            "saved": {name: [*self.saved[name]] for name in self.classes},
        }

    @property
    def solution(self) -> tuple[SolvedTurn, ...]:
        return (SolvedTurn(self.stones[0], FINISHED),)


def module_of(class_name: str) -> str:
    """Return the full name of a class's module."""
    return f"{_SCENARIOS}/{_CLASSES[class_name]}".replace("/", ".")


def class_file(checkout: Checkout, class_name: str) -> Path:
    """Return where the module of a class is."""
    return checkout.folder / f"{_SCENARIOS}/{_CLASSES[class_name]}.py"


def open_checkout(data: Path | None) -> Checkout:
    """Find the repository.

    Raises:
        ConfigError: No folder is named, or it holds something else.
    """
    if data is None:
        raise ConfigError(f"ACEBench is no package: {_REMEDY}, and name the folder with --data")
    if not (data / _DATA).is_dir():
        raise ConfigError(f"{data} is no checkout of ACEBench, it has no {_DATA}; {_REMEDY}")
    return Checkout(data, "ACEBench", _REMEDY)


def modules(checkout: Checkout) -> dict[str, str]:
    """Read the modules of the classes, by their full names.

    Raises:
        ConfigError: One is not there.
    """
    return {
        module_of(name): checkout.text(f"{_SCENARIOS}/{path}.py") for name, path in _CLASSES.items()
    }


def read_tasks(checkout: Checkout, choice: Choice) -> list[AceTask]:
    """Read the tasks of some groups.

    Raises:
        ConfigError: There is no such group, or a file is missing, damaged or of another version.
    """
    unknown = [each for each in choice.groups if each not in GROUPS]
    if unknown:
        raise ConfigError(f"ACEBench has no group {unknown[0]}; --split takes {','.join(GROUPS)}")
    constant = checkout.constant(_INFERENCE, "SAVED_CLASS")
    saved = TypeAdapter(dict[str, tuple[str, ...]]).validate_python(constant)
    return [
        task
        for group in choice.groups or GROUPS
        for task in _group(checkout, group, saved, is_corrected=choice.corrected)
    ]


def _group(
    checkout: Checkout, group: str, saved: Mapping[str, tuple[str, ...]], *, is_corrected: bool
) -> list[AceTask]:
    name = f"data_agent_{group}.json"
    try:
        questions = [_Question.model_validate(row) for row in checkout.rows(f"{_DATA}/{name}")]
        answers = {
            each.id: each
            for row in checkout.rows(f"{_DATA}/possible_answer/{name}")
            for each in [_Answer.model_validate(row)]
        }
    except ValidationError as error:
        raise checkout.other_version(f"{name}: {error.errors()[0]['msg']}") from error
    if answers.keys() != {each.id for each in questions}:
        raise checkout.other_version(f"{name} has other questions than answers")
    return [
        _task(each, answers[each.id], group, saved, is_corrected=is_corrected) for each in questions
    ]


def _task(
    row: _Question,
    answer: _Answer,
    group: str,
    saved: Mapping[str, tuple[str, ...]],
    *,
    is_corrected: bool,
) -> AceTask:
    truth = answer.ground_truth if isinstance(answer.ground_truth, list) else [answer.ground_truth]
    pairs = tuple(pair for each in truth for pair in each.items())
    tools = tuple(
        Tool(
            name=each.name,
            description=each.description,
            parameters=json_schema(each.parameters),
        )
        for each in row.function
    )
    return AceTask(
        id=row.id,
        group=group,
        classes=tuple(row.involved_classes),
        config=row.initial_config,
        question=row.question,
        tools=tools,
        answer=corrected_answer(row.id, pairs, row.involved_classes) if is_corrected else pairs,
        stones=_stones(row.id, answer, tools, is_corrected=is_corrected),
        saved=saved,
    )


def _stones(
    task_id: str, answer: _Answer, tools: Sequence[Tool], *, is_corrected: bool
) -> tuple[tuple[tuple[PlainCall, ...], ...], ...]:
    parameters = {tool.name: _names(tool) for tool in tools}
    lists = [each if isinstance(each, list) else [each] for each in answer.mile_stone]
    ways = lists if isinstance(answer.mile_stone[0], list) else [[one for [one] in lists]]
    read = [[read_stone(stone, parameters) for stone in way] for way in ways]
    return tuple(tuple(corrected(task_id, way) if is_corrected else way) for way in read)


def _names(tool: Tool) -> list[str]:
    properties = tool.parameters.get("properties")
    return [*properties] if isinstance(properties, dict) else []
