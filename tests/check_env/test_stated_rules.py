"""Sentences become predicates: what each form of sentence forbids, and what it allows."""

import pytest

from envscaler.check_env.stated_rules.answers import tells_answer
from envscaler.check_env.stated_rules.conditions import conditions
from envscaler.check_env.stated_rules.effects import becomes
from envscaler.check_env.stated_rules.ranges import ranges
from envscaler.check_env.stated_rules.reader import read_rules, schema_of
from envscaler.check_env.stated_rules.rule import StatedRule, Step
from envscaler.check_env.stated_rules.schema import Schema
from envscaler.check_env.stated_rules.statements import Statement, parts_of
from envscaler.check_env.stated_rules.tables import Tables
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import read_subject
from envscaler.records import FindingCall, JsonObject, Observation, ObservationKind
from envscaler.sandbox import ProbeResult
from tests.check_env.arena import skeleton

FIELDS = """
class Club:
    # {"room", "day", "start", "end", "capacity", "trainer", "status", "fee", "opening", "balance"}
    # {"account", "amount", "seats", "party", "table", "allergies", "contains", "pupil", "dish"}
    # {"limit", "member", "km", "minutes", "pieces", "stock", "broken", "rider", "teacher"}
    # {"level", "returned", "name"}
    def __init__(self):
        self.members = {}

    def look(self):
        return {"success": True, "data": len(self.members)}
"""


def rules(state: JsonObject, *sentences: str) -> list[StatedRule]:
    """Read sentences about the tables of a state."""
    subject = read_subject(skeleton(FIELDS, rules=sentences))
    return read_rules(subject, schema_of(subject, [state]), {}).rules


def tables(state: JsonObject) -> Tables:
    subject = read_subject(skeleton(FIELDS))
    return schema_of(subject, [state]).states[0]


def step(
    before: JsonObject, after: JsonObject, tool: str = "", arguments: JsonObject | None = None
) -> Step:
    """Make a change that succeeded."""
    call = FindingCall(tool=tool, arguments=arguments or {})
    result = ProbeResult(Observation(kind=ObservationKind.OK, value={"success": True}), state=after)
    return Step(tables(before), tables(after), CallRecord(0, (), call, before, after, result))


def breaks(sentence: str, lawful: JsonObject, wrong: JsonObject) -> bool:
    """Say whether the rules of a sentence, held in the first state, are broken by the second."""
    found = rules(lawful, sentence)
    return any(rule.broken_by(step(lawful, wrong)) for rule in found)


CLASSES: JsonObject = {
    "classes": {
        "yoga": {"room": "hall", "day": "mon", "start": 540, "end": 600, "capacity": 2},
        "box": {"room": "hall", "day": "mon", "start": 600, "end": 660, "capacity": 1},
    },
    "members": {"ann": {"limit": 1, "balance": 3}, "bo": {"limit": 2, "balance": 1}},
    "bookings": {"yoga": ["ann"], "box": ["bo"]},
}


def changed(state: JsonObject, path: str, value: object) -> JsonObject:
    """Return a copy of a state with one value at a dotted path."""
    first, _, rest = path.partition(".")
    if not rest:
        return {**state, first: value}  # type: ignore[dict-item]
    inner = state[first]
    assert isinstance(inner, dict)
    return {**state, first: changed(inner, rest, value)}


@pytest.mark.parametrize(
    ("sentence", "path", "wrong", "right"),
    [
        ("Two classes in one room on the same day never overlap.", "classes.box.start", 599, 601),
        (
            "A class never has more bookings than capacity.",
            "bookings.box",
            ["bo", "ann"],
            ["ann"],
        ),
        (
            "Bookings name only members and classes that exist.",
            "bookings.box",
            ["cy"],
            ["ann"],
        ),
        ("A balance is never negative.", "members.ann.balance", -1, 0),
        ("The capacity lies between 1 and 2.", "classes.box.capacity", 3, 2),
        ("Capacity is above 0.", "classes.box.capacity", 0, 5),
        ("The balance of a member never goes down.", "members.ann.balance", 2, 4),
        ("The day of a class never changes.", "classes.yoga.day", "tue", "mon"),
    ],
)
def test_a_sentence_forbids_what_lies_just_beyond_it(
    sentence: str, path: str, wrong: object, right: object
) -> None:
    assert breaks(sentence, CLASSES, changed(CLASSES, path, wrong))
    assert not breaks(sentence, CLASSES, changed(CLASSES, path, right))


def test_a_limit_of_the_owner_counts_only_the_rows_of_the_status_that_is_named() -> None:
    one: JsonObject = {"worker": "moe", "status": "working", "minutes": 1}
    done: JsonObject = {"worker": "moe", "status": "done", "minutes": 1}
    state: JsonObject = {
        "workers": {"moe": {"capacity": 1}, "lou": {"capacity": 4}},
        "tickets": {"a": one, "b": done, "c": {**done, "worker": "lou"}},
    }
    sentence = "A worker never has more than capacity tickets with status working."

    assert breaks(sentence, state, changed(state, "tickets.b.status", "working"))
    assert not breaks(sentence, state, changed(state, "tickets.d", done))


def test_a_sum_is_limited_by_a_field() -> None:
    state: JsonObject = {
        "tables": {"rose": {"seats": 4}, "lily": {"seats": 3}},
        "guests": {"a": {"party": 2, "table": "rose"}, "b": {"party": 3, "table": "lily"}},
    }
    sentence = "The parties at a table together never need more than its seats."

    assert breaks(sentence, state, changed(state, "guests.c", {"party": 3, "table": "rose"}))
    assert not breaks(sentence, state, changed(state, "guests.c", {"party": 2, "table": "rose"}))


def test_a_number_in_a_sentence_limits_a_group() -> None:
    state: JsonObject = {
        "riders": {"r1": {"minutes": 1}, "r2": {"minutes": 2}},
        "bikes": {"b1": {"rider": "r1", "broken": False}, "b2": {"rider": None, "broken": True}},
    }
    sentence = "A rider has at most one bike."

    assert breaks(sentence, state, changed(state, "bikes.b2.rider", "r1"))
    assert not breaks(sentence, state, changed(state, "bikes.b2.rider", "r2"))


def test_a_number_is_made_of_a_base_and_the_amounts_of_others() -> None:
    state: JsonObject = {
        "accounts": {"giro": {"opening": 10, "balance": 13}, "cash": {"opening": 4, "balance": 4}},
        "transactions": [{"id": 1, "account": "giro", "amount": 3}],
    }
    sentence = "The balance of an account is its opening plus the amounts of its transactions."

    assert breaks(sentence, state, {**state, "transactions": []})
    assert not breaks(sentence, state, state)


def test_the_two_of_a_pair_are_kept_apart() -> None:
    state: JsonObject = {
        "guests": {"a": {"party": 1, "table": "rose"}, "b": {"party": 1, "table": "lily"}},
        "avoid": [["a", "b"]],
    }
    sentence = "Two guests of an avoid pair never sit at the same table."

    assert breaks(sentence, state, changed(state, "guests.b.table", "rose"))
    assert not breaks(sentence, state, changed(state, "guests.b.table", None))


def test_lists_of_two_things_that_meet_have_nothing_in_common() -> None:
    state: JsonObject = {
        "pupils": {"p1": {"allergies": ["egg", "nut"]}, "p2": {"allergies": []}},
        "dishes": {"soup": {"contains": ["celery", "egg"]}, "rice": {"contains": []}},
        "orders": {"1": {"pupil": "p2", "dish": "soup"}, "2": {"pupil": "p1", "dish": "rice"}},
    }
    sentence = "A pupil is never served a dish that contains one of the pupil's allergies."

    assert breaks(sentence, state, changed(state, "orders.3", {"pupil": "p1", "dish": "soup"}))
    assert not breaks(sentence, state, changed(state, "orders.3", {"pupil": "p2", "dish": "soup"}))


ARROWS = "Status goes only open -> working -> done; open or working may also become cancelled."


@pytest.mark.parametrize(
    ("old", "new", "lawful"),
    [
        ("open", "working", True),
        ("open", "done", False),
        ("working", "cancelled", True),
        ("done", "cancelled", False),
    ],
)
def test_arrows_are_the_steps_that_a_status_may_take(old: str, new: str, *, lawful: bool) -> None:
    jobs = {word: {"status": word, "fee": 1} for word in ("open", "working", "done")}
    state: JsonObject = {"jobs": {**jobs, "x": {"status": old, "fee": 2}}}  # type: ignore[dict-item]

    assert breaks(ARROWS, state, changed(state, "jobs.x.status", new)) is not lawful


def test_what_does_not_hold_at_the_start_is_no_rule() -> None:
    assert rules(CLASSES, "The capacity lies between 5 and 9.") == []


def test_a_limit_that_two_fields_may_be_is_not_guessed() -> None:
    state: JsonObject = {
        "teachers": {"t": {"limit": 2, "balance": 9}},
        "pupils": {"t": {"limit": 2, "balance": 9}},
        "lessons": {"a": {"pupil": "t", "teacher": "t"}},
    }

    assert rules(state, "There are never more lessons than the limit.") == []


PARCELS: JsonObject = {
    "parcels": {
        "a": {"status": "stored", "broken": False},
        "b": {"status": "announced", "broken": True},
    }
}


def condition_breaks(sentence: str, tool: str, parcel: str) -> bool:
    """Say whether a call about a parcel breaks what a docstring of its tool says."""
    schema: Schema = schema_of(read_subject(skeleton(FIELDS)), [PARCELS])
    statement = Statement(sentence, "the docstring", tool)
    links = {tool: {"parcel_id": "parcels"}}
    seen = step(PARCELS, PARCELS, tool, {"parcel_id": parcel})
    return any(rule.broken_by(seen) for rule in conditions(statement, schema, links))


@pytest.mark.parametrize(
    ("sentence", "right", "wrong"),
    [
        ("Hand over a stored parcel.", "a", "b"),
        ("Give out a parcel that is not broken.", "a", "b"),
        ("Open a parcel that is stored or collected.", "a", "a"),
        ("The parcel must be stored.", "a", "b"),
        ("Mend a broken parcel.", "b", "a"),
        ("A broken parcel that then gets wet is thrown away.", "a", "a"),
    ],
)
def test_a_docstring_says_in_what_state_a_record_must_be(
    sentence: str, right: str, wrong: str
) -> None:
    assert not condition_breaks(sentence, "hand_over", right)
    assert condition_breaks(sentence, "hand_over", wrong) is (right != wrong)


def test_a_sentence_about_a_new_record_is_no_condition() -> None:
    assert not condition_breaks("Create a stored parcel.", "create_parcel", "b")


def test_a_rule_about_all_tools_finds_the_tool_of_its_verb() -> None:
    schema = schema_of(read_subject(skeleton(FIELDS)), [PARCELS])
    links = {"open_parcel": {"parcel_id": "parcels"}, "drop": {"parcel_id": "parcels"}}

    found = [*conditions(Statement("Only stored parcels are opened.", "the rules"), schema, links)]

    assert [one.condition.tool for one in found if one.condition] == ["open_parcel"]


def test_what_a_status_becomes_is_held_against_the_record_that_the_call_names() -> None:
    schema = schema_of(read_subject(skeleton(FIELDS)), [PARCELS])
    links = {"store": {"parcel_id": "parcels"}}
    after = changed(PARCELS, "parcels.b.status", "stored")
    [rule] = becomes(Statement("Mark a parcel as stored.", "the docstring", "store"), schema, links)

    assert rule.broken_by(step(PARCELS, PARCELS, "store", {"parcel_id": "b"}))
    assert not rule.broken_by(step(PARCELS, after, "store", {"parcel_id": "b"}))


def test_an_exchange_keeps_all_values() -> None:
    state: JsonObject = {
        "guests": {"a": {"party": 1, "table": "rose"}, "b": {"party": 1, "table": "lily"}}
    }
    subject = read_subject(
        skeleton(
            FIELDS.replace(
                "def look(self):",
                'def swap(self):\n        """Exchange the tables of two guests."""',
            )
        )
    )
    [rule] = read_rules(subject, schema_of(subject, [state]), {}).rules
    both = changed(changed(state, "guests.a.table", "lily"), "guests.b.table", "rose")

    assert rule.broken_by(step(state, changed(state, "guests.a.table", "lily"), "swap"))
    assert not rule.broken_by(step(state, both, "swap"))


@pytest.mark.parametrize(
    ("sentence", "wrong", "right"),
    [
        (
            "There are at least 56 days between two donations of a donor.",
            "2025-02-25",
            "2025-02-26",
        ),
        ("A donation of a donor is possible once every 8 weeks.", "2025-02-25", "2025-02-26"),
    ],
)
def test_days_lie_between_records_of_one_owner(sentence: str, wrong: str, right: str) -> None:
    state: JsonObject = {
        "donors": {"d": {"limit": 1}, "e": {"limit": 2}},
        "donations": {
            "1": {"donor": "d", "day": "2025-01-01"},
            "2": {"donor": "e", "day": "2025-01-01"},
        },
    }

    assert breaks(sentence, state, changed(state, "donations.3", {"donor": "d", "day": wrong}))
    assert not breaks(sentence, state, changed(state, "donations.3", {"donor": "d", "day": right}))


def test_what_ends_after_it_starts_does_not_end_at_once() -> None:
    assert breaks(
        "A class ends after it starts.", CLASSES, changed(CLASSES, "classes.box.end", 600)
    )


def test_something_is_in_just_one_of_two_places() -> None:
    state: JsonObject = {
        "bikes": {"a": {"room": "r", "rider": None}, "b": {"room": None, "rider": "x"}}
    }
    sentence = "A bike is in a room or with a rider, never both or neither."

    assert breaks(sentence, state, changed(state, "bikes.a.rider", "x"))
    assert breaks(sentence, state, changed(state, "bikes.b.rider", None))


def test_a_limit_counts_what_is_not_over_where_the_sentence_leaves_open_which_records() -> None:
    state: JsonObject = {
        "riders": {"r1": {"minutes": 1}, "r2": {"minutes": 2}},
        "rents": {"a": {"rider": "r1", "status": "open"}, "b": {"rider": "r2", "status": "ended"}},
    }

    [open_] = rules(state, "A rider has at most one rent.")
    [named] = rules(state, "A rider has at most one open rent.")
    assert "rents not over" in open_.text
    assert "rents with status open" in named.text


@pytest.mark.parametrize(
    "sentence",
    [
        "While a class is full, its capacity is never negative.",
        "The balance is never negative unless the member is staff.",
    ],
)
def test_a_rule_under_a_condition_is_not_read_without_it(sentence: str) -> None:
    assert rules(CLASSES, sentence) == []


@pytest.mark.parametrize(
    ("sentence", "low", "high"),
    [
        ("Add 1 to 50 credits.", 1, 50),
        ("Take minutes (from 1 to 600).", 1, 600),
        ("Cook portions, at least 1.", 1, None),
        ("At most 12 parts.", None, 12),
        ("Set a price above 0.", 1, None),
    ],
)
def test_a_docstring_bounds_the_only_number_of_a_tool(
    sentence: str, low: int | None, high: int | None
) -> None:
    numbers = {"tool": [next(word for word in NOUNS if word in sentence)]}

    [found] = ranges(Statement(sentence, "the docstring", "tool"), numbers)

    assert (found.low, found.high) == (low, high)


NOUNS = ("credits", "minutes", "portions", "parts", "price")


@pytest.mark.parametrize(
    "sentence",
    [
        "Positive or negative minutes.",
        "1 to 5 minutes or 7 to 9 minutes.",
        "From 9 to 1 minutes.",
        "The minutes of departure, 1 to 720 hours later.",
    ],
)
def test_bounds_that_are_not_plain_are_not_read(sentence: str) -> None:
    assert [*ranges(Statement(sentence, "the docstring", "tool"), {"tool": ["minutes"]})] == []


def test_a_limit_of_rows_that_the_sentence_names_is_none_of_other_rows() -> None:
    state: JsonObject = {
        "members": {"ann": {"limit": 1}, "bo": {"limit": 2}},
        "rooms": {"hall": {"capacity": 3}},
        "friends": {"ann": ["bo"], "bo": ["ann", "cy"]},
    }

    assert rules(state, "A member has at most `limit` rooms.") == []
    assert len(rules(state, "A member has at most `limit` friends.")) == 1


LIBRARY: JsonObject = {
    "members": {
        "ann": {"level": "basic", "name": "Ann"},
        "bob": {"level": "plus", "name": "Bob"},
    },
    "loans": {
        "l1": {"member": "ann", "returned": None},
        "l2": {"member": "ann", "returned": None},
        "l3": {"member": "ann", "returned": 4},
        "l4": {"member": "bob", "returned": None},
    },
}
KINDS = "Basic members have at most two tools out, plus members at most three."


@pytest.mark.parametrize(("owner", "broken"), [("ann", True), ("bob", False)])
def test_a_number_for_each_kind_of_owner_limits_what_is_open(*, owner: str, broken: bool) -> None:
    loans = LIBRARY["loans"]
    assert isinstance(loans, dict)
    more: JsonObject = {**LIBRARY, "loans": {**loans, "l5": {"member": owner, "returned": None}}}

    assert breaks(KINDS, LIBRARY, more) is broken


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Ways to restore a bus are only lines that may be closed", True),
        ("The report of a day lists paid orders only", True),
        ("A list of free rooms never has a closed one", True),
        ('{"kw": what the buses draw, "spare": rating less that}', True),
        ("Results are corrected only in the latest round", False),
        ("Watch lists name lots that exist", False),
        ("The number of bookings is at most the capacity", False),
    ],
)
def test_a_sentence_about_an_answer_is_told_from_one_about_the_state(
    text: str, *, is_one: bool
) -> None:
    assert tells_answer(text, frozenset(("result", "watching"))) is is_one


def test_a_parameter_is_not_named_by_a_part_of_another_word() -> None:
    numbers = {"visit": ["no", "times"]}

    assert [*ranges(Statement("Note visits (1 to 7).", "the docstring", "visit"), numbers)] == []


def test_a_number_in_groups_of_three_digits_is_one_number() -> None:
    assert parts_of("The limit is 0 to 1,000,000 cents, in 2 parts, 500 each.") == [
        "The limit is 0 to 1000000 cents, in 2 parts, 500 each."
    ]
