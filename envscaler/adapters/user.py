"""The simulated user, for doors whose frameworks let somebody answer the agent.

A model speaks as the user, at `USER_OPENAI_BASE_URL` or else `OPENAI_BASE_URL`, as in rollouts. It
gives the same answer to the same conversation, and none of its tokens is the agent's.
"""

import atexit
import tempfile
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack
from pathlib import Path

from envscaler.config import endpoints, read_environment
from envscaler.errors import ConfigError
from envscaler.interact.user import SimulatedUser
from envscaler.llm.calls import Calls, Models
from envscaler.llm.models import open_meter, open_models
from envscaler.load import LoadedScenario
from envscaler.pipeline.run import calls_of_row
from envscaler.playing.background import background
from envscaler.playing.playable import Source
from envscaler.playing.session import settings_of
from envscaler.train.rl import opening_text


def with_environment(source: Source) -> LoadedScenario:
    """Return a scenario that can be talked about.

    Raises:
        ConfigError: It is a row of `export-rl`, which is written for a single task.
    """
    if isinstance(source, LoadedScenario):
        return source
    name = source.get("scenario_id") if isinstance(source, Mapping) else source
    raise ConfigError(
        f"A simulated user needs a scenario of a run folder, and {name} is none: give the run "
        "itself, not exports/rl"
    )


def opening_with_user(scenario: LoadedScenario) -> str:
    """Write what an agent is told before the user's first words."""
    return opening_text(scenario.environment, scenario.clock, "simulated_user")


class Users:
    """A model that speaks as the users of all episodes; opened when it is first asked.

    Args:
        model: Its name at the endpoint.
    """

    def __init__(self, model: str) -> None:
        self._settings = settings_of((f"models.user.model={model}",))
        self._stack = AsyncExitStack()
        self._models: Models | None = None
        atexit.register(self.close)

    def meet(self, source: Source) -> "User":
        """Return the user of a new episode.

        Raises:
            ConfigError: See `with_environment`.
        """
        return User(self, with_environment(source))

    async def calls(self, scenario_id: str) -> Calls:
        """Return the model calls of an episode; to be awaited in the background only."""
        if self._models is None:
            kept = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="envscaler-"))
            opening = open_models(
                self._settings,
                endpoints(self._settings, read_environment()),
                Path(kept),
                open_meter(self._settings.llm),
            )
            self._models = await self._stack.enter_async_context(opening)
        return calls_of_row(self._models, self._settings, "door", scenario_id)

    def close(self) -> None:
        """End the connection and forget the answers; a second time does nothing."""
        atexit.unregister(self.close)
        if self._models is not None:
            background().submit(self._stack.aclose()).result()
            self._models = None


class User:
    """The user of one episode. Made by `Users.meet`."""

    def __init__(self, users: Users, scenario: LoadedScenario) -> None:
        self._users = users
        self._scenario = scenario
        self._user: SimulatedUser | None = None

    def begin(self) -> Future[str | None]:
        """Say the first words; None ends the conversation at once.

        The future raises what `SimulatedUser.begin` does.
        """
        return background().submit(self._begin())

    def answer(self, message: str) -> Future[str | None]:
        """Answer the agent, or end the conversation with None."""
        return background().submit(self._answer(message))

    async def _begin(self) -> str | None:
        one = self._scenario
        calls = await self._users.calls(one.id)
        self._user = SimulatedUser(calls, one.environment, one.task, sample=0)
        return await self._user.begin()

    async def _answer(self, message: str) -> str | None:
        return await self._user.answer(message) if self._user else await self._begin()
