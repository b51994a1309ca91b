"""An episode: the agent acts, the environment and the user answer, until something ends it."""

from typing import Protocol

from pydantic import JsonValue

from envscaler.config import InteractSettings
from envscaler.environment.state.text import write_value
from envscaler.errors import ProviderError
from envscaler.interact.agent import Agent, call_problem
from envscaler.interact.user import SimulatedUser
from envscaler.prompts import render
from envscaler.records import JsonObject, Message, Observation, Step, StopReason, ToolCall

_TOO_LONG = {
    "context_length": StopReason.CONTEXT_LENGTH,
    "max_tokens": StopReason.TOKEN_LIMIT,
}
"""Failures of the endpoint that are the agent's doing: kind → how the episode ends."""


class Tools(Protocol):
    """All that an episode needs of a live environment."""

    async def call(self, tool: str, arguments: JsonObject, /) -> Observation:
        """Call a tool; one that fails is an observation."""
        ...


class Episode:
    """One agent at work on one task.

    Args:
        agent: Who acts.
        tools: What it acts with.
        user: Who answers plain messages; without a user such a message ends the episode.
        settings: Its limits, and how results are written.
    """

    def __init__(
        self, agent: Agent, tools: Tools, user: SimulatedUser | None, settings: InteractSettings
    ) -> None:
        self.messages: list[Message] = []
        """The dialogue behind the agent's opening."""
        self.steps: list[Step] = []
        self.stop_reason: StopReason | None = None
        """None as long as the episode goes on."""
        self._agent = agent
        self._tools = tools
        self._user = user
        self._settings = settings
        self._max_acts = settings.max_steps_with_user if user else settings.max_steps
        self._acts = 0
        self._bad_replies = 0
        self._tokens = 0

    async def play(self, task: str) -> StopReason:
        """Act until the episode ends.

        A dialogue or a reply that has become too long ends it. Every other failure of a model or
        of the sandbox says nothing about the agent and is the row's.

        Raises:
            ProviderError: A model gave no usable answer.
            ReplyError: The simulated user would not speak in the shape it was asked for.
            SandboxError: The machinery around the environment failed.
        """
        self._hear(await self._user.begin() if self._user else task)
        while self.stop_reason is None:
            await self._take_turn()
        return self.stop_reason

    async def _take_turn(self) -> None:
        try:
            message, self._tokens = await self._agent.act(self.messages)
        except ProviderError as error:
            if error.kind not in _TOO_LONG:
                raise
            self.stop_reason = _TOO_LONG[error.kind]
            return
        self.messages.append(message)
        self._bad_replies = self._bad_replies + 1 if message.problem else 0
        if message.tool_calls:
            for call in message.tool_calls:
                await self._run(call)
        elif message.problem:
            self._hear(_notice(message.problem))
        else:
            await self._say(message.content)
        self.stop_reason = self.stop_reason or self._limit_reached()

    async def _run(self, call: ToolCall) -> None:
        """Answer a call, from the environment where it can be tried at all."""
        problem = call_problem(call, self._agent.tool_names)
        if self._acts >= self._max_acts:
            problem = f"Not run: the limit of {self._max_acts} steps is reached."
        self._acts += 1
        if problem is not None or isinstance(call.arguments, str):
            value: JsonValue = {"error": problem}
        else:
            observation = await self._tools.call(call.name, call.arguments)
            self.steps.append(Step(call=call, observation=observation))
            value = observation.value
        text = write_value(value, self._settings.observation_text)
        self.messages.append(Message(role="tool", content=text, tool_call_id=call.id))

    async def _say(self, content: str) -> None:
        """Pass a plain message on to the user."""
        self._acts += 1
        self._hear(await self._user.answer(content) if self._user else None)

    def _hear(self, words: str | None) -> None:
        """Take in what stands in the user's place; nothing means that the episode is over."""
        if words is None:
            self.stop_reason = StopReason.FINISHED
        else:
            self.messages.append(Message(role="user", content=words))

    def _limit_reached(self) -> StopReason | None:
        most = self._settings.max_episode_tokens
        if self._bad_replies >= self._settings.max_bad_replies:
            return StopReason.BAD_REPLIES
        if most is not None and self._tokens >= most:
            return StopReason.TOKEN_LIMIT
        if self._acts >= self._max_acts:
            return StopReason.MAX_STEPS
        return None


def _notice(problem: str) -> str:
    [message] = render("interact/bad_reply", problem=problem).messages
    return message.get("content") or ""
