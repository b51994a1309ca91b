"""BFCL v4 multi-turn: eight Python classes, scripted users, state and result checks."""

from envscaler.benchmarks.bfcl.benchmark import BFCL, BfclBenchmark

__all__ = ["BFCL", "BfclBenchmark"]
