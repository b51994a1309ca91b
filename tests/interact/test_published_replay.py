"""Rollouts that others recorded, played again here: the same texts and the same rewards."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import cast

import pytest

from envscaler.config import Settings
from envscaler.environment.schema.tools import tools_of
from envscaler.interact.play import Attempt, play
from envscaler.records import (
    Check,
    Environment,
    JsonObject,
    JsonValue,
    Scenario,
    StopReason,
    Structure,
    ToolCall,
    Trajectory,
)
from envscaler.sandbox import Sandbox
from tests.fakes import Scripted, ScriptedModel, make_reply
from tests.interact.fakes import make_calls

Rows = list[JsonObject]


@pytest.fixture(scope="module")
def recorded(shared_data: Path) -> Rows:
    """The recorded rollouts."""
    return cast("Rows", _read(shared_data / "envscaler/traj_fc_test_task_1.json.gz"))


@pytest.fixture(scope="module")
def replayed(shared_data: Path, recorded: Rows, settings: Settings) -> list[Trajectory]:
    """The same rollouts, played by an agent that sends the recorded messages."""
    environments = cast(
        "dict[str, JsonObject]", _read(shared_data / "envscaler/env_metadata_dev.json.gz")
    )
    scenarios = cast("Rows", _read(shared_data / "envscaler/scenarios_dev.json.gz"))
    by_task = {str(row["task_id"]): row for row in scenarios}
    style = settings.interact.model_copy(
        update={"observation_text": "python", "reward": "fraction"}
    )

    async def replay() -> list[Trajectory]:
        async with Sandbox.start(settings.sandbox) as sandbox:
            found: list[Trajectory] = []
            for row in recorded:
                info = cast("dict[str, str]", row["task_info"])
                environment = _environment(environments[info["env_id"]])
                scenario = _scenario(by_task[info["task_id"]])
                attempt = Attempt(environment, scenario, "single_turn", "native", 0)
                calls = make_calls(ScriptedModel(*_replies(row)))
                found.append(await play(attempt, calls, sandbox, style))
            return found

    return asyncio.run(replay())


def test_recorded_rewards_come_out_again(replayed: list[Trajectory]) -> None:
    scores = [trajectory.reward and trajectory.reward.score for trajectory in replayed]

    assert scores == [1.0, 0.7778, 0.8571]


def test_every_recorded_observation_comes_out_again(
    recorded: Rows, replayed: list[Trajectory]
) -> None:
    theirs = [message["content"] for row in recorded for message in _messages(row, "tool")]
    ours = [m.content for row in replayed for m in row.messages if m.role == "tool"]

    assert len(ours) == 58
    assert ours == theirs


def test_recorded_rollouts_end_as_they_did(replayed: list[Trajectory]) -> None:
    assert {trajectory.stop_reason for trajectory in replayed} == {StopReason.FINISHED}


def _read(path: Path) -> JsonValue:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return cast("JsonValue", json.load(file))


def _messages(row: JsonObject, role: str) -> Rows:
    return [message for message in cast("Rows", row["messages"]) if message["role"] == role]


def _replies(row: JsonObject) -> list[Scripted]:
    return [
        make_reply(
            str(message["content"]),
            tool_calls=tuple(map(_call, cast("Rows", message.get("tool_calls") or []))),
        )
        for message in _messages(row, "assistant")
    ]


def _call(raw: JsonObject) -> ToolCall:
    function = cast("dict[str, str]", raw["function"])
    arguments = cast("JsonObject", json.loads(function["arguments"]))
    return ToolCall(id=str(raw["id"]), name=function["name"], arguments=arguments)


def _environment(row: JsonObject) -> Environment:
    class_name, source = str(row["env_class_name"]), str(row["env_class_code"])
    return Environment(
        id=str(row["env_id"]),
        summary=str(row["environment_summary"]),
        introduction=str(row["environment_introduction"]),
        source_task=None,
        entities=(),
        rules=(),
        operations=(),
        class_name=class_name,
        source=source,
        # The published schemas call optional arguments objects, and would refuse good calls.
        tools=tools_of(source, class_name),
        structure=Structure(attributes={}, queries=(), changes=()),
    )


def _scenario(row: JsonObject) -> Scenario:
    checks = cast("list[dict[str, str]]", row["checklist_with_func"])
    return Scenario(
        id=str(row["task_id"]),
        env_id=str(row["env_id"]),
        kind="rl",
        index=0,
        initial_state=cast("JsonObject", row["init_config"]),
        task=str(row["task"]),
        checks=tuple(Check(item=c["check_item"], source=c["check_func"]) for c in checks),
    )
