"""What one watched call shows by itself: the call in, the finding out."""

from typing import cast

import pytest

from envscaler.check_env.anomalies import anomalies, is_told
from envscaler.inputs.subject import ToolKind, read_subject
from envscaler.published.module import skeleton_of
from envscaler.records import FindingKind, JsonObject, JsonValue, ObservationKind
from envscaler.sandbox import ProbeResult
from tests.check_env.scripted import Answer, result, seen

K = FindingKind
FINE: JsonObject = {"success": True, "message": "done"}
NO: JsonObject = {"success": False, "error": "no such thing"}


def found(
    answer: Answer, kind: ToolKind = "change", *, change: JsonValue = None, **before: JsonValue
) -> list[FindingKind]:
    """Name what a call shows that gives an answer, and puts `change` into the state."""

    def act(state: JsonObject, _arguments: JsonObject) -> Answer:
        if change is not None:
            state["things"] = change
        return answer

    return [each.kind for each in anomalies(seen(act, before={**before}), kind)]


def told(value: JsonValue = None, **more: object) -> ProbeResult:
    return ProbeResult(result(FINE if value is None else value), **more)  # pyright: ignore[reportArgumentType]


def ended(kind: ObservationKind, seconds: float = 1.0) -> ProbeResult:
    return ProbeResult(result({"error": "KeyError: 'x'"}, kind), seconds=seconds)


@pytest.mark.parametrize(
    "value",
    [
        FINE,
        NO,
        {"success": False, "error": {"code": "NOT_FOUND", "text": "no such thing"}},
        {"success": True, "data": []},
        {"success": True, "data": 1, "message": "x"},
    ],
)
def test_a_sound_call_shows_nothing(value: JsonObject) -> None:
    assert found(value) == []


@pytest.mark.parametrize(
    "value",
    [
        {"data": 1},
        {"success": 1, "data": 2},
        {"success": True},
        {"success": False, "message": "no"},
        {"success": False, "error": 3},
        cast("JsonObject", [1]),
        {"$set": [1]},
    ],
)
def test_a_result_of_another_shape(value: JsonObject) -> None:
    assert found(value) == [K.BAD_RESULT_SHAPE]


def test_a_call_that_raised_and_one_whose_result_is_no_json() -> None:
    assert found(ended(ObservationKind.EXCEPTION)) == [K.UNCAUGHT_EXCEPTION]
    assert found(ended(ObservationKind.UNSERIALISABLE)) == [K.UNSERIALISABLE]
    assert found(told(problem="a set in data")) == [K.UNSERIALISABLE]


@pytest.mark.parametrize(
    "kind", [ObservationKind.TIMEOUT, ObservationKind.MEMORY, ObservationKind.KILLED]
)
def test_a_call_beyond_a_limit_is_slow(kind: ObservationKind) -> None:
    assert found(ended(kind)) == [K.SLOW_CALL]


def test_a_call_that_never_had_its_time_is_not_slow() -> None:
    assert found(ended(ObservationKind.TIMEOUT, seconds=0.01)) == []


def test_a_call_that_did_not_fit_the_schema_shows_nothing() -> None:
    assert found(ended(ObservationKind.REFUSED)) == []


def test_a_query_that_writes_and_a_change_that_does() -> None:
    assert found(FINE, "query", change=1) == [K.QUERY_CHANGES_STATE]
    assert found(FINE, "change", change=1) == []


def test_a_refused_call_and_a_failed_one_that_leave_a_change() -> None:
    assert found(NO, change=1) == [K.REFUSED_CALL_CHANGED_STATE]
    assert K.REFUSED_CALL_CHANGED_STATE in found(ended(ObservationKind.EXCEPTION), change=1)


MIXED: JsonValue = {"$dict": [[1, "a"], ["2", "b"]]}


def test_keys_that_become_mixed_are_confused_keys() -> None:
    assert K.KEY_CONFUSION in found(FINE, change=MIXED, things={"$dict": [[1, "a"]]})


@pytest.mark.parametrize(
    "keys",
    [[1, 2], ["1", "2"], ["a", 1], ["a", "1"]],
    ids=["integers", "digits", "words and integers", "words and digits"],
)
def test_keys_of_which_none_can_be_the_other_are_no_confusion(keys: list[JsonValue]) -> None:
    pairs: list[JsonValue] = [[key, "x"] for key in keys]
    before: list[JsonValue] = [[key, "x"] for key in keys[:1]]

    assert K.KEY_CONFUSION not in found(FINE, change={"$dict": pairs}, things={"$dict": before})


def test_keys_that_were_mixed_before_are_not_this_call_s() -> None:
    more: JsonValue = {"$dict": [[1, "a"], ["2", "b"], [3, "c"]]}

    assert K.KEY_CONFUSION not in found(FINE, change=more, things=MIXED)


@pytest.mark.parametrize(
    ("probe", "kind"),
    [
        (told(live=("data",)), K.LIVE_REFERENCE),
        (told(arguments=("items",)), K.ARGUMENT_MUTATED),
        (told(defaults=("act(items)",)), K.SHARED_DEFAULT),
        (told(shared=("Shop.counter",)), K.INSTANCE_LEAK),
        (told(fresh="the result is another"), K.HIDDEN_STATE),
        (told({"success": True, "message": "<Item at 0x7f3a2b1c4d>"}), K.HIDDEN_STATE),
    ],
)
def test_what_a_call_does_beside_returning(probe: ProbeResult, kind: FindingKind) -> None:
    assert found(probe) == [kind]


def test_a_refusal_that_is_said_to_be_counted_may_change_a_number_and_nothing_else() -> None:
    def act(state: JsonObject, arguments: JsonObject) -> Answer:
        state[str(arguments["field"])] = arguments["value"]
        return NO

    subject = read_subject(
        skeleton_of("""
class Door:
    def __init__(self):
        self.tries = 0

    def act(self, field: str, value: int):
        'Open it. A wrong PIN is counted.'
        self.tries += 1
""")
    )
    one = seen(act, before={"tries": 1, "title": "a"}, field="tries", value=2)
    other = seen(act, before={"tries": 1, "title": "a"}, field="title", value="b")

    assert is_told(one, subject)
    assert not is_told(other, subject)
    assert [*anomalies(one, "change", told=True)] == []
    assert [each.kind for each in anomalies(one, "change")] == [K.REFUSED_CALL_CHANGED_STATE]
