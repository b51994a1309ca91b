"""What is asked of the worker in which an environment lives: a call, several at once, its state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from envscaler.errors import GuestError
from envscaler.records import JsonObject, Observation, ObservationKind
from envscaler.sandbox.channel import Reply, WorkerLostError
from envscaler.sandbox.decode import dump, explain, load, observe
from envscaler.sandbox.guest import wire
from envscaler.sandbox.journal import Journal
from envscaler.sandbox.launch import Loadable
from envscaler.sandbox.pool import Slot, Workers

UNDONE = frozenset((ObservationKind.TIMEOUT, ObservationKind.MEMORY))
"""Where these strike depends on the machine, so what the call did until then is undone."""
AT_ONCE = 32
"""Calls in one message."""


@dataclass(frozen=True, slots=True)
class BatchedCall:
    """A call that will be made, its arguments being checked."""

    tool: str
    arguments: JsonObject
    look: bool
    """The state is wanted afterwards."""
    refused: Observation | None = None
    """What it comes to when it is not made at all."""


@dataclass(frozen=True, slots=True)
class PlayedCall:
    """A call that was made."""

    observation: Observation
    state: Reply | None = None
    """Status and JSON; None where nobody looked."""


async def ask_to_call(
    workers: Workers, slot: Slot, step: int, tool: str, arguments: JsonObject
) -> Observation:
    """Have one call made.

    Raises:
        WorkerLostError: The worker is gone or was killed.
    """
    status, reply = await slot.channel.request(
        wire.CALL,
        dump((slot.number, step, tool, arguments)),
        within=workers.settings.call_hard,
        limit=workers.reply_limit,
    )
    return observe(status, reply)


async def ask_to_play(
    workers: Workers, slot: Slot, calls: Sequence[tuple[int, BatchedCall]], *, again: bool = False
) -> list[PlayedCall]:
    """Have calls made, each with its step.

    Args:
        workers: Where the worker came from.
        slot: Where the environment lives.
        calls: Step and call.
        again: They were made before, and so get more time.

    Returns:
        What came of the first of them, as many as the worker tells of.

    Raises:
        WorkerLostError: The worker is gone or was killed, or tells of none.
    """
    patience = wire.PATIENCE if again else 1
    status, reply = await slot.channel.request(
        wire.PLAY,
        _write(slot.number, calls, patience),
        within=workers.settings.call_hard * patience,
        limit=2 * workers.state_limit + workers.reply_limit,
    )
    answers = iter(wire.unpack_answers(reply if status == wire.OK else b""))
    played = [*_read(answers, [call for _, call in calls])]
    if not played:
        slot.channel.kill("it answered with what is no answer")
        raise WorkerLostError(f"The worker was lost: {slot.channel.lost}")
    return played


async def ask_to_replay(
    workers: Workers, slot: Slot, calls: Sequence[tuple[int, BatchedCall]]
) -> str:
    """Make calls again, each with its step.

    Returns:
        Which of them was stopped this time, and how; empty when all came to their ends.

    Raises:
        WorkerLostError: The worker is gone or was killed.
    """
    at = 0
    while at < len(calls):
        played = await ask_to_play(workers, slot, calls[at : at + AT_ONCE], again=True)
        at += len(played)
        kind = played[-1].observation.kind
        if kind in UNDONE:
            step, call = calls[at - 1]
            return f"call {step}, {call.tool}, ended with {kind}"
    return ""


async def ask_to_try(
    workers: Workers, slot: Slot, calls: Sequence[tuple[int, BatchedCall]], copy: bytes
) -> tuple[list[PlayedCall], bool]:
    """Have calls made, each with its step, and go back to a snapshot of the same instance.

    Returns:
        What came of the first of them, none where the worker was lost over them, and whether it
        went back.
    """
    body = wire.pack(str(slot.number).encode(), copy, _write(slot.number, calls, 1))
    try:
        status, reply = await slot.channel.request(
            wire.TRY,
            body,
            within=workers.settings.call_hard + workers.load_deadline,
            limit=2 * workers.state_limit + workers.reply_limit,
        )
    except WorkerLostError:
        return [], False
    told = wire.unpack_answers(reply if status == wire.OK else b"")
    # Behind a call that was stopped nothing is told of the way back.
    stopped = any(one in wire.STOPPED for one, _ in told)
    back = wire.TIMEOUT if stopped or not told else told.pop()[0]
    played = [*_read(iter(told), [call for _, call in calls])]
    return played, back in (wire.OK, wire.PRINTED)


async def ask_to_open(
    workers: Workers, slot: Slot, start: Journal, initial: bytes, *, look: bool
) -> Reply:
    """Have an instance made.

    Args:
        workers: Where the worker came from.
        slot: Where it is to live.
        start: Seed and clock.
        initial: Its initial state.
        look: The state in which it is then is told, if it can be.

    Raises:
        WorkerLostError: The worker is gone or was killed.
    """
    options = {
        "id": slot.number,
        "seed": start.seed,
        "start": start.clock.start.timestamp(),
        "step": start.clock.step,
        "gone": slot.take_gone(),
        "look": look,
    }
    return await slot.channel.request(
        wire.OPEN,
        wire.pack(dump(options), initial),
        within=workers.load_deadline,
        limit=workers.state_limit,
        meanwhile=workers.refill,
    )


def states_of(played: Sequence[PlayedCall], loadable: Loadable) -> list[JsonObject | None]:
    """Read the states that calls left; those that did not change are one object.

    Raises:
        GuestError: A state cannot be read.
    """
    states: list[JsonObject | None] = []
    last: Reply | None = None
    for one in played:
        if one.state is not None and one.state is last:
            states.append(states[-1])
        else:
            states.append(None if one.state is None else read_state(one.state, loadable))
        last = one.state
    return states


def read_state(answer: Reply, loadable: Loadable) -> JsonObject:
    """Read a state as a worker told it.

    Raises:
        GuestError: The worker could not tell it.
    """
    status, body = answer
    if status == wire.PRINTED:
        body = wire.unpack(body, 2)[0]
    value = load(body)
    if status in (wire.OK, wire.PRINTED) and isinstance(value, dict):
        return value
    reason = explain(value, loadable.source)
    raise GuestError(f"The state of {loadable.name} cannot be read: {reason}")


def _write(who: int, calls: Sequence[tuple[int, BatchedCall]], patience: int) -> bytes:
    """Write calls of one instance, each with its step, for a worker.

    Args:
        who: Number of the instance.
        calls: Step and call.
        patience: How many times the time limit of a call each may take.
    """
    planned = [(step, one.tool, one.arguments, one.look) for step, one in calls]
    return dump((who, patience, planned))


def _read(answers: Iterator[Reply], calls: Sequence[BatchedCall]) -> Iterator[PlayedCall]:
    seen: Reply | None = None
    for call, (status, told) in zip(calls, answers, strict=False):
        if call.look and status not in wire.STOPPED:
            found = next(answers, None)
            if found is None:
                return
            seen = found if found[1] or seen is None else seen
        yield PlayedCall(observe(status, told), seen if call.look else None)
