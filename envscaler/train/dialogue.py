"""A trajectory as every SFT format sees it: turns of the agent, each with what it answers.

A malformed reply, one the agent was told to mend, may stand in the history of a later turn where
a format can mask history, but no format trains on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from envscaler.errors import RejectedError
from envscaler.records import Message, Trajectory

Source = Literal["rollout", "reference"]
"""Whether an agent played it, or it is a reference solution that was executed."""
WithoutReasoning = Literal["train", "mask", "drop"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One reply of the agent, and what it answers."""

    heard: tuple[Message, ...]
    """User messages and tool results since the turn before; at least one."""
    reply: Message
    masked: bool = False
    """Whether the reply is context only, though nothing is wrong with it."""

    @property
    def trained(self) -> bool:
        """Whether the reply is to be learnt."""
        return not self.malformed and not self.masked

    @property
    def malformed(self) -> bool:
        """Whether the reply must not be learnt."""
        unreadable = any(isinstance(call.arguments, str) for call in self.reply.tool_calls)
        says_nothing = not self.reply.content.strip() and not self.reply.tool_calls
        return self.reply.problem is not None or unreadable or says_nothing


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The agent's side of a trajectory, without what came after its last reply."""

    trajectory: Trajectory
    system: str
    """Empty when there is no system message."""
    turns: tuple[Turn, ...]
    source: Source = "rollout"

    @property
    def learnt(self) -> tuple[Message, ...]:
        """The replies that a trainer learns."""
        return tuple(turn.reply for turn in self.turns if turn.trained)


def read_dialogue(trajectory: Trajectory) -> Dialogue:
    """Cut the messages of a trajectory into turns.

    Raises:
        RejectedError: The roles do not alternate, or no reply is worth learning.
    """
    messages = trajectory.messages
    system = ""
    if messages and messages[0].role == "system":
        system, messages = messages[0].content, messages[1:]
    turns = tuple(_turns(messages))
    if all(turn.malformed for turn in turns):
        raise RejectedError("no_good_reply", "The agent gave no well-formed reply")
    return Dialogue(trajectory=trajectory, system=system, turns=turns)


def treat_unreasoned(dialogue: Dialogue, choice: WithoutReasoning) -> Dialogue:
    """Do what the settings say with replies without reasoning.

    A chat template that shows reasoning trains them with an empty thought.

    Raises:
        RejectedError: The trajectory is to be dropped, or no reply is left to learn.
    """
    if choice == "train" or all(reply.reasoning for reply in dialogue.learnt):
        return dialogue
    if choice == "drop":
        raise RejectedError("without_reasoning", "A reply has no reasoning")
    turns = tuple(replace(turn, masked=not turn.reply.reasoning) for turn in dialogue.turns)
    if not any(turn.trained for turn in turns):
        raise RejectedError("without_reasoning", "No reply has reasoning")
    return replace(dialogue, turns=turns)


def without_malformed(dialogue: Dialogue) -> Iterator[Turn]:
    """Leave out malformed replies and the messages that told the agent so.

    Nothing happened between such a reply and the repaired one, which therefore answers just as
    well what the malformed one had heard.

    Raises:
        RejectedError: Other calls of a malformed reply ran, so the dialogue needs it.
    """
    ran = [step.call for step in dialogue.trajectory.steps]
    heard: tuple[Message, ...] = ()
    for turn in dialogue.turns:
        heard = heard or turn.heard
        if not turn.malformed:
            yield replace(turn, heard=heard)
            heard = ()
        elif any(call in ran for call in turn.reply.tool_calls):
            raise RejectedError("partly_ran", "Some calls of a malformed reply ran")


def _turns(messages: tuple[Message, ...]) -> Iterator[Turn]:
    heard: list[Message] = []
    for message in messages:
        if message.role == "system":
            raise RejectedError("late_system", "A system message is not the first message")
        if message.role != "assistant":
            heard.append(message)
            continue
        if not heard:
            raise RejectedError("answers_nothing", "The agent spoke first, or twice in a row")
        yield Turn(heard=tuple(heard), reply=message)
        heard = []
