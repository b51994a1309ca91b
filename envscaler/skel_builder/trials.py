"""Test calls: a tester proposes them one by one, the sandbox makes them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from envscaler.chat import Prompt
from envscaler.config import SkelBuilderSettings
from envscaler.environment.schema.validate import check_arguments
from envscaler.environment.state.difference import StateDiff, diff
from envscaler.errors import ReplyError
from envscaler.llm.calls import Calls
from envscaler.prompt_text import call_text, cut, state_text, tools_text, value_text
from envscaler.prompts import render
from envscaler.records import Call, Clock, JsonObject, Observation, Record, Skeleton, Tool
from envscaler.replies import read_json
from envscaler.reply_schema import wanting
from envscaler.sandbox import LiveEnvironment, Sandbox, Start

_RECENT = 20
"""Calls that the tester is reminded of."""
_RECENT_CHARS = 240


class Proposal(Record):
    """A call that the tester wants to make."""

    tool: str
    arguments: JsonObject
    case_type: Literal["positive", "negative"]
    purpose: str
    expected: str

    @property
    def call(self) -> Call:
        return Call(name=self.tool, arguments=self.arguments)


@dataclass(frozen=True, slots=True)
class Trial:
    """A call that was made, not judged yet."""

    round: int
    proposal: Proposal
    before: JsonObject
    """The state that the call met."""
    observation: Observation
    changes: StateDiff
    was_reset: bool = False
    """The state had been set back before it."""


async def run_trials(
    skeleton: Skeleton,
    state: JsonObject,
    calls: Calls,
    sandbox: Sandbox,
    settings: SkelBuilderSettings,
) -> list[Trial]:
    """Let the tester make its calls, one after the other, since each sees what came before.

    Args:
        skeleton: What is tested.
        state: Where the tests begin, and to where they are set back every few rounds.
        calls: The calls of the row.
        sandbox: Where the environment runs.
        settings: How many rounds there are, in all and for one tool.

    Raises:
        ReplyError: The tester proposes nothing that can be called.
        SandboxError: The environment cannot be run.
    """
    trials: list[Trial] = []
    live = await sandbox.open(skeleton, Start(initial_state=state))
    try:
        beginning = await live.snapshot()
        for number in range(settings.rounds_per_env):
            allowed = allowed_tools(skeleton, trials, settings.rounds_per_tool)
            if not allowed:
                break
            was_reset = number > 0 and number % settings.reset_every == 0
            if was_reset:
                await live.restore(beginning)
            before = await live.state()
            prompt = proposal_prompt(skeleton, trials, allowed, before, was_reset=was_reset)
            proposal = await _ask(prompt, allowed, calls)
            trial = await _make(number, proposal, before, live)
            trials.append(replace(trial, was_reset=was_reset))
    finally:
        await live.close()
    return trials


async def repeat_trials(
    skeleton: Skeleton,
    state: JsonObject,
    trials: Sequence[Trial],
    sandbox: Sandbox,
) -> list[Trial]:
    """Make the calls of earlier trials again, on a class that has been repaired since.

    Raises:
        SandboxError: The environment cannot be run.
    """
    again: list[Trial] = []
    live = await sandbox.open(skeleton, Start(initial_state=state))
    try:
        beginning = await live.snapshot()
        for trial in trials:
            if trial.was_reset:
                await live.restore(beginning)
            made = await _make(trial.round, trial.proposal, await live.state(), live)
            again.append(replace(made, was_reset=trial.was_reset))
    finally:
        await live.close()
    return again


def allowed_tools(skeleton: Skeleton, trials: list[Trial], most: int) -> tuple[Tool, ...]:
    """Return the tools that have had fewer than `most` calls."""
    made = Counter(trial.proposal.tool for trial in trials)
    return tuple(tool for tool in skeleton.tools if made[tool.name] < most)


def proposal_prompt(
    skeleton: Skeleton,
    trials: list[Trial],
    allowed: tuple[Tool, ...],
    state: JsonObject,
    *,
    was_reset: bool,
) -> Prompt:
    """Render the question for the next call."""
    made = Counter((trial.proposal.tool, trial.proposal.case_type) for trial in trials)
    names = [tool.name for tool in skeleton.tools]
    open_names = {tool.name for tool in allowed}
    return render(
        "skel_builder/propose_call",
        skeleton=skeleton,
        now=Clock().start.isoformat(),
        tools=tools_text(skeleton.tools, results=True),
        counts=[(name, made[name, "positive"], made[name, "negative"]) for name in names],
        closed=[name for name in names if name not in open_names],
        recent=[_trial_line(trial) for trial in trials[-_RECENT:]],
        state=state_text(state),
        was_reset=was_reset,
    )


def read_proposal(reply: str, allowed: tuple[Tool, ...]) -> Proposal:
    """Read the next call out of a reply.

    Raises:
        ReplyError: The tool may not be called, or the arguments do not fit it.
    """
    proposal = read_json(reply, Proposal)
    tool = next((tool for tool in allowed if tool.name == proposal.tool), None)
    if tool is None:
        names = ", ".join(tool.name for tool in allowed)
        raise ReplyError(f"Tool {proposal.tool!r} cannot be chosen; choose one of: {names}")
    _, problem = check_arguments(tool, proposal.arguments)
    if problem:
        raise ReplyError(f"The call would be refused before {tool.name} runs: {problem}")
    return proposal


async def _ask(prompt: Prompt, allowed: tuple[Tool, ...], calls: Calls) -> Proposal:
    return await calls.ask(
        "tester",
        wanting(Proposal, prompt),
        lambda reply: read_proposal(reply.content, allowed),
    )


async def _make(
    number: int, proposal: Proposal, before: JsonObject, live: LiveEnvironment
) -> Trial:
    observation = await live.call(proposal.tool, proposal.arguments)
    changes = diff(before, await live.state())
    return Trial(number, proposal, before, observation, changes)


def _trial_line(trial: Trial) -> str:
    proposal, observation = trial.proposal, trial.observation
    call = call_text(proposal.tool, proposal.arguments)
    outcome = f"{observation.kind.value} {value_text(observation.value)}"
    reset = "(the state was set back) " if trial.was_reset else ""
    return (
        f"{reset}{proposal.case_type}: {cut(call, _RECENT_CHARS)} → {cut(outcome, _RECENT_CHARS)}"
    )
