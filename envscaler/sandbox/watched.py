"""What a watched call told: the observation, and everything the call did beside returning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from envscaler.records import JsonObject, Observation, ObservationKind, trusted
from envscaler.sandbox.batch import BatchedCall
from envscaler.sandbox.channel import WorkerLostError
from envscaler.sandbox.decode import dump, load, load_object, observe
from envscaler.sandbox.guest import wire
from envscaler.sandbox.pool import Slot, Workers

_KINDS = {
    "exception": ObservationKind.EXCEPTION,
    "unserialisable": ObservationKind.UNSERIALISABLE,
}


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """A call under observation."""

    observation: Observation
    state: JsonObject | None = None
    """The state afterwards; None when the call did not change it."""
    line: int | None = None
    """Line of the source that raised."""
    live: tuple[str, ...] = ()
    """Parts of the result that are objects of the state, not copies."""
    arguments: tuple[str, ...] = ()
    """Arguments that the call changed in the caller's hands."""
    defaults: tuple[str, ...] = ()
    """Mutable defaults, as `method(parameter)`, that the call changed or put into the state."""
    shared: tuple[str, ...] = ()
    """Data of the module, the class or another instance that the call changed."""
    fresh: str = ""
    """In what an environment made anew from the same state differs; empty when it agrees."""
    problem: str = ""
    """Why the result is no plain JSON; empty when it is."""
    seconds: float = 0.0
    """Processor time."""


async def ask_to_watch(
    workers: Workers, slot: Slot, numbered: tuple[int, BatchedCall], *, look: wire.Look
) -> ProbeResult:
    """Have a watched call made.

    Args:
        workers: Where the worker came from.
        slot: Where the environment lives.
        numbered: Step and call.
        look: What is told of it.

    Raises:
        WorkerLostError: The worker is gone or was killed.
    """
    return read_probe(
        *await slot.channel.request(
            wire.WATCH,
            dump(_written(slot, numbered, look)),
            within=workers.settings.call_hard,
            limit=workers.state_limit,
        )
    )


async def ask_to_watch_each(
    workers: Workers,
    slot: Slot,
    numbered: Sequence[tuple[int, BatchedCall]],
    copy: bytes,
    *,
    look: wire.Look,
) -> tuple[list[ProbeResult], bool]:
    """Have watched calls made.

    Args:
        workers: Where the worker came from.
        slot: Where the environment lives.
        numbered: Step and call of each.
        copy: A snapshot of the same instance to go back to behind each; empty to stay.
        look: What is told of them.

    Returns:
        What came of the first of them, as many as the worker tells of, and whether it went back
        behind the last.

    Raises:
        WorkerLostError: The worker is gone or was killed, or tells of none.
    """
    calls = dump([_written(slot, one, look) for one in numbered])
    status, reply = await slot.channel.request(
        wire.WATCH_EACH,
        wire.pack(str(slot.number).encode(), copy, calls),
        within=workers.settings.call_hard + workers.load_deadline,
        limit=3 * workers.state_limit,
    )
    told = wire.unpack_answers(reply) if status == wire.OK else []
    if not told:
        slot.channel.kill("it answered with what is no answer")
        raise WorkerLostError(f"The worker was lost: {slot.channel.lost}")
    made = told[::2] if copy else told
    is_back = bool(copy) and len(told) == 2 * len(made) and told[-1][0] in wire.DONE
    return [read_probe(*one) for one in made], is_back


def _written(
    slot: Slot, numbered: tuple[int, BatchedCall], look: wire.Look
) -> tuple[int, int, str, JsonObject, wire.Look]:
    step, call = numbered
    return slot.number, step, call.tool, call.arguments, look


def read_probe(status: int, body: bytes) -> ProbeResult:
    """Read what a worker tells about a watched call."""
    if status not in (wire.OK, wire.PRINTED):
        spent = load_object(body).get("seconds") if status == wire.TIMEOUT else None
        return ProbeResult(observe(status, body), seconds=_number(spent))
    if status == wire.PRINTED:
        body = wire.unpack(body, 2)[0]
    head, value, state = wire.unpack(body, 3)
    report, content = load_object(head), load(value)
    kind = _KINDS.get(str(report.get("kind")), ObservationKind.OK)
    line = content.get("line") if isinstance(content, dict) and kind != "ok" else None
    return ProbeResult(
        observation=trusted(Observation, kind=kind, value=content, output=""),
        state=load_object(state) if state else None,
        line=line if isinstance(line, int) else None,
        live=_texts(report.get("live")),
        arguments=_texts(report.get("arguments")),
        defaults=_texts(report.get("defaults")),
        shared=_texts(report.get("shared")),
        fresh=str(report.get("fresh", "")),
        problem=str(report.get("problem", "")),
        seconds=_number(report.get("seconds")),
    )


def _number(value: JsonValue) -> float:
    return value if isinstance(value, float) else 0.0


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(map(str, cast("list[JsonValue]", value))) if isinstance(value, list) else ()
