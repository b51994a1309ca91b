"""Task texts made by code from the calls of a solution: plain, exact, and free of any model."""

import json

from envscaler.environment.state.collections import stem_of
from envscaler.environment.state.plurals import singular
from envscaler.scen_generator.solution_first.grounding import DescribedField, ReferringExpression
from envscaler.scen_generator.solution_first.search import Argument, FromResult, SequenceStep
from envscaler.scen_generator.solution_first.solution import Groundings, Solution

_OPENING = (
    "Please make the following changes, one after the other, and change nothing else. Records are"
    " described as they are before the first step."
)


def template_task(solution: Solution) -> str:
    """Write a task that asks for what a solution does."""
    return f"{_OPENING}\n\n{writes_text(solution)}"


def writes_text(solution: Solution) -> str:
    """Say what each write is to do, one to a line."""
    writes = [step for step in solution.sequence if step.writes]
    return "\n".join(
        f"{number}. {step_text(step, solution)}" for number, step in enumerate(writes, 1)
    )


def step_text(step: SequenceStep, solution: Solution) -> str:
    """Say what one write is to do."""
    tool = solution.context.tools[step.tool]
    parts: list[str] = []
    for name, value in step.arguments.items():
        collection = solution.context.pool(tool, name).collection
        path = collection.path if collection else ""
        text = _value(value, path, solution.groundings)
        # What is described is no id, so the label does not say so.
        label = name if text.startswith(('"', "[")) else (stem_of(name) or name)
        parts.append(f"{_words(label)}: {text}")
    verb = _words(step.tool).capitalize()
    return f"{verb}. {'; '.join(parts)}." if parts else f"{verb}."


def describe(description: ReferringExpression) -> str:
    """Name a record: `the booking whose boat is the boat whose name is "Skua"`."""
    what = _words(singular(description.collection.name))
    return f"the {what} {' and '.join(map(_field_text, description.fields))}"


def _field_text(each: DescribedField) -> str:
    if each.named is not None:
        return f"whose {_words(stem_of(each.field) or each.field)} is {describe(each.named)}"
    return f"whose {_words(each.field)} is {json.dumps(each.value, ensure_ascii=False)}"


def _value(value: Argument, path: str, groundings: Groundings) -> str:
    if isinstance(value, FromResult):
        return f"the new {_words(singular(value.collection))} of step {value.write}"
    if isinstance(value, list):
        return f"[{', '.join(_value(item, path, groundings) for item in value)}]"
    if isinstance(value, str | int) and (path, value) in groundings:
        return describe(groundings[path, value].description)
    return json.dumps(value, ensure_ascii=False)


def _words(name: str) -> str:
    return name.replace("_", " ").strip()
