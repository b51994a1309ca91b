"""Chains: the names of the tools that a reference solution calls, in their order."""

from collections.abc import Iterable
from hashlib import sha256

from envscaler.records.scenarios import Scenario


def chain_id(names: Iterable[str]) -> int:
    """Return a number of 64 bits for the names of tools in their order."""
    return int.from_bytes(sha256("\n".join(names).encode()).digest()[:8])


def chain_of(scenario: Scenario) -> int | None:
    """Return the chain of a scenario's reference solution; None where it has none."""
    if scenario.proof is None or not scenario.proof.reference:
        return None
    return chain_id(call.name for call in scenario.proof.reference)
