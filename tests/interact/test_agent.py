"""What the agent is sent, and what is wrong with its replies."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from envscaler.chat import Reply
from envscaler.interact.agent import (
    Agent,
    Briefing,
    DialogueName,
    Fault,
    call_problem,
    message_problem,
    select_reasoning,
    with_reasoning,
    without_reasoning,
)
from envscaler.interact.tool_format import TOOL_FORMATS, ToolFormatName
from envscaler.records import Clock, Message, ToolCall, Usage
from tests.fakes import ScriptedModel, make_call, make_reply
from tests.interact.fakes import TOOLS, make_calls, make_environment, make_scenario

NAMES = ("lend", "list_loans")
DIALOGUE = [
    Message(role="user", content="Lend B2."),
    Message(role="assistant", content="Of course.", reasoning="Easy."),
    Message(role="user", content="To Ada."),
    Message(role="assistant", content="", reasoning="To Ada, then."),
]


def _agent(
    model: ScriptedModel,
    tool_format: ToolFormatName = "native",
    dialogue: DialogueName = "single_turn",
    sample: int = 0,
) -> Agent:
    return Agent(
        make_calls(model),
        Briefing(
            make_environment(), Clock(start=datetime(2025, 3, 2, 9, 30, tzinfo=UTC)), dialogue
        ),
        tool_format=TOOL_FORMATS[tool_format],
        sample=sample,
        send_reasoning="none",
    )


def _spoken(content: str, *calls: ToolCall) -> Message:
    return Message(role="assistant", content=content, tool_calls=calls)


def test_native_tools_go_beside_the_messages() -> None:
    model = ScriptedModel("Done.")
    agent = _agent(model, "native", sample=3)

    asyncio.run(agent.act(DIALOGUE[:1]))

    [asked] = model.asked
    assert asked.tools == TOOLS
    assert asked.sample == 3
    assert asked.seed == 7
    assert "<tools>" not in agent.opening[0].content


def test_prompt_tools_stand_in_the_system_prompt() -> None:
    model = ScriptedModel("Done.")
    agent = _agent(model, "text")

    asyncio.run(agent.act(DIALOGUE[:1]))

    assert model.asked[0].tools == ()
    assert all(f'"name": "{tool.name}"' in agent.opening[0].content for tool in TOOLS)


@pytest.mark.parametrize("tool_format", ["native", "text"])
@pytest.mark.parametrize("dialogue", ["single_turn", "simulated_user"])
def test_the_agent_knows_the_environment_but_not_the_checks(
    tool_format: ToolFormatName, dialogue: DialogueName
) -> None:
    [system] = _agent(ScriptedModel(), tool_format, dialogue).opening

    assert make_environment().introduction in system.content
    assert make_environment().rules[0] in system.content
    assert make_scenario().checks[0].item not in system.content


@pytest.mark.parametrize("tool_format", ["native", "text"])
@pytest.mark.parametrize("dialogue", ["single_turn", "simulated_user"])
def test_the_agent_knows_the_time_at_which_it_begins(
    tool_format: ToolFormatName, dialogue: DialogueName
) -> None:
    [system] = _agent(ScriptedModel(), tool_format, dialogue).opening

    assert "the clock of this system stands at 2025-03-02T09:30:00+00:00;" in system.content


def test_reasoning_is_kept_but_not_sent_back() -> None:
    model = ScriptedModel(make_reply("Done.", reasoning="I am sure."))

    act = asyncio.run(_agent(model).act(DIALOGUE))

    assert act.message.reasoning == "I am sure."
    assert not any("reasoning_content" in wire for wire in model.asked[0].prompt.messages)


def test_reasoning_since_the_last_user_message_can_be_sent_back() -> None:
    kept = with_reasoning(DIALOGUE)

    assert [message.reasoning for message in kept] == [None, None, None, "To Ada, then."]


def test_leaving_out_reasoning_leaves_the_rest() -> None:
    kept = without_reasoning(DIALOGUE)

    assert [message.content for message in kept] == [message.content for message in DIALOGUE]
    assert not any(message.reasoning for message in kept)


def test_the_length_is_that_of_the_request_and_the_reply() -> None:
    usage = Usage(calls=1, prompt_tokens=900, completion_tokens=34)

    act = asyncio.run(
        _agent(ScriptedModel(replace(make_reply("Done."), usage=usage))).act(DIALOGUE[:1])
    )

    assert act.length == 934


def test_a_plain_message_has_no_problem() -> None:
    assert message_problem(_spoken("Done."), make_reply("Done."), NAMES) is None


def test_a_message_that_was_cut_off_is_not_the_end_of_the_work() -> None:
    cut = replace(make_reply("I have len"), finish_reason="length")

    assert "cut off" in str(message_problem(_spoken("I have len"), cut, NAMES))


def test_a_blank_message_is_a_problem() -> None:
    assert message_problem(_spoken(" \n"), make_reply(" \n"), NAMES) == "It was empty."


def test_every_bad_call_of_a_message_is_named() -> None:
    calls = (make_call("burn"), make_call("lend"), make_call("sell"))

    problem = message_problem(_spoken("", *calls), make_reply(tool_calls=calls), NAMES)

    assert "'burn'" in str(problem)
    assert "'sell'" in str(problem)


def test_an_unknown_tool_is_answered_with_those_there_are() -> None:
    assert call_problem(make_call("burn"), NAMES) == (
        "There is no tool 'burn'. The tools are: lend, list_loans."
    )


def test_a_call_inside_the_reasoning_is_told_so() -> None:
    thought = 'I look. <tool_call>{"name": "lend", "arguments": {}}</tool_call>'
    message = Message(role="assistant", content="", reasoning=thought)

    problem = message_problem(message, make_reply(reasoning=thought), NAMES)

    assert "tool call is inside the reasoning (reasoning_content)" in str(problem)


def test_a_reply_of_reasoning_alone_is_told_so() -> None:
    message = Message(role="assistant", content="", reasoning="It has been sent.")

    problem = message_problem(message, make_reply(reasoning="It has been sent."), NAMES)

    assert "reasoning (reasoning_content), which nobody sees" in str(problem)


def test_an_empty_reply_names_an_unusual_reason() -> None:
    filtered = replace(make_reply(), finish_reason="content_filter")

    assert message_problem(_spoken(""), filtered, NAMES) == (
        "It was empty (finish reason: content_filter)."
    )


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (make_reply("Done."), None),
        (make_reply(""), Fault.EMPTY),
        (make_reply(reasoning="Sent."), Fault.EMPTY),
        (make_reply(tool_calls=(make_call("burn"),)), Fault.UNKNOWN_TOOL),
        (make_reply(tool_calls=(ToolCall(id="c", name="lend", arguments="{"),)), Fault.MALFORMED),
        (make_reply("<tool_call>"), Fault.MALFORMED),
        (make_reply(reasoning="<tool_call>"), Fault.MALFORMED),
        (replace(make_reply(reasoning="Let"), finish_reason="length"), Fault.OUT_OF_TOKENS),
        (replace(make_reply("I have"), finish_reason="length"), Fault.MALFORMED),
    ],
)
def test_each_reply_has_its_fault(reply: Reply, fault: Fault | None) -> None:
    act = asyncio.run(_agent(ScriptedModel(reply)).act(DIALOGUE[:1]))

    assert act.fault is fault
    assert (act.message.problem is None) == (fault is None)


def test_all_reasoning_can_be_sent_back() -> None:
    assert select_reasoning(DIALOGUE, "all") == DIALOGUE


def test_what_is_beyond_the_limits_is_named() -> None:
    call = ToolCall(id="c", name="lend", arguments='{"a": %s}' % ("[" * 99 + "]" * 99))

    assert "more than 64 levels" in str(call_problem(call, NAMES))


def test_unreadable_arguments_are_quoted() -> None:
    call = ToolCall(id="c", name="lend", arguments='{"book_id": ')

    assert '{"book_id": ' in str(call_problem(call, NAMES))
