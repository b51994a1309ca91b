"""Randomness that repeats: `random`, `uuid`, `secrets` and `os.urandom` follow a seed and a step.

Every step of an environment starts from sha256(seed, step), so neither the calls of a neighbour in
the same process nor a restored snapshot can shift what is drawn.
"""

import hashlib
import os
import random
import secrets
import uuid
from types import CodeType

_HINTS = frozenset(
    ("random", "uuid", "secrets", "os", "urandom", "statistics", "tempfile", "importlib")
)
_seed_generator = random.Random.seed


class _Source:
    """Where `os.urandom` reads from."""

    key = b""
    blocks = 0


def _digest(*parts: object) -> bytes:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()


def set_step(seed: int, step: int) -> None:
    """Start the randomness of one step."""
    _Source.key, _Source.blocks = _digest("urandom", seed, step), 0
    _seed_generator(random._inst, int.from_bytes(_digest("random", seed, step)[:8], "big"))  # pyright: ignore
    uuid._last_timestamp = None  # pyright: ignore


def _urandom(size: int) -> bytes:
    out = b""
    while len(out) < size:
        _Source.blocks += 1
        out += hashlib.sha256(_Source.key + _Source.blocks.to_bytes(8, "big")).digest()
    return out[:size]


def _seed(self: random.Random, a: object = None, version: int = 2) -> None:
    value = int.from_bytes(_urandom(8), "big") if a is None else a
    _seed_generator(self, value, version)  # pyright: ignore


def uses_chance(code: CodeType) -> bool:
    """Say whether compiled code names anything that draws random numbers."""
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return not _HINTS.isdisjoint(code.co_names) or any(map(uses_chance, inner))


def install() -> None:
    """Replace every source of randomness of the standard library."""
    os.urandom = random._urandom = _urandom  # pyright: ignore
    random.Random.seed = _seed  # pyright: ignore
    random.seed = random._inst.seed  # pyright: ignore
    secrets.token_bytes = lambda nbytes=None: _urandom(32 if nbytes is None else nbytes)
    uuid.getnode = lambda: 0x001122334455
    uuid._generate_time_safe = uuid._UuidCreate = None  # pyright: ignore
    os.getpid, os.getppid = (lambda: 4242), (lambda: 1)
    set_step(0, 0)
