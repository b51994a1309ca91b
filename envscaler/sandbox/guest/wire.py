"""What host and worker say to each other: frames over a socket pair.

A frame is its body's length (4 bytes, little endian), one byte that names it, a number and the
body. An answer repeats the number of its request, which nobody can guess beforehand: an answer
written in advance, or left over, is recognised. A body with several parts has each part but the
last preceded by its length.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

HEADER: Final = struct.Struct("<IBI")
"""Length of the body, the operation or the status, the number of the request."""

_LENGTH: Final = struct.Struct("<I")
_ANSWER: Final = struct.Struct("<IB")
"""Length of an answer among others, and its status."""
_CHECK: Final = struct.Struct("<IB")
"""Number and kind of a check."""

_LOADERS: Final = ("loadscenario", "loadstate")
"""Methods by which classes of other people take a state, as `_spelled`."""
_OFTEN_LOADERS: Final = (
    "load", "loaddata", "loadsnapshot", "loadfrom", "setstate", "initstate", "importstate",
    "fromstate", "restore", "restorestate", "reset", "setup",
)  # fmt: skip
"""Methods that do so where they take one thing that is called like a state, or its members."""
_STATES: Final = frozenset(
    ("state", "initial_state", "initial", "data", "snapshot", "scenario", "config", "saved")
)

MAKER: Final = "_made_of_state"
"""Attribute of a class that names the method by which the class makes an object of a state."""

# Operations, host to worker.
COMPILE: Final = 1
"""Source → its kind in one byte, and compiled code. Sent only to a worker that runs nothing."""
LOAD: Final = 2
"""Compiled code of the class that this worker will run."""
OPEN: Final = 3
"""Options and initial state → a live instance, and its state as it is then; empty where that is not
asked for or cannot be told. Instances that are gone are forgotten before."""
CALL: Final = 4
STATE: Final = 5
SNAPSHOT: Final = 6
RESTORE: Final = 7
BEGIN: Final = 9
"""Options, initial and final state that the following checks are about."""
CHECK: Final = 10
"""Compiled code of one check → its verdict."""
CHECK_ALL: Final = 13
"""What checks are about, number, kind and compiled code of each → all verdicts. The code of a check
that this worker has seen is empty."""
CHECK_EACH: Final = 16
"""Time and scenes, then as `CHECK_ALL` → for each scene all verdicts."""
UNTIL_FAILED: Final = b"*"
"""Stands behind the time of scenes in which a check that has failed is not run any more."""
TRY: Final = 17
"""Instance, a snapshot of it and what `PLAY` is told → what `PLAY` answers, and at the end the
status of going back to the snapshot, which is left out where a call was stopped."""
ESCAPE: Final = 11
"""Try to break out; answers with what worked."""
PLAY: Final = 15
"""Calls of one instance, each with its step and whether the state is wanted after it → the answers,
and the states. It ends early after a call that was stopped, and when it took or told much."""
WATCH: Final = 12
"""A call, and how it is looked at → what it did beside returning."""

WATCH_EACH: Final = 18
"""Instance, a snapshot of it or nothing, and what `WATCH` is told of each of some calls → what
`WATCH` answers, and behind each the status of going back where there is a snapshot. It ends early
behind a call that was stopped, and when it took or told much."""

Look = Literal["closely", "state", "time"]
"""What is told of a watched call: everything that it did, the state that it left and how long it
took, or how long it took alone."""

# Kinds of code.
FREE: Final = 0
CONFINED: Final = 1
"""It can touch nothing but its own variables and what it is given."""
READING: Final = 2
"""Confined, and it changes nothing that it is given."""
DEFINING: Final = 3
"""To run it does nothing but define; what it defines may do anything."""

# Statuses, worker to host.
OK: Final = 64
PRINTED: Final = 65
"""As OK, with what was printed behind the value."""
EXCEPTION: Final = 66
TIMEOUT: Final = 67
MEMORY: Final = 68
UNSERIALISABLE: Final = 69
OVERSIZED: Final = 70
UNSUPPORTED: Final = 71
"""The worker cannot do that with this instance; another way has to be taken."""

DONE: Final = frozenset((OK, PRINTED))

STOPPED: Final = frozenset((TIMEOUT, MEMORY))
"""Where these strike depends on the machine, so what the call did until then is undone."""

Answer = tuple[int, bytes]
"""Status and body."""

PATIENCE: Final = 5
"""A replayed call may take so many times as long as the first time: on a busy machine the same work
takes longer, and what once came to an end does so again."""

MODULE: Final = "environment"
"""Name of the module, and of its file in a traceback, that a class is run in."""

CONTROL_BYTES: Final = 4096
"""Largest message on a control socket."""

# What a control socket asks for. The answer is the number of the new process, with a pidfd.
FORK: Final = b"W"
"""A worker, which serves the socket that comes along."""
TEMPLATE: Final = b"T"
"""A template, whose control socket comes along with a file that holds a class: kind, name, code."""


@dataclass(frozen=True)
class Limits:
    """What one request may use. Times in seconds, sizes in bytes."""

    call: float
    load: float
    check: float
    memory: int
    reply: int
    state: int
    output: int
    modules: tuple[str, ...] = ()
    """Imported beside the standard library before the lock."""
    paths: tuple[str, ...] = ()
    """Where these are found."""


def is_loader(name: str, parameters: Sequence[str], members: Iterable[str] = ()) -> bool:
    """Say whether a method takes a state, as a whole or member by member.

    Args:
        name: Of the method.
        parameters: Their names, without `self`.
        members: Names of what a state of the class consists of.
    """
    spelled = _spelled(name)
    if spelled in _LOADERS:
        return True
    if spelled not in _OFTEN_LOADERS or not parameters:
        return False
    if len(parameters) == 1:
        return parameters[0] in _STATES
    return {each.strip("_") for each in members}.issuperset(parameters)


def loaders_first(names: Iterable[str]) -> list[str]:
    """Return the names that loading methods have, the surest first."""
    order = (*_LOADERS, *_OFTEN_LOADERS)
    found = [name for name in names if _spelled(name) in order]
    return sorted(found, key=lambda name: (order.index(_spelled(name)), name))


def _spelled(name: str) -> str:
    """Write `_load_state` and `loadState` alike."""
    return name.replace("_", "").lower()


def pack_checks(scene: bytes, checks: Sequence[tuple[int, int]], codes: Sequence[bytes]) -> bytes:
    """Join a scene, the numbers and kinds of checks, and their codes."""
    return pack(scene, pack_heads(checks, codes))


def pack_heads(checks: Sequence[tuple[int, int]], codes: Sequence[bytes]) -> bytes:
    """Join the numbers and kinds of checks, and their codes."""
    return pack(b"".join([_CHECK.pack(*check) for check in checks]), *codes)


def unpack_checks(body: bytes) -> tuple[bytes, list[tuple[int, int, bytes]]]:
    """Split what `pack_checks` joined: the scene, and number, kind and code of each check."""
    scene, heads, rest = unpack(body, 3)
    checks = list(_CHECK.iter_unpack(heads))
    codes = unpack(rest, len(checks))
    return scene, [(*check, code) for check, code in zip(checks, codes, strict=True)]


@dataclass(frozen=True)
class Scenes:
    """What checks are run on, one after the other."""

    time: bytes
    parts: Sequence[bytes]
    """Values, as JSON, of which final states are put together: most have most in common."""
    scenes: Sequence[tuple[bytes, bytes]]
    """Initial and final state of each. An initial state that is empty is that of the scene before;
    a final state is an object, or a list of its names, each with the number of a part."""

    def pack(self) -> bytes:
        """Join them."""
        states = [(OK, state) for scene in self.scenes for state in scene]
        told = pack_answers([(OK, part) for part in self.parts])
        return pack(self.time, told, pack_answers(states))

    @classmethod
    def unpack(cls, body: bytes) -> "Scenes":
        """Split what was joined."""
        time, parts, states = unpack(body, 3)
        told = [state for _, state in unpack_answers(states)]
        scenes = [*zip(told[::2], told[1::2], strict=False)]
        return cls(time, [part for _, part in unpack_answers(parts)], scenes)


def pack_answers(answers: Sequence[Answer]) -> bytes:
    """Join the answers to several calls."""
    return b"".join(
        [piece for status, body in answers for piece in (_ANSWER.pack(len(body), status), body)]
    )


def unpack_answers(body: bytes) -> list[Answer]:
    """Split what `pack_answers` joined; what is missing of a short body is empty."""
    answers: list[Answer] = []
    place = 0
    while place + _ANSWER.size <= len(body):
        size, status = _ANSWER.unpack_from(body, place)
        place += _ANSWER.size
        answers.append((status, body[place : place + size]))
        place += size
    return answers


def pack(*parts: bytes) -> bytes:
    """Join the parts of a body."""
    *heads, last = parts
    return b"".join([piece for head in heads for piece in (_LENGTH.pack(len(head)), head)] + [last])


def unpack(body: bytes, count: int) -> list[bytes]:
    """Split a body into `count` parts; what is missing of a short body is empty."""
    parts: list[bytes] = []
    place = 0
    for _ in range(count - 1):
        size = int.from_bytes(body[place : place + _LENGTH.size], "little")
        place += _LENGTH.size
        parts.append(body[place : place + size])
        place += size
    return [*parts, body[place:]]
