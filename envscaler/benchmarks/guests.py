"""Tasks live in the sandbox: a bundled class whose methods the host calls by name."""

from dataclasses import dataclass
from typing import cast

from envscaler.errors import GuestError, SandboxError
from envscaler.records import JsonObject, JsonValue, Observation, ObservationKind, Tool
from envscaler.sandbox import LiveEnvironment, Sandbox, Start

_ANYTHING: JsonObject = {"type": "object", "properties": {}, "additionalProperties": True}


def _tool(name: str) -> Tool:
    return Tool(name=name, description="", parameters=_ANYTHING)


_BUSY = (ObservationKind.TIMEOUT, ObservationKind.KILLED, ObservationKind.MEMORY)
_METHODS = tuple(map(_tool, ("call", "fingerprint", "judge")))


@dataclass(frozen=True, slots=True)
class Guest:
    """A class that holds one task of a benchmark."""

    class_name: str
    source: str
    """A bundle; data until the sandbox runs it."""
    tools: tuple[Tool, ...] = _METHODS
    """What the host may call. The agent's own tools are names within `call`."""


class GuestWorld:
    """A task of a benchmark, live in the sandbox."""

    def __init__(self, live: LiveEnvironment) -> None:
        self._live = live

    async def call(self, name: str, arguments: JsonObject) -> Observation:
        """Make a call of the agent; one that the machine ended is undone, and made once more.

        What ends a second time is an observation: an endless call is then the agent's own doing.
        """
        asked: JsonObject = {"name": name, "arguments": arguments}
        observation = await self._live.call("call", asked)
        if observation.kind in _BUSY:
            observation = await self._live.call("call", asked)
        return observation

    async def fingerprint(self) -> str:
        """Return a text that differs when what the score looks at differs."""
        return str(await self.ask("fingerprint", {}))

    async def ask(self, method: str, arguments: JsonObject) -> JsonValue:
        """Call a method that is none of the agent's.

        Raises:
            GuestError: It failed.
            SandboxError: The machinery failed, or the machine is too busy; a later run tries again.
        """
        observation = await self._live.call(method, arguments)
        if observation.kind is ObservationKind.OK:
            return observation.value
        reason = cast("JsonObject", observation.value).get("error")
        said = f"The benchmark's {method} ended with {observation.kind}: {reason}"
        raise SandboxError(said) if observation.kind in _BUSY else GuestError(said)

    async def close(self) -> None:
        """End it."""
        await self._live.close()


async def open_guest(sandbox: Sandbox, guest: Guest, start: JsonObject) -> GuestWorld:
    """Bring a task to life.

    Raises:
        GuestError: The benchmark's code does not start.
        SandboxError: The machinery failed.
    """
    return GuestWorld(await sandbox.open(guest, Start(initial_state=start)))
