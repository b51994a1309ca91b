"""Published milestone lists that do not lead to the published end, and what would.

Nine of fifty: a product that no merchant has, a log-in that is missing, the earliest message
deleted where the answer keeps it. `--corrected` plays and scores by these lists.
"""

from collections.abc import Callable, Mapping, Sequence

from envscaler.interact.scripted import PlainCall
from envscaler.records import JsonValue

Stones = Sequence[tuple[PlainCall, ...]]

_LOGIN = PlainCall("login_device", {})
_HELEN = PlainCall("login_food_platform", {"username": "Helen", "password": "password321"})
_ORDER = "add_food_delivery_order"


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


_CORRECTIONS: Mapping[str, tuple[Callable[[Stones], Stones], ...]] = {
    "agent_multi_step_0": (_pizza,),
    "agent_multi_step_1": (_pizza,),
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
