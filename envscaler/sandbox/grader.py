"""Run checks in workers that never saw the environment's code."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeGuard

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
    """Runs the checks of one final state, each with copies of its own.

    Checks that are confined are run together in a worker that may have graded before; one for all
    others is fresh and ends afterwards. A check that kills its worker is judged for that, and the
    next ones get another worker.

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
        verdicts = await self._judge_all(checks, codes)
        try:
            for place, (check, code) in enumerate(zip(checks, codes, strict=True)):
                if place not in verdicts:
                    verdicts[place] = await self._judge(check, code)
        finally:
            if self._channel is not None:
                self._channel.kill()
        return tuple(verdicts[place] for place in range(len(checks)))

    async def _compile(self, check: CheckLike) -> Compiled | Verdict:
        try:
            return await self._compiler.compile(check.source, "The check")
        except GuestError as error:
            return Verdict(item=check.item, kind=VerdictKind.ERROR, message=str(error))

    async def _judge_all(
        self, checks: Sequence[CheckLike], codes: Sequence[Compiled | Verdict]
    ) -> dict[int, Verdict]:
        """Run the confined checks in one request; none of them when one stops them all.

        Returns:
            Verdicts by the place of the check.
        """
        confined = {place: code for place, code in enumerate(codes) if is_confined(code)}
        found = await ask_judge(self._workers, wire.CHECK_ALL, self._scene, [*confined.values()])
        if not isinstance(found, list) or len(found) != len(confined):
            return {}
        told = zip(confined, found, strict=True)
        return {place: verdict_of(checks[place], result) for place, result in told}

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
        return await channel.request(
            operation, body, within=_deadline(self._workers), limit=_VERDICT_BYTES
        )


def _deadline(workers: Workers) -> float:
    return workers.settings.check_time + workers.patience


def is_confined(code: Compiled | Verdict) -> TypeGuard[Compiled]:
    """Say whether a check was compiled, and can touch nothing but its own variables."""
    return isinstance(code, Compiled) and code.is_confined


async def ask_judge(
    workers: Workers, operation: int, scene: bytes, codes: Sequence[Compiled]
) -> JsonValue:
    """Have confined checks run in one request.

    Args:
        workers: Where the worker comes from, which may have judged before.
        operation: How they are run.
        scene: What they are about.
        codes: The checks.

    Returns:
        What the worker told; None where there are no checks, or they have to be run one by one.

    Raises:
        SandboxError: The machinery failed.
    """
    if not codes:
        return None
    try:
        async with workers.judge() as judge:
            heads = [(one.number, one.kind) for one in codes]
            unknown = [b"" if one.number in judge.known else one.code for one in codes]
            body = wire.pack_checks(scene, heads, unknown)
            status, reply = await judge.channel.request(
                operation, body, within=_deadline(workers), limit=_VERDICT_BYTES
            )
            judge.known.update(one.number for one in codes)
            if status != wire.OK:
                judge.channel.kill()
    except WorkerLostError:
        return None
    return load(reply) if status == wire.OK else None


def verdict_of(check: CheckLike, result: JsonValue) -> Verdict:
    """Read what was told of a check among others."""
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
