"""The solution of a scenario, looked for where an agent can read it."""

import json
import re
from collections.abc import Iterator, Sequence

from envscaler.records import Call, JsonObject, JsonValue, Scenario

_LINE, _CALL = 24, 12
"""Characters of a line, or of a call, that do not stand somewhere else by chance."""


def leaks(seen: str, scenario: Scenario, calls: Sequence[Call]) -> Iterator[str]:
    """Yield what is found of the solution.

    Args:
        seen: All that an agent is told: system prompt, tools, task.
        scenario: Its checks, task and initial state.
        calls: The reference solution.
    """
    texts = {"what the agent is told": seen, "the initial state": _texts(scenario.initial_state)}
    for place, text in texts.items():
        plain = _squeezed(text)
        yield from (f"{place} holds a line of a check: {line}" for line in _lines(scenario, plain))
        yield from (f"{place} holds a call of the reference: {call}" for call in _in(plain, calls))
    if steps := _steps(scenario.task, calls):
        yield f"the task names the calls in their order: {', '.join(steps)}"


def _lines(scenario: Scenario, text: str) -> Iterator[str]:
    lines = (line.strip() for check in scenario.checks for line in check.source.splitlines())
    for line in dict.fromkeys(lines):
        if len(line) >= _LINE and _squeezed(line) in text:
            yield line


def _in(text: str, calls: Sequence[Call]) -> Iterator[str]:
    for call in calls:
        written = json.dumps(call.arguments, ensure_ascii=False)
        named = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
        forms = (written, f"{call.name}({named})", f"{call.name}({written})")
        if any(len(form) >= _CALL and _squeezed(form) in text for form in forms):
            yield f"{call.name}({named})"


def _steps(task: str, calls: Sequence[Call]) -> list[str]:
    """Return the tools of the calls where the task has all of them, as they are written in code."""
    names = [call.name for call in calls if "_" in call.name]
    places = [place.start() for name in names if (place := re.search(rf"\b{name}\b", task))]
    in_order = len(names) > 1 and len(places) == len(calls) and places == sorted(places)
    return names if in_order else []


def _texts(state: JsonObject) -> str:
    return "\n".join(_strings(state))


def _strings(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _squeezed(text: str) -> str:
    """Return a text without its white space and with one kind of quotes."""
    return re.sub(r"\s+", "", text).replace("'", '"')
