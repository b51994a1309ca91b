"""What the simulated user says, hears and remembers."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from envscaler.errors import ReplyError
from envscaler.interact.user import SimulatedUser, read_turn
from tests.fakes import ScriptedModel, make_reply
from tests.growth import growth
from tests.interact.fakes import make_calls, make_environment, words


def _user(model: ScriptedModel) -> SimulatedUser:
    return SimulatedUser(make_calls(user=model), make_environment(), "Lend B2 to Ada.", sample=2)


def test_thoughts_are_not_part_of_what_is_said() -> None:
    turn = read_turn(
        make_reply("<thought>\nB2 first, <done/> later.\n</thought>\n<message>Hi</message>")
    )

    assert turn.message == "Hi"


@pytest.mark.parametrize("mark", ["<done/>", "<message>\n<done/>\n</message>"])
def test_the_stop_mark_ends_the_conversation(mark: str) -> None:
    assert read_turn(make_reply(f"<thought>All said.</thought>\n{mark}")).message is None


@pytest.mark.parametrize(
    "reply",
    [
        "Hello there",
        "<message></message>",
        "<message>One</message><message>Two</message>",
        "<message>Thanks</message><done/>",
        "<thought><message>Hi</message></thought>",
        "<thought>When all is said I write <done/>",
        "<thought>First the seat, then <done/>.</thought>",
        "I will write <done/> when I am done.",
        "<thought>Bye.</thought><message>Bye</message><thought>and now <done/>",
    ],
)
def test_any_other_shape_is_refused(reply: str) -> None:
    with pytest.raises(ReplyError):
        read_turn(make_reply(reply))


def test_the_user_hears_the_agent_and_remembers_its_own_thoughts() -> None:
    model = ScriptedModel(words("Hello", thought="Begin."), words("B2, please"))
    user = _user(model)

    asyncio.run(_exchange(user, "Which book?"))

    system, _, begun, heard = model.asked[1].prompt.messages
    assert "Lend B2 to Ada." in str(system.get("content"))
    assert begun == {"role": "assistant", "content": words("Hello", thought="Begin.")}
    assert "Which book?" in str(heard.get("content"))
    assert model.asked[1].sample == 2


def test_the_users_side_is_kept_whole() -> None:
    user = _user(ScriptedModel(words("Hello"), words("B2, please")))

    asyncio.run(_exchange(user, "Which book?"))

    roles = [message.role for message in user.messages]
    assert roles == ["system", "user", "assistant", "user", "assistant"]
    assert user.messages[-1].content == words("B2, please")


def test_a_turn_of_the_wrong_shape_is_asked_for_again_and_forgotten() -> None:
    user = _user(ScriptedModel("Hello", words("Hello")))

    said = asyncio.run(user.begin())

    assert said == "Hello"
    assert [message.role for message in user.messages] == ["system", "user", "assistant"]


def test_provenance_names_both_prompts_of_the_user() -> None:
    calls = make_calls(user=ScriptedModel(words("Hello"), words("B2, please")))
    user = SimulatedUser(calls, make_environment(), "Lend B2 to Ada.", sample=0)

    asyncio.run(_exchange(user, "Which book?"))

    assert list(calls.provenance().prompts) == ["interact/user", "interact/user_next"]


async def _exchange(user: SimulatedUser, message: str) -> None:
    await user.begin()
    await user.answer(message)


@pytest.mark.parametrize(
    "reply", ["<done/>", "<thought>All said.</thought>\n<done />", "Thank you!\n<done/>"]
)
def test_the_mark_ends_the_conversation_as_the_last_line(reply: str) -> None:
    assert read_turn(make_reply(reply)).message is None


def test_a_message_that_was_cut_off_is_asked_for_again() -> None:
    with pytest.raises(ReplyError, match="cut off"):
        read_turn(replace(make_reply("<message>I want to"), finish_reason="length"))


@pytest.mark.parametrize("mark", ["<thought>", "<message>", "<thought></thought>"])
def test_time_grows_with_the_turn_and_not_with_its_square(mark: str) -> None:
    def read(text: str) -> None:
        with suppress(ReplyError):
            read_turn(make_reply(text))

    assert growth(read, lambda count: mark * count) < 2
