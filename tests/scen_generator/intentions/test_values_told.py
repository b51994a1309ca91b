"""Values that a message gives are those that a person would give."""

from datetime import date, timedelta
from random import Random

from envscaler.environment.state.collections import collections_of
from envscaler.records import Clock, JsonObject, Tool
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.literals import Literals
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_moment
from tests.scen_generator.intentions.making import knowledge
from tests.scen_generator.running import ENVIRONMENT

TICKETS: JsonObject = {
    "tickets": {
        f"T{n}": {"ticket_id": f"T{n}", "opened_at": 1731485700.0 + n, "weight": 40 + n}
        for n in range(3)
    }
}


def test_seconds_since_1970_are_a_time_and_are_not_said_as_a_number() -> None:
    nouns = Nouns(collections_of(TICKETS))

    assert nouns.is_date("tickets", "opened_at")
    assert not nouns.is_date("tickets", "weight")
    assert is_moment(1731485700)
    assert not is_moment(4200)


def test_a_name_is_one_of_the_kind_that_the_tool_is_about() -> None:
    known = knowledge()
    literals = Literals(known.context, known.nouns, Clock())
    [tool] = [tool for tool in ENVIRONMENT.tools if tool.name == "register_boat"]

    said = {str(literals.draw(tool, "name", Random(seed))) for seed in range(5)}

    assert all(text == text.strip() and text.endswith("boat") for text in said)


def test_what_is_put_right_stays_on_its_day_and_what_is_new_was_yesterday() -> None:
    known = knowledge()
    literals = Literals(known.context, known.nouns, Clock())
    schema: JsonObject = {"type": "object", "properties": {"consumed_at": {"type": "string"}}}
    change, make = (
        Tool(name=name, description="", parameters=schema) for name in ("edit_meal", "log_meal")
    )
    held, now = "2024-06-10T18:00:00", Clock().start.date()

    for seed in range(8):
        put = str(literals.draw(change, "consumed_at", Random(seed), held))
        new = str(literals.draw(make, "consumed_at", Random(seed), held))[:10]
        assert put[:10] == held[:10]
        assert 0 < abs(int(put[11:13]) - 18) <= 2
        assert date.fromisoformat(new) == now - timedelta(days=1)


def test_a_new_phone_is_nobody_elses_nor_given_twice() -> None:
    state: JsonObject = {
        "guests": {f"G{n}": {"guest_id": f"G{n}", "phone": f"+1-555-01{n:02}"} for n in range(40)}
    }
    context = SearchContext(ENVIRONMENT, state)
    literals = Literals(context, Nouns(collections_of(state)), Clock())
    schema: JsonObject = {"type": "object", "properties": {"phone": {"type": "string"}}}
    tool = Tool(name="update_guest_info", description="", parameters=schema)

    given = [
        str(literals.draw(tool, "phone", Random(n), f"+1-555-01{n:02}"))[-2:] for n in range(40)
    ]

    assert len({*given}) == 40
    assert min(map(int, given)) >= 40
