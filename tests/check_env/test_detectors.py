"""Each detector on a scripted environment: calls that were seen in, claims out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import pytest

from envscaler.check_env.confirm import CandidateFinding, confirm
from envscaler.check_env.detectors.duplicate_ids import duplicates
from envscaler.check_env.detectors.key_types import key_confusions
from envscaler.check_env.detectors.no_effect import idle_successes
from envscaler.check_env.detectors.slow_calls import slow_calls
from envscaler.check_env.detectors.unreachable import unreachable
from envscaler.check_env.detectors.unsteady import may_draw
from envscaler.check_env.explorer import Budget, Explorer
from envscaler.records import Finding, FindingCall, FindingKind, JsonObject, JsonValue
from envscaler.sandbox import ProbeResult
from tests.check_env.scripted import Answer, Tool, call, make_stage, result

K = FindingKind
SHOP = '''
class Shop:
    def __init__(self):
        self.orders = {}

    def add_order(self, title: str) -> dict:
        """Add an order.

        Args:
            title (str): What is ordered.
        """
        self.orders[str(len(self.orders) + 1)] = {"title": title, "status": "open"}
        return {"success": True, "message": title}

    def remove_order(self, order_id: str) -> dict:
        """Remove an order.

        Args:
            order_id (str): The order.
        """
        self.orders.pop(order_id)
        return {"success": True, "message": "gone"}

    def rate_order(self, order_id: str, stars: int) -> dict:
        """Rate an order.

        Args:
            order_id (str): The order.
            stars (int): How good it was.
        """
        if order_id not in self.orders:
            return {"success": False, "error": "unknown order"}
        self.orders[order_id]["stars"] = stars
        return {"success": True, "message": "rated"}
'''
STATE: JsonObject = {
    "orders": {
        "1": {"title": "A pump", "status": "open"},
        "2": {"title": "A hose", "status": "open"},
    }
}


def orders(state: JsonObject) -> JsonObject:
    kept = state["orders"]
    assert isinstance(kept, dict)
    return kept


def add_by_count(state: JsonObject, arguments: JsonObject) -> Answer:
    orders(state)[str(len(orders(state)) + 1)] = {**arguments, "status": "open"}
    return {"success": True, "message": "added"}


def add_by_largest(state: JsonObject, arguments: JsonObject) -> Answer:
    largest = max((int(key) for key in orders(state)), default=0)
    last = max(largest, int(str(state.get("last", largest)))) + 1
    orders(state)[str(last)] = {**arguments, "status": "open"}
    state["last"] = last
    return {"success": True, "message": "added"}


def remove(state: JsonObject, arguments: JsonObject) -> Answer:
    gone = orders(state).pop(str(arguments.get("order_id")), None)
    return {"success": True, "message": "gone"} if gone else refuse(state, arguments)


def refuse(_state: JsonObject, _arguments: JsonObject) -> Answer:
    return {"success": False, "error": "unknown order"}


def rate(state: JsonObject, arguments: JsonObject) -> Answer:
    order = orders(state).get(str(arguments.get("order_id")))
    if not isinstance(order, dict):
        return refuse(state, arguments)
    order["stars"] = arguments.get("stars")
    return {"success": True, "message": "rated"}


def accept(_state: JsonObject, _arguments: JsonObject) -> Answer:
    return {"success": True, "message": "rated"}


SOUND: dict[str, Tool] = {"add_order": add_by_largest, "remove_order": remove, "rate_order": rate}
Detector = Callable[[Explorer], AsyncIterator[CandidateFinding] | Iterator[CandidateFinding]]
SEEN = (
    call("add_order", title="A rope"),
    call("rate_order", order_id="1", stars=4),
    call("rate_order", order_id="2", stars=5),
    call("rate_order", order_id="1", stars=2),
    call("rate_order", order_id="9", stars=2),
    call("remove_order", order_id="1"),
)


def findings(
    detector: Detector,
    tools: Mapping[str, Tool],
    *calls: FindingCall,
    state: JsonObject = STATE,
    source: str = SHOP,
) -> list[Finding]:
    """Let calls be seen, each alone; return what is claimed then. All of it stands a replay."""

    async def work() -> list[Finding]:
        stage = make_stage({**SOUND, **tools}, state, source=source)
        explorer = Explorer(stage, Budget(), 0)
        session = await stage.begin(0)
        point = await session.point()
        for each in calls or SEEN:
            await explorer.make(session, each.tool, each.arguments)
            await session.back(point)
        found = detector(explorer)
        waits = isinstance(found, AsyncIterator)
        claims = [claim async for claim in found] if waits else [*found]
        confirmed = [await confirm(stage, claim) for claim in claims]
        stands = [finding for finding in confirmed if finding is not None]
        assert len(stands) == len(claims)
        return stands

    return asyncio.run(work())


def names(found: list[Finding]) -> list[tuple[FindingKind, str]]:
    return [(finding.kind, finding.tool) for finding in found]


def test_an_id_made_by_counting_is_given_again_after_a_removal() -> None:
    [finding] = findings(duplicates, {"add_order": add_by_count})

    assert (finding.kind, finding.tool) == (K.DUPLICATE_ID, "add_order")
    assert [each.tool for each in finding.calls] == ["remove_order", "add_order"]


def test_an_id_that_grows_is_never_given_again() -> None:
    assert findings(duplicates, {}) == []


def test_a_change_that_says_success_and_never_changes_anything() -> None:
    assert names(findings(idle_successes, {"rate_order": accept})) == [
        (K.SUCCESS_WITHOUT_CHANGE, "rate_order")
    ]


def test_a_value_that_is_stored_elsewhere_and_not_here() -> None:
    def forget(state: JsonObject, arguments: JsonObject) -> Answer:
        return accept(state, arguments) if arguments["stars"] == 77 else rate(state, arguments)

    lost = call("rate_order", order_id="2", stars=77)

    [finding] = findings(idle_successes, {"rate_order": forget}, *SEEN, lost)

    assert finding.calls == (lost,)
    assert "stars" in finding.message


def test_nothing_that_is_accepted_for_a_field_which_keeps_what_it_had() -> None:
    def keep(state: JsonObject, arguments: JsonObject) -> Answer:
        return rate(state, arguments) if arguments["stars"] else accept(state, arguments)

    rated: JsonObject = {"orders": {key: {"title": "A pump", "stars": 4} for key in ("1", "2")}}
    given = [call("rate_order", order_id="1", stars=stars) for stars in (2, 3)]
    lost = call("rate_order", order_id="2", stars=0)

    [finding] = findings(idle_successes, {"rate_order": keep}, *given, lost, state=rated)

    assert (finding.calls, finding.severity) == ((lost,), "possible")
    assert findings(idle_successes, {}, *given, lost, state=rated) == []


def test_a_change_that_finds_all_as_it_should_be_is_none_of_them() -> None:
    again = call("rate_order", order_id="1", stars=3)
    rated: JsonObject = {"orders": {"1": {"title": "A pump", "stars": 3}}}

    assert findings(idle_successes, {}, again, again, again, state=rated) == []


PRICES = '''
class Prices:
    def __init__(self):
        self.prices: dict[int, dict] = {}

    def get_price(self, price_id: int) -> dict:
        """Get a price.

        Args:
            price_id (int): Its number.
        """
        if price_id not in self.prices:
            return {"success": False, "error": "unknown"}
        return {"success": True, "data": self.prices[price_id]["amount"]}
'''
PRICE = call("get_price", price_id=1)


def price_by_integer(state: JsonObject, arguments: JsonObject) -> Answer:
    prices = state["prices"]
    pairs = prices.get("$dict") if isinstance(prices, dict) else None
    known = [pair[0] for pair in pairs if isinstance(pair, list)] if isinstance(pairs, list) else []
    there = arguments["price_id"] in known
    return {"success": there, **({"data": 1} if there else {"error": "unknown"})}


def price_by_either(state: JsonObject, arguments: JsonObject) -> Answer:
    keys = str(state["prices"])
    there = f"[{arguments['price_id']}," in keys or f"'{arguments['price_id']}':" in keys
    return {"success": there, **({"data": 1} if there else {"error": "unknown"})}


@pytest.mark.parametrize(("tool", "lost"), [(price_by_integer, 1), (price_by_either, 0)])
def test_keys_that_json_turns_into_strings_are_lost(tool: Tool, lost: int) -> None:
    state: JsonObject = {"prices": {"1": {"amount": 5}, "2": {"amount": 6}}}

    found = findings(key_confusions, {"get_price": tool}, PRICE, state=state, source=PRICES)

    assert names(found) == [(K.KEY_CONFUSION, "get_price")] * lost


def by_length(power: int) -> Tool:
    """Make a tool that takes longer the longer its arguments are."""

    def act(_state: JsonObject, arguments: JsonObject) -> Answer:
        size = len(str(arguments.get("title", "")))
        seconds = 1e-5 * size**power
        return ProbeResult(result({"success": True, "message": "x"}), seconds=seconds)

    return act


def test_time_that_grows_with_the_square_of_an_argument_is_slow() -> None:
    found = findings(slow_calls, {"add_order": by_length(2)}, call("add_order", title="x"))

    assert names(found) == [(K.SLOW_CALL, "add_order")]


def test_time_that_grows_with_the_argument_is_not_slow() -> None:
    assert findings(slow_calls, {"add_order": by_length(1)}, call("add_order", title="x")) == []


def test_a_call_that_nobody_minds_is_compared_with_no_smaller_one() -> None:
    given: list[JsonValue] = []

    def act(_state: JsonObject, arguments: JsonObject) -> Answer:
        given.append(arguments.get("title"))
        return {"success": True, "message": "x"}

    findings(slow_calls, {"add_order": act}, call("add_order", title="x"))

    assert "a" * 10_000 in given
    assert "a" * 1000 not in given


@pytest.mark.parametrize(
    ("source", "draws"),
    [
        ("import random\n", True),
        ("from uuid import uuid4\n", True),
        ("def one(self):\n    return hash(self)\n", True),
        (
            'def one(self, order_id):\n    """The id, a random uuid."""\n    return order_id\n',
            False,
        ),
    ],
)
def test_a_class_may_draw_lots_when_its_code_says_so_not_its_words(
    source: str, *, draws: bool
) -> None:
    assert may_draw(source) is draws


def test_a_tool_that_nothing_lets_succeed_is_unreachable() -> None:
    closed = SHOP.replace("if order_id not in self.orders:", "if order_id:")
    closed = closed.replace('self.orders[order_id]["stars"] = stars\n        ', "")
    closed = closed.replace(
        'return {"success": True, "message": "rated"}', 'return {"success": False, "error": "no"}'
    )

    assert names(findings(unreachable, {"rate_order": refuse}, source=closed)) == [
        (K.UNREACHABLE_SUCCESS, "rate_order")
    ]


def test_a_tool_that_succeeded_once_is_reachable() -> None:
    def lucky(state: JsonObject, arguments: JsonObject) -> Answer:
        return (rate if arguments.get("stars") == 7741 else refuse)(state, arguments)

    once = call("rate_order", order_id="1", stars=7741)

    assert findings(unreachable, {"rate_order": lucky}, *SEEN, once) == []
