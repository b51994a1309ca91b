"""Initial states: asked for, looked over, and loaded before they are accepted."""

from dataclasses import dataclass

from envscaler.chat import Prompt, Reply
from envscaler.errors import ReplyError
from envscaler.llm.calls import Calls
from envscaler.prompt_text import class_outline, tools_text
from envscaler.prompts import render
from envscaler.records import JsonObject, Record
from envscaler.replies import read_json
from envscaler.reply_schema import wanting
from envscaler.sandbox import Sandbox, Start
from envscaler.scen_generator.spec import ScenarioSpec
from envscaler.scen_generator.task_first.state_faults import (
    find_faults,
    state_attributes,
)


class StateReply(Record):
    """What the prompt `scen_generator/state` asks for."""

    state: JsonObject


@dataclass(frozen=True, slots=True)
class InitialState:
    """A state that its class accepts."""

    written: JsonObject
    """As the model wrote it: what the constructor and the attributes are given."""
    loaded: JsonObject
    """As the environment shows it before anything happened, exact types tagged."""
    given: int = 0
    """How many states were given for its environment, of which this is one."""

    @property
    def whole(self) -> JsonObject:
        """What is written, and what the constructor holds besides."""
        held = {name: item for name, item in self.loaded.items() if name not in self.written}
        return {**self.written, **held}


async def make_state(
    spec: ScenarioSpec, calls: Calls, sandbox: Sandbox, *, tries: int
) -> InitialState:
    """Ask for an initial state until one is complete, connected and loads.

    Args:
        spec: What scenario it is for.
        calls: The calls of the row.
        sandbox: Where the class is loaded.
        tries: How many states are tried.

    Raises:
        ReplyError: No state came in the asked shape, or the last one had faults.
        GuestError: The class refused the last one.
    """
    environment = spec.environment
    attributes = frozenset(state_attributes(environment.source, environment.class_name))

    async def load(reply: Reply) -> InitialState:
        state = read_json(reply.content, StateReply).state
        faults = find_faults(state, attributes)
        if faults:
            raise ReplyError("The state has faults:\n- " + "\n- ".join(faults))
        start = Start(initial_state=state, clock=spec.clock, seed=spec.seed)
        live = await sandbox.open(environment, start)
        try:
            return InitialState(written=state, loaded=await live.state())
        finally:
            await live.close()

    return await calls.ask_and_try(
        "task_writer",
        wanting(StateReply, state_prompt(spec)),
        load,
        tries=tries,
        sample=spec.index,
    )


def state_prompt(spec: ScenarioSpec) -> Prompt:
    """Render the question for an initial state."""
    environment = spec.environment
    return render(
        "scen_generator/state",
        environment=environment,
        tools=tools_text(environment.tools),
        head=class_outline(environment.source, environment.class_name),
        attributes=state_attributes(environment.source, environment.class_name),
        clock=spec.clock.start.isoformat(),
        diversifier=spec.diversifier,
    )
