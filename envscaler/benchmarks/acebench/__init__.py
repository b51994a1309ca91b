"""ACEBench's agent tasks: five Python classes, a single instruction or a simulated user."""

from envscaler.benchmarks.acebench.benchmark import AceBenchmark

__all__ = ["AceBenchmark"]
