"""A sandbox and model calls for one test."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from envscaler.chat import Prompt
from envscaler.config import Settings
from envscaler.llm.calls import Calls
from envscaler.records import Check, Clock, Environment, JsonObject, Scenario
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.spec import ScenarioSpec, spec_for
from envscaler.scen_generator.task_first.checks import Checklist, TaskInState
from envscaler.scen_generator.task_first.state import InitialState
from tests.fakes import ScriptedModel, scripted_models
from tests.one_sandbox import in_one_sandbox
from tests.scen_generator.checks import KEPT, SOUND
from tests.scen_generator.example import STATE, TASK, make_environment

T = TypeVar("T")

ENVIRONMENT = make_environment()
CHECKLIST = Checklist(
    goals=tuple(check.item for check in SOUND if check is not KEPT), guards=(KEPT.item,)
)
STEPS = ["look up Marta Lind", "cancel BK-001", "pay IN-001", "book A1 for BT-004"]


def in_sandbox(settings: Settings, use: Callable[[Sandbox], Awaitable[T]]) -> T:
    """Use the sandbox of the module."""
    return in_one_sandbox(settings.sandbox, use)


def calls_to(model: ScriptedModel) -> Calls:
    """Open the calls of a row that one model answers in every role."""
    return Calls(scripted_models(model), seed=7, tries=3)


def make_spec(environment: Environment = ENVIRONMENT) -> ScenarioSpec:
    return spec_for(environment, 3, Clock(), 0)


def make_task_in_state() -> TaskInState:
    return TaskInState(make_spec(), InitialState(STATE, STATE), TASK)


def make_scenario(*checks: Check) -> Scenario:
    """The harbour's scenario, with these checks."""
    return Scenario(
        id="scen-1",
        env_id=ENVIRONMENT.id,
        kind="rl",
        index=0,
        initial_state=STATE,
        task=TASK,
        checks=checks,
    )


def json_reply(value: Mapping[str, object]) -> str:
    """Answer as the prompts ask for JSON."""
    return f"Let me see.\n\n```json\n{json.dumps(value)}\n```"


def code_reply(source: str) -> str:
    """Answer as the prompts ask for Python."""
    return f"```python\n{source}```"


def state_reply(state: JsonObject) -> str:
    return json_reply({"state": state})


def task_reply(task: str = TASK) -> str:
    return json_reply({"steps": STEPS, "task": task})


def checklist_reply(checklist: Checklist = CHECKLIST) -> str:
    return json_reply(checklist.model_dump())


def question(prompt: Prompt) -> str:
    """Return what a prompt asks the model, without the rules in its system message."""
    return str(prompt.messages[1].get("content"))
