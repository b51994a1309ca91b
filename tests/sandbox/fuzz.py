"""Forged answers: what a worker that was taken over could send, read as the host reads it.

`python -m tests.sandbox.fuzz 100000` reads so many and prints what came of them.
"""

import random
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterator

import orjson

from envscaler.records import Check, Observation
from envscaler.sandbox.decode import explain, load, load_object, observe
from envscaler.sandbox.grader import read_verdict
from envscaler.sandbox.guest import wire
from envscaler.sandbox.watched import ProbeResult, read_probe

STATUSES = (*range(wire.OK, wire.UNSUPPORTED + 1), 0, 255)
CHECK = Check(item="?", source="def check_func(final_state):\n    return True\n")
_KEYS = ("error", "line", "output", "kind", "seconds", "live", "fresh", "arguments", "problem")
_ATOMS = (None, True, -1, 0, 2**63, 1e308, "", "ok", "exception", "passed", "timeout", "\ufffd")


def answers(seed: int, count: int) -> Iterator[tuple[int, bytes]]:
    """Yield forged answers: status and body."""
    draw = random.Random(seed)
    for _ in range(count):
        yield draw.choice(STATUSES), _body(draw)


def _body(draw: random.Random) -> bytes:
    body = draw.choice((_noise, _json, _json, _parts, _nested))(draw)
    return _mutated(draw, body) if draw.random() < 0.4 else body


def _noise(draw: random.Random) -> bytes:
    return draw.randbytes(draw.choice((0, 1, 2, 3, 4, 5, 40, 400)))


def _json(draw: random.Random) -> bytes:
    return orjson.dumps(_value(draw, draw.randrange(5)))


def _value(draw: random.Random, depth: int) -> object:
    if depth == 0 or draw.random() < 0.3:
        return draw.choice(_ATOMS)
    inner = [_value(draw, depth - 1) for _ in range(draw.randrange(4))]
    return {draw.choice(_KEYS): one for one in inner} if draw.random() < 0.6 else inner


def _parts(draw: random.Random) -> bytes:
    sizes = (0, 1, 10, 2**31, 2**32 - 1)
    pieces = [_json(draw) for _ in range(draw.randrange(4))]
    heads = [struct.pack("<I", draw.choice((*sizes, len(one)))) + one for one in pieces]
    return b"".join(heads) + _json(draw)


def _nested(draw: random.Random) -> bytes:
    depth = draw.choice((10, 150, 161, 500, 1000, 1023, 1024, 5000))
    opening, closing = draw.choice(((b"[", b"]"), (b'{"error":', b"}"), (b'{"kind":[', b"]}")))
    core = opening * depth + b"1" + closing * depth
    return draw.choice((core, b'{"error":' + core + b"}", b"[" + core + b"," + core + b"]"))


def _mutated(draw: random.Random, body: bytes) -> bytes:
    data = bytearray(body)
    for _ in range(draw.randrange(1, 4)):
        if data:
            data[draw.randrange(len(data))] = draw.randrange(256)
    return bytes(data[: draw.randrange(len(data) + 1)]) if draw.random() < 0.3 else bytes(data)


def read(status: int, body: bytes) -> list[Observation | ProbeResult]:
    """Read an answer in every way in which the host reads one."""
    found = load(body)
    load_object(body)
    explain(found, CHECK.source)
    results = found if isinstance(found, list) else [found]
    for one in results:
        read_verdict(CHECK, status, one)
    return [observe(status, body), read_probe(status, body)]


def main(count: int) -> None:
    """Read forged answers and say what became of them."""
    kinds: Counter[str] = Counter()
    slowest, started = 0.0, time.process_time()
    for status, body in answers(seed=0, count=count):
        before = time.process_time()
        observation, _ = read(status, body)
        slowest = max(slowest, time.process_time() - before)
        if isinstance(observation, Observation):
            kinds[observation.kind] += 1
            Observation.model_validate_json(observation.model_dump_json())
    seconds = time.process_time() - started
    sys.stdout.write(f"{count} answers in {seconds:.1f} s of CPU, the slowest {slowest:.4f} s\n")
    sys.stdout.write("".join(f"{kind} {number}\n" for kind, number in kinds.most_common()))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
