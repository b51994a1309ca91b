"""How a model is asked about what is doubted, and how its verdicts are read."""

import asyncio
from dataclasses import replace

import pytest

from envscaler.check_env.referee import Doubt
from envscaler.errors import ReplyError
from envscaler.inputs.session import CallRecord
from envscaler.records import Finding, FindingCall, FindingKind
from envscaler.skel_builder.referee import ModelReferee, read_verdicts
from tests.fakes import ScriptedModel
from tests.skel_builder.makers import as_json, make_calls
from tests.skel_builder.test_predicates import call_of, last_message, subject_of


def doubt(tool: str, message: str = "The order is wrong", **changes: object) -> Doubt:
    seen: CallRecord = call_of(tool)
    finding = Finding(
        kind=FindingKind.WRONG_ANSWER,
        tool=tool,
        severity="possible",
        message=message,
        start=0,
        calls=(FindingCall(tool=tool, arguments=seen.call.arguments),),
    ).model_copy(update=changes)
    return Doubt(finding, (seen,))


def verdicts(*words: str) -> str:
    return as_json(
        {
            "verdicts": [
                {"number": number, "reason": "as it says", "verdict": word}
                for number, word in enumerate(words, 1)
            ]
        }
    )


def test_doubts_about_several_tools_are_asked_about_together() -> None:
    model = ScriptedModel(verdicts("fault", "none", "fault"))
    doubts = [doubt("heavy_jars"), doubt("open_jar"), doubt("heavy_jars", "A jar is missing")]

    ruled = asyncio.run(ModelReferee(make_calls(model)).rule_on(subject_of(), doubts))

    assert ruled == [True, True, False]
    [asked] = map(last_message, model.asked)
    first, second, third = asked.split("## Claim ")[1:]
    assert "The program says of `heavy_jars`: The order is wrong" in first
    assert "The program says of `heavy_jars`: A jar is missing" in second
    assert "The program says of `open_jar`" in third
    assert asked.count("'J2': {'grams': 450, 'open': False}") == 1


def test_many_claims_are_asked_about_in_several_requests() -> None:
    model = ScriptedModel(verdicts(*["fault"] * 6), verdicts(*["none"] * 3))
    words = ["order", "sum", "row", "date", "limit", "name", "part", "text", "place"]

    ruled = asyncio.run(
        ModelReferee(make_calls(model)).rule_on(
            subject_of(), [doubt("open_jar", f"The {one} is wrong") for one in words]
        )
    )

    assert ruled == [True] * 6 + [False] * 3


SHELVES = "\n".join(
    [
        "class Shelves:",
        '    """Shelves. Every look is counted in `looks`."""',
        "",
        "    def __init__(self):",
        "        self.jars = {}",
        "        self.lids = 0  # looks at jars, as their owner wants it",
        *(
            f'\n    def {name}(self, jar_id: str) -> dict:\n        """Tell of a jar: {name}."""\n'
            '        return {"success": True, "data": []}'
            for name in ("weight", "colour", "owner", "price", "place")
        ),
        "",
    ]
)


def alike(tool: str) -> Doubt:
    kind = FindingKind.QUERY_CHANGES_STATE
    return doubt(tool, f"The query changed jars.{tool}", kind=kind, severity="serious")


def test_what_is_alike_in_many_tools_is_one_claim_with_one_verdict() -> None:
    reply = {"number": 1, "reason": "counted", "verdict": "none", "otherwise": ["owner"]}
    model = ScriptedModel(as_json({"verdicts": [reply]}))
    doubts = [alike(one) for one in ("weight", "colour", "owner", "price", "place")]

    ruled = asyncio.run(ModelReferee(make_calls(model)).rule_on(subject_of(SHELVES), doubts))

    assert ruled == [False, False, True, False, False]
    [asked] = map(last_message, model.asked)
    assert "nearly the same of 5 tools: weight, colour, owner, price, place" in asked
    assert asked.count("It begins with data A") == 3
    assert "- `place`: The query changed jars.place. `place(" in asked
    assert "Tell of a jar: place." in asked


def test_what_is_said_of_other_tools_that_a_claim_names_is_shown() -> None:
    model = ScriptedModel(verdicts("none"))
    one = doubt("weight", "It takes a jar that owner, place refuse")

    asyncio.run(ModelReferee(make_calls(model)).rule_on(subject_of(SHELVES), [one]))

    asked = last_message(model.asked[0])
    assert [name for name in ("owner", "place", "price") if f"Tell of a jar: {name}" in asked] == [
        "owner",
        "place",
    ]


def test_names_and_sentences_do_not_tell_findings_apart() -> None:
    model = ScriptedModel(verdicts("none"))
    doubts = [
        doubt(
            one, f"It takes a jar whose jars.*.{one} is 'x'; open_{one} refuses it. Stated: '{one}'"
        )
        for one in ("weight", "colour", "owner", "price")
    ]

    ruled = asyncio.run(ModelReferee(make_calls(model)).rule_on(subject_of(SHELVES), doubts))

    assert ruled == [False] * 4


def test_what_is_alike_in_few_tools_or_changes_something_else_is_asked_about_by_itself() -> None:
    model = ScriptedModel(verdicts("fault", "none", "none", "none"))
    other = alike("price")
    [seen] = other.calls
    other = replace(other, calls=(replace(seen, after={**seen.after, "jars": {}}),))
    doubts = [*(alike(one) for one in ("weight", "colour", "owner")), other]

    ruled = asyncio.run(ModelReferee(make_calls(model)).rule_on(subject_of(SHELVES), doubts))

    assert ruled == [True, False, False, False]


def test_earlier_calls_are_shown_and_what_the_last_is_about_as_it_is_then() -> None:
    first = call_of("open_jar")
    jars = {"J1": {"grams": 300, "open": True}, "J2": {"grams": 450, "open": False}}
    opened = replace(first, after={"jars": jars}, result=replace(first.result, state={}))
    second = replace(call_of("heavy_jars"), before=opened.after, after=opened.after)
    model = ScriptedModel(verdicts("fault"))
    one = replace(doubt("heavy_jars"), calls=(opened, second))

    asyncio.run(ModelReferee(make_calls(model)).rule_on(subject_of(), [one]))

    asked = last_message(model.asked[0])
    assert "1. `open_jar(" in asked
    assert "- jars.J1.open: False → True" in asked
    assert "jars: 'J1': {'grams': 300, 'open': True}" in asked.split("there is now")[1]


def test_a_call_that_was_compared_with_is_shown_by_how_its_data_differ() -> None:
    one = doubt("open_jar")
    [seen] = one.calls
    jars = {"J1": {"grams": 300, "open": True}, "J2": {"grams": 450, "open": False}}
    other = replace(seen, before={"jars": jars}, after={"jars": jars})
    model = ScriptedModel(verdicts("fault"))

    asyncio.run(
        ModelReferee(make_calls(model)).rule_on(subject_of(), [replace(one, beside=(other,))])
    )

    _, told = last_message(model.asked[0]).split("It was compared with `open_jar(")
    assert "data A in this (path: there → here):\n- jars.J1.open: False → True" in told


def test_the_model_sees_what_the_class_says_beside_its_state() -> None:
    model = ScriptedModel(verdicts("none"))

    asyncio.run(ModelReferee(make_calls(model)).rule_on(subject_of(SHELVES), [alike("owner")]))

    assert "# looks at jars, as their owner wants it" in last_message(model.asked[0])
    assert "All its tools: weight, colour, owner, price, place" in last_message(model.asked[0])


def test_the_model_does_not_see_how_tools_work() -> None:
    model = ScriptedModel(verdicts("none"))

    asyncio.run(ModelReferee(make_calls(model)).rule_on(subject_of(), [doubt("open_jar")]))

    assert "no such jar" not in last_message(model.asked[0])


def test_a_reply_that_cannot_be_read_leaves_all_open() -> None:
    model = ScriptedModel(lambda _: "hard to say")

    ruled = asyncio.run(
        ModelReferee(make_calls(model)).rule_on(subject_of(), [doubt("open_jar")] * 2)
    )

    assert ruled == [None, None]


@pytest.mark.parametrize(
    "reply", [verdicts("fault"), verdicts("fault", "perhaps"), as_json({"verdicts": []})]
)
def test_other_verdicts_are_refused(reply: str) -> None:
    with pytest.raises(ReplyError):
        read_verdicts(reply, 2)
