"""An episode: the agent acts, the environment and the user answer, until something ends it."""

from typing import Protocol

from pydantic import JsonValue

from envscaler.config import InteractSettings
from envscaler.environment.state.text import write_value
from envscaler.errors import ProviderError
from envscaler.interact.agent import Actor, Fault, call_problem
from envscaler.interact.user import SimulatedUser
from envscaler.prompts import render
from envscaler.records import JsonObject, Message, Observation, Step, StopReason, ToolCall

_ENDINGS = {
    Fault.EMPTY: StopReason.EMPTY_REPLIES,
    Fault.UNKNOWN_TOOL: StopReason.UNKNOWN_TOOLS,
}
"""How the episode ends when all of the bad replies in a row are of one kind."""


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
        self, agent: Actor, tools: Tools, user: SimulatedUser | None, settings: InteractSettings
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
        self._faults: list[Fault] = []
        self._tokens = 0

    async def play(self, task: str) -> StopReason:
        """Act until the episode ends.

        A dialogue or a reply that has become too long ends it. Every other failure of a model or
        of the sandbox says nothing about the agent and is the row's; nor does a first request that
        is too long already.

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
            act = await self._agent.act(self.messages)
        except ProviderError as error:
            self._end_too_long(error)
            return
        message, self._tokens = act.message, act.length
        self.messages.append(message)
        self._faults = [*self._faults, act.fault] if act.fault else []
        if act.fault is Fault.OUT_OF_TOKENS:
            self.stop_reason = StopReason.TOKEN_LIMIT
        elif message.tool_calls:
            for call in message.tool_calls:
                await self._run(call)
        elif message.problem:
            self._hear(notice(message.problem))
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
        try:
            self._hear(await self._user.answer(content) if self._user else None)
        except ProviderError as error:
            self._end_too_long(error)

    def _end_too_long(self, error: ProviderError) -> None:
        """End a dialogue that is too long for a model; raise what else went wrong."""
        played = any(message.role == "assistant" for message in self.messages)
        if error.kind != "context_length" or not played:
            raise error
        self.stop_reason = StopReason.CONTEXT_LENGTH

    def _hear(self, words: str | None) -> None:
        """Take in what stands in the user's place; nothing means that the episode is over."""
        if words is None:
            self.stop_reason = StopReason.FINISHED
        else:
            self.messages.append(Message(role="user", content=words))

    def _limit_reached(self) -> StopReason | None:
        most = self._settings.max_episode_tokens
        if len(self._faults) >= self._settings.max_bad_replies:
            return _ending_of(self._faults)
        if most is not None and self._tokens >= most:
            return StopReason.TOKEN_LIMIT
        if self._acts >= self._max_acts:
            return StopReason.MAX_STEPS
        return None


def _ending_of(faults: list[Fault]) -> StopReason:
    alike = len(set(faults)) == 1
    return _ENDINGS.get(faults[-1], StopReason.BAD_REPLIES) if alike else StopReason.BAD_REPLIES


def notice(problem: str) -> str:
    """Tell the agent what was wrong with its message."""
    [message] = render("interact/bad_reply", problem=problem).messages
    return message.get("content") or ""
