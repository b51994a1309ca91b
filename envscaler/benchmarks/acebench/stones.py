"""Milestones: calls as the benchmark writes them, which is not always Python.

`[send(message='Don't forget')]` and the like: quotes inside are not escaped. What is known of the
functions says where an argument ends.
"""

import ast
import json
import re
from collections.abc import Mapping, Sequence

from envscaler.interact.scripted import PlainCall
from envscaler.records import JsonValue

Parameters = Mapping[str, Sequence[str]]
"""Function → its parameters."""


def read_stone(text: str, parameters: Parameters) -> tuple[PlainCall, ...]:
    """Read a milestone.

    Raises:
        ValueError: It has no call of a known function.
    """
    body = text.strip().removeprefix("[").removesuffix("]")
    names = "|".join(map(re.escape, sorted(parameters, key=len, reverse=True)))
    starts = list(re.finditer(rf"(?:^|,\s*)({names})\(", body))
    if not starts:
        raise ValueError(f"{text!r} calls no function of the task")
    ends = [*(each.start() for each in starts[1:]), len(body)]
    return tuple(
        _read_call(start[1], body[start.end() : end], parameters[start[1]])
        for start, end in zip(starts, ends, strict=True)
    )


def _read_call(name: str, rest: str, known: Sequence[str]) -> PlainCall:
    inside = rest.strip().removesuffix(")")
    if not known:
        return PlainCall(name, {})
    marks = list(re.finditer(rf"(?:^|,\s*)({'|'.join(map(re.escape, known))})\s*=", inside))
    ends = [*(each.start() for each in marks[1:]), len(inside)]
    return PlainCall(
        name,
        {
            mark[1]: _value(inside[mark.end() : end].strip())
            for mark, end in zip(marks, ends, strict=True)
        },
    )


def _value(text: str) -> JsonValue:
    """Read an argument; what is no literal is a text between two quotes."""
    try:
        return json.loads(json.dumps(ast.literal_eval(text)))
    except (ValueError, SyntaxError):
        return text[1:-1] if text[:1] in ("'", '"') and text[-1:] == text[:1] else text


def share_of(stones: Sequence[Sequence[PlainCall]], made: Sequence[Sequence[PlainCall]]) -> float:
    """Return the share of milestones that are found among messages with calls, in order.

    As in the official code, one that is not found uses up all messages that follow.
    """
    if not stones:
        return 1.0
    at = found = 0
    for stone in stones:
        while at < len(made):
            at += 1
            if [*made[at - 1]] == [*stone]:
                found += 1
                break
    return found / len(stones)
