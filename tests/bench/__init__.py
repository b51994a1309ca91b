"""Benchmarks, one module each: `python -m tests.bench.bench_llm`. Not collected by pytest."""
