"""Run checks in workers that never saw the environment's code."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue

from envscaler.errors import GuestError
from envscaler.records import JsonObject, Verdict, VerdictKind, trusted
from envscaler.sandbox.channel import Channel, Reply, WorkerLostError
from envscaler.sandbox.compiler import Compiled, Compiler
from envscaler.sandbox.decode import dump, explain, load
from envscaler.sandbox.guest import wire
from envscaler.sandbox.pool import Workers

_VERDICT_BYTES = 1 << 22
_KINDS = frozenset(VerdictKind)


class CheckLike(Protocol):
    """What it takes to run a check."""

    @property
    def item(self) -> str: ...
    @property
    def source(self) -> str: ...


class Grader:
    """Runs the checks of one final state, each with copies of its own, in one worker.

    Where every check is confined, the worker may be one that has graded before; otherwise it is
    fresh and ends afterwards. A check that kills its worker is judged for that, and the next ones
    get another worker.

    Args:
        workers: Where workers come from.
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
        if not checks:
            return ()
        codes = [await self._compile(check) for check in checks]
        if all(isinstance(code, Compiled) and code.is_confined for code in codes):
            verdicts = await self._judge_all(checks, [c for c in codes if isinstance(c, Compiled)])
            if verdicts:
                return verdicts
        try:
            pairs = zip(checks, codes, strict=True)
            return tuple([await self._judge(check, code) for check, code in pairs])
        finally:
            if self._channel is not None:
                self._channel.kill()

    async def _compile(self, check: CheckLike) -> Compiled | Verdict:
        try:
            return await self._compiler.compile(check.source, "The check")
        except GuestError as error:
            return Verdict(item=check.item, kind=VerdictKind.ERROR, message=str(error))

    async def _judge_all(
        self, checks: Sequence[CheckLike], codes: Sequence[Compiled]
    ) -> tuple[Verdict, ...]:
        """Run confined checks in one request; empty when they have to be run one by one."""
        try:
            async with self._workers.judge() as judge:
                body = wire.pack_checks(
                    self._scene,
                    [(one.number, one.kind) for one in codes],
                    [b"" if one.number in judge.known else one.code for one in codes],
                )
                status, reply = await self._request(judge.channel, wire.CHECK_ALL, body)
                judge.known.update(one.number for one in codes)
                if status != wire.OK:
                    judge.channel.kill()
        except WorkerLostError:
            return ()
        results = load(reply)
        if status != wire.OK or not isinstance(results, list) or len(results) != len(checks):
            return ()
        return tuple(map(_verdict_of, checks, results))

    async def _judge(self, check: CheckLike, code: Compiled | Verdict) -> Verdict:
        if isinstance(code, Verdict):
            return code
        while True:
            try:
                status, body = await self._ask(code.code)
            except WorkerLostError as error:
                if self._channel is not None and await self._channel.is_forsaken():
                    continue
                kind = VerdictKind.TIMEOUT if error.late else VerdictKind.ERROR
                return Verdict(item=check.item, kind=kind, message=str(error))
            return read_verdict(check, status, load(body))

    async def _ask(self, code: bytes) -> Reply:
        if self._channel is None or self._channel.lost:
            self._channel = await self._workers.own(None)
            await self._workers.ask(self._channel, wire.BEGIN, self._scene)
        return await self._request(self._channel, wire.CHECK, code)

    async def _request(self, channel: Channel, operation: int, body: bytes) -> Reply:
        deadline = self._workers.settings.check_time + self._workers.patience
        return await channel.request(operation, body, within=deadline, limit=_VERDICT_BYTES)


def _verdict_of(check: CheckLike, result: JsonValue) -> Verdict:
    match result:
        case [int(status), content]:
            return read_verdict(check, status, content)
        case _:
            return read_verdict(check, wire.OK, None)


def read_verdict(check: CheckLike, status: int, content: JsonValue) -> Verdict:
    """Turn the answer to a check into its verdict."""
    if status != wire.OK:
        kind = VerdictKind.TIMEOUT if status == wire.TIMEOUT else VerdictKind.ERROR
        return Verdict(item=check.item, kind=kind, message=explain(content, check.source))
    match content:
        case [str(kind), str(message)] if kind in _KINDS:
            return trusted(Verdict, item=check.item, kind=VerdictKind(kind), message=message)
        case _:
            message = "Its worker answered with what is no verdict"
            return Verdict(item=check.item, kind=VerdictKind.ERROR, message=message)
