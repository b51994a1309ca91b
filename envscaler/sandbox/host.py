"""The sandbox as the rest of the pipeline sees it."""

import sys
import sysconfig
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Protocol

from envscaler.config import SandboxSettings
from envscaler.environment.reward import SETTLED, reward_of
from envscaler.errors import IsolationError
from envscaler.records import Check, Clock, JsonObject, Reward, RewardDefinition, Verdict
from envscaler.sandbox.check_set import CheckLike, CheckSets
from envscaler.sandbox.compiler import Compiler
from envscaler.sandbox.decode import dump, load
from envscaler.sandbox.grader import Grader, scene_of
from envscaler.sandbox.guest import wire
from envscaler.sandbox.guest.wire import Limits
from envscaler.sandbox.journal import Journal, SkeletonLike, StartLike
from envscaler.sandbox.launch import Launcher, Loadable, UnlockedLauncher, Zygote
from envscaler.sandbox.live import Isolation, LiveEnvironment
from envscaler.sandbox.machine import raise_descriptor_limit, refuse_windows
from envscaler.sandbox.pool import Workers
from envscaler.sandbox.series import Row, Scenes, Series

_KNOWN_STARTS = 256
_AtStart = tuple[tuple[str, ...], bytes, bytes, datetime]
"""Checks, initial state, state at the start and the time: all that a verdict depends on."""


class ScoredLike(Protocol):
    """What the sandbox needs of a scenario to score a final state."""

    @property
    def initial_state(self) -> JsonObject: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def checks(self) -> tuple[Check, ...]: ...


class Sandbox:
    """Runs generated code as a guest. Made by `Sandbox.start`."""

    def __init__(self, settings: SandboxSettings, workers: Workers) -> None:
        self._settings = settings
        self._workers = workers
        self._compiler = Compiler(workers)
        self._sets = CheckSets(self._compiler)
        self._truths: OrderedDict[_AtStart, tuple[bool | None, ...]] = OrderedDict()

    @classmethod
    @asynccontextmanager
    async def start(
        cls, settings: SandboxSettings, *, python: str = sys.executable
    ) -> AsyncGenerator["Sandbox"]:
        """Start the clean process, test its cage, and end everything at exit.

        Args:
            settings: Limits, pools, and what to do where there is no wall.
            python: Interpreter that runs the generated code, 3.11 or later.

        Raises:
            IsolationError: This machine cannot isolate generated code; the message says the remedy.
        """
        raise_descriptor_limit()
        launcher = await launch(settings, python)

        async def launch_again() -> Launcher:
            return await launch(settings, python)

        workers = Workers(settings, launcher, launch_again)
        try:
            if launcher.level != UnlockedLauncher.level:
                await try_to_escape(workers)
            yield cls(settings, workers)
        finally:
            await workers.close()

    @property
    def level(self) -> str:
        """What stands between generated code and the machine, such as `seccomp+landlock`."""
        return self._workers.level

    async def open(
        self,
        skeleton: SkeletonLike,
        start: StartLike,
        *,
        seed: int | None = None,
        isolation: Isolation | None = None,
    ) -> LiveEnvironment:
        """Bring an environment to life.

        Args:
            skeleton: Class name, source and tools.
            start: Initial state, clock and seed: a scenario, or a `Start`.
            seed: Instead of the start's.
            isolation: Instead of the settings'.

        Raises:
            GuestError: The class does not load or refuses the state; the message is for its author.
            SandboxError: The machinery failed.
        """
        # Validated already, and an initial state is large.
        journal = Journal.model_construct(
            seed=start.seed if seed is None else seed,
            clock=start.clock,
            initial_state=start.initial_state,
            calls=(),
        )
        return await self.rebuild(skeleton, journal, isolation=isolation)

    async def fresh(self, skeleton: SkeletonLike, start: StartLike) -> JsonObject:
        """Return the state of the object before anything happens.

        Raises:
            GuestError: As for `open`.
            SandboxError: The machinery failed.
        """
        live = await self.open(skeleton, start)
        try:
            return await live.state()
        finally:
            await live.close()

    async def rebuild(
        self, skeleton: SkeletonLike, journal: Journal, *, isolation: Isolation | None = None
    ) -> LiveEnvironment:
        """Bring an environment to where a journal ends.

        Raises:
            GuestError: As for `open`.
            SandboxError: The machinery failed, or the journal does not replay.
        """
        compiled = await self._compiler.compile(skeleton.source, skeleton.class_name)
        loadable = Loadable(skeleton.class_name, skeleton.source, compiled.code, compiled.kind)
        environment = LiveEnvironment(
            self._workers, loadable, skeleton.tools, journal, isolation or self._settings.isolation
        )
        await environment.start()
        return environment

    async def score(
        self,
        scenario: ScoredLike,
        state: JsonObject,
        *,
        start: JsonObject | None = None,
        definition: RewardDefinition = "goal",
        published: bool = False,
    ) -> Reward:
        """Score a final state in a worker that never saw the environment's code.

        Args:
            scenario: Its checks, and the initial state they may compare with.
            state: Final state as `LiveEnvironment.state` returned it.
            start: What it returned before the first call; None for the scenario's initial state.
                Only needed where it is not known yet which checks are goals.
            definition: Which score counts.
            published: Count a check that broke as not passed.

        Raises:
            SandboxError: The machinery failed.
        """
        initial = dump(scenario.initial_state)
        verdicts = await self._judge(scenario.checks, initial, dump(state), scenario.clock.start)
        return reward_of(
            verdicts,
            self.level,
            initially_true=await self._initially_true(scenario, initial, start),
            definition=definition,
            published=published,
        )

    async def _initially_true(
        self, scenario: ScoredLike, initial: bytes, start: JsonObject | None
    ) -> Sequence[bool | None]:
        """Return what the checks say at the start, running those of which it is not known."""
        truths = [check.initially_true for check in scenario.checks]
        if None not in truths:
            return truths
        unknown = [check for check in scenario.checks if check.initially_true is None]
        state = initial if start is None else dump(start)
        found = iter(await self._truths_at_start(unknown, initial, state, scenario.clock.start))
        return [next(found) if known is None else known for known in truths]

    async def _truths_at_start(
        self, checks: Sequence[Check], initial: bytes, state: bytes, time: datetime
    ) -> tuple[bool | None, ...]:
        """Run checks on the state at the start, those of one scenario only once."""
        key = (tuple([check.source for check in checks]), initial, state, time)
        truths = self._truths.get(key)
        if truths is None:
            verdicts = await self._judge(checks, initial, state, time)
            truths = tuple(SETTLED.get(verdict.kind) for verdict in verdicts)
            if None not in truths:
                self._truths[key] = truths
                if len(self._truths) > _KNOWN_STARTS:
                    self._truths.popitem(last=False)
        return truths

    async def _judge(
        self, checks: Sequence[CheckLike], initial: bytes, final: bytes, time: datetime
    ) -> tuple[Verdict, ...]:
        given = await self._sets.of(checks)
        return await Grader(self._workers, scene_of(initial, final, time)).run(given)

    async def run_checks(
        self,
        checks: Sequence[CheckLike],
        initial_state: JsonObject,
        final_state: JsonObject,
        clock: Clock,
    ) -> tuple[Verdict, ...]:
        """Run checks on a final state.

        Args:
            checks: Item and source of each.
            initial_state: What they see as the global `initial_state`.
            final_state: What they are called with.
            clock: Its start is the time at which they run.

        Raises:
            SandboxError: The machinery failed.
        """
        return await self._judge(checks, dump(initial_state), dump(final_state), clock.start)

    async def run_checks_on_each(
        self,
        checks: Sequence[CheckLike],
        scenes: Scenes,
        clock: Clock,
        *,
        until_failed: bool = False,
    ) -> list[Row]:
        """Run the same checks on many final states.

        Args:
            checks: Item and source of each.
            scenes: Initial state and final state of each.
            clock: Its start is the time at which they run.
            until_failed: A check that has failed need not be run any more.

        Returns:
            For each scene the place of a check → its verdict.

        Raises:
            SandboxError: The machinery failed.
        """
        series = Series(self._workers, self._sets, checks, clock.start)
        return await series.rows(scenes, until_failed=until_failed)


def limits_of(settings: SandboxSettings) -> Limits:
    """Choose from the settings what workers have to know."""
    return Limits(
        call=settings.call_soft,
        load=settings.load_time,
        check=settings.check_time,
        memory=settings.memory,
        reply=settings.reply_bytes,
        state=settings.state_bytes,
        output=settings.output_bytes,
        modules=tuple(settings.modules),
        paths=(sysconfig.get_path("purelib"),) if settings.modules else (),
    )


async def launch(settings: SandboxSettings, python: str = sys.executable) -> Launcher:
    """Build the best wall that this machine offers.

    Raises:
        IsolationError: It offers none, and the settings demand one.
    """
    refuse_windows()
    limits = limits_of(settings)
    problem = f"{sys.platform} has no seccomp"
    if sys.platform == "linux":
        try:
            return await Zygote.start(limits, python)
        except IsolationError as error:
            problem = str(error)
    if settings.mode == "weak":
        return UnlockedLauncher(limits, python)
    raise IsolationError(f"Generated code cannot be isolated here: {problem}. {REMEDY}")


REMEDY = (
    "Run on Linux with seccomp (any container or virtual machine will do), or accept an accident "
    "guard without a wall: --sandbox weak"
)


async def try_to_escape(workers: Workers) -> None:
    """Try to break out of a throwaway worker.

    Raises:
        IsolationError: An attempt worked.
    """
    channel = await workers.own(None)
    try:
        _, body = await workers.ask(channel, wire.ESCAPE)
    finally:
        channel.kill()
    if load(body) != []:
        breaches = body.decode(errors="replace")
        raise IsolationError(f"The cage has a hole; from inside, this worked: {breaches}")
