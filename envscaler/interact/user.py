"""The simulated user: has a task in mind and tells it bit by bit."""

from dataclasses import dataclass, replace

from envscaler.chat import Reply, WireMessage
from envscaler.errors import ReplyError
from envscaler.llm.calls import Calls
from envscaler.prompts import render
from envscaler.records import Environment, Message
from envscaler.replies import cut_blocks

_DONE = "<done/>"
_FORMS_OF_DONE = ("<done/>", "<done />", "<done></done>", "<done>")


@dataclass(frozen=True, slots=True)
class UserTurn:
    """What the user says at once."""

    whole: str
    """As the model wrote it, thoughts included."""
    message: str | None
    """What the agent hears; None when the user ends the conversation."""


class SimulatedUser:
    """Plays a person with a task, and keeps that person's side of the conversation.

    Args:
        calls: Asks the model.
        environment: Named to the user, who cannot touch it.
        task: What the user wants.
        sample: Which of several answers to the same request is meant: the attempt.
    """

    def __init__(self, calls: Calls, environment: Environment, task: str, *, sample: int) -> None:
        self._calls = calls
        self._sample = sample
        self.dialogue = render("interact/user", environment=environment, task=task)
        """The conversation so far; may be set back to an earlier one."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation as the user has it: its own turns are the assistant's."""
        return tuple(Message.model_validate(wire) for wire in self.dialogue.messages)

    async def begin(self) -> str | None:
        """Say the first words, or None to end the conversation at once.

        Raises:
            ReplyError: The model would not speak in the shape it was asked for.
            ProviderError: The endpoint gave no usable answer.
        """
        return await self._speak()

    async def answer(self, message: str) -> str | None:
        """Answer the agent, or end the conversation with None.

        Raises:
            ReplyError: As for `begin`.
            ProviderError: As for `begin`.
        """
        heard = render("interact/user_next", message=message)
        # The dialogue goes on under the name of its latest prompt, so that provenance has both.
        self.dialogue = replace(heard, messages=(*self.dialogue.messages, *heard.messages))
        return await self._speak()

    async def _speak(self) -> str | None:
        turn = await self._calls.ask("user", self.dialogue, read_turn, sample=self._sample)
        self.dialogue = self.dialogue.then(WireMessage(role="assistant", content=turn.whole))
        return turn.message


def read_turn(reply: Reply) -> UserTurn:
    """Read a turn of the user.

    What stands in a thought does not count, nor does a thought that was cut off: it may speak of
    the mark that ends the conversation.

    Raises:
        ReplyError: It has neither one message nor the mark that ends the conversation, or both.
    """
    spoken, around, words = _spoken(reply)
    if _ends(around) if not words else words in [[form] for form in _FORMS_OF_DONE]:
        return UserTurn(whole=reply.content, message=None)
    if len(words) != 1 or not words[0] or any(form in spoken for form in _FORMS_OF_DONE):
        raise ReplyError(f"Write one <message>…</message> with your words, or {_DONE} alone")
    return UserTurn(whole=reply.content, message=words[0])


def _spoken(reply: Reply) -> tuple[str, str, list[str]]:
    """Return what is no thought, of that what is around the messages, and the messages."""
    spoken, _, cut_off = cut_blocks(reply.content, "<thought>", "</thought>")
    around, messages, unfinished = cut_blocks(spoken, "<message>", "</message>")
    if cut_off or (unfinished and reply.finish_reason == "length"):
        raise ReplyError(f"It was cut off; write a short thought, then a <message> or {_DONE}")
    return spoken, around, [message.strip() for message in messages]


def _ends(spoken: str) -> bool:
    """Say whether the last line is the mark that ends the conversation."""
    last = spoken.strip().rpartition("\n")[2].strip()
    return last in _FORMS_OF_DONE
