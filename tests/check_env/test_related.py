"""What holds between records that refer to each other becomes a rule where a sentence names it."""

import pytest

from envscaler.check_env.stated_rules.reader import read_rules, schema_of
from envscaler.check_env.stated_rules.rule import StatedRule, Step
from envscaler.check_env.stated_rules.spoken import speaks_of
from envscaler.check_env.stated_rules.tables import Tables
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import read_subject
from envscaler.records import FindingCall, JsonObject, Observation, ObservationKind
from envscaler.sandbox import ProbeResult
from tests.check_env.arena import skeleton
from tests.check_env.test_stated_rules import changed

SOURCE = """
class School:
    # {"level", "active", "teacher_id", "status", "due", "issued", "client_id", "days", "topic"}
    # {"name", "authors", "topics", "paper", "reviewer", "needs", "on", "pupils", "age", "min_age"}
    def __init__(self):
        self.courses = {}

    def look(self):
        return {"success": True, "data": len(self.courses)}
"""
STATE: JsonObject = {
    "teachers": {
        "t1": {"level": 3, "active": True},
        "t2": {"level": 5, "active": True},
        "t3": {"level": 4, "active": False},
    },
    "courses": {
        "c1": {"level": 2, "teacher_id": "t1", "status": "planned"},
        "c2": {"level": 5, "teacher_id": "t2", "status": "planned"},
        "c3": {"level": 1, "teacher_id": "t3", "status": "done"},
    },
    "clients": {"k1": {"days": 14}, "k2": {"days": 30}},
    "invoices": {
        "i1": {"issued": "2025-01-01", "due": "2025-01-15", "client_id": "k1"},
        "i2": {"issued": "2025-01-20", "due": "2025-02-19", "client_id": "k2"},
        "i3": {"issued": "2025-03-01", "due": "2025-03-15", "client_id": "k1"},
    },
    "papers": {
        "p1": {"authors": ["Ann", "Bo"], "topic": "law"},
        "p2": {"authors": ["Cy"], "topic": "art"},
    },
    "reviewers": {
        "r1": {"name": "Cy", "topics": ["law"]},
        "r2": {"name": "Ann", "topics": ["art", "law"]},
    },
    "assignments": {
        "a1": {"paper": "p1", "reviewer": "r1"},
        "a2": {"paper": "p2", "reviewer": "r2"},
        "a3": {"paper": "p2", "reviewer": "r2"},
    },
    "flags": {
        "f1": {"on": True, "needs": ["f2"]},
        "f2": {"on": True, "needs": ["f3"]},
        "f3": {"on": True, "needs": []},
        "f4": {"on": False, "needs": ["f5"]},
        "f5": {"on": False, "needs": []},
    },
}  # fmt: skip


def rules(*sentences: str) -> list[StatedRule]:
    subject = read_subject(skeleton(SOURCE, rules=sentences))
    return read_rules(subject, schema_of(subject, [STATE]), {}).rules


def broken(sentence: str, wrong: JsonObject) -> set[str]:
    """Return what the rules of a sentence find wrong after a change to another state."""
    subject = read_subject(skeleton(SOURCE))
    before, after = (schema_of(subject, [state]).states[0] for state in (STATE, wrong))
    return {where for rule in rules(sentence) for where in rule.broken_by(_step(before, after))}


def _step(before: Tables, after: Tables) -> Step:
    result = ProbeResult(Observation(kind=ObservationKind.OK, value={"success": True}))
    seen = CallRecord(0, (), FindingCall(tool="act", arguments={}), {}, {}, result)
    return Step(before, after, seen)


@pytest.mark.parametrize(
    ("sentence", "path", "wrong", "where"),
    [
        ("A teacher's level is at least that of the course.", "courses.c1.level", 4, "c1"),
        ("Inactive teachers have no planned course.", "courses.c1.teacher_id", "t3", "c1"),
        ("An invoice is due the days of its client after it was issued.", "invoices.i1.due",
         "2025-01-31", "i1"),
        ("Nobody reviews a paper of which they are an author.", "assignments.a1.reviewer", "r2",
         "a1"),
        ("A reviewer is assigned only papers of a topic of theirs.", "reviewers.r9", None, ""),
        ("A flag is on only while every flag that it needs is on.", "flags.f3.on", False,
         "f2, f3"),
    ],
)  # fmt: skip
def test_a_relation_that_a_sentence_names_can_be_broken(
    sentence: str, path: str, wrong: object, where: str
) -> None:
    state = changed(STATE, path, wrong) if where else STATE

    assert broken(sentence, state) == ({where} if where else set())


def test_a_sentence_has_to_name_all_that_is_compared() -> None:
    assert not [one for one in rules("A course has a level.") if "level" in one.text]


SWAPS: JsonObject = {
    "shifts": {"s1": {"need": 1}, "s2": {"need": 1}, "s3": {"need": 2}, "s4": {"need": 3}},
    "swaps": {
        "w1": {"gives": "s3", "takes": "s1"},
        "w2": {"gives": "s2", "takes": "s1"},
        "w3": {"gives": "s4", "takes": "s3"},
    },
}


@pytest.mark.parametrize(
    ("sentence", "compared"),
    [
        ("A shift never has more nurses than its need.", False),
        ("The need of the shift that a swap takes is at most the need of the one it gives.", True),
        (
            "The need of the shift a swap takes and of the one it gives together is at most 9.",
            False,
        ),
    ],
)
def test_two_records_of_one_table_are_compared_where_a_sentence_tells_them_apart(
    sentence: str, *, compared: bool
) -> None:
    source = SOURCE.replace("# {", '# {"gives", "takes", "need", "swaps", "shifts"} {', 1)
    subject = read_subject(skeleton(source, rules=(sentence,)))
    found = read_rules(subject, schema_of(subject, [SWAPS]), {}).rules

    assert any("need of its" in one.text for one in found) == compared


def test_what_a_record_was_held_against_may_change_later() -> None:
    later = changed(STATE, "clients.k1.days", 60)

    assert broken("An invoice is due the days of its client after it was issued.", later) == set()


def test_at_least_says_which_way_round_it_is() -> None:
    said = "A course's level is at least that of the teacher."

    assert not [one for one in rules(said) if "not more than" in one.text]


@pytest.mark.parametrize(
    ("sentence", "name", "said"),
    [
        ("payments never exceed the total", "paid", True),
        ("its temperature is right", "max_temp", True),
        ("inactive ones are left out", "active", True),
        ("the day that it is due", "client_id", False),
    ],
)
def test_fields_are_known_by_other_forms_of_their_words(
    sentence: str, name: str, *, said: bool
) -> None:
    assert speaks_of(sentence, name) == said
