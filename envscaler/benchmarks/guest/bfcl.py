"""A BFCL task inside the sandbox: its instances, and those that the ground truth drives."""

import ast
import copy
import json
from collections.abc import Mapping, Sequence
from typing import TypedDict, cast

from envscaler.benchmarks.guest.loader import load_class
from envscaler.sandbox.guest.attempt import Raised, attempt

Instances = dict[str, object]


class MadeCall(TypedDict):
    """A call of an agent."""

    name: str
    arguments: dict[str, object]


class Judgement(TypedDict):
    """What came of comparing."""

    error: str
    """As the official checker names it; empty when all is right."""
    turn: int
    detail: str
    silent: list[int]
    """Turns in which calls were made though the ground truth has none."""
    results: list[list[str]]
    """What the calls of the ground truth came to, turn by turn."""


class BfclTask:
    """The instances of one task.

    Args:
        classes: Class → its module, in the order in which the task names them.
        config: Class → what it starts from.
        long_context: Whether the instances are filled with distracting records.
    """

    def __init__(
        self,
        classes: dict[str, str],
        config: dict[str, object],
        long_context: bool,  # noqa: FBT001 (a key of the state that the sandbox hands over)
    ) -> None:
        self._start = (classes, config, long_context)
        self._instances = self._make()

    def _make(self) -> Instances:
        classes, config, long_context = self._start
        made: Instances = {}
        for name, module in classes.items():
            made[name] = load_class(module, name)()
            load = getattr(made[name], "_load_scenario", None)
            if load is not None:  # one class has no state
                load(copy.deepcopy(config.get(name, {})), long_context=long_context)
        return made

    def call(self, name: str, arguments: dict[str, object]) -> str:
        """Make a call of the agent."""
        return made(self._instances, name, (), arguments)

    def fingerprint(self) -> str:
        """Write all public attributes."""
        return repr({name: public(each) for name, each in self._instances.items()})

    def judge(self, turns: list[list[list[MadeCall]]], ground_truth: list[list[str]]) -> Judgement:
        """Compare the calls of an agent with the ground truth, turn by turn.

        Args:
            turns: For each turn of the user the messages with calls, each a list of calls.
            ground_truth: For each turn the calls as they are published.
        """
        model, expected = self._make(), self._make()
        seen: list[str] = []
        found = Judgement(error="", turn=-1, detail="", silent=[], results=[])
        for number, (messages, truth) in enumerate(zip(turns, ground_truth, strict=True)):
            calls = [call for message in messages for call in message]
            seen += [made(model, call["name"], (), call["arguments"]) for call in calls]
            given = [made(expected, *parsed(text)) for text in truth]
            found["results"].append(given)
            if not truth:
                found["silent"] += [number] if calls else []
                continue
            error, detail = _compared(model, expected, seen, given) if calls else _NO_CALL
            if error:
                return {**found, "error": error, "turn": number, "detail": detail}
        return found


_NO_CALL = ("empty_turn_model_response", "no call was made")


def _compared(
    model: Instances, expected: Instances, seen: Sequence[str], given: Sequence[str]
) -> tuple[str, str]:
    """Compare states, then results: each of the ground truth's must be among those seen so far."""
    for name, right in expected.items():
        for attribute, value in public(right).items():
            if getattr(model[name], attribute) != value:
                return "instance_state_mismatch", f"{name}.{attribute}"
    left = list(seen)
    for result in given:
        if result not in left:
            return "execution_response_mismatch", f"no call came to {result[:200]}"
        left.remove(result)
    return "", ""


def made(
    instances: Instances, name: str, values: Sequence[object], arguments: Mapping[str, object]
) -> str:
    """Make a call and write its result as the official executor does."""
    owners = [each for each in instances.values() if callable(getattr(each, name, None))]
    if not owners or name.startswith("_"):
        return f"Error during execution: name {name!r} is not defined"
    result = attempt(getattr(owners[-1], name), *values, **arguments)
    if isinstance(result, Raised):
        return f"Error during execution: {result.error}"
    return _written(result)


def _written(result: object) -> str:
    if type(result) is dict:
        try:
            return json.dumps(cast("dict[object, object]", result))
        except (TypeError, ValueError):
            return str(cast("object", result))
    return str(result)


def parsed(text: str) -> tuple[str, list[object], dict[str, object]]:
    """Read a call such as `f(1, b=[2])` into its name and values."""
    call = ast.parse(text, mode="eval").body
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise ValueError(f"{text!r} is no call")  # noqa: TRY004  the text is at fault
    values = [ast.literal_eval(each) for each in call.args]
    named = {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
    return call.func.id, values, named


def public(instance: object) -> dict[str, object]:
    """Return the attributes that are compared."""
    return {name: value for name, value in vars(instance).items() if not name.startswith("_")}
