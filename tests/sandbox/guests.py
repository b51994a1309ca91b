"""Small environments for the tests, and the published ones."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import JsonValue

from envscaler.config import SandboxSettings
from envscaler.records import Check, Clock, JsonObject, Record, Tool
from envscaler.resources import CONFIGS
from envscaler.sandbox import Start

SHARED = Path(__file__).parents[3] / "shared" / "data" / "envscaler"


class Guest(Record):
    """As much of an environment as the sandbox needs."""

    class_name: str
    source: str
    tools: tuple[Tool, ...]


class Rollout(Record):
    """A published rollout."""

    scene: str
    steps: tuple[tuple[str, JsonObject, str], ...]
    """Tool, arguments, text of the result."""


class Scene(Record):
    """As much of a scenario as the sandbox needs."""

    id: str = "scene"
    env_id: str
    initial_state: JsonObject
    checks: tuple[Check, ...]
    clock: Clock = Clock()
    seed: int = 0


def settings(**changes: object) -> SandboxSettings:
    """Return the shipped settings with some of them changed."""
    text = (CONFIGS / "default.yaml").read_text(encoding="utf-8")
    return SandboxSettings.model_validate({**yaml.safe_load(text)["sandbox"], **changes})


def tool(_name: str, *, required: tuple[str, ...] = (), **properties: str) -> Tool:
    """Make a tool from argument names and their JSON types."""
    shapes: JsonObject = {name: {"type": kind} for name, kind in properties.items()}
    parameters: JsonObject = {
        "type": "object",
        "properties": shapes,
        "required": list(required),
    }
    return Tool(name=_name, description="", parameters=parameters)


def guest(body: str, *tools: Tool | str, head: str = "") -> Guest:
    """Make an environment whose class `World` has the given, indented, body."""
    source = f"{head}\nclass World:\n{body}\n"
    given = tuple(tool(one) if isinstance(one, str) else one for one in tools)
    return Guest(class_name="World", source=source, tools=given)


COUNTER = guest(
    """
    totals = []

    def __init__(self):
        self.count = 0

    def add(self, amount: int = 1):
        self.count += amount
        self.totals.append(self.count)
        return {"success": True, "count": self.count, "totals": list(self.totals)}

    def read(self):
        return {"success": True, "count": self.count}
""",
    tool("add", amount="integer"),
    "read",
)
"""Counts, and keeps what it counted on the class."""


def start(**state: JsonValue) -> Start:
    """Make a start from the attributes of the state."""
    return Start(initial_state=state)


def _read(name: str) -> object:
    with gzip.open(SHARED / name, "rt", encoding="utf-8") as file:
        return json.load(file)


@cache
def published_guests() -> dict[str, Guest]:
    """Load the 27 published environments."""
    rows = cast("dict[str, dict[str, Any]]", _read("env_metadata_dev.json.gz"))
    return {
        env_id: Guest(
            class_name=row["env_class_name"],
            source=row["env_class_code"],
            tools=tuple(
                Tool(name=one["function"]["name"], description="", parameters={**_open(one)})
                for one in row["tools"]
            ),
        )
        for env_id, row in rows.items()
    }


def _open(one: dict[str, Any]) -> JsonObject:
    """Take a published schema, which requires what has a default and calls every union `object`."""
    parameters = one["function"]["parameters"]
    shapes: JsonObject = {
        name: {} if shape.get("type") == "object" else shape
        for name, shape in parameters["properties"].items()
    }
    return {**parameters, "properties": shapes, "required": []}


@cache
def published_scenes() -> tuple[Scene, ...]:
    """Load the 43 published scenarios."""
    rows = cast("list[dict[str, Any]]", _read("scenarios_dev.json.gz"))
    return tuple(
        Scene(
            id=row["task_id"],
            env_id=row["env_id"],
            initial_state=row["init_config"],
            checks=tuple(
                Check(item=one["check_item"], source=one["check_func"])
                for one in row["checklist_with_func"]
            ),
        )
        for row in rows
    )


@cache
def published_rollouts() -> tuple[Rollout, ...]:
    """Load the 3 published rollouts, without what was said to the user."""
    rows = cast("list[dict[str, Any]]", _read("traj_fc_test_task_1.json.gz"))
    return tuple(
        Rollout(
            scene=row["task_info"]["task_id"],
            steps=tuple(
                (
                    step["action"]["name"],
                    step["action"]["arguments"],
                    step["observation"]["content"],
                )
                for step in row["trajectory"][1:]
                if step["observation"]["type"] == "tool"
            ),
        )
        for row in rows
    )
