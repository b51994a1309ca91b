"""Users of benchmarks: played by a model with a published prompt, or saying one thing only."""

import hashlib

from envscaler.benchmarks.conversation import Heard
from envscaler.chat import Prompt, WireMessage
from envscaler.llm.calls import Calls
from envscaler.records import Message


def published(system: str, *said: str) -> Prompt:
    """Build a prompt from a text that stands in the benchmark's own repository."""
    messages = [WireMessage(role="system", content=system)]
    messages += [WireMessage(role="user", content=each) for each in said]
    sha = hashlib.sha256(system.encode()).hexdigest()[:12]
    return Prompt(name="benchmarks/published", sha=sha, messages=tuple(messages))


class OneMessageUser:
    """Says one thing, and ends the conversation at the first answer: for controls."""

    messages: tuple[Message, ...] = ()

    def __init__(self, words: str) -> None:
        self._words = words

    async def begin(self) -> Heard:
        """Say it."""
        return Heard(self._words)

    async def answer(self, message: str) -> Heard:  # noqa: ARG002
        """End."""
        return Heard(None)


class ModelUser:
    """A user that a model plays.

    Args:
        calls: Asks the model of the role `user`.
        prompt: What it is told, and the agent's first words.
        ends: A message of the user with this in it ends the conversation.
        sample: Which trial it is.
        agent_ends: So does one of the agent.
    """

    def __init__(
        self, calls: Calls, prompt: Prompt, *, ends: str, sample: int, agent_ends: bool = False
    ) -> None:
        self._calls = calls
        self._prompt = prompt
        self._ends = ends
        self._sample = sample
        self._agent_ends = agent_ends

    @property
    def messages(self) -> tuple[Message, ...]:
        """The user's side, where its own words are the assistant's."""
        return tuple(Message.model_validate(wire) for wire in self._prompt.messages)

    async def begin(self) -> Heard:
        """Say the first words.

        Raises:
            ProviderError: The endpoint gave no usable answer.
        """
        return await self._speak()

    async def answer(self, message: str) -> Heard:
        """Answer the agent.

        Raises:
            ProviderError: As for `begin`.
        """
        if self._agent_ends and self._ends in message:
            return Heard(None)
        self._prompt = self._prompt.then(WireMessage(role="user", content=message))
        return await self._speak()

    async def _speak(self) -> Heard:
        whole, words = await self._choose()
        self._prompt = self._prompt.then(WireMessage(role="assistant", content=whole))
        return Heard(None if self._ends in words else words)

    async def _choose(self) -> tuple[str, str]:
        """Return what the model wrote, and what of it the agent hears."""
        reply = await self._calls.reply("user", self._prompt, sample=self._sample)
        return reply.content, reply.content
