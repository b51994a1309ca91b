"""Tasks: what an agent is asked to do in an initial state."""

import re

from envscaler.chat import Prompt
from envscaler.errors import ReplyError
from envscaler.llm.calls import Calls
from envscaler.prompt_text import state_text, tools_text
from envscaler.prompts import render
from envscaler.records import JsonObject, Record, Tool
from envscaler.replies import read_json
from envscaler.reply_schema import wanting
from envscaler.scen_generator.spec import ScenarioSpec

LEAST_STEPS = 3
LEAST_CHARS = 60


class TaskReply(Record):
    """What the prompt `scen_generator/task` asks for."""

    steps: tuple[str, ...]
    """How a perfect agent would do it: makes the model try before it asks. Not kept."""
    task: str


async def make_task(spec: ScenarioSpec, state: JsonObject, calls: Calls) -> str:
    """Ask for a task in `state`.

    Raises:
        ReplyError: No task came that is worth a scenario.
    """
    tools = spec.environment.tools
    return await calls.ask(
        "task_writer",
        wanting(TaskReply, task_prompt(spec, state)),
        lambda reply: read_task(reply.content, tools),
        sample=spec.index,
    )


def task_prompt(spec: ScenarioSpec, state: JsonObject) -> Prompt:
    """Render the question for a task."""
    return render(
        "scen_generator/task",
        environment=spec.environment,
        tools=tools_text(spec.environment.tools),
        state=state_text(state),
        clock=spec.clock.start.isoformat(),
        diversifier=spec.diversifier,
    )


def read_task(text: str, tools: tuple[Tool, ...]) -> str:
    """Read a task, and refuse one that is trivial or gives the tools away.

    Raises:
        ReplyError: What is wrong with it.
    """
    reply = read_json(text, TaskReply)
    task = reply.task.strip()
    if len(reply.steps) < LEAST_STEPS:
        raise ReplyError(
            f"The task takes {len(reply.steps)} steps; make it one of at least {LEAST_STEPS}"
        )
    refuse_task(task, tools)
    return task


def refuse_task(task: str, tools: tuple[Tool, ...]) -> None:
    """Refuse a task that says too little, or gives the tools away.

    Raises:
        ReplyError: What is wrong with it.
    """
    if len(task) < LEAST_CHARS:
        raise ReplyError(f"The task is too short to say all that is wanted: {task!r}")
    # A name of one word, such as `transfer`, may be an ordinary word of the task.
    names = [tool.name for tool in tools if "_" in tool.name]
    given_away = [name for name in names if re.search(rf"\b{re.escape(name)}\b", task)]
    if given_away:
        raise ReplyError(
            f"The task names the tools {', '.join(given_away)}; say what is wanted, not how"
        )
