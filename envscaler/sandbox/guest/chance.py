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
from typing import cast

_HINTS = frozenset(
    ("random", "uuid", "secrets", "os", "urandom", "statistics", "tempfile", "importlib")
)
_seed_generator = random.Random.seed
_shared = cast("random.Random", vars(random)["_inst"])
"""What `random.random` and its like draw from."""


class _Source:
    """Where `os.urandom` reads from."""

    key = b""
    blocks = 0


def _digest(*parts: object) -> bytes:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()


def set_step(seed: int, step: int) -> None:
    """Start the randomness of one step."""
    _Source.key, _Source.blocks = _digest("urandom", seed, step), 0
    _seed_generator(_shared, int.from_bytes(_digest("random", seed, step)[:8], "big"))
    uuid.__dict__["_last_timestamp"] = None


def _urandom(size: int) -> bytes:
    out = b""
    while len(out) < size:
        _Source.blocks += 1
        out += hashlib.sha256(_Source.key + _Source.blocks.to_bytes(8, "big")).digest()
    return out[:size]


def _seed(self: random.Random, a: int | str | None = None, version: int = 2) -> None:
    value = int.from_bytes(_urandom(8), "big") if a is None else a
    _seed_generator(self, value, version)


def uses_chance(code: CodeType) -> bool:
    """Say whether compiled code names anything that draws random numbers."""
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return not _HINTS.isdisjoint(code.co_names) or any(map(uses_chance, inner))


def _token_bytes(nbytes: int | None = None) -> bytes:
    return _urandom(32 if nbytes is None else nbytes)


def install() -> None:
    """Replace every source of randomness of the standard library."""
    os.__dict__.update(urandom=_urandom, getpid=lambda: 4242, getppid=lambda: 1)
    type.__setattr__(random.Random, "seed", _seed)
    random.__dict__.update(_urandom=_urandom, seed=_shared.seed)
    secrets.__dict__["token_bytes"] = _token_bytes
    uuid.__dict__.update(getnode=lambda: 0x001122334455, _generate_time_safe=None, _UuidCreate=None)
    set_step(0, 0)
