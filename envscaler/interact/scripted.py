"""Agents without a model: they play what is given, nothing at all, or anything.

A benchmark's controls are such agents, and so are those of `envscaler rollout --agent NAME`.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, cast

from envscaler.errors import RejectedError
from envscaler.inputs.arguments import Caller
from envscaler.inputs.subject import read_subject
from envscaler.interact.agent import Act, Actor, Briefing
from envscaler.interact.slip import with_slip
from envscaler.interact.solver import GREEDY, ONE_LOOK_UP, Solver
from envscaler.interact.tool_format import TOOL_FORMATS
from envscaler.prompts import render
from envscaler.records import JsonObject, Message, ReferenceCall, Scenario, Tool, ToolCall

ScriptedName = Literal["reference", "slip", "noop", "random", "one-lookup", "greedy"]

_ENDS: dict[ScriptedName, str] = {"one-lookup": "solver", "greedy": "solver"}
CALLS = 30
"""Calls that the random agent makes, where the limit of steps leaves room for them."""


@dataclass(frozen=True, slots=True)
class PlainCall:
    """A call of a given solution."""

    name: str
    arguments: JsonObject


@dataclass(frozen=True, slots=True)
class SolvedTurn:
    """What a given solution does between two messages of the user."""

    steps: tuple[tuple[PlainCall, ...], ...]
    """The calls of each message, in order."""
    words: str = "Done."
    """What is said at the end of the turn."""

    @property
    def calls(self) -> tuple[PlainCall, ...]:
        return tuple(call for step in self.steps for call in step)


class Player:
    """Plays given calls, turn by turn, and says given words.

    Args:
        turns: What it does after each message of the user; beyond them it only speaks.
        opening: What it was told before the first word, for the record.
    """

    def __init__(self, turns: Sequence[SolvedTurn], opening: tuple[Message, ...] = ()) -> None:
        self.opening = opening
        self.tool_names: frozenset[str] = frozenset()
        self._turns = turns
        self._issued = 0

    def offer(self, tools: tuple[Tool, ...]) -> None:
        """Take note of their names; the calls are given."""
        self.tool_names = frozenset(tool.name for tool in tools)

    async def act(self, messages: Sequence[Message]) -> Act:
        """Make the next calls of the turn, or say its words."""
        heard = [at for at, message in enumerate(messages) if message.role == "user"]
        since = messages[heard[-1] :]
        number = sum(message.role == "assistant" for message in since)
        turn = self._turns[len(heard) - 1] if len(heard) <= len(self._turns) else SolvedTurn(())
        if number < len(turn.steps):
            message = Message(
                role="assistant", content="", tool_calls=self._calls(turn.steps[number])
            )
        else:
            message = Message(role="assistant", content=turn.words)
        return Act(message=message, fault=None, length=0)

    def _calls(self, calls: Sequence[PlainCall]) -> tuple[ToolCall, ...]:
        first, self._issued = self._issued, self._issued + len(calls)
        return tuple(
            ToolCall(id=f"call_{number}", name=call.name, arguments=call.arguments)
            for number, call in enumerate(calls, first)
        )


class RandomPlayer:
    """Makes calls whose arguments have the right types, and says at last that it is done.

    Args:
        briefing: Its environment, and what it was told.
        state: Exports the state; arguments are looked for in it before each call.
        chance: Chooses tools and arguments.
        calls: How many calls it makes.
    """

    def __init__(
        self,
        briefing: Briefing,
        state: Callable[[], Awaitable[JsonObject]],
        chance: Random,
        calls: int,
    ) -> None:
        self.opening = opening_of(briefing)
        self._caller = Caller(read_subject(briefing.environment), chance)
        self._state = state
        self._calls = calls
        self._made = 0

    @property
    def tool_names(self) -> frozenset[str]:
        """The tools that there are."""
        return frozenset(self._caller.subject.tools)

    def offer(self, tools: tuple[Tool, ...]) -> None:
        """Take no note: the tools are those of the environment."""

    async def act(self, messages: Sequence[Message]) -> Act:  # noqa: ARG002 (it reads nothing)
        """Call any tool, or say the last word."""
        if self._made >= self._calls or not self.tool_names:
            return Act(message=_last_words("random"), fault=None, length=0)
        tool = self._caller.chance.choice([*self._caller.subject.tools.values()])
        arguments = self._caller.one(tool, await self._state())
        call = ToolCall(id=f"call_{self._made}", name=tool.name, arguments=arguments)
        self._made += 1
        message = Message(role="assistant", content="", tool_calls=(call,))
        return Act(message=message, fault=None, length=0)


def opening_of(briefing: Briefing) -> tuple[Message, ...]:
    """Return what an agent is told before the first word of the user, tools beside it."""
    wires = briefing.prompt(TOOL_FORMATS["native"]).messages
    return tuple(Message.model_validate(wire) for wire in wires)


def player_of(
    name: ScriptedName,
    scenario: Scenario,
    told: Briefing,
    state: Callable[[], Awaitable[JsonObject]],
    chance: Random,
    *,
    max_steps: int,
) -> Actor:
    """Return an agent that needs no model.

    Args:
        name: Which.
        scenario: What it plays in; only `reference` and `slip` look at the proof.
        told: Its environment, and what it is told at the start.
        state: Exports the state; only `random` looks at it.
        chance: Decides what is not given.
        max_steps: The limit of an episode; the last step is for the last word.

    Raises:
        RejectedError: There is no reference solution to play.
    """
    most = max_steps - 1
    if name == "random":
        return RandomPlayer(told, state, chance, min(CALLS, most))
    if name in {"one-lookup", "greedy"}:
        strength = GREEDY if name == "greedy" else ONE_LOOK_UP
        player = Solver(opening_of(told), chance, strength, most, _last_words(name))
    else:
        made = () if name == "noop" else _reference(scenario)
        calls = with_slip(made, chance) if name == "slip" else [each.call for each in made]
        steps = tuple((PlainCall(call.name, call.arguments),) for call in calls)
        player = Player([SolvedTurn(steps, _last_words(name).content)], opening_of(told))
    player.offer(told.tools)
    return player


def _reference(scenario: Scenario) -> tuple[ReferenceCall, ...]:
    proof = scenario.proof
    if proof is None or not proof.reference:
        raise RejectedError("no_reference", "The scenario has no reference solution to play")
    return proof.reference


def _last_words(name: ScriptedName) -> Message:
    is_end = name in {"reference", "slip"}
    prompt = "train/reference_end" if is_end else f"interact/{_ENDS.get(name, name)}_end"
    [end] = render(prompt).messages
    return Message.model_validate(cast("JsonObject", end))
