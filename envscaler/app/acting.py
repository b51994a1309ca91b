"""Models in a scenario that is played step by step: as the agent, and as the user.

Their replies come from where the run's do: asked for, or with `--policy replay` from the store.
The first attempt of a rollout asks the same, so that a run's own episodes are replayed without a
key.
"""

from contextlib import AsyncExitStack
from pathlib import Path

from envscaler.app.hand import HandPlay, Made
from envscaler.config import Settings, endpoints, read_environment
from envscaler.errors import ConfigError
from envscaler.interact.agent import Agent, Briefing
from envscaler.interact.tool_format import TOOL_FORMATS
from envscaler.interact.user import SimulatedUser
from envscaler.llm.calls import Calls
from envscaler.llm.models import RunModels, open_meter, open_models
from envscaler.pipeline.run import calls_of_row
from envscaler.playing.background import background
from envscaler.records import Message

_ATTEMPT = 0


class Actors:
    """The models of a run, opened when one is first asked.

    Args:
        run: Whose stored replies are used, and where new ones are kept.
        settings: Which models, and where.
    """

    def __init__(self, run: Path, settings: Settings) -> None:
        self._run = run
        self._settings = settings
        self._stack = AsyncExitStack()
        self._models: RunModels | None = None

    def act(self, play: HandPlay) -> list[Made]:
        """Let the agent's model do one thing: call tools, or speak, and be answered.

        Returns:
            What came of its calls.

        Raises:
            ConfigError: It is not the agent's turn, or no model can be asked.
            ProviderError: The model gave no usable answer.
            RowError: The environment broke.
        """
        if play.is_over:
            raise ConfigError("It is over; take the last action back, or keep it")
        if play.waits_for_the_user:
            raise ConfigError("The user's words come first")
        message = background().submit(self._next_message(play)).result()
        made = play.take(message, self._settings.models["agent"].model)
        self.answer(play)
        return made

    def begin_user(self, play: HandPlay) -> None:
        """Put a model into the user's place, and let it speak first.

        Raises:
            ConfigError: Something was done already, or no model can be asked.
            ProviderError: The model gave no usable answer.
            ReplyError: It would not speak in the shape it was asked for.
        """
        if play.messages:
            raise ConfigError("A user has to be there from the beginning; take everything back")
        play.dialogue, words = "simulated_user", None
        try:
            words = background().submit(self._first_words(play)).result()
        finally:
            if words is None:
                play.dialogue, play.user = "single_turn", None
        play.hear(words, self._settings.models["user"].model)

    def answer(self, play: HandPlay) -> None:
        """Let the user's model answer the agent; nothing where it has not spoken, or no model is.

        Raises:
            ProviderError: The model gave no usable answer.
            ReplyError: It would not speak in the shape it was asked for.
        """
        if play.user is None or not play.waits_for_the_user:
            return
        words = background().submit(play.user.answer(play.messages[-1].content)).result()
        play.hear(words, self._settings.models["user"].model)

    def close(self) -> None:
        """Close the models."""
        if self._models is not None:
            background().submit(self._stack.aclose()).result()
            self._models = None

    async def _next_message(self, play: HandPlay) -> Message:
        scenario = play.scenario
        agent = Agent(
            await self._calls(play),
            Briefing(scenario.environment, scenario.clock, play.dialogue),
            tool_format=TOOL_FORMATS["native"],
            sample=_ATTEMPT,
            send_reasoning=self._settings.interact.send_reasoning,
        )
        return (await agent.act(play.heard)).message

    async def _first_words(self, play: HandPlay) -> str | None:
        scenario = play.scenario
        play.user = SimulatedUser(
            await self._calls(play), scenario.environment, scenario.task, sample=_ATTEMPT
        )
        return await play.user.begin()

    async def _calls(self, play: HandPlay) -> Calls:
        if self._models is None:
            opening = open_models(
                self._settings,
                endpoints(self._settings, read_environment()),
                self._run,
                open_meter(self._settings.llm),
            )
            self._models = await self._stack.enter_async_context(opening)
        # As a rollout names its first attempt.
        parts = ("rollout", play.scenario.id, play.dialogue, "native", _ATTEMPT)
        return calls_of_row(self._models, self._settings, *parts)
