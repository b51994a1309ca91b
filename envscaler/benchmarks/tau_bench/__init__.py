"""tau-bench: a shop and an airline, tools on JSON tables, a user that a model plays."""

from envscaler.benchmarks.tau_bench.benchmark import TauBenchmark

__all__ = ["TauBenchmark"]
