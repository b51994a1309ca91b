"""The loop of the benchmarks, with a world and a user in plain Python."""

import asyncio
from collections.abc import Sequence

import pytest

from envscaler.benchmarks.conversation import Conversation, Heard, Rules
from envscaler.errors import ProviderError
from envscaler.interact.agent import Act
from envscaler.interact.scripted import PlainCall, Player, SolvedTurn
from envscaler.records import (
    JsonObject,
    Message,
    Observation,
    ObservationKind,
    StopReason,
    Tool,
)
from tests.fakes import make_call

GO = PlainCall("go", {"to": "Rome"})
LEAVE = PlainCall("leave", {})


class World:
    """Answers each call with its name."""

    async def call(self, name: str, arguments: JsonObject, /) -> Observation:
        value = name if name != "table" else dict(arguments)
        return Observation(kind=ObservationKind.OK, value=value)

    async def fingerprint(self) -> str:
        return ""

    async def close(self) -> None:
        """Nothing to end."""


class User:
    """Says given words, then ends."""

    messages: tuple[Message, ...] = ()

    def __init__(self, *words: str) -> None:
        self._words = list(words)
        self.heard: list[str] = []

    async def begin(self) -> Heard:
        return self._next()

    async def answer(self, message: str) -> Heard:
        self.heard.append(message)
        return self._next()

    def _next(self) -> Heard:
        return Heard(self._words.pop(0) if self._words else None)


class Refused:
    """An agent whose endpoint finds the dialogue too long at the n-th request."""

    tool_names: frozenset[str] = frozenset()

    opening: tuple[Message, ...] = ()

    def __init__(self, at: int) -> None:
        self._left = at

    def offer(self, tools: tuple[Tool, ...]) -> None:
        """Take no note."""

    async def act(self, messages: Sequence[Message], /) -> Act:  # noqa: ARG002
        self._left -= 1
        if self._left < 0:
            raise ProviderError("too long", "context_length")
        call = make_call("go")
        return Act(Message(role="assistant", content="", tool_calls=(call,)), None, 0)


def play(rules: Rules, *turns: SolvedTurn, user: User | None = None) -> Conversation:
    dialogue = Conversation(Player(turns), World(), user or User("Hello."), rules)
    asyncio.run(dialogue.play())
    return dialogue


def roles(dialogue: Conversation) -> list[str]:
    return [message.role for message in dialogue.messages]


def test_calls_are_made_and_words_go_to_the_user() -> None:
    user = User("Hello.", "Thanks.")

    dialogue = play(Rules(steps=9), SolvedTurn(((GO,),), "I went."), user=user)

    assert roles(dialogue) == ["user", "assistant", "tool", "assistant", "user", "assistant"]
    assert user.heard == ["I went.", "Done."]
    assert dialogue.stop_reason is StopReason.FINISHED
    assert [step.call.name for step in dialogue.steps] == ["go"]


def test_a_result_that_is_text_is_read_as_it_is_and_any_other_as_json() -> None:
    dialogue = play(Rules(steps=9), SolvedTurn(((GO, PlainCall("table", {"a": None})),)))

    assert [one.content for one in dialogue.messages if one.role == "tool"] == ["go", '{"a": null}']


def test_of_several_calls_only_the_first_is_made_where_the_rules_say_so() -> None:
    dialogue = play(Rules(steps=9, one_call=True), SolvedTurn(((GO, LEAVE),)))

    assert [step.call.name for step in dialogue.steps] == ["go"]
    assert roles(dialogue)[:3] == ["user", "assistant", "tool"]
    assert len(dialogue.messages[1].tool_calls) == 1


def test_a_last_tool_ends_the_conversation() -> None:
    dialogue = play(Rules(steps=9, last_tools=frozenset({"leave"})), SolvedTurn(((LEAVE,), (GO,))))

    assert dialogue.stop_reason is StopReason.FINISHED
    assert [step.call.name for step in dialogue.steps] == ["leave"]


def test_words_count_as_steps_unless_steps_are_those_of_a_turn() -> None:
    chatty = [f"And {number}?" for number in range(9)]

    all_in_all = play(Rules(steps=3), user=User(*chatty))
    by_turn = play(Rules(steps=3, steps_are_of_a_turn=True), user=User(*chatty))

    assert (all_in_all.stop_reason, len(all_in_all.messages)) == (StopReason.MAX_STEPS, 7)
    assert by_turn.stop_reason is StopReason.FINISHED


def test_a_user_who_ends_with_the_last_step_has_ended_the_conversation() -> None:
    dialogue = play(Rules(steps=1), user=User("Hello."))

    assert dialogue.stop_reason is StopReason.FINISHED


def test_a_dialogue_that_becomes_too_long_is_an_ending_but_not_at_the_first_request() -> None:
    dialogue = Conversation(Refused(2), World(), User("Hello."), Rules(steps=9))

    assert asyncio.run(dialogue.play()) is StopReason.CONTEXT_LENGTH
    with pytest.raises(ProviderError):
        asyncio.run(Conversation(Refused(0), World(), User("Hi."), Rules(steps=9)).play())


def test_ids_of_a_player_are_never_the_same() -> None:
    dialogue = play(Rules(steps=9), SolvedTurn(((GO,), (GO, LEAVE))), user=User("Hello."))

    ids = [call.id for message in dialogue.messages for call in message.tool_calls]
    assert ids == ["call_0", "call_1", "call_2"]
