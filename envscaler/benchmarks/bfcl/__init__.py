"""BFCL v4 multi-turn: eight Python classes, scripted users, checks against a second set of instances."""

from envscaler.benchmarks.bfcl.benchmark import BFCL, BfclBenchmark

__all__ = ["BFCL", "BfclBenchmark"]
