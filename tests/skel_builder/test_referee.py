"""How a model is asked about what is doubted, and how its verdicts are read."""

import asyncio

import pytest

from envscaler.check_env.referee import Doubt
from envscaler.errors import ReplyError
from envscaler.inputs.session import CallRecord
from envscaler.records import Finding, FindingCall, FindingKind
from envscaler.skel_builder.referee import ModelReferee, read_verdicts
from tests.fakes import ScriptedModel
from tests.skel_builder.makers import as_json, make_calls
from tests.skel_builder.test_predicates import call_of, last_message, subject_of


def doubt(tool: str, message: str = "The order is wrong") -> Doubt:
    seen: CallRecord = call_of(tool)
    finding = Finding(
        kind=FindingKind.WRONG_ANSWER,
        tool=tool,
        severity="possible",
        message=message,
        start=0,
        calls=(FindingCall(tool=tool, arguments=seen.call.arguments),),
    )
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


def test_doubts_about_one_tool_are_asked_about_together() -> None:
    model = ScriptedModel(verdicts("fault", "none"), verdicts("fault"))
    doubts = [doubt("heavy_jars"), doubt("open_jar"), doubt("heavy_jars", "A jar is missing")]

    ruled = asyncio.run(ModelReferee(make_calls(model)).rule_on(subject_of(), doubts))

    assert ruled == [True, True, False]
    first, second = map(last_message, model.asked)
    assert "The program says of `heavy_jars`: A jar is missing" in first
    assert "open_jar" not in first
    assert "'J2': {'grams': 450, 'open': False}" in first
    assert "## Claim 2" not in second


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
