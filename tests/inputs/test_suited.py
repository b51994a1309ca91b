"""Records of an invented state are as such records are."""

import re
from typing import cast

import pytest

from envscaler.inputs.agreement.suited import never_stands_so
from tests.inputs.test_one_story import SEEDS, made, rows

HOUSE = """
from typing import Dict, List, TypedDict


class ServiceInfo(TypedDict):
    service_id: str
    name: str
    status: str  # 'active', 'inactive', 'maintenance'


class StatementInfo(TypedDict):
    statement_id: str
    statement_type: str  # 'balance_sheet', 'income_statement'


class LineItemInfo(TypedDict):
    item_id: str
    statement_id: str
    category: str  # 'assets', 'liabilities', 'equity', 'revenue', 'operating_expense'
    value: float


class InvoiceInfo(TypedDict):
    invoice_id: str
    total_amount: float


class ChargeInfo(TypedDict):
    charge_id: str
    invoice_id: str
    description: str
    amount: float


class House:
    def __init__(self):
        self.services: Dict[str, ServiceInfo] = {}
        self.statements: Dict[str, StatementInfo] = {}
        self.line_items: Dict[str, LineItemInfo] = {}
        self.invoices: Dict[str, InvoiceInfo] = {}
        self.charges: Dict[str, ChargeInfo] = {}
"""
CHAMBER = """
from typing import Dict, TypedDict


class ProviderInfo(TypedDict):
    provider_id: str
    name: str
    date_of_birth: str


class LicenseInfo(TypedDict):
    license_id: str
    provider_id: str
    status: str  # 'active', 'expired', 'suspended'
    issuance_date: str
    expiration_date: str


class Chamber:
    def __init__(self):
        self.providers: Dict[str, ProviderInfo] = {}
        self.licenses: Dict[str, LicenseInfo] = {}
"""
SIDE = re.compile("Paper invoice|Setup fee|above the limit")


@pytest.mark.parametrize("seed", SEEDS)
def test_no_service_of_people_is_in_maintenance(seed: int) -> None:
    services = [*rows(made(HOUSE, seed), "services").values()]

    assert services
    for one in services:
        assert not never_stands_so(("service",), one, str(one["status"]))


def test_a_machine_may_be_in_maintenance() -> None:
    assert never_stands_so(("service",), {"name": "Office cleaning"}, "maintenance")
    assert not never_stands_so(("service",), {"name": "Office cleaning"}, "inactive")
    assert not never_stands_so(("service",), {"name": "Email hosting"}, "maintenance")
    assert not never_stands_so(("machine",), {"name": "Cleaning robot"}, "maintenance")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("left_out", ["", ", 'liabilities', 'equity'"])
def test_a_balance_sheet_has_more_than_assets(seed: int, left_out: str) -> None:
    state = made(HOUSE.replace(left_out, ""), seed)
    for key, sheet in rows(state, "statements").items():
        lines = [one for one in rows(state, "line_items").values() if one["statement_id"] == key]
        sorts = {str(one["category"]) for one in lines}
        if sheet["statement_type"] == "balance_sheet":
            assert len(sorts) >= min(len(lines), 3)
            first = max(lines, key=lambda one: cast("float", one["value"]), default=None)
            assert first is None or first["category"] == "assets"


@pytest.mark.parametrize("seed", SEEDS)
def test_no_bill_is_about_side_fees_only_and_it_is_the_sum_of_all(seed: int) -> None:
    state = made(HOUSE, seed)
    charges = [*rows(state, "charges").values()]
    for key, bill in rows(state, "invoices").items():
        lines = [one for one in charges if one["invoice_id"] == key]
        assert not lines or not all(SIDE.search(str(one["description"])) for one in lines)
        amounts = [cast("float", one["amount"]) for one in lines]
        assert not lines or bill["total_amount"] == pytest.approx(sum(amounts))


@pytest.mark.parametrize("seed", range(8))
def test_nobody_got_a_licence_before_they_had_learnt_for_it(seed: int) -> None:
    state = made(CHAMBER, seed)
    providers = rows(state, "providers")
    for one in rows(state, "licenses").values():
        born = str(providers[str(one["provider_id"])]["date_of_birth"])
        assert int(str(one["issuance_date"])[:4]) - int(born[:4]) >= 26
