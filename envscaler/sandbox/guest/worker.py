"""The loop of a worker: read a request, do it under a time limit, answer.

Whatever generated code does in here, the host expects: it reads every answer as data from a
stranger, and kills the process when an answer is late or odd.
"""

import ast
import contextlib
import json
import marshal
import os
import signal
import sys
import warnings
from collections.abc import Callable, Generator
from time import monotonic  # the real one: the virtual clock comes later
from types import FrameType
from typing import TypeVarTuple, cast

from . import randomness, wire
from .attempt import Raised, attempt_all
from .beginnings import Beginnings
from .confined import is_confined, only_reads
from .definitions import only_defines
from .escape_attempts import breaches
from .export import ExportError, to_json
from .grading import Grading
from .instance import CannotSnapshotError, Instance, Program
from .lockdown import Lock
from .output import Output
from .problems import described, exception, problem
from .watch import LOOKS, cpu_seconds, watch
from .wire import Answer, Limits

_read, _write, _setitimer = os.read, os.write, signal.setitimer
_decode = json.JSONDecoder().decode
_CHUNK = 1 << 16
"""Bytes read at once. Above 128 KiB each buffer would be mapped and unmapped by the kernel."""
_AGAIN = 0.1
"""Seconds after which a caught time-out is raised once more."""


class OutOfTimeError(BaseException):
    """The soft time limit; no `except Exception` catches it."""


Given = TypeVarTuple("Given")


class Worker:
    """Holds the instances of one process and answers requests about them.

    Args:
        limits: What one request may use.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._armed = False
        self._output = Output(limits.output)
        self._program: Program | None = None
        self._instances: dict[int, Instance] = {}
        self._beginnings: Beginnings | None = None
        self._grading = Grading()
        self._operations: dict[int, tuple[Callable[[bytes], Answer], float]] = {
            wire.COMPILE: (_compile, limits.load),
            wire.LOAD: (self._load, limits.load),
            wire.OPEN: (self._open, limits.load),
            wire.CALL: (self._call, limits.call),
            wire.STATE: (self._state, limits.load),
            wire.SNAPSHOT: (self._snapshot, limits.load),
            wire.RESTORE: (self._restore, limits.load),
            wire.BEGIN: (lambda body: self._grading.begin(body), limits.load),
            wire.CHECK: (self._check, limits.check),
            wire.CHECK_ALL: (lambda body: self._grading.check_all(body), limits.check),
            wire.CHECK_EACH: (lambda body: self._grading.check_each(body), limits.check),
            wire.ESCAPE: (_escape, limits.load),
            wire.PLAY: (self._play, limits.load),
            wire.TRY: (self._try, limits.load),
            wire.WATCH: (self._watch, 2 * limits.call),
            wire.WATCH_EACH: (self._watch_each, limits.load),
        }
        signal.signal(signal.SIGALRM, self._alarm)

    def _alarm(self, _signal: int, _frame: FrameType | None) -> None:
        if self._armed:
            raise OutOfTimeError

    def redirect_output(self) -> None:
        """Keep what is printed from now on for the answers."""
        sys.stdout = sys.stderr = self._output

    def answer(self, operation: int, body: bytes) -> Answer:
        """Do what a request asks for; never raises for what generated code does."""
        run, limit = self._operations[operation]
        return self._under_limit(limit, run, body)

    def _under_limit(self, limit: float, run: Callable[[*Given], Answer], *given: *Given) -> Answer:
        answer = attempt_all(self._timed, limit, run, *given)
        if isinstance(answer, Raised):
            answer = self._explained(answer.error, limit)
        return self._with_output(*answer)

    def _timed(self, limit: float, run: Callable[[*Given], Answer], *given: *Given) -> Answer:
        try:
            self._armed = True
            _setitimer(signal.ITIMER_REAL, limit, _AGAIN)
            return run(*given)
        finally:
            self._armed = False
            _setitimer(signal.ITIMER_REAL, 0)

    def _explained(self, error: BaseException, limit: float) -> Answer:
        match error:
            case OutOfTimeError():
                return problem(wire.TIMEOUT, f"no result after {limit:g} s")
            case MemoryError():
                return problem(wire.MEMORY, f"more than {self.limits.memory >> 20} MiB of memory")
            case ExportError():
                return problem(wire.UNSERIALISABLE, str(error))
            case CannotSnapshotError():
                return problem(wire.UNSUPPORTED, str(error))
            case _:
                return exception(error)

    def _with_output(self, status: int, body: bytes) -> Answer:
        text = self._output.take()
        if not text:
            return status, body
        printed = text.encode(errors="backslashreplace")
        if status == wire.OK:
            return wire.PRINTED, wire.pack(body, printed)
        return status, json.dumps({**_decode(body.decode()), "output": text}).encode()

    def _load(self, body: bytes) -> Answer:
        self.load(body)
        return wire.OK, b""

    def load(self, body: bytes) -> None:
        """Have a class at hand for the instances to come.

        Args:
            body: Kind, name and code. Where it only defines, the module is run; otherwise nothing
                is.
        """
        kind, name, code = wire.unpack(body, 3)
        self._program = Program(name.decode(), marshal.loads(code))
        if kind == bytes((wire.DEFINING,)):
            self._program.define()

    @property
    def has_class(self) -> bool:
        """Whether instances of a class can be opened here."""
        return self._program is not None

    @contextlib.contextmanager
    def instead(self, program: Program) -> Generator[None]:
        """Have another class at hand for a while, and drop its instances."""
        own, self._program = self._program, program
        yield
        self._program = own
        self._instances.clear()

    def forget(self) -> None:
        """Be as new."""
        self._program = None
        self._beginnings = None
        self._instances = {}
        self._grading = Grading()
        self._output.take()

    def _open(self, body: bytes) -> Answer:
        head, state = wire.unpack(body, 2)
        options = _decode(head.decode())
        if self._program is None:
            return problem(wire.UNSUPPORTED, "no class is loaded")
        for gone in options["gone"]:
            self._instances.pop(gone, None)
        instance = Instance(self._program, options["seed"], options["start"], options["step"])
        self._beginnings_of(self._program).build(instance, state.decode())
        self._instances[options["id"]] = instance
        if not options["look"]:
            return wire.OK, b""
        status, state = self._under_limit(self.limits.load, self._state_of, options["id"])
        return wire.OK, state if status == wire.OK else b""

    def _beginnings_of(self, program: Program) -> Beginnings:
        if self._beginnings is None or self._beginnings.program is not program:
            self._beginnings = Beginnings(program)
        return self._beginnings

    def _call(self, body: bytes) -> Answer:
        return self._make(*_decode(body.decode()))

    def _make(self, who: int, step: int, method: str, arguments: dict[str, object]) -> Answer:
        result = self._instances[who].call(step, method, arguments)
        return _within(to_json(result), self.limits.reply)

    def _play(self, body: bytes) -> Answer:
        """Make several calls, each under a time limit of its own."""
        who, times, calls = _decode(body.decode())
        limit = times * self.limits.call
        answers: list[Answer] = []
        seen, size, end = b"", 0, monotonic() + limit
        for step, method, arguments, look in calls:
            answer = self._under_limit(limit, self._make, who, step, method, arguments)
            answers.append(answer)
            if answer[0] in wire.STOPPED:
                break
            if look:
                status, state = self._under_limit(self.limits.load, self._state_of, who)
                answers.append((status, b"" if state == seen else state))
                seen = state
            size += sum(len(told) for _, told in answers[-2:])
            if size > self.limits.state or monotonic() > end:
                break
        return wire.OK, wire.pack_answers(answers)

    def _try(self, body: bytes) -> Answer:
        """Make calls and go back to a snapshot, whatever they did."""
        who, copy, calls = wire.unpack(body, 3)
        status, answers = self._play(calls)
        if any(told in wire.STOPPED for told, _ in wire.unpack_answers(answers)):
            return status, answers
        back = self._under_limit(self.limits.load, self._restore, wire.pack(who, copy))
        return status, answers + wire.pack_answers([(back[0], b"")])

    def _watch(self, body: bytes) -> Answer:
        return self._watched(*_decode(body.decode()))

    def _watched(
        self, who: int, step: int, method: str, arguments: dict[str, object], look: wire.Look
    ) -> Answer:
        instance = self._instances[who]
        started = cpu_seconds()
        observe = watch(instance).call if look == "closely" else LOOKS[look]
        try:
            seen = observe(instance, step, method, arguments, described)
        except OutOfTimeError:
            report = {"error": "it took too long", "seconds": cpu_seconds() - started}
            return wire.TIMEOUT, json.dumps(report).encode()
        self._output.take()
        return _within(wire.pack(*seen), self.limits.state)

    def _watch_each(self, body: bytes) -> Answer:
        """Make watched calls, and go back to a snapshot behind each, if there is one."""
        who, copy, calls = wire.unpack(body, 3)
        answers: list[Answer] = []
        size, end = 0, monotonic() + self.limits.call
        for call in _decode(calls.decode()):
            answers.append(self._under_limit(2 * self.limits.call, self._watched, *call))
            size += len(answers[-1][1])
            if answers[-1][0] in wire.STOPPED:
                break
            if copy:
                back = self._under_limit(self.limits.load, self._restore, wire.pack(who, copy))
                answers.append((back[0], b""))
                if back[0] not in wire.DONE:
                    break
            if size > self.limits.state or monotonic() > end:
                break
        return wire.OK, wire.pack_answers(answers)

    def _state(self, body: bytes) -> Answer:
        return self._state_of(int(body))

    def _state_of(self, who: int) -> Answer:
        return _within(self._instances[who].state(), self.limits.state)

    def _snapshot(self, body: bytes) -> Answer:
        return _within(self._instances[int(body)].snapshot(), self.limits.state)

    def _restore(self, body: bytes) -> Answer:
        who, copy = wire.unpack(body, 2)
        self._instances[int(who)].restore(copy)
        return wire.OK, b""

    def _check(self, body: bytes) -> Answer:
        self.redirect_output()
        # A confined check has nothing to draw from, so only here.
        randomness.set_step(0, 0)
        answer = self._grading.check(body)
        self._output.take()
        return answer


def _within(body: bytes, limit: int) -> Answer:
    if len(body) > limit:
        return problem(wire.OVERSIZED, f"{len(body)} bytes; at most {limit} are allowed")
    return wire.OK, body


def _compile(body: bytes) -> Answer:
    # A warning is for the author of code; here it would look for the file, and be printed.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(body.decode(), f"<{wire.MODULE}>")
        code = compile(tree, f"<{wire.MODULE}>", "exec", dont_inherit=True)
    return wire.OK, bytes((_kind_of(tree),)) + marshal.dumps(code)


def _kind_of(tree: ast.Module) -> int:
    if not is_confined(tree):
        return wire.DEFINING if only_defines(tree) else wire.FREE
    return wire.READING if only_reads(tree) else wire.CONFINED


def _escape(_body: bytes) -> Answer:
    return wire.OK, json.dumps(breaches()).encode()


def serve(descriptor: int, worker: Worker, lock: Lock) -> None:
    """Answer requests until the host hangs up.

    Args:
        descriptor: The socket to the host.
        worker: Does what is asked.
        lock: Called once everything is set up and before the first request is read.
    """
    worker.redirect_output()
    lock()
    while frame := _read(descriptor, _CHUNK):
        size, operation, number = cast("tuple[int, int, int]", wire.HEADER.unpack_from(frame))
        missing = size + wire.HEADER.size - len(frame)
        if missing:
            frame += _read_exactly(descriptor, missing)
        status, body = worker.answer(operation, frame[wire.HEADER.size :])
        _write_all(descriptor, wire.HEADER.pack(len(body), status, number) + body)


def _read_exactly(descriptor: int, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = _read(descriptor, min(size, _CHUNK))
        if not part:
            os._exit(0)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _write_all(descriptor: int, data: bytes) -> None:
    sent = _write(descriptor, data)
    while sent < len(data):
        sent += _write(descriptor, data[sent : sent + _CHUNK])
