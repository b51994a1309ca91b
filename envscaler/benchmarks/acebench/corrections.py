"""Published solutions and answers that are wrong, and what would be right: `--corrected`.

Nine of fifty milestone lists do not lead to the published end: a product that no merchant has, a
log-in that is missing, the earliest message deleted where the answer keeps it. Four answers name a
class that does not exist, so that the official code leaves it unchecked; two of these could not be
met if it were checked.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence

from envscaler.interact.scripted import PlainCall
from envscaler.records import JsonObject, JsonValue

Stones = Sequence[tuple[PlainCall, ...]]
Answer = Sequence[tuple[str, JsonObject]]
"""Class → attributes."""

_LOGIN = PlainCall("login_device", {})
_HELEN = PlainCall("login_food_platform", {"username": "Helen", "password": "password321"})
_ORDER = "add_food_delivery_order"
_TITLE = "Today's Spending"
"""As the user spells it; the published calls write it in another way."""


def _pizza(stones: Stones) -> Stones:
    items: list[JsonValue] = [{"product": "Super Supreme Pizza", "quantity": 1}]
    return [
        tuple(
            PlainCall(call.name, {**call.arguments, "items": items})
            if call.name == _ORDER
            else call
            for call in stone
        )
        for stone in stones
    ]


def _helen_first(stones: Stones) -> Stones:
    at = next(n for n, stone in enumerate(stones) if stone[0].name == _ORDER)
    return [*stones[:at], (_HELEN,), *stones[at:]]


def _latest(stones: Stones) -> Stones:
    replaced = {
        "get_earliest_message_id": PlainCall("get_latest_message_id", {}),
        "delete_message": PlainCall("delete_message", {"message_id": 4}),
    }
    return [tuple(replaced.get(call.name, call) for call in stone) for stone in stones]


def _login_first(stones: Stones) -> Stones:
    return [(_LOGIN,), *stones]


def _as_asked(stones: Stones) -> Stones:
    return [
        tuple(
            PlainCall(call.name, {**call.arguments, "title": _TITLE})
            if call.name == "add_reminder"
            else call
            for call in stone
        )
        for stone in stones
    ]


_CORRECTIONS: Mapping[str, tuple[Callable[[Stones], Stones], ...]] = {
    "agent_multi_step_0": (_pizza, _as_asked),
    "agent_multi_step_1": (_pizza, _as_asked),
    "agent_multi_step_12": (_helen_first,),
    "agent_multi_step_13": (_helen_first,),
    "agent_multi_step_14": (_latest,),
    "agent_multi_step_15": (_latest,),
    "agent_multi_step_16": (_login_first, _latest),
    "agent_multi_step_17": (_latest,),
    "agent_multi_turn_6": (_login_first,),
}

CORRECTED = tuple(_CORRECTIONS)


def corrected(task_id: str, stones: Stones) -> Stones:
    """Return the milestones that lead to the published end of a task."""
    for correct in _CORRECTIONS.get(task_id, ()):
        stones = correct(stones)
    return stones


def corrected_answer(
    task_id: str, answer: Answer, classes: Sequence[str]
) -> tuple[tuple[str, JsonObject], ...]:
    """Return an answer whose names are those of classes, and which can be met."""
    return tuple(
        (
            next(iter(difflib.get_close_matches(name, classes, n=1)), name),
            _with_fourth(attributes) if task_id in _THIRD and _LIST in attributes else attributes,
        )
        for name, attributes in answer
    )


_LIST = "reminder_list"
_THIRD = ("agent_multi_step_0", "agent_multi_step_1")


def _with_fourth(attributes: JsonObject) -> JsonObject:
    """Expect a new reminder behind the three that there are from the start, not in place of one."""
    listed = attributes[_LIST]
    if not isinstance(listed, dict):
        return attributes
    kept: JsonObject = {key: value for key, value in listed.items() if key != "3"}
    new = listed.get("3")
    if isinstance(new, dict):
        kept["4"] = {**new, "reminder_id": 4, "title": _TITLE}
    return {**attributes, _LIST: kept}
