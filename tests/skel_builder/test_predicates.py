"""What a model is asked of tools, and how its replies are read."""

import asyncio

import pytest

from envscaler.check_env.predicates.oracle import Case, Counterexample, Material
from envscaler.check_env.predicates.predicate import Predicate
from envscaler.errors import ReplyError
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import Subject, read_subject
from envscaler.prompts import render
from envscaler.records import FindingCall, JsonObject, JsonValue, Observation, ObservationKind
from envscaler.sandbox import ProbeResult
from envscaler.skel_builder.predicate_prompts import plain, plain_state, shape_text
from envscaler.skel_builder.predicates import ModelOracle, read_ruling
from tests.check_env.arena import skeleton
from tests.check_env.test_predicates import JARS, OPEN, STATE, predicate
from tests.fakes import Asked, ScriptedModel
from tests.skel_builder.makers import as_code, as_json, make_calls

NOTHING = as_code("# nothing")
NO_CALLS = as_json({"probes": []})


def last_message(asked: Asked) -> str:
    return str(asked.prompt.messages[-1].get("content"))


def subject_of(source: str = JARS, **changes: object) -> Subject:
    return read_subject(skeleton(source, **changes))


def material(subject: Subject) -> Material:
    return Material(
        subject, (STATE, {"jars": {}}), {"heavy_jars": ({"success": True, "data": ["J1"]},)}
    )


def test_the_model_sees_what_is_said_of_tools_but_not_how_they_work() -> None:
    model = ScriptedModel(NOTHING, NOTHING, NO_CALLS, NO_CALLS)
    subject = subject_of(rules=("No jar is empty.",))

    asyncio.run(ModelOracle(make_calls(model)).write(material(subject)))

    about_rules, about_tools, *_ = map(last_message, model.asked)
    assert about_rules.endswith("Write these functions now: rule_1")
    assert about_tools.endswith("Write these functions now: heavy_jars, open_jar")
    assert "The ids of the jars that weigh more than `grams`." in about_tools
    assert "returns `{'data': [str], 'success': bool}`" in about_tools
    assert "'J2': {'grams': 450, 'open': False}" in about_tools
    assert "no such jar" not in about_tools


def test_functions_are_read_for_rules_and_for_tools() -> None:
    rule = 'def rule_1(state):\n    return all(one["grams"] for one in state["jars"].values())\n'
    model = ScriptedModel(as_code(rule), as_code(OPEN), NO_CALLS, NO_CALLS)
    subject = subject_of(rules=("No jar is empty.",))

    written = asyncio.run(ModelOracle(make_calls(model)).write(material(subject)))

    assert [(one.name, one.kind, one.tool, one.about) for one in written.predicates] == [
        ("rule_1", "state", "", "No jar is empty."),
        ("open_jar", "step", "open_jar", "Open a jar."),
    ]


def test_what_cannot_be_read_is_told_and_the_rest_goes_on() -> None:
    model = ScriptedModel(lambda _: "I would rather not")
    written = asyncio.run(ModelOracle(make_calls(model)).write(material(subject_of())))

    assert written.predicates == ()
    assert {one.rule for one in written.discarded} == {
        "The ids of the jars that weigh more than `grams`.",
        "Open a jar.",
        "Proposed calls: heavy_jars, open_jar",
    }


def test_calls_are_asked_for_with_all_states_and_read() -> None:
    calls = [{"tool": "open_jar", "arguments": {"jar_id": "J1"}, "times": 2}]
    proposed = as_json({"probes": [{"why": "twice", "calls": calls}, {"state": 2, "calls": calls}]})
    model = ScriptedModel(NOTHING, NOTHING, NO_CALLS, proposed)
    subject = subject_of(rules=("No jar is empty.",))

    written = asyncio.run(ModelOracle(make_calls(model)).write(material(subject)))

    _, _, about_rules, about_tools = map(last_message, model.asked)
    assert about_rules.endswith("up to 60 in all: the rules")
    assert about_tools.endswith("up to 60 in all: heavy_jars, open_jar")
    assert "'J2': {'grams': 450, 'open': False}" in about_tools
    assert "State 1:\n\n```python\n{\n'jars': {}," in about_tools
    assert "no such jar" not in about_tools
    [probe] = written.probes
    assert (probe.why, probe.state, probe.calls[0].times) == ("twice", 0, 2)
    assert "There is no state 2" in {one.reason for one in written.discarded}


def call_of(tool: str) -> CallRecord:
    result = ProbeResult(Observation(kind=ObservationKind.OK, value={"success": True}))
    call = FindingCall(tool=tool, arguments={"jar_id": "J1"})
    return CallRecord(0, (), call, STATE, {**STATE, "lids": 1}, result)


def case_of(own: Predicate) -> Case:
    seen = call_of("open_jar")
    return Case(own, (Counterexample("not just this jar is open", seen, 3),), 40)


def test_the_calls_before_it_are_shown_too() -> None:
    model = ScriptedModel(as_code('VERDICTS = {1: "fault"}'))
    own = predicate(OPEN, "open_jar", "Open a jar.")
    seen = call_of("open_jar")
    earlier = call_of("heavy_jars")
    case = Case(own, (Counterexample("not just this", seen, 1, (earlier,)),), 40)

    asyncio.run(ModelOracle(make_calls(model)).rule(subject_of(), [case]))

    sent = last_message(model.asked[0])
    before, _, after = sent.partition("Data before the call, after those:")
    assert "Calls before it, the oldest first:\n\n1. `heavy_jars(" in before
    assert "The ids of the jars that weigh more" in before
    assert "The call: `open_jar(" in after


def test_the_call_that_breaks_a_function_is_shown_with_it() -> None:
    model = ScriptedModel(as_code('VERDICTS = {1: "fault"}'))
    own = predicate(OPEN, "open_jar", "Open a jar.")

    [ruling] = asyncio.run(ModelOracle(make_calls(model)).rule(subject_of(), [case_of(own)]))

    assert ruling.faults == {0}
    sent = str(model.asked[0].prompt.messages[-1].get("content"))
    assert "- lids: added 1" in sent
    assert 'open_jar({"jar_id": "J1"})' in sent
    assert "(there are others like it)" in sent
    assert "fault with a few of them" in sent
    assert "return True if after == before" in sent
    assert "Jars of jam on a shelf." in sent


def test_a_ruling_that_cannot_be_read_settles_nothing() -> None:
    model = ScriptedModel(lambda _: "hard to say")
    own = predicate(OPEN, "open_jar")

    [ruling] = asyncio.run(ModelOracle(make_calls(model)).rule(subject_of(), [case_of(own)]))

    assert not ruling.settled


def test_a_ruling_names_faults_and_may_mend_the_function() -> None:
    own = predicate(OPEN, "open_jar", "Open a jar.")
    mended = OPEN.replace("a jar is refused", "a jar there is refused")

    ruling = read_ruling(as_code(f'VERDICTS = {{1: "fault", 2: "function"}}\n\n\n{mended}'), own, 2)

    assert ruling.faults == {0}
    assert ruling.mended == predicate(mended, "open_jar", "Open a jar.")


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ('VERDICTS = {1: "fault"}', "numbers 1 to 2"),
        ('VERDICTS = {1: "fault", 2: "perhaps"}', "numbers 1 to 2"),
        ('VERDICTS = {1: "fault", 2: "function"}', "write open_jar anew"),
        ("pass", "numbers 1 to 2"),
    ],
)
def test_other_rulings_are_refused(code: str, problem: str) -> None:
    with pytest.raises(ReplyError, match=problem):
        read_ruling(as_code(code), predicate(OPEN, "open_jar"), 2)


def test_a_state_is_shown_as_the_python_that_functions_read() -> None:
    state: JsonObject = {
        "slots": {"$dict": [[1, {"$dataclass": ["Slot", {"day": {"$date": "2025-01-31"}}]}]]},
        "tags": {"$set": ["a", "b"]},
    }

    assert plain(state["slots"]) == "{1: {'day': datetime.date.fromisoformat('2025-01-31')}}"
    assert plain(state["tags"]) == "{'a', 'b'}"
    assert "# at most 2 of each" in plain_state({"rows": [*range(500)]}, 60)


def test_shapes_tell_names_and_types_and_no_values() -> None:
    rows: list[JsonValue] = [{"id": 1, "by": None}, {"id": 2, "by": "ann"}]

    assert (
        shape_text([{"rows": rows, "more": True}, {"rows": []}])
        == "{'more'?: bool, 'rows': [{'by': None | str, 'id': int}]}"
    )


def test_prompts_show_no_more_than_they_are_given() -> None:
    prompt = render(
        "skel_builder/judge_predicate",
        subject=subject_of(),
        about="",
        rules=(),
        tools=[],
        case=case_of(predicate(OPEN, "open_jar")),
        extent="a few",
        examples=[],
    )

    assert "no such jar" not in str(prompt.messages)


def test_the_shape_of_a_pair_says_what_stands_in_each_place() -> None:
    pairs: list[JsonValue] = [{"$tuple": [True, {"id": 1}]}, {"$tuple": [True, {"id": 2}]}]

    assert shape_text(pairs) == "(bool, {'id': int})"
    assert shape_text([{"$tuple": [1, 2]}, {"$tuple": [1]}]) == "(int) | (int, int)"


def test_what_a_reply_leaves_out_is_told() -> None:
    model = ScriptedModel(NOTHING, NO_CALLS)

    written = asyncio.run(ModelOracle(make_calls(model)).write(material(subject_of())))

    assert written.predicates == ()
    assert len(written.discarded) == len(subject_of().tools)
    assert {one.reason for one in written.discarded} == {"No function was written for it"}
