"""Which split a row belongs to: decided by its environment alone."""

import hashlib
from typing import Literal

from envscaler.config import Settings

Split = Literal["train", "validation"]
SPLITS: tuple[Split, ...] = ("train", "validation")


def split_of(env_id: str, settings: Settings) -> Split:
    """Place an environment.

    The place is a hash of the seed and the id, so an environment never moves when others are
    added, and none of its rows can be in both splits.

    Args:
        env_id: The environment of the row.
        settings: The seed, and the share of environments that validation gets on average.
    """
    digest = hashlib.sha256(f"{settings.seed}\x1f{env_id}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    return "validation" if place < settings.train.validation_share else "train"
