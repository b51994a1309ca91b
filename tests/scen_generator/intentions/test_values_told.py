"""Values that a message gives are those that a person would give."""

from random import Random

from envscaler.environment.state.collections import collections_of
from envscaler.records import Clock, JsonObject
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
