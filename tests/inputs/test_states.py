"""States that are made up for environments without one."""

from envscaler.environment.state.encoding import canonical
from envscaler.inputs.states import invent, invent_state
from tests.check_env.arena import skeleton
from tests.check_env.planted.states import clean_source

TYPED = '''
from typing import Dict, List, Optional, Set, TypedDict


class UserInfo(TypedDict):
    _id: str
    name: str


class OrderInfo(TypedDict):
    order_id: str
    user_id: str
    status: str  # 'open' or 'paid'
    placed_date: str
    total: float


class Desk:
    def __init__(self):
        self.users: Dict[str, UserInfo] = {}
        self.orders: Dict[str, OrderInfo] = {}
        # Rights: {user_id: {order_id: rights_list}}
        self.rights: Dict[str, Dict[str, List[str]]] = {}
        self.seats: Dict[int, str] = {}
        self.closed: Set[str] = set()
        self.kinds = ["a", "b"]
        self.next_order = 1

    def read(self) -> dict:
        """Read."""
        return {"success": True, "data": 1}
'''


def test_records_refer_to_records_that_exist() -> None:
    state = invent_state(skeleton(TYPED))
    users, orders = state["users"], state["orders"]

    assert isinstance(users, dict)
    assert isinstance(orders, dict)
    for key, order in orders.items():
        assert isinstance(order, dict)
        assert order["order_id"] == key
        assert order["user_id"] in users


def test_fields_take_the_words_beside_them() -> None:
    orders = invent_state(skeleton(TYPED))["orders"]

    assert isinstance(orders, dict)
    for order in orders.values():
        assert isinstance(order, dict)
        assert order["status"] in {"open", "paid"}


def test_the_comment_tells_whose_ids_the_keys_are() -> None:
    state = invent_state(skeleton(TYPED))
    rights, users = state["rights"], state["users"]

    assert isinstance(rights, dict)
    assert isinstance(users, dict)
    assert rights.keys() <= users.keys()


def test_integer_keys_are_tagged() -> None:
    seats = invent_state(skeleton(TYPED))["seats"]

    assert isinstance(seats, dict)
    assert list(seats) == ["$dict"]


def test_what_the_class_fills_itself_is_left_to_it() -> None:
    assert "kinds" not in invent_state(skeleton(TYPED))


def test_counters_stand_above_the_ids() -> None:
    assert invent_state(skeleton(TYPED))["next_order"] == 1000


def test_the_same_seed_gives_the_same_state() -> None:
    row = skeleton(TYPED)

    assert canonical(invent_state(row, 3)) == canonical(invent_state(row, 3))
    assert canonical(invent_state(row, 3)) != canonical(invent_state(row, 4))


def test_records_without_a_type_are_made_as_the_code_writes_and_reads_them() -> None:
    invented = invent(skeleton(clean_source("helpdesk")))
    tickets = invented.state["tickets"]

    assert not invented.declared
    assert isinstance(tickets, list)
    assert isinstance(tickets[0], dict)
    assert {"id", "subject", "customer", "state", "agent"} <= tickets[0].keys()


def test_declared_records_are_no_guess() -> None:
    assert invent(skeleton(clean_source("library"))).declared
