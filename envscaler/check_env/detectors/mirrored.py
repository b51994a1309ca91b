"""Questions about two of a kind, which have to be answered alike from both sides."""

import re
from collections.abc import AsyncIterator, Sequence

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.listings import answer_in
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.encoding import canonical
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import required_of
from envscaler.records import FindingCall, FindingKind, JsonObject, Tool

_SYMMETRIC = re.compile(
    r"distance|between|common|mutual|shared|overlap|head.to.head|against|compatib|similar|conflict|"
    r"friends|neighbou?rs|adjacent|connected|related"
)
_OPPOSITES = (
    ("wins", "losses"), ("won", "lost"), ("victories", "defeats"), ("win", "loss"),
    ("scored", "conceded"), ("owes", "owed"),
)  # fmt: skip
_DIRECTED = re.compile(r"\b(from|to|before|after|owner|parent|older|transfer\w*)\b")
_MOST_ASKED = 12
_ENOUGH = 3


async def mirrored(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that what one has won against another, the other has not lost."""
    for name, tool in explorer.stage.subject.tools.items():
        needed = required_of(tool)
        if len(needed) != 2 or explorer.ledger.changing.get(name):
            continue
        asked = _of_two(explorer.ledger.idle.get(name, ()), needed)
        right, wrong = await _both_sides(explorer, asked[:_MOST_ASKED], needed)
        often = right >= _ENOUGH * len(wrong)
        if wrong and (any(_opposed(seen.value) for seen in asked) or (often and _is_even(tool))):
            yield _claim(*wrong[0])


def _is_even(tool: Tool) -> bool:
    """Say whether what a tool tells of two is the same from both sides, by its words."""
    words = f"{tool.name} {tool.description}".lower()
    return bool(_SYMMETRIC.search(words)) and not _DIRECTED.search(words)


async def _both_sides(
    explorer: Explorer, asked: Sequence[CallRecord], needed: Sequence[str]
) -> tuple[int, list[tuple[CallRecord, CallRecord]]]:
    """Count the questions that are answered alike from both sides, and list the others."""
    right, wrong = 0, list[tuple[CallRecord, CallRecord]]()
    for seen in asked:
        other = await _turned(explorer, seen, needed)
        alike = None if other is None else mirrors(seen.value, other.value)
        if alike:
            right += 1
        elif other is not None and alike is not None:
            wrong.append((seen, other))
    return right, wrong


def _of_two(idle: Sequence[CallRecord], needed: Sequence[str]) -> list[CallRecord]:
    """Return the questions about two different things of a kind, asked first in their state."""
    return [one for one in idle if not one.history and one.succeeded and _sides(one, needed)]


def _sides(seen: CallRecord, needed: Sequence[str]) -> bool:
    values = [seen.call.arguments.get(name) for name in needed]
    return len(values) == 2 and values[0] != values[1] and type(values[0]) is type(values[1])


async def _turned(explorer: Explorer, seen: CallRecord, needed: Sequence[str]) -> CallRecord | None:
    one, two = needed
    given = seen.call.arguments
    turned = FindingCall(tool=seen.call.tool, arguments={**given, one: given[two], two: given[one]})
    [other] = await explorer.stage.replay(seen.start, [turned])
    return other if other.succeeded and not other.changed else None


def _opposed(value: JsonValue) -> bool:
    answer = answer_in(value)
    return isinstance(answer, dict) and any({*pair} <= answer.keys() for pair in _OPPOSITES)


def mirrors(value: JsonValue, other: JsonValue) -> bool | None:
    """Say whether two answers are each other's mirror; None when nothing was told in either."""
    one, two = answer_in(value), answer_in(other)
    if not one and not two:
        return None
    if isinstance(one, dict) and isinstance(two, dict):
        return _mirrors_fields(one, two)
    return canonical(one) == canonical(two)


def _mirrors_fields(one: JsonObject, two: JsonObject) -> bool | None:
    """Say whether the numbers of one are those of the other under the opposite name."""
    swapped = {name: name for name in one}
    for first, second in _OPPOSITES:
        if first in one and second in one:
            swapped |= {first: second, second: first}
    numbers = [name for name in one if isinstance(one[name], int | float)]
    return all(one[name] == two.get(swapped[name]) for name in numbers) if numbers else None


def _claim(seen: CallRecord, other: CallRecord) -> CandidateFinding:
    said = (
        f"The answer is {answer_in(seen.value)}, and from the other side {answer_in(other.value)}; "
        "one is not the mirror of the other"
    )

    async def shows(replay: Sequence[CallRecord]) -> bool:
        return len(replay) > 1 and mirrors(replay[-2].value, replay[-1].value) is False

    calls = (seen.call, other.call)
    kind = FindingKind.WRONG_ANSWER
    return CandidateFinding(kind, said, seen.start, calls, shows, severity="possible")
