"""A scenario being played: its operations, as coroutines for the background loop.

Generated code that breaks is data: a call then says so in its observation, and there is no score.
"""

from asyncio import Future, ensure_future, shield
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pydantic import TypeAdapter, ValidationError

from envscaler.config import Settings, load_settings
from envscaler.errors import EnvScalerError, RowError, SandboxError
from envscaler.playing.background import Background, background
from envscaler.playing.playable import Playable
from envscaler.records import JsonObject, Observation, ObservationKind, Record, Reward, Verdict
from envscaler.sandbox import Journal, LiveEnvironment, Sandbox, Snapshot

_OBJECT = TypeAdapter(JsonObject)
_QUOTED = 300
"""Characters of unreadable arguments that are quoted back."""


class Score(Record):
    """How well a scenario stands at this moment."""

    reward: float | None
    """In [0, 1]; None, never 0, when the environment or a check broke."""
    fraction: float | None = None
    """Share of checks that passed."""
    goal: float | None = None
    """Share of goals reached, 0 when a guard broke; None when it is not known which is which."""
    verdicts: tuple[Verdict, ...] = ()
    """One for each check."""
    problem: str = ""
    """Why there is no reward."""
    isolation: str = ""
    """Level of the sandbox that computed it, such as `seccomp+landlock`."""


@lru_cache(maxsize=32)
def settings_of(overrides: tuple[str, ...]) -> Settings:
    """Lay `section.key=value` texts over the shipped defaults.

    Raises:
        ConfigError: A setting that does not exist, or a value that cannot be.
    """
    return load_settings(None, overrides)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session lives: the loop of one process, and what was or is being opened there."""

    home: Background
    opened: Future[LiveEnvironment]

    @property
    def live(self) -> LiveEnvironment | None:
        """The environment; None as long as it is being opened, or when that failed."""
        done = self.opened.done() and not self.opened.cancelled()
        return self.opened.result() if done and self.opened.exception() is None else None

    def release(self) -> None:
        """End the environment without waiting for it, in whatever thread this is called."""
        live = self.live
        if live is not None and self.home.is_here:
            self.home.submit(live.close())


class Session:
    """One scenario at some point of its play.

    It can be pickled, and goes on in a forked process: there it is rebuilt from its journal when
    it is used for the first time.

    Args:
        playable: What is played.
        overrides: Settings as `section.key=value`.
        journal: What has been called already.
    """

    def __init__(
        self, playable: Playable, overrides: Sequence[str] = (), journal: Journal | None = None
    ) -> None:
        self.playable = playable
        self.overrides = tuple(overrides)
        self.settings = settings_of(self.overrides)
        self.last_observation: Observation | None = None
        self._journal = journal or playable.start
        self._place: Place | None = None
        self._problem = ""
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Process in which the environment lives; None while it has none."""
        live = self._place.live if self._place else None
        return live.pid if live else None

    @property
    def journal(self) -> Journal:
        """Where it started, and every call that reached the environment since."""
        live = self._place.live if self._place else None
        return live.journal if live else self._journal

    async def open(self) -> None:
        """Bring the environment to life.

        Raises:
            GuestError: The class does not load, or refuses the state.
            SandboxError: The machinery failed, or the session was closed.
            IsolationError: This machine cannot isolate generated code.
        """
        await self._living()

    async def call(self, tool: str, arguments: object) -> str:
        """Call a tool, and return what the agent reads; whatever goes wrong is told there."""
        read = read_arguments(tool, arguments)
        self.last_observation = (
            read if isinstance(read, Observation) else await self._try(tool, read)
        )
        return self.playable.text_of(self.last_observation, self.settings)

    async def _try(self, tool: str, arguments: JsonObject) -> Observation:
        if self._closed:
            return _refused("The environment is closed.")
        try:
            return await (await self._living()).call(tool, arguments)
        except EnvScalerError as error:
            self._problem = self._problem or f"The environment broke: {error}"
            return Observation(kind=ObservationKind.KILLED, value={"error": self._problem})

    async def score(self) -> Score:
        """Run the checks on the state as it is now; what broke is told by `Score.problem`."""
        if self._problem:
            return Score(reward=None, problem=self._problem)
        try:
            live = await self._living()
            sandbox = await background().sandbox(self.settings.sandbox)
            reward = await sandbox.score(
                self.playable,
                await live.state(),
                start=await self._start(sandbox),
                definition=self.playable.reward or self.settings.interact.reward,
            )
        except RowError as error:
            return Score(reward=None, problem=str(error))
        return score_of(reward)

    async def _start(self, sandbox: Sandbox) -> JsonObject | None:
        """Return the state of the fresh object where it has yet to be seen what is a goal."""
        if all(check.initially_true is not None for check in self.playable.checks):
            return None
        return await sandbox.fresh(self.playable, self.playable.start)

    async def state(self) -> JsonObject:
        """Export the state.

        Raises:
            RowError: The environment broke.
        """
        return await (await self._living()).state()

    async def snapshot(self) -> Snapshot:
        """Remember this point.

        Raises:
            RowError: The environment broke.
        """
        return await (await self._living()).snapshot()

    async def restore(self, snapshot: Snapshot) -> None:
        """Go back to a point.

        Raises:
            RowError: It belongs to another scenario, or the environment broke.
        """
        await (await self._living()).restore(snapshot)
        self._problem = ""

    async def close(self) -> None:
        """Give up the environment; its journal stays readable."""
        self._journal = self.journal
        self._closed = True
        place, self._place = self._place, None
        if place is not None and place.home is background() and place.live is not None:
            await place.live.close()

    async def _living(self) -> LiveEnvironment:
        """Return the environment, rebuilt when it lives in another process."""
        here = background()
        if self._closed:
            raise SandboxError("The environment is closed")
        if self._place is None or self._place.home is not here:
            self._journal = self.journal
            self._place = Place(here, ensure_future(self._build(here)))
        # A caller who gives up must not leave a half-opened environment to the next one.
        return await shield(self._place.opened)

    async def _build(self, here: Background) -> LiveEnvironment:
        sandbox = await here.sandbox(self.settings.sandbox)
        return await sandbox.rebuild(self.playable, self._journal)

    def release(self) -> None:
        """End the environment without waiting; callable from every thread."""
        if self._place is not None:
            self._place.release()

    def __getstate__(self) -> Mapping[str, object]:
        return self.__dict__ | {"_place": None, "_journal": self.journal}


def score_of(reward: Reward) -> Score:
    """Write a reward as a score."""
    return Score(
        reward=reward.score,
        fraction=reward.fraction,
        goal=reward.goal,
        verdicts=reward.verdicts,
        problem=reward.problem,
        isolation=reward.isolation,
    )


def read_arguments(tool: str, arguments: object) -> JsonObject | Observation:
    """Read the arguments of a call: a mapping, or the text of a JSON object.

    Returns:
        A refusal when they are neither.
    """
    if arguments is None or arguments == "":
        return {}
    try:
        if isinstance(arguments, str | bytes):
            return _OBJECT.validate_json(arguments)
        return _OBJECT.validate_python(arguments)
    except ValidationError:
        quoted = repr(arguments)[:_QUOTED]
        return _refused(f"The arguments of {tool} are not a JSON object: {quoted}.")


def _refused(message: str) -> Observation:
    return Observation(kind=ObservationKind.REFUSED, value={"error": message})
