"""Run checks in workers that never saw the environment's code."""

from datetime import datetime

from pydantic import JsonValue

from envscaler.records import Verdict, VerdictKind
from envscaler.sandbox.channel import Channel, Reply, WorkerLostError
from envscaler.sandbox.check_set import Batch, CheckLike, CheckSet, read_verdict
from envscaler.sandbox.compiler import Compiled
from envscaler.sandbox.decode import load
from envscaler.sandbox.guest import wire
from envscaler.sandbox.pool import Workers

_VERDICT_BYTES = 1 << 22


class Grader:
    """Runs the checks of one final state, each with copies of its own.

    Checks that are confined are run together in a worker that may have graded before; one for all
    others is fresh and ends afterwards. A check that kills its worker is judged for that, and the
    next ones get another worker.

    Args:
        workers: Where workers come from.
        scene: What they are about, see `scene_of`.
    """

    def __init__(self, workers: Workers, scene: bytes) -> None:
        self._workers = workers
        self._scene = scene
        self._channel: Channel | None = None

    async def run(self, given: CheckSet) -> tuple[Verdict, ...]:
        """Return a verdict for every check.

        Raises:
            SandboxError: The machinery failed.
        """
        verdicts = await self._judge_all(given)
        if len(verdicts) < len(given.checks):
            await self._judge_others(given, verdicts)
        return tuple([verdicts[place] for place in range(len(given.checks))])

    async def _judge_all(self, given: CheckSet) -> dict[int, Verdict]:
        """Run the confined checks in one request; none of them when one stops them all.

        Returns:
            Verdicts by the place of the check.
        """
        found = await ask_judge(self._workers, wire.CHECK_ALL, self._scene, given.batch)
        if not isinstance(found, list) or len(found) != len(given.confined):
            return {}
        told = zip(given.confined, found, strict=True)
        return {place: given.verdict(place, result) for place, result in told}

    async def _judge_others(self, given: CheckSet, verdicts: dict[int, Verdict]) -> None:
        """Run the checks of which there is no verdict yet, one by one."""
        try:
            for place, (check, code) in enumerate(zip(given.checks, given.codes, strict=True)):
                if place not in verdicts:
                    verdicts[place] = await self._judge(check, code)
        finally:
            if self._channel is not None:
                self._channel.kill()

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


def scene_of(initial: bytes, final: bytes, time: datetime) -> bytes:
    """Write what checks are about.

    Args:
        initial: Initial state as the scenario has it.
        final: Final state as the environment exported it.
        time: When the clock stands for the checks.
    """
    return wire.pack(time.isoformat().encode(), initial, final)


async def ask_judge(workers: Workers, operation: int, scene: bytes, batch: Batch) -> JsonValue:
    """Have confined checks run in one request.

    Args:
        workers: Where the worker comes from, which may have judged before.
        operation: How they are run.
        scene: What they are about.
        batch: The checks.

    Returns:
        What the worker told; None where there are no checks, or they have to be run one by one.

    Raises:
        SandboxError: The machinery failed.
    """
    if not batch.numbers:
        return None
    try:
        async with workers.judge() as judge:
            body = batch.request(scene, judge.known)
            status, reply = await judge.channel.request(
                operation, body, within=_deadline(workers), limit=_VERDICT_BYTES
            )
            judge.known |= batch.numbers
            if status != wire.OK:
                judge.channel.kill()
    except WorkerLostError:
        return None
    return load(reply) if status == wire.OK else None
