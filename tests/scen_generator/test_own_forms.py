"""Which records a parameter takes, whatever strangers call it, and of what type it is."""

from random import Random

import pytest

from envscaler.environment.state.collections import id_field
from envscaler.published.import_module import environment_of
from envscaler.published.module import skeleton_of
from envscaler.records import Clock, JsonObject, Observation, ObservationKind
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.literals import Literals
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.targets import target_collection
from envscaler.scen_generator.solution_first.looked_up import holders_of
from envscaler.scen_generator.solution_first.own_ids import collections_called

ALLOTMENTS = '''
class Allotments:
    def __init__(self, book):
        self.plots, self.tenants = dict(book["plots"]), dict(book["tenants"])
        self.hives, self.boats = dict(book["hives"]), dict(book["boats"])

    def _plot(self, number):
        return self.plots.get(number)

    def _tenant(self, number):
        return self.tenants.get(number)

    def exchange(self, plot_a, plot_b):
        """Exchange two plots."""
        self.plots[plot_a], self.plots[plot_b] = self.plots[plot_b], self.plots[plot_a]

    def join(self, keep, dissolve):
        """Join two plots."""
        if self._plot(keep) and self._plot(dissolve):
            del self.plots[dissolve]

    def bill(self, who, pence, note, extras):
        """Bill somebody."""
        self._tenant(who)["owes"] += pence

    def move_hive(self, code: str, area: int):
        """Move a hive."""
        self.hives[code]["area"] = area

    def feed(self, code: str):
        """Feed it."""
        self.hives[code.strip()]["fed"] = True

    def turn_back(self, name: str):
        """Turn a boat back."""
        self.boats[name.casefold()]["side"] = "low"
'''
STATE: JsonObject = {
    "plots": {"$dict": [[1, {"area": 90, "tenant": 7}], [2, {"area": 120, "tenant": 8}]]},
    "tenants": {"$dict": [[7, {"owes": 0}], [8, {"owes": 40}]]},
    "hives": {"L1": {"area": 1, "fed": False}, "W1": {"area": 2, "fed": False}},
    "boats": {"otter": {"name": "Otter", "side": "low"}, "tug 4": {"name": "Tug 4", "side": "up"}},
}


def allotments() -> SearchContext:
    return SearchContext(environment_of(skeleton_of(ALLOTMENTS)), STATE)


@pytest.mark.parametrize(
    ("tool", "parameter", "path"),
    [
        ("exchange", "plot_b", "plots"),
        ("join", "dissolve", "plots"),
        ("bill", "who", "tenants"),
        ("move_hive", "code", "hives"),
        ("feed", "code", "hives"),
        ("turn_back", "name", "boats"),
        ("bill", "note", None),
        ("move_hive", "area", None),
    ],
)
def test_a_parameter_takes_the_records_that_it_is_named_after_or_looked_up_in(
    tool: str, parameter: str, path: str | None
) -> None:
    context = allotments()

    found = target_collection(context.tools[tool], parameter, context)

    assert (found.path if found else None) == path


def test_a_parameter_without_a_type_has_that_of_what_it_stands_for() -> None:
    tools = allotments().tools

    assert tools["exchange"].properties["plot_a"]["type"] == "integer"
    bill = {name: schema["type"] for name, schema in tools["bill"].properties.items()}
    assert {name: bill[name] for name in ("who", "pence", "note")} == {
        "who": "integer",
        "pence": "integer",
        "note": "string",
    }
    assert isinstance(bill["extras"], list)  # it may be a list


def test_helpers_of_one_parameter_name_are_told_apart() -> None:
    found = holders_of(ALLOTMENTS)

    assert (found["join", "keep"], found["bill", "who"]) == (("plots",), ("tenants",))


BIRDS: JsonObject = {
    "birds": [{"ring": "GB24-1", "state": "home"}, {"ring": "GB24-2", "state": "home"}],
    "lofts": [{"owner": "A", "name": "Hill"}, {"owner": "A", "name": "Vale"}],
    "ledger": [{"pence": 40, "why": "fee"}, {"pence": 60, "why": "fine"}],
    "entries": [{"race": 1, "bird": "GB24-1"}, {"race": 1, "bird": "GB24-2"}],
}


def test_records_in_lists_go_by_their_first_field_or_their_name() -> None:
    found = {one.path: one for one in collections_called(BIRDS, "")}

    assert found["birds"].ids == ("GB24-1", "GB24-2")
    assert id_field(found["birds"]) == "ring"
    assert found["lofts"].ids == ("Hill", "Vale")
    assert id_field(found["lofts"]) is None  # a name is said as a name


def test_amounts_and_what_several_have_are_no_ids() -> None:
    found = {one.path: one.ids for one in collections_called(BIRDS, "")}

    assert (found["ledger"], found["entries"]) == ((), ())


FEDERATION = '''
P_NO, P_NAME, P_ACTIVE = range(3)


class Federation:
    """Keeps players, games and `turns`.

    games    [number, white player (int), result]
    ``turns``: ticket -> [day, minutes]; only those to come.
    """
'''
ROWS: JsonObject = {
    "players": [[4, "Ada", True], [7, "Bram", False]],
    "book": {"games": [[1, 4, "draw"], [2, 7, "draw"]]},
    "turns": {"$dict": [[11, {"$tuple": [140, 60]}], [12, {"$tuple": [141, 90]}]]},
    "prices": [[1, 20], [2, 30]],
}


def test_rows_are_records_where_the_source_says_what_their_columns_hold() -> None:
    found = {one.path: one for one in collections_called(ROWS, FEDERATION)}

    assert found["players"].records[1] == {"no": 7, "name": "Bram", "active": False}
    assert found["book.games"].records[0] == {"number": 1, "white_player": 4, "result": "draw"}
    assert (found["turns"].ids, found["turns"].records[0]) == (
        (11, 12),
        {"day": 140, "minutes": 60},
    )
    assert "prices" not in found


def test_a_flat_store_holds_records_of_each_kind() -> None:
    store: JsonObject = {
        "host:1": {"name": "Ana"},
        "host:2": {"name": "Bo"},
        "unit:OAK-1": {"host": 1},
        "unit:ELM-4": {"host": 2},
        "week": 24,
    }

    found = {one.path: one.ids for one in collections_called({"store": store}, "")}

    assert found == {"store.hosts": (1, 2), "store.units": ("OAK-1", "ELM-4")}


def test_times_and_words_with_a_colon_are_no_flat_store() -> None:
    assert not any(
        one.ids
        for one in collections_called({"menu": {"a:b": {"x": 1}, "soup": {"x": 2}}}, "")
        if one.path != "menu"
    )


REFUSING = '''
class Loft:
    def __init__(self, birds):
        self.birds, self.reason, self.asked = dict(birds), None, 0

    def release(self, ring: str):
        """Release a bird."""
        if ring not in self.birds:
            self.reason = "no such bird"
            return False
        del self.birds[ring]
        return True

    def feed(self, ring: str):
        """Feed a bird."""
        if ring not in self.birds:
            self.asked += 1
            return "Error: no such bird"
        self.birds[ring]["fed"] = True
        return "OK"

    def is_here(self, ring: str):
        """Say whether a bird is here."""
        return ring in self.birds
'''


@pytest.mark.parametrize(
    ("tool", "answer", "did"),
    [
        ("release", False, False),
        ("release", True, True),
        ("feed", "Error: no such bird", False),
        ("feed", "OK", True),
        ("is_here", False, True),
    ],
)
def test_a_refusal_is_known_in_the_form_that_the_class_has_though_it_leaves_a_note(
    *, tool: str, answer: bool | str, did: bool
) -> None:
    context = SearchContext(
        environment_of(skeleton_of(REFUSING)), {"birds": {"B1": {"fed": False}}}
    )

    seen = Observation(kind=ObservationKind.OK, value=answer)

    assert context.succeeded(tool, seen) is did


OFFICES = """
class Club:
    def __init__(self, book):
        self.officers, self.valves = dict(book["officers"]), dict(book["valves"])

    def _may(self, who, role):
        return role in self.officers.get(who, [])

    def open_valve(self, valve_id: str, by: str):
        if not self._may(by, "fitter"):
            raise PermissionError("fitters only")
        self.valves[valve_id]["status"] = "open"
"""


def test_who_acts_is_one_of_those_whom_the_class_knows() -> None:
    state: JsonObject = {
        "officers": {"Ana": ["fitter"], "Bo": ["clerk"]},
        "valves": {"V-1": {"status": "shut"}},
    }
    context = SearchContext(environment_of(skeleton_of(OFFICES)), state)
    literals = Literals(context, Nouns(context.collections), Clock())

    drawn = {literals.draw(context.tools["open_valve"], "by", Random(turn)) for turn in range(20)}

    assert drawn == {"Ana", "Bo"}


MAIL = """
class Mail:
    def __init__(self, box):
        self.messages, self.labels = dict(box["messages"]), dict(box["labels"])

    def label(self, message_ids: list[int], label_id: str):
        self.labels[label_id]["on"] = message_ids

    def trash_message(self, message_id: int):
        self.messages[str(message_id)]["trashed"] = True

    def drop_label(self, label_id: str):
        del self.labels[label_id]
"""


def test_ids_that_are_texts_in_a_state_are_numbers_where_tools_take_numbers() -> None:
    state: JsonObject = {
        "messages": {"3": {"trashed": False}, "12": {"trashed": False}},
        "labels": {"1": {"word": "work"}, "2": {"word": "home"}},
    }

    found = SearchContext(environment_of(skeleton_of(MAIL)), state).collections

    assert [one.ids for one in found] == [(3, 12), ("1", "2")]
