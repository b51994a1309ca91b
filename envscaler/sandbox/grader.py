"""Run checks in workers that never saw the environment's code."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from envscaler.errors import GuestError
from envscaler.records import JsonObject, Verdict, VerdictKind
from envscaler.sandbox.channel import Channel, Reply, WorkerLostError
from envscaler.sandbox.compiler import Compiler
from envscaler.sandbox.guest import wire
from envscaler.sandbox.pool import Workers
from envscaler.sandbox.reading import dump, explain, load

_VERDICT_BYTES = 1 << 16


class CheckLike(Protocol):
    """What it takes to run a check."""

    @property
    def item(self) -> str: ...
    @property
    def source(self) -> str: ...


class Grader:
    """Runs the checks of one final state: in one fresh worker, each with copies of its own.

    A check that kills its worker is judged for that, and the next ones get another worker.

    Args:
        workers: Where blank workers come from.
        compiler: Compiles the checks.
        initial: Initial state as the scenario has it.
        final: Final state as the environment exported it.
        time: When the clock stands for the checks.
    """

    def __init__(
        self,
        workers: Workers,
        compiler: Compiler,
        initial: JsonObject,
        final: JsonObject,
        time: datetime,
    ) -> None:
        self._workers = workers
        self._compiler = compiler
        self._scene = wire.pack(time.isoformat().encode(), dump(initial), dump(final))
        self._channel: Channel | None = None

    async def run(self, checks: Sequence[CheckLike]) -> tuple[Verdict, ...]:
        """Return a verdict for every check.

        Raises:
            SandboxError: The machinery failed.
        """
        try:
            return tuple([await self._judge(check) for check in checks])
        finally:
            if self._channel is not None:
                self._channel.kill()

    async def _judge(self, check: CheckLike) -> Verdict:
        try:
            code = await self._compiler.compile(check.source, "The check")
        except GuestError as error:
            return Verdict(item=check.item, kind=VerdictKind.ERROR, message=str(error))
        while True:
            try:
                status, body = await self._ask(code)
            except WorkerLostError as error:
                if self._workers.machinery_failed():
                    continue
                kind = VerdictKind.TIMEOUT if error.late else VerdictKind.ERROR
                return Verdict(item=check.item, kind=kind, message=str(error))
            return _verdict(check, status, body)

    async def _ask(self, code: bytes) -> Reply:
        if self._channel is None or self._channel.lost:
            self._channel = await self._workers.own(None)
            await self._workers.ask(self._channel, wire.BEGIN, self._scene)
        deadline = self._workers.settings.check_time + self._workers.patience
        return await self._channel.request(wire.CHECK, code, within=deadline, limit=_VERDICT_BYTES)


def _verdict(check: CheckLike, status: int, body: bytes) -> Verdict:
    if status != wire.OK:
        kind = VerdictKind.TIMEOUT if status == wire.TIMEOUT else VerdictKind.ERROR
        return Verdict(item=check.item, kind=kind, message=explain(body, check.source))
    match load(body):
        case [str(kind), str(message)] if kind in set(VerdictKind):
            return Verdict(item=check.item, kind=VerdictKind(kind), message=message)
        case _:
            message = "Its worker answered with what is no verdict"
            return Verdict(item=check.item, kind=VerdictKind.ERROR, message=message)
