"""A small run to export: lamps in a house, one agent that makes every kind of reply."""

from datetime import UTC, datetime
from pathlib import Path

from envscaler.config import Settings
from envscaler.jsonl import write_rows
from envscaler.prompts import render
from envscaler.records import (
    Check,
    Clock,
    Environment,
    JsonObject,
    JsonValue,
    Message,
    Observation,
    ObservationKind,
    Provenance,
    Reward,
    Scenario,
    Step,
    StopReason,
    Structure,
    Tool,
    ToolCall,
    Trajectory,
    Verdict,
    VerdictKind,
)

SOURCE = """\
class House:
    def __init__(self, init_config=None):
        self.lamps = {}

    def switch(self, room: str, on: bool) -> dict:
        self.lamps[room] = on
        return {"success": True, "message": "switched"}
"""

SWITCH = Tool(
    name="switch",
    description="Switch the lamp of a room — on or off.",
    parameters={
        "type": "object",
        "properties": {
            "room": {"type": "string", "description": "Name of the room."},
            "on": {"type": "boolean", "description": "True for on."},
        },
        "required": ["room", "on"],
    },
)
LAMPS = Tool(
    name="lamps",
    description="List the lamps.",
    parameters={"type": "object", "properties": {}, "required": []},
)


def says(content: str, reasoning: str | None = None, problem: str | None = None) -> Message:
    return Message(role="assistant", content=content, reasoning=reasoning, problem=problem)


def calls(*made: ToolCall, content: str = "", reasoning: str | None = None) -> Message:
    return Message(role="assistant", content=content, reasoning=reasoning, tool_calls=made)


def call(number: int, name: str, /, **arguments: JsonValue) -> ToolCall:
    return ToolCall(id=f"call_{number}", name=name, arguments=arguments)


def user(content: str) -> Message:
    return Message(role="user", content=content)


def result(number: int, content: str) -> Message:
    return Message(role="tool", content=content, tool_call_id=f"call_{number}")


def make_trajectory(
    *messages: Message,
    env_id: str = "env-1",
    system: str = "You look after a house.",
    score: float | None = 1.0,
    ran: tuple[ToolCall, ...] = (),
) -> Trajectory:
    """Build a trajectory whose messages follow a system message, if there is a `system`."""
    opening = (Message(role="system", content=system),) if system else ()
    observation = Observation(kind=ObservationKind.OK, value=True)
    return Trajectory(
        id=f"traj-{env_id}",
        provenance=Provenance(models=("scripted",), prompts={"interact/agent_native": "0" * 12}),
        env_id=env_id,
        scenario_id=f"scen-{env_id}",
        attempt=0,
        dialogue="single_turn",
        tool_format="native",
        tools=(SWITCH, LAMPS),
        messages=(*opening, *messages),
        steps=tuple(Step(call=made, observation=observation) for made in ran),
        stop_reason=StopReason.FINISHED,
        reward=Reward(
            score=score,
            verdicts=(Verdict(item="Is it dark?", kind=VerdictKind.PASSED),),
            isolation="seccomp+landlock",
        ),
        seed=0,
    )


def every_reply(env_id: str = "env-1") -> Trajectory:
    """Build one with two calls at once, a malformed reply that is repaired, and a thank-you."""
    return make_trajectory(
        user("Make it dark."),
        calls(call(0, "lamps"), call(1, "switch", room="hall", on=False), reasoning="Look first."),
        result(0, '{"hall": true, "loft": true}'),
        result(1, '{"success": true}'),
        says("<tool_call>loft</tool_call>", "Now the loft.", problem="It is not JSON."),
        user("[Automatic notice] It is not JSON."),
        calls(call(2, "switch", room="loft", on=False), content="Next.", reasoning="As JSON."),
        result(2, '{"success": true}'),
        says("It is dark now — good night.", "All done."),
        user("Thanks."),
        env_id=env_id,
    )


def make_environment(env_id: str = "env-1") -> Environment:
    return Environment(
        id=env_id,
        summary="House lamps",
        introduction="Lamps in the rooms of a house.",
        source_task=None,
        entities=(),
        rules=("A lamp is on or off.",),
        operations=(),
        class_name="House",
        source=SOURCE,
        tools=(SWITCH, LAMPS),
        structure=Structure(attributes={}, queries=("lamps",), changes=("switch",)),
    )


def make_scenario(
    env_id: str = "env-1", *, checks: int = 2, state: JsonObject | None = None
) -> Scenario:
    return Scenario(
        id=f"scen-{env_id}",
        env_id=env_id,
        kind="rl" if checks else "sft",
        index=0,
        initial_state={"lamps": {"hall": True}} if state is None else state,
        task="Make it dark.",
        checks=tuple(
            Check(
                item=f"Is room {number} dark?",
                source="def check_func(final_state):\n    return True\n",
                initially_true=number == 0,
            )
            for number in range(checks)
        ),
        clock=Clock(start=datetime(2024, 2, 29, tzinfo=UTC), step=0.5),
        seed=7,
    )


def with_share(settings: Settings, share: float) -> Settings:
    train = settings.train.model_copy(update={"validation_share": share})
    return settings.model_copy(update={"train": train})


def write_run(
    folder: Path,
    *,
    trajectories: tuple[Trajectory, ...] = (),
    environments: tuple[Environment, ...] = (),
    scenarios: tuple[Scenario, ...] = (),
) -> Path:
    """Write what the stages before export leave in a run folder."""
    write_rows(folder / "trajectories.jsonl", trajectories)
    write_rows(folder / "envs.jsonl", environments)
    write_rows(folder / "scenarios.jsonl", scenarios)
    return folder


def prompt_mode_system() -> str:
    """The system message of an agent that calls tools in text."""
    prompt = render(
        "interact/agent_text",
        environment=make_environment(),
        tools=["{}"],
        now="2025-01-01T00:00:00+00:00",
        dialogue="single_turn",
    )
    return prompt.messages[0].get("content") or ""
