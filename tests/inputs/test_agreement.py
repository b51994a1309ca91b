"""Records of an invented state tell one story."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import cast

import pytest

from envscaler.inputs.catalogue.catalogue import find
from envscaler.inputs.realistic import realistic_state
from envscaler.records import JsonObject
from tests.check_env.arena import skeleton

NOW = datetime(2025, 1, 1, tzinfo=UTC)
TODAY = "2025-01-01"
SHOP = '''
from typing import Dict, List, Optional, TypedDict


class CustomerInfo(TypedDict):
    customer_id: str
    name: str
    gender: str
    join_date: str
    order_count: int
    purchase_history: List[str]


class ProductInfo(TypedDict):
    product_id: str
    name: str
    category: str
    brand: str
    price: float
    description: str


class OrderInfo(TypedDict):
    order_id: str
    customer_id: str
    order_date: str
    status: str  # 'pending', 'shipped', 'delivered'
    delivered_date: Optional[str]
    total_amount: float
    version: int


class OrderLineInfo(TypedDict):
    line_id: str
    order_id: str
    description: str
    amount: float


class PaymentInfo(TypedDict):
    payment_id: str
    order_id: str
    customer_id: str
    payment_date: str
    amount: float
    status: str  # 'success', 'failed'


class ReviewInfo(TypedDict):
    review_id: str
    product_id: str
    customer_id: str
    rating: int
    comment: str
    timestamp: str


class DepartmentInfo(TypedDict):
    department_id: str
    department_name: str
    manager_id: Optional[str]


class EmployeeInfo(TypedDict):
    employee_id: str
    name: str
    department_id: str
    hire_date: str
    status: str  # 'active', 'terminated'


class DeviceInfo(TypedDict):
    device_id: str
    type: str
    availability_status: str  # 'available', 'loaned'


class LoanInfo(TypedDict):
    loan_id: str
    device_id: str
    employee_id: str
    borrowed_date: str
    due_date: str
    returned_date: str
    status: str  # 'active', 'overdue', 'returned'


class PassInfo(TypedDict):
    pass_id: str
    customer_id: str
    issue_date: str
    expiration_date: str
    status: str  # 'active', 'expired'


class Shop:
    def __init__(self):
        self.customers: Dict[str, CustomerInfo] = {}
        self.products: Dict[str, ProductInfo] = {}
        self.orders: Dict[str, OrderInfo] = {}
        self.order_lines: Dict[str, OrderLineInfo] = {}
        self.payments: Dict[str, PaymentInfo] = {}
        self.reviews: Dict[str, ReviewInfo] = {}
        self.departments: Dict[str, DepartmentInfo] = {}
        self.employees: Dict[str, EmployeeInfo] = {}
        self.devices: Dict[str, DeviceInfo] = {}
        self.loans: Dict[str, LoanInfo] = {}
        self.passes: Dict[str, PassInfo] = {}

    def lend(self, device_id: str) -> dict:
        """Lend a device."""
        if self.devices[device_id]["availability_status"] != "available":
            return {"success": False, "error": "not available"}
        self.devices[device_id]["availability_status"] = "loaned"
        return {"success": True}
'''


@pytest.fixture(scope="module", params=range(4))
def state(request: pytest.FixtureRequest) -> JsonObject:
    seed = cast("int", request.param)
    return realistic_state(skeleton(SHOP), seed, NOW, is_busy=seed % 2 == 1)


def rows(state: JsonObject, name: str) -> dict[str, JsonObject]:
    return cast("dict[str, JsonObject]", state[name])


def of(records: Iterable[JsonObject], name: str, key: str) -> list[JsonObject]:
    return [one for one in records if one[name] == key]


def total(records: Iterable[JsonObject]) -> float:
    return sum(cast("float", one["amount"]) for one in records)


def test_a_total_is_the_sum_of_its_lines(state: JsonObject) -> None:
    lines = rows(state, "order_lines").values()

    for key, order in rows(state, "orders").items():
        mine = of(lines, "order_id", key)
        assert mine
        assert order["total_amount"] == pytest.approx(total(mine))


def test_no_more_is_paid_than_the_total_and_by_whom_the_order_is(state: JsonObject) -> None:
    orders = rows(state, "orders")

    for payment in rows(state, "payments").values():
        order = orders[str(payment["order_id"])]
        assert payment["customer_id"] == order["customer_id"]
        assert cast("float", payment["amount"]) <= cast("float", order["total_amount"])
        assert str(order["order_date"]) <= str(payment["payment_date"]) <= TODAY


def test_a_count_is_that_of_the_records(state: JsonObject) -> None:
    orders = rows(state, "orders").values()

    for key, customer in rows(state, "customers").items():
        assert customer["order_count"] == len(of(orders, "customer_id", key))


def test_who_reviews_a_thing_has_bought_it_and_reviews_it_once(state: JsonObject) -> None:
    customers = rows(state, "customers")
    pairs = [(one["customer_id"], one["product_id"]) for one in rows(state, "reviews").values()]

    assert len({*pairs}) == len(pairs)
    for customer, product in pairs:
        assert product in cast("list[str]", customers[str(customer)]["purchase_history"])


def test_a_product_has_the_category_and_maker_and_price_of_such_a_thing(state: JsonObject) -> None:
    for product in rows(state, "products").values():
        thing = find(str(product["name"]), ("product",), "")
        assert thing is not None
        least, most = map(float, thing.columns["price"][0].split(".."))
        assert product["category"] == thing.columns["category"][0]
        assert product["brand"] in thing.columns["brand"]
        assert product["description"] in thing.columns["description"]
        assert least <= cast("float", product["price"]) <= most


def test_a_date_of_an_end_is_there_where_the_status_says_so(state: JsonObject) -> None:
    for order in rows(state, "orders").values():
        assert (order["delivered_date"] is not None) is (order["status"] == "delivered")
    for loan in rows(state, "loans").values():
        assert bool(loan["returned_date"]) is (loan["status"] == "returned")
        if loan["status"] != "returned":
            assert (str(loan["due_date"]) < TODAY) is (loan["status"] == "overdue")


def test_what_has_expired_has_a_date_that_is_past(state: JsonObject) -> None:
    for one in rows(state, "passes").values():
        assert str(one["issue_date"]) < str(one["expiration_date"])
        assert (str(one["expiration_date"]) < TODAY) is (one["status"] == "expired")


def test_a_thing_is_lent_where_one_loan_of_it_is_open(state: JsonObject) -> None:
    loans = rows(state, "loans").values()

    for key, device in rows(state, "devices").items():
        opened = [one for one in of(loans, "device_id", key) if one["status"] != "returned"]
        assert len(opened) <= 1
        assert device["availability_status"] == ("loaned" if opened else "available")


def test_a_department_is_led_by_one_of_its_own_who_is_there(state: JsonObject) -> None:
    employees = rows(state, "employees")
    led = [one for one in rows(state, "departments").values() if one["manager_id"]]

    assert led
    for one in led:
        head = employees[str(one["manager_id"])]
        assert head["department_id"] == one["department_id"]
        assert head["status"] == "active"


def test_nothing_is_of_before_somebody_joined(state: JsonObject) -> None:
    customers = rows(state, "customers")

    for name, field in (("orders", "order_date"), ("reviews", "timestamp")):
        for one in rows(state, name).values():
            assert str(customers[str(one["customer_id"])]["join_date"]) < str(one[field])


def test_there_are_more_lines_than_orders(state: JsonObject) -> None:
    assert len(rows(state, "order_lines")) > len(rows(state, "orders"))


PERIODS = '''
from typing import Dict, TypedDict


class PeriodInfo(TypedDict):
    period_id: str
    period_type: str  # 'quarterly', 'annual'
    start_date: str
    end_date: str
    is_closed: bool


class ReportInfo(TypedDict):
    report_id: str
    period_id: str
    report_type: str  # 'annual_report', 'balance_sheet'
    generation_date: str


class Books:
    def __init__(self):
        self.periods: Dict[str, PeriodInfo] = {}
        self.reports: Dict[str, ReportInfo] = {}

    def read(self) -> dict:
        """Read."""
        return {"success": True}
'''


@pytest.mark.parametrize("seed", range(3))
def test_periods_are_those_of_a_calendar_and_reports_come_after_them(seed: int) -> None:
    made = realistic_state(skeleton(PERIODS), seed, NOW)
    periods = rows(made, "periods")

    for one in periods.values():
        assert str(one["start_date"]).endswith("-01")
        assert one["period_type"] == "quarterly" or str(one["end_date"]).endswith("12-31")
    for report in rows(made, "reports").values():
        period = periods[str(report["period_id"])]
        assert str(period["start_date"]) < str(report["generation_date"]) <= TODAY
        assert report["report_type"] != "annual_report" or period["period_type"] == "annual"


CLUB = '''
from typing import Dict, TypedDict


class UserInfo(TypedDict):
    user_id: str
    name: str
    contact_info: str  # 'REDACTED' for others


class GroupInfo(TypedDict):
    group_id: str
    name: str


class MembershipInfo(TypedDict):
    membership_id: str
    user_id: str
    group_id: str
    join_date: str
    status: str  # (active, pending, removed)


class PostInfo(TypedDict):
    post_id: str
    user_id: str
    group_id: str
    posted_date: str


class Club:
    def __init__(self):
        self.users: Dict[str, UserInfo] = {}
        self.groups: Dict[str, GroupInfo] = {}
        self.memberships: Dict[str, MembershipInfo] = {}
        self.posts: Dict[str, PostInfo] = {}

    def read(self) -> dict:
        """Read."""
        return {"success": True}
'''


@pytest.mark.parametrize("seed", range(3))
def test_who_writes_in_a_group_has_joined_it_before(seed: int) -> None:
    made = realistic_state(skeleton(CLUB), seed, NOW)
    joined = {
        (str(one["user_id"]), str(one["group_id"])): str(one["join_date"])
        for one in rows(made, "memberships").values()
        if one["status"] == "active"
    }

    for post in rows(made, "posts").values():
        pair = (str(post["user_id"]), str(post["group_id"]))
        assert joined[pair] <= str(post["posted_date"])


ARCHIVE = '''
from typing import Dict, List, TypedDict


class UserInfo(TypedDict):
    user_id: str
    name: str


class DocumentInfo(TypedDict):
    document_id: str
    title: str
    content: str
    creation_date: str
    last_modified_date: str
    version: int
    owner_id: str


class VersionInfo(TypedDict):
    version_id: str
    document_id: str
    version_number: int
    timestamp: str
    modified_by: str


class ReviewInfo(TypedDict):
    review_id: str
    document_id: str
    user_id: str
    rating: int
    comment: str
    helpful_votes: int


class Archive:
    def __init__(self):
        self.users: Dict[str, UserInfo] = {}
        self.documents: Dict[str, DocumentInfo] = {}
        self.versions: Dict[str, VersionInfo] = {}
        self.reviews: Dict[str, ReviewInfo] = {}
        # {document_id: {user_id: permissions}}
        self.access_control: Dict[str, Dict[str, List[str]]] = {}

    def share(self, document_id: str, user_id: str, permission: str) -> dict:
        """Share a document."""
        permissions = self.access_control[document_id].setdefault(user_id, [])
        if permission not in ("read", "write", "delete"):
            return {"success": False, "error": "no such permission"}
        permissions.append(permission)
        return {"success": True}
'''


@pytest.fixture(scope="module", params=range(3))
def archive(request: pytest.FixtureRequest) -> JsonObject:
    return realistic_state(skeleton(ARCHIVE), cast("int", request.param), NOW, is_busy=True)


def test_a_version_follows_on_the_day_its_document_was_made(archive: JsonObject) -> None:
    versions = rows(archive, "versions").values()

    for key, document in rows(archive, "documents").items():
        mine = of(versions, "document_id", key)
        first = [str(one["timestamp"])[:10] for one in mine if one["version_number"] == 1]
        assert first in ([], [document["creation_date"]])
        if len(mine) < 2:
            assert document["last_modified_date"] == document["creation_date"]


def test_no_more_people_find_something_helpful_than_there_are(archive: JsonObject) -> None:
    others = len(rows(archive, "users"))

    for one in rows(archive, "reviews").values():
        assert 0 <= cast("int", one["helpful_votes"]) < others


def test_no_text_stands_in_two_records(archive: JsonObject) -> None:
    said = [str(one["comment"]) for one in rows(archive, "reviews").values()]

    assert len({*said}) == len(said)


@pytest.mark.parametrize("seed", range(4))
def test_a_thing_is_lent_once_at_a_time(seed: int) -> None:
    loans = rows(realistic_state(skeleton(SHOP), seed, NOW, is_busy=True), "loans").values()
    spans: dict[str, list[tuple[str, str]]] = {}
    for one in loans:
        end = str(one["returned_date"] or "9999")
        spans.setdefault(str(one["device_id"]), []).append((str(one["borrowed_date"]), end))

    for found in map(sorted, spans.values()):
        assert all(before[1] < after[0] for before, after in pairwise(found))
