"""Reference solutions that were executed, as what an agent could have played: no model is asked.

There is no reasoning in them and nothing but calls, one in each message, and a last sentence. They
teach a small model the form of the work before it learns from its own attempts.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from envscaler.by_id import read_by_id
from envscaler.config import Settings
from envscaler.environment.state.text import write_value
from envscaler.errors import ArtifactError, RejectedError
from envscaler.jsonl import read_rows
from envscaler.prompts import render
from envscaler.records import (
    Environment,
    Message,
    Proof,
    Provenance,
    Reward,
    Scenario,
    Step,
    StopReason,
    ToolCall,
    Trajectory,
    row_id,
)
from envscaler.train.rl import opening_text

REMEDY = "make scenarios that are proven: `envscaler gen-scen`"
ABOUT = """\
These rows are **reference solutions**, not what an agent did: the calls by which each scenario was
proven, with what the tools answered when they were executed, and the same last sentence. No reply
has reasoning. Their `source` is `reference`."""

Solution = Callable[[], Trajectory]
"""Makes the trajectory; a `RejectedError` says why there is none."""


def solutions(run_folder: Path, settings: Settings) -> Iterator[tuple[str, Solution]]:
    """Yield for each scenario its environment's id, and what makes a trajectory of it.

    Raises:
        ArtifactError: A file is missing or unreadable, or a scenario has no environment.
    """
    environments = read_by_id(run_folder / "envs.jsonl", Environment)
    for scenario in read_rows(run_folder / "scenarios.jsonl", Scenario):
        if scenario.env_id not in environments:
            raise ArtifactError(
                f"{run_folder / 'envs.jsonl'} has no environment {scenario.env_id}, which "
                f"scenario {scenario.id} needs; use files of one run"
            )
        environment = environments[scenario.env_id]
        yield (
            scenario.env_id,
            lambda scenario=scenario, environment=environment: solved(
                scenario, environment, settings
            ),
        )


def solved(scenario: Scenario, environment: Environment, settings: Settings) -> Trajectory:
    """Write the reference solution of a scenario as a trajectory.

    Raises:
        RejectedError: There is none that is proven, or it has a call that failed.
    """
    proof = scenario.proof
    if proof is None or not proof.proven or not proof.reference:
        raise RejectedError("not_proven", "The scenario has no proven reference solution")
    if proof.failed_calls:
        raise RejectedError("failed_call", "A call of the reference solution failed")
    opening = opening_text(environment, scenario.clock)
    messages = (
        Message(role="system", content=opening),
        Message(role="user", content=scenario.task),
        *_played(proof, settings),
    )
    return Trajectory(
        id=row_id("reference", scenario.id),
        provenance=Provenance(parents=(scenario.id,), models=scenario.provenance.models),
        env_id=environment.id,
        scenario_id=scenario.id,
        attempt=0,
        dialogue="single_turn",
        tool_format="native",
        tools=environment.tools,
        messages=messages,
        steps=tuple(_steps(proof)),
        stop_reason=StopReason.FINISHED,
        reward=Reward(
            score=proof.score, definition=proof.definition, verdicts=(), isolation="not recorded"
        ),
        seed=0,
    )


def _steps(proof: Proof) -> Iterator[Step]:
    for number, made in enumerate(proof.reference):
        call = ToolCall(id=f"call_{number}", name=made.name, arguments=made.arguments)
        yield Step(call=call, observation=made.observation)


def _played(proof: Proof, settings: Settings) -> Iterator[Message]:
    for step in _steps(proof):
        yield Message(role="assistant", content="", tool_calls=(step.call,))
        text = write_value(step.observation.value, settings.interact.observation_text)
        yield Message(role="tool", content=text, tool_call_id=step.call.id)
    [end] = render("train/reference_end").messages
    yield Message.model_validate(end)
