"""The tasks of BFCL's multi-turn categories, read from the published files."""

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from envscaler.benchmarks.bfcl.install import (
    CATEGORIES,
    CLASSES,
    INSTALL,
    PACKAGE,
    VERSION,
    Install,
    method_names,
)
from envscaler.benchmarks.schemas import json_schema
from envscaler.errors import ConfigError
from envscaler.interact.scripted import PlainCall, SolvedTurn
from envscaler.prompt_text import function_line
from envscaler.records import JsonObject, JsonValue, Tool


class _Said(BaseModel):
    role: str
    content: str


class _Question(BaseModel):
    """A line of `BFCL_v4_multi_turn_*.json`; what is not used is not named."""

    id: str
    question: list[list[_Said]]
    initial_config: JsonObject
    involved_classes: list[str]
    missed_function: dict[str, list[str]] = {}


class _Answer(BaseModel):
    """A line of the file of the same name in `possible_answer`."""

    id: str
    ground_truth: list[list[str]]


class _Function(BaseModel):
    """A line of `multi_turn_func_doc`."""

    name: str
    description: str
    parameters: JsonObject
    response: JsonValue = None


@dataclass(frozen=True)
class BfclTask:
    """One entry of a category."""

    id: str
    group: str
    classes: tuple[str, ...]
    config: JsonObject
    questions: tuple[str, ...]
    """What the user says; an empty one stands where functions come that were withheld."""
    ground_truth: tuple[tuple[str, ...], ...]
    """Calls of each turn, as text."""
    functions: tuple[Tool, ...]
    """All that the classes have."""
    withheld: Mapping[int, tuple[str, ...]]
    """Turn → functions that come with it."""
    new_functions: str
    """What the user says when they come, as published."""

    @property
    def environment(self) -> str:
        return "bfcl-v4/" + "+".join(self.classes)

    @property
    def tools(self) -> tuple[Tool, ...]:
        return self.tools_at(0)

    @property
    def text(self) -> str:
        return "\n".join(filter(None, self.questions))

    @property
    def is_long(self) -> bool:
        return self.group == "long_context"

    @cached_property
    def start(self) -> JsonObject:
        """What the guest class is made from."""
        classes: JsonObject = {name: f"{PACKAGE}.{CLASSES[name][0]}" for name in self.classes}
        return {"classes": classes, "config": self.config, "long_context": self.is_long}

    def tools_at(self, turn: int) -> tuple[Tool, ...]:
        """Return the functions that are offered in a turn: late ones come last."""
        late = {name: number for number, names in self.withheld.items() for name in names}
        early = [each for each in self.functions if each.name not in late]
        came = [each for each in self.functions if late.get(each.name, turn + 1) <= turn]
        return (*early, *came)

    def said_at(self, turn: int, *, written: bool) -> str:
        """Return what the user says in a turn.

        Args:
            turn: From 0.
            written: With the functions that come, because the agent reads them as text.
        """
        names = self.withheld.get(turn)
        if names is None:
            return self.questions[turn]
        came = [each for each in self.functions if each.name in names]
        lines = [function_line(each) for each in came]
        return "\n".join([*lines, self.new_functions]) if written else self.new_functions

    @property
    def solution(self) -> tuple[SolvedTurn, ...]:
        parameters = {each.name: list(_properties(each)) for each in self.functions}
        return tuple(
            SolvedTurn((tuple(_call(text, parameters) for text in turn),) if turn else ())
            for turn in self.ground_truth
        )


def _properties(tool: Tool) -> JsonObject:
    return cast("JsonObject", tool.parameters.get("properties") or {})


def _call(text: str, parameters: Mapping[str, Sequence[str]]) -> PlainCall:
    """Read a published call; arguments without a name get that of the documentation."""
    call = ast.parse(text, mode="eval").body
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise ConfigError(f"The published answer {text!r} is no call; {INSTALL}")
    names = parameters[call.func.id]
    pairs = [*zip(names, call.args, strict=False)]
    pairs += [(str(each.arg), each.value) for each in call.keywords]
    arguments = {name: json.loads(json.dumps(ast.literal_eval(node))) for name, node in pairs}
    return PlainCall(call.func.id, cast("JsonObject", arguments))


def read_tasks(install: Install, categories: Sequence[str]) -> list[BfclTask]:
    """Read the tasks of some categories.

    Raises:
        ConfigError: There is no such category, a file is missing or damaged, or data and classes
            are of different versions.
    """
    unknown = [each for each in categories if each not in CATEGORIES]
    if unknown:
        raise ConfigError(
            f"BFCL has no category {unknown[0]}; --split takes {','.join(CATEGORIES)}"
        )
    functions = {name: _functions(install, name) for name in CLASSES}
    new = str(install.constant("DEFAULT_USER_PROMPT_FOR_ADDITIONAL_FUNCTION_FC"))
    tasks: list[BfclTask] = []
    for category in categories or CATEGORIES:
        tasks += _category(install, category, functions, new)
    _check_versions(install, functions, tasks)
    return tasks


def _functions(install: Install, class_name: str) -> tuple[Tool, ...]:
    rows = install.rows(f"multi_turn_func_doc/{CLASSES[class_name][1]}.json")
    return tuple(map(_tool, _read(rows, _Function, f"the functions of {class_name}")))


def _tool(row: _Function) -> Tool:
    described = row.description
    if row.response is not None:
        described += f" The response has the schema {json.dumps(row.response)}."
    return Tool(name=row.name, description=described, parameters=json_schema(row.parameters))


RowT = TypeVar("RowT", bound=BaseModel)


def _read(rows: list[JsonObject], kind: type[RowT], what: str) -> list[RowT]:
    try:
        return [kind.model_validate(row) for row in rows]
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise ConfigError(
            f"BFCL: {what} are not as in bfcl-eval {VERSION}: {problem['loc']} {problem['msg']}"
        ) from error


def _category(
    install: Install, category: str, functions: Mapping[str, tuple[Tool, ...]], new: str
) -> list[BfclTask]:
    name = f"BFCL_v4_multi_turn_{category}.json"
    questions = _read(install.rows(name), _Question, f"the rows of {name}")
    answers = _read(install.rows(f"possible_answer/{name}"), _Answer, f"the answers of {name}")
    given = {each.id: each for each in answers}
    if given.keys() != {each.id for each in questions} or len(questions) != len(given):
        raise ConfigError(
            f"{name} has {len(questions)} questions and {len(given)} answers, and they do not "
            f"belong together; {INSTALL}"
        )
    return [_task(each, given[each.id], category, functions, new) for each in questions]


def _task(
    row: _Question,
    answer: _Answer,
    category: str,
    functions: Mapping[str, tuple[Tool, ...]],
    new: str,
) -> BfclTask:
    unknown = [each for each in row.involved_classes if each not in functions]
    if unknown:
        raise ConfigError(f"BFCL task {row.id} needs the class {unknown[0]}, which is not there")
    return BfclTask(
        id=row.id,
        group=category,
        classes=tuple(row.involved_classes),
        config=row.initial_config,
        questions=tuple("\n".join(each.content for each in turn) for turn in row.question),
        ground_truth=tuple(map(tuple, answer.ground_truth)),
        functions=tuple(each for name in row.involved_classes for each in functions[name]),
        withheld={int(turn): tuple(names) for turn, names in row.missed_function.items()},
        new_functions=new,
    )


def _check_versions(
    install: Install, functions: Mapping[str, tuple[Tool, ...]], tasks: Sequence[BfclTask]
) -> None:
    """See that data, documentation and classes are of one version.

    Raises:
        ConfigError: A function is documented or called that no class has.
    """
    sources = install.modules(with_mpmath=False)
    for class_name, tools in functions.items():
        methods = method_names(sources[f"{PACKAGE}.{CLASSES[class_name][0]}"], class_name)
        absent = [tool.name for tool in tools if tool.name not in methods]
        if absent:
            raise ConfigError(_other_version(f"{class_name} has no {absent[0]}"))
    for task in tasks:
        known = {tool.name for tool in task.functions}
        called = {text.partition("(")[0].strip() for turn in task.ground_truth for text in turn}
        if called - known:
            raise ConfigError(_other_version(f"{task.id} calls {min(called - known)}, unknown"))
        if len(task.ground_truth) != len(task.questions):
            raise ConfigError(_other_version(f"{task.id} has other turns than its answer"))


def _other_version(what: str) -> str:
    return f"BFCL's data and classes are of different versions ({what}); {INSTALL}"
