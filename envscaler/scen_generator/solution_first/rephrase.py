"""Tasks worded by a model, and the test that the phrasing says what was meant.

The model sees the solution and words it. A second reply sees only the phrasing, the tools and the
data, and says which changes it asks for; code compares these with the changes of the solution.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from math import isclose
from typing import Literal, cast

from pydantic import JsonValue

from envscaler.chat import Prompt, Reply
from envscaler.errors import ReplyError
from envscaler.llm.calls import Calls
from envscaler.prompt_text import state_text, tools_text
from envscaler.prompts import render
from envscaler.records import Record, Scenario
from envscaler.replies import read_json
from envscaler.reply_schema import wanting
from envscaler.scen_generator.proof.changes import Change, ChangeKind, Made, Mark
from envscaler.scen_generator.proof.checked_state import scalars_in
from envscaler.scen_generator.solution_first.solution import Solution
from envscaler.scen_generator.solution_first.task_text import writes_text
from envscaler.scen_generator.task_first.task import refuse_task


class WordedTask(Record):
    """What the prompt `scen_generator/word_task` asks for."""

    task: str


class ReadChange(Record):
    """A change that a reader of a task understood."""

    kind: Literal["set", "created", "removed", "put", "taken"]
    path: tuple[str | int, ...]
    value: JsonValue = None


class ReadChanges(Record):
    """What the prompt `scen_generator/reconstruct_goals` asks for."""

    changes: tuple[ReadChange, ...]


@dataclass(frozen=True, slots=True)
class ExpectedChanges:
    """What a phrasing has to bring across."""

    changes: tuple[Change, ...]
    """All that the solution changes; nothing else may be read out of the phrasing."""
    values: frozenset[str]
    """Given values that show in the changes: each has to be read at least once."""
    writes: tuple[frozenset[int], ...]
    """For each write the places of the changes that are missing without it: one has to be read."""


def expected_changes(
    changes: Sequence[Change], given: Set[object], writes: Sequence[frozenset[int]]
) -> ExpectedChanges:
    """Say what a phrasing has to bring across, given the values of the calls."""
    shown = {value for change in changes for value in scalars_in(change.wanted)}
    return ExpectedChanges(tuple(changes), frozenset(map(str, shown & given)), tuple(writes))


async def word_task(
    scenario: Scenario, solution: Solution, expected: ExpectedChanges, calls: Calls, *, tries: int
) -> str:
    """Have a task worded until a reader understands it as it is meant.

    Raises:
        ReplyError: The last phrasing was misread, or is none; with what was wrong.
    """

    async def trial(reply: Reply) -> str:
        task = read_worded(reply.content, solution)
        found = await calls.ask(
            "judge",
            wanting(ReadChanges, reconstruct_prompt(scenario, solution, task)),
            lambda reply: read_json(reply.content, ReadChanges),
            sample=scenario.index,
        )
        problem = compare(found.changes, expected)
        if problem:
            raise ReplyError(f"Somebody who read only your text misunderstood it: {problem}")
        return task

    prompt = wanting(WordedTask, word_prompt(scenario, solution))
    return await calls.ask_and_try("task_writer", prompt, trial, tries=tries, sample=scenario.index)


def word_prompt(scenario: Scenario, solution: Solution) -> Prompt:
    """Render the question for a phrasing."""
    environment = solution.context.environment
    return render(
        "scen_generator/word_task",
        environment=environment,
        tools=tools_text(environment.tools),
        state=state_text(scenario.initial_state),
        clock=scenario.clock.start.isoformat(),
        steps=writes_text(solution),
        items=[check.item for check in scenario.checks if not check.initially_true],
    )


def reconstruct_prompt(scenario: Scenario, solution: Solution, task: str) -> Prompt:
    """Render the question what a task asks for."""
    environment = solution.context.environment
    return render(
        "scen_generator/reconstruct_goals",
        environment=environment,
        tools=tools_text(environment.tools),
        state=state_text(scenario.initial_state),
        clock=scenario.clock.start.isoformat(),
        task=task,
    )


def read_worded(text: str, solution: Solution) -> str:
    """Read a phrasing, and refuse one that gives away tools or ids.

    Raises:
        ReplyError: What is wrong with it.
    """
    task = read_json(text, WordedTask).task.strip()
    refuse_task(task, solution.context.environment.tools)
    told = [str(key) for _, key in solution.groundings if isinstance(key, str) and key in task]
    if told:
        raise ReplyError(
            f"The task gives the ids {', '.join(told)}, which can be looked up; name these records"
            " as the steps do"
        )
    return task


def compare(read: Sequence[ReadChange], expected: ExpectedChanges) -> str:
    """Say how what was read differs from what was meant; empty when it does not."""
    found: set[int] = set()
    seen: set[str] = set()
    for one in read:
        places = [at for at, each in enumerate(expected.changes) if agrees(one, each)]
        if not places:
            return f"it was taken to ask for {_told(one)}, which is not wanted"
        found.add(next((at for at in places if at not in found), places[0]))
        seen.update(map(str, scalars_in(one.value)))
    unseen = sorted(expected.values - seen)
    if unseen:
        return f"nobody saw that {unseen[0]!r} is to be stored"
    unread = [write for write in expected.writes if not write & found]
    if unread:
        return f"nobody saw that it asks for {_meant(expected.changes[min(unread[0])])}"
    return ""


def agrees(read: ReadChange, change: Change) -> bool:
    """Tell whether a change that was read is one that was meant."""
    path = [str(step) for step in change.path]
    if change.is_made:
        path.pop()
    if read.kind != change.kind.value or [str(step) for step in read.path] != path:
        return False
    return change.kind is ChangeKind.REMOVED or _fits(read.value, change.wanted)


def _fits(value: JsonValue, wanted: object) -> bool:
    """Tell whether a value says nothing against what is wanted; it may leave out fields."""
    if wanted is Mark.ANY or isinstance(wanted, Made):
        return True
    if isinstance(wanted, dict):
        return _fits_fields(value, cast("dict[object, object]", wanted))
    if isinstance(wanted, list | tuple | set | frozenset):
        return _fits_items(value, [*cast("list[object]", wanted)])
    if isinstance(wanted, float) and isinstance(value, int | float):
        return isclose(wanted, value)
    return value == wanted or value == str(wanted)


def _fits_fields(value: JsonValue, wanted: Mapping[object, object]) -> bool:
    return isinstance(value, dict) and all(
        _fits(item, wanted[key]) for key, item in value.items() if key in wanted
    )


def _fits_items(value: JsonValue, wanted: Sequence[object]) -> bool:
    return isinstance(value, list) and len(value) == len(wanted) and all(map(_fits, value, wanted))


def _told(read: ReadChange) -> str:
    where = " / ".join(map(str, read.path))
    return f"{read.kind} {where}" + ("" if read.kind == "removed" else f" = {read.value!r}")


def _meant(change: Change) -> str:
    where = " / ".join("(new)" if isinstance(step, Made) else str(step) for step in change.path)
    return f"{change.kind.value} {where}"
