"""Names that a person would use for a record, and the way from them to its id."""

import pytest

from envscaler.config import load_settings
from envscaler.environment.state.collections import Collection, collections_of
from envscaler.records import Call, JsonObject
from envscaler.sandbox import Sandbox, Start
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.grounding import (
    DescribedField,
    Grounder,
    Grounding,
    ReferringExpression,
    descriptions,
)
from envscaler.scen_generator.solution_first.task_text import describe
from tests.scen_generator.example import STATE
from tests.scen_generator.running import ENVIRONMENT, in_sandbox

COLLECTIONS = collections_of(STATE)


def collection(name: str) -> Collection:
    return next(each for each in COLLECTIONS if each.name == name)


def first_description(name: str, key: str) -> ReferringExpression:
    return next(descriptions(collection(name), key, COLLECTIONS))


def test_a_record_is_called_by_its_name_where_it_has_one() -> None:
    assert describe(first_description("boats", "BT-002")) == 'the boat whose name is "Skua II"'


def test_a_record_is_called_by_another_one_that_it_refers_to() -> None:
    found = descriptions(collection("bookings"), "BK-002", COLLECTIONS)

    assert 'the booking whose boat is the boat whose name is "Ternen"' in map(describe, found)


def test_a_field_that_others_share_is_not_enough() -> None:
    for found in descriptions(collection("berths"), "B1", COLLECTIONS):
        assert len(found.fields) == 2


def test_every_description_fits_one_record_alone() -> None:
    for each in COLLECTIONS:
        for key in each.ids:
            for found in descriptions(each, key, COLLECTIONS):
                fitting = [
                    other
                    for other, record in zip(each.ids, each.records, strict=True)
                    if all(record.get(each.field) == each.value for each in found.fields)
                ]
                assert fitting == [key]


def test_secrets_and_ids_name_nothing() -> None:
    state: JsonObject = {
        "users": {
            "U1": {"user_id": "U1", "password_hash": "x1", "badge_id": "77"},
            "U2": {"user_id": "U2", "password_hash": "x2", "badge_id": "78"},
        }
    }
    [users] = collections_of(state)

    assert list(descriptions(users, "U1", [users])) == []


@pytest.fixture(scope="module")
def groundings() -> dict[str, Grounding | None]:
    """Look for the way to some records of the harbour."""

    async def use(sandbox: Sandbox) -> dict[str, Grounding | None]:
        live = await sandbox.open(ENVIRONMENT, Start(initial_state=STATE))
        found = Grounder(SearchContext(ENVIRONMENT, await live.state()))
        wanted = {"boats": "BT-001", "bookings": "BK-001", "invoices": "IN-001"}
        answers = {
            key: await found.find(collection(name), key, live) for name, key in wanted.items()
        }
        await live.close()
        return answers

    return in_sandbox(load_settings(None, ()), use)


def test_a_search_by_name_leads_to_the_id(groundings: dict[str, Grounding | None]) -> None:
    found = groundings["BT-001"]

    assert found is not None
    assert found.calls == (Call(name="find_boats", arguments={"text": "Skua"}),)


def test_one_search_feeds_the_next(groundings: dict[str, Grounding | None]) -> None:
    found = groundings["BK-001"]

    assert found is not None
    assert [call.name for call in found.calls] == ["find_boats", "list_bookings"]


def test_a_list_of_all_is_enough_where_it_shows_the_fields(
    groundings: dict[str, Grounding | None],
) -> None:
    found = groundings["IN-001"]

    assert found is not None
    assert found.calls[-1] == Call(name="list_invoices")


def test_a_record_that_no_query_shows_has_to_be_told_by_its_id() -> None:
    queries = ENVIRONMENT.structure.model_copy(update={"queries": ("get_boat",)})
    blind = ENVIRONMENT.model_copy(update={"structure": queries})

    async def use(sandbox: Sandbox) -> Grounding | None:
        live = await sandbox.open(blind, Start(initial_state=STATE))
        found = await Grounder(SearchContext(blind, STATE)).find(
            collection("boats"), "BT-001", live
        )
        await live.close()
        return found

    assert in_sandbox(load_settings(None, ()), use) is None


def test_an_id_without_the_fields_that_tell_it_apart_is_no_answer() -> None:
    source = ENVIRONMENT.source.replace(
        "dict(invoice)\n            for", 'invoice["invoice_id"]\n            for'
    )
    silent = ENVIRONMENT.model_copy(update={"source": source})

    async def use(sandbox: Sandbox) -> Grounding | None:
        live = await sandbox.open(silent, Start(initial_state=STATE))
        found = await Grounder(SearchContext(silent, STATE)).find(
            collection("invoices"), "IN-001", live
        )
        await live.close()
        return found

    assert source != ENVIRONMENT.source
    assert in_sandbox(load_settings(None, ()), use) is None


def test_a_description_without_a_link_names_the_other_by_its_id() -> None:
    told = ReferringExpression(
        collection("bookings"), "BK-001", (DescribedField("boat_id", "BT-001"),)
    )

    assert describe(told) == 'the booking whose boat id is "BT-001"'
