"""What happens in an episode, and what ends it."""

import asyncio
import json
from dataclasses import replace

import pytest

from envscaler.config import InteractSettings, Settings
from envscaler.environment.state.text import write_value
from envscaler.errors import ProviderError
from envscaler.interact.agent import Agent, Briefing
from envscaler.interact.episode import Episode
from envscaler.interact.tool_format import TOOL_FORMATS, ToolFormatName
from envscaler.interact.user import SimulatedUser
from envscaler.records import JsonValue, Message, StopReason, ToolCall, Usage
from tests.fakes import Scripted, ScriptedModel, make_call, make_reply
from tests.interact.fakes import FakeSession, make_calls, make_environment, make_scenario, words

LEND = make_call("lend", book_id="B2", reader="Ada")
LOOK = make_call("list_loans")
TASK = make_scenario().task


@pytest.fixture
def limits(settings: Settings) -> InteractSettings:
    """The shipped settings of rollouts."""
    return settings.interact


def _calling(*calls: ToolCall) -> Scripted:
    return make_reply(tool_calls=calls)


def _play(
    limits: InteractSettings,
    *replies: Scripted,
    user: ScriptedModel | None = None,
    tool_format: ToolFormatName = "native",
) -> tuple[Episode, FakeSession]:
    calls, environment = make_calls(ScriptedModel(*replies), user), make_environment()
    dialogue = "simulated_user" if user else "single_turn"
    agent = Agent(
        calls,
        Briefing(environment, make_scenario().clock, dialogue),
        tool_format=TOOL_FORMATS[tool_format],
        sample=0,
        send_reasoning="none",
    )
    session = FakeSession(make_scenario().initial_state)
    person = SimulatedUser(calls, environment, TASK, sample=0) if user else None
    episode = Episode(agent, session, person, limits)
    asyncio.run(episode.play(TASK))
    return episode, session


def _roles(episode: Episode) -> list[str]:
    return [message.role for message in episode.messages]


def _last_result(episode: Episode) -> Message:
    return next(message for message in reversed(episode.messages) if message.role == "tool")


def test_a_plain_message_ends_a_task(limits: InteractSettings) -> None:
    episode, session = _play(limits, _calling(LEND), "Done.")

    assert episode.stop_reason is StopReason.FINISHED
    assert _roles(episode) == ["user", "assistant", "tool", "assistant"]
    assert episode.messages[0].content == TASK
    assert session.loans["B2"] == "Ada"


def test_calls_of_one_message_run_in_order(limits: InteractSettings) -> None:
    episode, session = _play(limits, _calling(LEND, LOOK), "Done.")

    assert session.called == ["lend", "list_loans"]
    assert [step.call for step in episode.steps] == [LEND, LOOK]
    assert [m.tool_call_id for m in episode.messages if m.role == "tool"] == [LEND.id, LOOK.id]


def test_a_tool_error_is_an_observation_and_the_episode_goes_on(limits: InteractSettings) -> None:
    episode, session = _play(limits, _calling(make_call("audit")), _calling(LEND), "Done.")

    assert episode.stop_reason is StopReason.FINISHED
    assert "the ledger is locked" in episode.messages[2].content
    assert episode.messages[1].problem is None
    assert session.called == ["audit", "lend"]


def test_an_unknown_tool_is_told_so_and_never_reaches_the_environment(
    limits: InteractSettings,
) -> None:
    episode, session = _play(limits, _calling(make_call("__init__")), "Done.")

    assert session.called == []
    assert episode.steps == []
    assert "There is no tool '__init__'" in _last_result(episode).content
    assert episode.messages[1].problem is not None


def test_arguments_that_are_no_object_are_told_so(limits: InteractSettings) -> None:
    episode, session = _play(
        limits, _calling(ToolCall(id="c", name="lend", arguments="B2")), "Done."
    )

    assert session.called == []
    assert "not a JSON object" in _last_result(episode).content


def test_the_good_calls_beside_a_bad_one_run(limits: InteractSettings) -> None:
    _, session = _play(limits, _calling(make_call("burn"), LEND), "Done.")

    assert session.called == ["lend"]


def test_an_unreadable_reply_is_answered_with_what_was_wrong(limits: InteractSettings) -> None:
    episode, _ = _play(limits, "<tool_call>lend</tool_call>", "Done.", tool_format="text")

    notice = episode.messages[2]
    assert notice.role == "user"
    assert str(episode.messages[1].problem) in notice.content
    assert episode.stop_reason is StopReason.FINISHED


def test_bad_replies_in_a_row_end_the_episode(limits: InteractSettings) -> None:
    bad = "<tool_call>lend</tool_call>"

    episode, _ = _play(
        limits.model_copy(update={"max_bad_replies": 2}), bad, _calling(LEND), bad, bad
    )

    assert episode.stop_reason is StopReason.BAD_REPLIES


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        (["", make_reply(reasoning="Sent.")], StopReason.EMPTY_REPLIES),
        ([_calling(make_call("burn")), _calling(make_call("sell"))], StopReason.UNKNOWN_TOOLS),
        (["", _calling(make_call("burn"))], StopReason.BAD_REPLIES),
    ],
)
def test_bad_replies_of_one_kind_have_a_reason_of_their_own(
    limits: InteractSettings, replies: list[Scripted], reason: StopReason
) -> None:
    episode, _ = _play(limits.model_copy(update={"max_bad_replies": 2}), *replies)

    assert episode.stop_reason is reason
    assert all(message.problem for message in episode.messages if message.role == "assistant")


def test_an_agent_that_says_nothing_is_told_so_and_goes_on(limits: InteractSettings) -> None:
    episode, session = _play(limits, "", _calling(LEND), "Done.")

    assert episode.stop_reason is StopReason.FINISHED
    assert "It was empty." in episode.messages[2].content
    assert session.loans["B2"] == "Ada"


def test_a_good_reply_between_bad_ones_forgives_them(limits: InteractSettings) -> None:
    bad = _calling(make_call("burn"))
    strict = limits.model_copy(update={"max_bad_replies": 2})

    episode, _ = _play(strict, bad, _calling(LEND), bad, "Done.")

    assert episode.stop_reason is StopReason.FINISHED


def test_steps_are_limited_even_within_one_message(limits: InteractSettings) -> None:
    episode, session = _play(limits.model_copy(update={"max_steps": 2}), _calling(LOOK, LOOK, LEND))

    assert episode.stop_reason is StopReason.MAX_STEPS
    assert session.called == ["list_loans", "list_loans"]
    assert "limit of 2 steps" in _last_result(episode).content
    assert _roles(episode).count("tool") == 3


def test_tokens_are_limited(limits: InteractSettings) -> None:
    long = replace(
        make_reply(tool_calls=(LOOK,)), usage=Usage(prompt_tokens=90, completion_tokens=10)
    )

    episode, _ = _play(limits.model_copy(update={"max_episode_tokens": 100}), long)

    assert episode.stop_reason is StopReason.TOKEN_LIMIT


def test_work_that_is_finished_is_finished_whatever_its_length(limits: InteractSettings) -> None:
    tight = limits.model_copy(update={"max_episode_tokens": 1, "max_steps": 0})

    episode, _ = _play(tight, "Done.")

    assert episode.stop_reason is StopReason.FINISHED


def test_a_dialogue_too_long_for_the_endpoint_ends_the_episode(limits: InteractSettings) -> None:
    too_long = ProviderError("40,000 tokens are too many", kind="context_length")

    episode, _ = _play(limits, _calling(LEND), too_long)

    assert episode.stop_reason is StopReason.CONTEXT_LENGTH
    assert _roles(episode) == ["user", "assistant", "tool"]


def test_a_first_request_that_is_too_long_is_no_attempt(limits: InteractSettings) -> None:
    with pytest.raises(ProviderError, match="too many"):
        _play(limits, ProviderError("40,000 tokens are too many", kind="context_length"))


def test_a_dialogue_too_long_for_the_user_ends_the_episode(limits: InteractSettings) -> None:
    too_long = ProviderError("40,000 tokens are too many", kind="context_length")
    user = ScriptedModel(words("Lend me a book"), too_long)

    episode, _ = _play(limits, "Which one?", user=user)

    assert episode.stop_reason is StopReason.CONTEXT_LENGTH


def test_a_reply_that_is_all_thought_ends_the_episode(limits: InteractSettings) -> None:
    thought = replace(make_reply(reasoning="So B2 is"), finish_reason="length")

    episode, _ = _play(limits, _calling(LEND), thought)

    assert episode.stop_reason is StopReason.TOKEN_LIMIT
    assert episode.messages[-1].reasoning == "So B2 is"


def test_any_other_failure_of_the_endpoint_is_the_rows(limits: InteractSettings) -> None:
    with pytest.raises(ProviderError):
        _play(limits, _calling(LEND), ProviderError("no answer"))


def test_in_a_conversation_plain_messages_go_to_the_user(limits: InteractSettings) -> None:
    user = ScriptedModel(words("Lend me a book"), words("B2, to Ada"), "<done/>")

    episode, _ = _play(limits, "Which one?", _calling(LEND), "It is lent.", user=user)

    assert episode.stop_reason is StopReason.FINISHED
    assert [m.content for m in episode.messages if m.role == "user"] == [
        "Lend me a book",
        "B2, to Ada",
    ]
    assert episode.messages[-1].content == "It is lent."


def test_the_user_never_hears_of_malformed_messages(limits: InteractSettings) -> None:
    user = ScriptedModel(words("Lend me a book"), "<done/>")

    _play(limits, "<tool_call>lend</tool_call>", "Which one?", user=user, tool_format="text")

    heard = " ".join(str(wire.get("content")) for wire in user.asked[-1].prompt.messages)
    assert "Which one?" in heard
    assert "<tool_call>" not in heard


def test_a_conversation_that_goes_on_for_ever_is_ended(limits: InteractSettings) -> None:
    chatty = limits.model_copy(update={"max_steps_with_user": 3})
    user = ScriptedModel(lambda _: words("And then?"))

    episode, _ = _play(chatty, lambda _: "Tell me more.", user=user)

    assert episode.stop_reason is StopReason.MAX_STEPS
    assert _roles(episode).count("assistant") == 3


def test_results_are_json_or_python_text() -> None:
    value: JsonValue = {"name": "Zoë", "lent": True, "due": None}

    assert json.loads(write_value(value, "json")) == value
    assert "Zoë" in write_value(value, "json")
    assert write_value(value, "python") == "{'name': 'Zoë', 'lent': True, 'due': None}"
