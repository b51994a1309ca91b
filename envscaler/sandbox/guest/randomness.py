"""Randomness that repeats: `random`, `uuid`, `secrets` and `os.urandom` follow a seed and a step.

Every step of an environment starts from sha256(seed, step), so neither the calls of a neighbour in
the same process nor a restored snapshot can shift what is drawn.
"""

import _random
import hashlib
import os
import random
import secrets
import uuid
from types import CodeType
from typing import cast

from .replace import Replacements

_SOURCES = frozenset(
    ("random", "_random", "uuid", "secrets", "os", "posix", "urandom", "getrandom", "statistics",
     "tempfile", "importlib", "import_module", "__import__", "sys", "modules", "gc", "exec", "eval",
     "globals", "vars", "__globals__", "__builtins__", "__subclasses__")
)  # fmt: skip
"""Names through which code can come to draw random numbers."""
_seed_generator = random.Random.seed
_state_of_generator = random.Random.getstate
_shared = cast("random.Random", vars(random)["_inst"])
"""What `random.random` and its like draw from."""
_urandom_names = ("urandom", "getrandom")


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


def position() -> tuple[object, ...]:
    """Tell where the randomness of a step has come to: as before, if nothing was drawn."""
    return _Source.blocks, _state_of_generator(_shared), uuid.__dict__["_last_timestamp"]


def _urandom(size: int, flags: int = 0) -> bytes:
    del flags
    out = b""
    while len(out) < size:
        _Source.blocks += 1
        out += hashlib.sha256(_Source.key + _Source.blocks.to_bytes(8, "big")).digest()
    return out[:size]


def _draw_seed() -> int:
    return int.from_bytes(_urandom(8), "big")


def _seed(self: random.Random, a: int | str | None = None, version: int = 2) -> None:
    _seed_generator(self, _draw_seed() if a is None else a, version)


class _BareRandom(_random.Random):
    """`_random.Random`, which would take its seed from the machine."""

    def __init__(self, seed: object = None) -> None:
        super().__init__()
        self.seed(seed)

    def seed(self, n: object = None, /) -> None:
        super().seed(_draw_seed() if n is None else n)


def uses_randomness(code: CodeType) -> bool:
    """Say whether compiled code names anything that draws random numbers."""
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return not _SOURCES.isdisjoint(code.co_names) or any(map(uses_randomness, inner))


def only_draws(value: object) -> bool:
    """Say whether a value is a generator of random numbers that keeps nothing else."""
    return type(value) is random.Random and vars(value).keys() <= {"gauss_next"}


def _token_bytes(nbytes: int | None = None) -> bytes:
    return _urandom(32 if nbytes is None else nbytes)


def install() -> Replacements:
    """Replace every source of randomness of the standard library.

    Returns:
        What else has to be replaced wherever a module keeps it.
    """
    real = [os.__dict__[name] for name in _urandom_names if name in os.__dict__]
    type.__setattr__(random.Random, "seed", _seed)
    random.__dict__.update(_urandom=_urandom, seed=_shared.seed)
    secrets.__dict__["token_bytes"] = _token_bytes
    uuid.__dict__.update(getnode=lambda: 0x001122334455, _generate_time_safe=None, _UuidCreate=None)
    set_step(0, 0)
    return [*((one, _urandom) for one in real), (_random.Random, _BareRandom)]
