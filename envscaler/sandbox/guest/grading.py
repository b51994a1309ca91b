"""What a worker knows of grading: the scene that checks are about, and checks that it has seen."""

import json
from collections.abc import Sequence

from . import clock, wire
from .attempt import Raised, attempt
from .checks import Check, Scene
from .load import Parts
from .problems import describe
from .wire import UNTIL_FAILED, Answer


class Grading:
    """Runs checks; what they are about is told first, or with them."""

    def __init__(self) -> None:
        self._scene = Scene("{}", "{}", clock.EPOCH)
        self._checks: dict[int, Check] = {}

    def begin(self, body: bytes) -> Answer:
        """Read what the checks to come are about: time, initial and final state."""
        time, initial, final = wire.unpack(body, 3)
        self._scene = Scene(initial.decode(), final.decode(), clock.seconds_of(time.decode()))
        return wire.OK, b""

    def check(self, code: bytes) -> Answer:
        """Run one check, of whatever kind."""
        return wire.OK, json.dumps(self._scene.run(Check(code))).encode()

    def check_all(self, body: bytes) -> Answer:
        """Run confined checks under one time limit; what stops one stops them all."""
        scene, checks = wire.unpack_checks(body)
        self.begin(scene)
        self._keep(checks)
        with self._scene.set():
            verdicts = [self._judge(number, kind) for number, kind, _ in checks]
        return wire.OK, json.dumps(verdicts).encode()

    def check_each(self, body: bytes) -> Answer:
        """Run confined checks on one scene after the other, all under one time limit."""
        told, checks = wire.unpack_checks(body)
        given = wire.Scenes.unpack(told)
        time, parts = given.time, Parts(given.parts)
        self._keep(checks)
        left = {number: kind for number, kind, _ in checks}
        at = clock.seconds_of(time.removesuffix(UNTIL_FAILED).decode())
        rows: list[dict[int, list[object]]] = []
        for initial, final in given.scenes:
            self._scene = self._scene.then(initial.decode(), parts.state(final.decode()), at)
            with self._scene.set():
                row = {number: self._judge(number, kind) for number, kind in left.items()}
            rows.append(row)
            if time.endswith(UNTIL_FAILED):
                left = {number: kind for number, kind in left.items() if not _failed(row[number])}
        return wire.OK, json.dumps([[*row.items()] for row in rows]).encode()

    def _keep(self, checks: Sequence[tuple[int, int, bytes]]) -> None:
        """Have checks at hand: a scenario is scored again and again."""
        self._checks.update((number, Check(code)) for number, _, code in checks if code)

    def _judge(self, number: int, kind: int) -> list[object]:
        only_reads = kind == wire.READING
        verdict = attempt(self._scene.run_confined, self._checks[number], only_reads=only_reads)
        match verdict:
            case Raised(error=MemoryError() as error):
                raise error
            case Raised(error=error):
                return [wire.EXCEPTION, describe(error)]
            case _:
                return [wire.OK, verdict]


def _failed(told: Sequence[object]) -> bool:
    status, verdict = told
    return status == wire.OK and isinstance(verdict, tuple) and verdict[:1] == ("failed",)
