"""What one attempt leaves behind."""

import asyncio

import pytest

from envscaler.config import InteractSettings, Settings
from envscaler.errors import ArtifactError, GuestError, PendingError, SandboxError
from envscaler.interact.agent import DialogueName
from envscaler.interact.play import Attempt, attempts, play
from envscaler.interact.tool_format import ToolFormatName
from envscaler.records import StopReason, Trajectory, row_id
from tests.fakes import Scripted, ScriptedModel, make_call, make_reply
from tests.interact.fakes import (
    FakeHost,
    make_attempt,
    make_calls,
    make_environment,
    make_scenario,
    words,
)

LEND = make_call("lend", book_id="B2", reader="Ada")
BLOCK = (
    '<tool_call>\n{"name": "lend", "arguments": {"book_id": "B2", "reader": "Ada"}}\n</tool_call>'
)


@pytest.fixture
def limits(settings: Settings) -> InteractSettings:
    """The shipped settings of rollouts."""
    return settings.interact


def _play(
    limits: InteractSettings,
    attempt: Attempt,
    *replies: Scripted,
    host: FakeHost | None = None,
    user: ScriptedModel | None = None,
) -> Trajectory:
    calls = make_calls(ScriptedModel(*replies), user)
    return asyncio.run(play(attempt, calls, host or FakeHost(), limits))


def test_a_trajectory_keeps_dialogue_steps_and_score(limits: InteractSettings) -> None:
    trajectory = _play(limits, make_attempt(), make_reply(tool_calls=(LEND,)), "Done.")

    roles = [message.role for message in trajectory.messages]
    assert roles == ["system", "user", "assistant", "tool", "assistant"]
    assert [step.call for step in trajectory.steps] == [LEND]
    assert trajectory.stop_reason is StopReason.FINISHED
    assert trajectory.reward is not None
    assert trajectory.reward.score == 1.0
    assert trajectory.tools == make_environment().tools


def test_a_trajectory_says_where_it_comes_from(limits: InteractSettings) -> None:
    trajectory = _play(limits, make_attempt(number=4), "Done.")

    assert trajectory.id == row_id("traj", "scen-1", "single_turn", "native", 4)
    assert trajectory.attempt == 4
    assert trajectory.seed == 7
    assert trajectory.provenance.parents == ("env-1", "scen-1")
    assert list(trajectory.provenance.prompts) == ["interact/agent_native"]
    assert trajectory.provenance.usage.calls == 1


def test_an_agent_that_does_nothing_scores_zero(limits: InteractSettings) -> None:
    trajectory = _play(limits, make_attempt(), "I will not.")

    assert trajectory.reward is not None
    assert trajectory.reward.score == 0.0


def test_an_episode_that_ran_out_of_steps_is_scored_too(limits: InteractSettings) -> None:
    short = limits.model_copy(update={"max_steps": 1})

    trajectory = _play(short, make_attempt(), make_reply(tool_calls=(LEND,)))

    assert trajectory.stop_reason is StopReason.MAX_STEPS
    assert trajectory.reward is not None
    assert trajectory.reward.score == 1.0


def test_both_tool_formats_leave_the_same_messages_but_for_ids(
    limits: InteractSettings,
) -> None:
    native = _play(limits, make_attempt(), make_reply(tool_calls=(LEND,)), "Done.")
    prompt = _play(limits, make_attempt(tool_format="text"), BLOCK, "Done.")

    ignored = {"id", "tool_call_id", "tool_calls"}
    assert [m.model_dump(exclude=ignored) for m in native.messages[1:]] == [
        m.model_dump(exclude=ignored) for m in prompt.messages[1:]
    ]
    assert prompt.messages[2].tool_calls[0].arguments == LEND.arguments


def test_a_conversation_keeps_both_sides(limits: InteractSettings) -> None:
    user = ScriptedModel(words("Lend B2 to Ada", thought="All at once."), "<done/>")

    trajectory = _play(limits, make_attempt("simulated_user"), "It is lent.", user=user)

    assert "All at once." in trajectory.user_messages[2].content
    assert "All at once." not in "".join(message.content for message in trajectory.messages)
    assert "interact/user" in trajectory.provenance.prompts


def test_without_checks_there_is_no_reward(limits: InteractSettings) -> None:
    attempt = make_attempt(scenario=make_scenario(checks=False))

    assert _play(limits, attempt, "Done.").reward is None


def test_a_broken_environment_leaves_no_score_and_says_why(limits: InteractSettings) -> None:
    host = FakeHost(broken=GuestError("loans: object has no place in a state"))

    trajectory = _play(limits, make_attempt(), "Done.", host=host)

    assert trajectory.stop_reason is StopReason.ENVIRONMENT_BROKE
    assert trajectory.reward is not None
    assert trajectory.reward.score is None
    assert "no place in a state" in trajectory.reward.problem
    assert trajectory.messages[-1].content == "Done."


def test_a_failure_of_the_machinery_is_the_rows_and_never_a_score(
    limits: InteractSettings,
) -> None:
    host = FakeHost(broken=SandboxError("the worker did not answer"))

    with pytest.raises(SandboxError):
        _play(limits, make_attempt(), "Done.", host=host)


def test_the_environment_is_closed_however_it_ends(limits: InteractSettings) -> None:
    host = FakeHost()

    with pytest.raises(PendingError):
        _play(limits, make_attempt(), PendingError("waiting"), host=host)

    assert [session.closed for session in host.opened] == [True]


def test_the_same_replies_make_the_same_row(limits: InteractSettings) -> None:
    replies = (make_reply(tool_calls=(LEND,)), "Done.")

    first, second = (_play(limits, make_attempt(), *replies) for _ in range(2))

    assert first.model_dump_json() == second.model_dump_json()


def test_every_scenario_is_tried_in_every_way(limits: InteractSettings) -> None:
    every = limits.model_copy(
        update={
            "dialogue": ("single_turn", "simulated_user"),
            "tool_format": ("native", "text"),
            "attempts": 3,
        }
    )

    found = list(attempts({"env-1": make_environment()}, [make_scenario()], every))

    assert len(found) == 12
    assert len({attempt.id for attempt in found}) == 12


def test_a_scenario_of_another_run_is_refused(limits: InteractSettings) -> None:
    with pytest.raises(ArtifactError, match=r"envs\.jsonl"):
        list(attempts({}, [make_scenario()], limits))


def test_reasoning_goes_back_only_where_the_settings_say_so(limits: InteractSettings) -> None:
    thinking = make_reply(tool_calls=(LEND,), reasoning="B2 is free.")
    sent: list[bool] = []

    for send in ("none", "turn"):
        agent = ScriptedModel(thinking, "Done.")
        chosen = limits.model_copy(update={"send_reasoning": send})
        asyncio.run(play(make_attempt(), make_calls(agent), FakeHost(), chosen))
        sent.append("B2 is free." in str(agent.asked[1].prompt.messages))

    assert sent == [False, True]


def test_every_attempt_asks_for_samples_of_its_own(limits: InteractSettings) -> None:
    agent, user = ScriptedModel("Done."), ScriptedModel(words("Lend B2 to Ada"), "<done/>")
    attempt = make_attempt("simulated_user", number=3)

    asyncio.run(play(attempt, make_calls(agent, user), FakeHost(), limits))

    assert {asked.sample for asked in [*agent.asked, *user.asked]} == {3}


@pytest.mark.parametrize("dialogue", ["single_turn", "simulated_user"])
@pytest.mark.parametrize("tool_format", ["native", "text"])
def test_a_replayed_episode_asks_exactly_the_same_again(
    dialogue: DialogueName, tool_format: ToolFormatName, limits: InteractSettings
) -> None:
    asked = [_requests(limits, dialogue, tool_format) for _ in range(2)]

    assert asked[0] == asked[1]


def _requests(
    limits: InteractSettings, dialogue: DialogueName, tool_format: ToolFormatName
) -> list[object]:
    call = make_reply(tool_calls=(LEND,)) if tool_format == "native" else BLOCK
    agent = ScriptedModel(call, "Done.")
    user = ScriptedModel(words("Lend B2 to Ada"), "<done/>")
    asyncio.run(
        play(make_attempt(dialogue, tool_format), make_calls(agent, user), FakeHost(), limits)
    )
    return [*agent.asked, *user.asked]
