"""tau-bench's tasks, tools and tables, read from a checkout; its code is not run here."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from envscaler.benchmarks.checkout import Checkout
from envscaler.errors import ConfigError
from envscaler.interact.scripted import PlainCall, SolvedTurn
from envscaler.records import JsonObject, Tool

DOMAINS = ("retail", "airline")
LAST_TOOLS = ("transfer_to_human_agents",)
USERS = "tau_bench/envs/user.py"
TABLES = "tau_bench_tables"
_REMEDY = "git clone https://github.com/sierra-research/tau-bench"
_SPLIT = "tasks_test"


class _Action(BaseModel):
    name: str
    kwargs: JsonObject


class _Task(BaseModel):
    user_id: str
    instruction: str
    actions: list[_Action]
    outputs: list[str]


@dataclass(frozen=True, slots=True)
class Domain:
    """A shop, or an airline."""

    name: str
    wiki: str
    """The policy, which is the agent's system prompt."""
    tools: tuple[Tool, ...]
    places: dict[str, tuple[str, str]]
    """Tool → module and class."""
    modules: dict[str, str]
    """Full name → source: the tools, and the tables as JSON text."""


@dataclass(frozen=True)
class TauTask:
    """One task of a domain's test split."""

    id: str
    domain: Domain
    instruction: str
    actions: tuple[PlainCall, ...]
    outputs: tuple[str, ...]
    """What the agent has to say."""

    @property
    def group(self) -> str:
        return self.domain.name

    @property
    def environment(self) -> str:
        return f"tau-bench/{self.domain.name}"

    @property
    def tools(self) -> tuple[Tool, ...]:
        return self.domain.tools

    @property
    def text(self) -> str:
        return self.instruction

    @property
    def start(self) -> JsonObject:
        """What the guest class is made from."""
        return {
            "tools": {name: list(place) for name, place in self.domain.places.items()},
            "tables": TABLES,
            "last": list(LAST_TOOLS),
        }

    @property
    def solution(self) -> tuple[SolvedTurn, ...]:
        """First what has to be said, then what has to be done: a transfer ends it."""
        said = SolvedTurn((), " | ".join(self.outputs) or "One moment.")
        return said, SolvedTurn(tuple((action,) for action in self.actions))


def open_checkout(data: Path | None) -> Checkout:
    """Find the repository.

    Raises:
        ConfigError: No folder is named, or it holds something else.
    """
    if data is None:
        raise ConfigError(f"tau-bench is no package: {_REMEDY}, and name the folder with --data")
    if not (data / "tau_bench" / "envs").is_dir():
        raise ConfigError(
            f"{data} is no checkout of tau-bench, it has no tau_bench/envs; {_REMEDY}"
        )
    return Checkout(data, "tau-bench", _REMEDY)


def read_tasks(checkout: Checkout, domains: tuple[str, ...]) -> list[TauTask]:
    """Read the test tasks of some domains.

    Raises:
        ConfigError: There is no such domain, or a file is missing, damaged or of another version.
    """
    unknown = [each for each in domains if each not in DOMAINS]
    if unknown:
        raise ConfigError(
            f"tau-bench has no domain {unknown[0]}; --domain takes {','.join(DOMAINS)}"
        )
    return [task for name in domains or DOMAINS for task in _tasks(checkout, name)]


def _tasks(checkout: Checkout, name: str) -> Iterator[TauTask]:
    path = f"tau_bench/envs/{name}/{_SPLIT}.py"
    domain = _domain(checkout, name)
    for number, node in enumerate(_elements(checkout, path)):
        row = _row(checkout, node, path)
        yield TauTask(
            id=f"{name}_{number}",
            domain=domain,
            instruction=row.instruction,
            actions=tuple(PlainCall(each.name, each.kwargs) for each in row.actions),
            outputs=tuple(row.outputs),
        )


def _elements(checkout: Checkout, path: str) -> list[ast.expr]:
    """Return the tasks of the one list at the top of a module."""
    for node in checkout.tree(path).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            return node.value.elts
    raise checkout.other_version(f"{path} has no list of tasks")


def _row(checkout: Checkout, node: ast.expr, path: str) -> _Task:
    """Read `Task(…, actions=[Action(…)])`."""
    fields = _fields(node)
    actions = fields.pop("actions", None)
    calls = actions.elts if isinstance(actions, ast.List) else []
    values = {name: checkout.literal(value, path) for name, value in fields.items()}
    values["actions"] = [
        {name: checkout.literal(value, path) for name, value in _fields(call).items()}
        for call in calls
    ]
    try:
        return _Task.model_validate(values)
    except ValidationError as error:
        raise checkout.other_version(f"{path}: {error.errors()[0]['msg']}") from error


def _fields(node: ast.expr) -> dict[str, ast.expr]:
    keywords = node.keywords if isinstance(node, ast.Call) else []
    return {str(each.arg): each.value for each in keywords}


def _domain(checkout: Checkout, name: str) -> Domain:
    folder = f"tau_bench/envs/{name}"
    package = folder.replace("/", ".") + ".tools"
    modules = {"tau_bench.envs.tool": checkout.text("tau_bench/envs/tool.py")}
    tools: list[Tool] = []
    places: dict[str, tuple[str, str]] = {}
    for module, class_name in _registered(checkout, f"{folder}/tools/__init__.py"):
        path = f"{folder}/tools/{module}.py"
        modules[f"{package}.{module}"] = checkout.text(path)
        tools.append(_tool(checkout, path, class_name))
        places[tools[-1].name] = (f"{package}.{module}", class_name)
    modules[TABLES] = f"TEXT = {json.dumps(_tables(checkout, folder))!r}\n"
    return Domain(name, checkout.text(f"{folder}/wiki.md"), tuple(tools), places, modules)


def _registered(checkout: Checkout, path: str) -> Iterator[tuple[str, str]]:
    """Yield module and class of each tool, in the published order."""
    imports = {
        each.name: str(node.module)
        for node in checkout.tree(path).body
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }
    for node in checkout.tree(path).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            names = [each.id for each in node.value.elts if isinstance(each, ast.Name)]
            yield from ((imports[name], name) for name in names)


def _tool(checkout: Checkout, path: str, class_name: str) -> Tool:
    """Read what `get_info` of a tool returns."""
    for node in ast.walk(checkout.tree(path)):
        if isinstance(node, ast.FunctionDef) and node.name == "get_info":
            returned = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
            info = checkout.literal(returned[0] or node.body[0], path)  # pyright: ignore[reportArgumentType]
            function = TypeAdapter(dict[str, JsonObject]).validate_python(
                {"function": cast("dict[str, object]", info)["function"]}
            )["function"]
            return Tool.model_validate(function)
    raise checkout.other_version(f"{path}: {class_name} has no get_info")


def _tables(checkout: Checkout, folder: str) -> dict[str, object]:
    paths = sorted((checkout.folder / folder / "data").glob("*.json"))
    if not paths:
        raise ConfigError(f"{checkout.folder / folder}/data has no tables; {_REMEDY}")
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}
