"""One loop for all benchmarks: agent, world and user take turns until something ends it.

It differs from `interact.episode` in what official evaluations do with a bad message: none of
them asks for it again. A call that can be read is made, whatever its name; a message without one
goes to the user as it is.
"""

from dataclasses import dataclass
from typing import Protocol

from envscaler.environment.state.text import write_value
from envscaler.errors import ProviderError
from envscaler.interact.agent import Actor
from envscaler.records import (
    JsonObject,
    Message,
    Observation,
    Step,
    StopReason,
    Tool,
    ToolCall,
)


class World(Protocol):
    """The live world of one task."""

    async def call(self, name: str, arguments: JsonObject, /) -> Observation:
        """Make a call of the agent; a name that does not exist is an observation too."""
        ...

    async def fingerprint(self) -> str:
        """Return a text that differs when what the score looks at differs."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What the agent hears from the user."""

    words: str | None
    """None: the user has ended the conversation."""
    tools: tuple[Tool, ...] | None = None
    """All tools that there are from now on; None: those that there were."""


class User(Protocol):
    """Whoever sits opposite the agent."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """The user's side of the conversation, where a model plays it."""
        ...

    async def begin(self) -> Heard:
        """Say the first words."""
        ...

    async def answer(self, message: str) -> Heard:
        """Answer the agent."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What the official loop of a benchmark allows."""

    steps: int
    """Messages of the agent until it is stopped."""
    steps_are_of_a_turn: bool = False
    """They are counted anew with each message of the user, and only those with calls."""
    one_call: bool = False
    """Of several calls in a message only the first is made."""
    last_tools: frozenset[str] = frozenset()
    """Tools after which the conversation is over."""


class Conversation:
    """One agent at one task of a benchmark.

    Args:
        actor: Who is evaluated.
        world: What it acts in.
        user: Who speaks to it.
        rules: Those of the benchmark.
    """

    def __init__(self, actor: Actor, world: World, user: User, rules: Rules) -> None:
        self.messages: list[Message] = []
        """The dialogue behind the agent's opening."""
        self.steps: list[Step] = []
        self.stop_reason: StopReason | None = None
        """None as long as it goes on."""
        self._actor = actor
        self._world = world
        self._user = user
        self._rules = rules
        self._taken = 0

    async def play(self) -> StopReason:
        """Go on until something ends it.

        Raises:
            ProviderError: A model gave no usable answer; a dialogue that has become too long is an
                ending instead.
            ReplyError: The simulated user would not speak in the shape it was asked for.
            GuestError: The world broke.
            SandboxError: The machinery failed.
        """
        self._hear(await self._user.begin())
        while self.stop_reason is None:
            try:
                await self._take_step()
            except ProviderError as error:
                if error.kind != "context_length" or not self._has_acted:
                    raise
                self.stop_reason = StopReason.CONTEXT_LENGTH
        return self.stop_reason

    @property
    def _has_acted(self) -> bool:
        return any(message.role == "assistant" for message in self.messages)

    async def _take_step(self) -> None:
        act = await self._actor.act(self.messages)
        message = act.message
        if self._rules.one_call and len(message.tool_calls) > 1:
            message = message.model_copy(update={"tool_calls": message.tool_calls[:1]})
        self.messages.append(message)
        readable = all(isinstance(call.arguments, dict) for call in message.tool_calls)
        if message.tool_calls and readable:
            self._taken += 1
            for call in message.tool_calls:
                await self._make(call)
        else:
            self._refuse(message)
            await self._say(message.content)
        if self.stop_reason is None and self._is_over_limit():
            self.stop_reason = StopReason.MAX_STEPS

    async def _make(self, call: ToolCall) -> None:
        arguments = call.arguments if isinstance(call.arguments, dict) else {}
        observation = await self._world.call(call.name, arguments)
        self.steps.append(Step(call=call, observation=observation))
        self._tell(call, observation_text(observation))
        if call.name in self._rules.last_tools:
            self.stop_reason = StopReason.FINISHED

    def _refuse(self, message: Message) -> None:
        """Answer calls that are not made: endpoints want an answer to each."""
        for call in message.tool_calls:
            self._tell(call, f"Not run: {message.problem or 'the arguments are unreadable'}")

    def _tell(self, call: ToolCall, text: str) -> None:
        self.messages.append(Message(role="tool", content=text, tool_call_id=call.id))

    async def _say(self, words: str) -> None:
        self._taken = 0 if self._rules.steps_are_of_a_turn else self._taken + 1
        self._hear(await self._user.answer(words))

    def _hear(self, heard: Heard) -> None:
        if heard.words is None:
            self.stop_reason = StopReason.FINISHED
            return
        if heard.tools is not None:
            self._actor.offer(heard.tools)
        self.messages.append(Message(role="user", content=heard.words))

    def _is_over_limit(self) -> bool:
        return self._taken >= self._rules.steps


def observation_text(observation: Observation) -> str:
    """Write a result as the agent reads it: official worlds answer with text already."""
    value = observation.value
    return value if isinstance(value, str) else write_value(value, "json")
