"""What the EnvScaler paper (arXiv 2601.05808, its main table) reports, in per cent.

Measured by its authors with native function calling, thinking mode, temperature 0.7 and users
played by gpt-4.1, and for BFCL with the data of v3, of which v4 has changed some hundred entries.
"""

from collections.abc import Mapping

from envscaler.benchmarks.benchmark import Reference

_GROUPS = {
    "bfcl": ("base", "miss_func", "miss_param", "long_context", "overall"),
    "tau-bench": ("retail", "airline", "overall"),
    "acebench": ("multi_step", "multi_turn", "overall"),
}
_TABLE: Mapping[str, tuple[float, ...]] = {
    "gpt-4.1": (46.0, 37.5, 32.0, 44.5, 40.0, 66.95, 48.0, 57.48, 95.0, 60.0, 77.5),
    "qwen3-235b-thinking": (60.0, 35.0, 34.0, 54.0, 45.75, 67.8, 46.0, 56.9, 85.0, 63.33, 74.17),
    "qwen3-235b-instruct": (58.0, 33.0, 27.5, 50.5, 42.25, 71.3, 44.0, 57.65, 80.0, 63.33, 71.67),
    "kimi-k2": (57.5, 35.0, 42.0, 49.0, 45.88, 69.87, 54.0, 61.94, 85.0, 73.33, 79.17),
    "qwen3-1.7b": (13.5, 6.0, 12.5, 7.0, 9.75, 8.99, 16.0, 12.5, 35.0, 28.89, 31.95),
    "qwen3-1.7b+sft": (24.5, 11.5, 20.0, 16.5, 18.13, 20.87, 14.0, 17.44, 55.0, 32.22, 43.61),
    "qwen3-1.7b+rl": (31.5, 17.0, 20.5, 23.0, 23.0, 18.55, 14.0, 16.28, 66.67, 33.33, 50.0),
    "qwen3-4b": (32.0, 20.0, 24.0, 25.5, 25.38, 40.87, 26.0, 33.44, 58.33, 52.22, 55.28),
    "qwen3-4b+sft": (47.0, 24.0, 31.5, 37.0, 34.88, 44.35, 32.0, 38.2, 73.33, 60.0, 66.67),
    "qwen3-4b+rl": (51.0, 34.0, 28.0, 39.0, 38.0, 48.12, 34.0, 41.06, 80.0, 61.11, 70.55),
    "qwen3-8b": (32.0, 33.5, 22.0, 28.0, 28.88, 46.38, 30.0, 38.19, 63.33, 56.67, 60.0),
    "qwen3-8b+sft": (47.0, 33.0, 29.5, 38.5, 37.0, 48.7, 34.0, 41.35, 83.33, 60.0, 71.67),
    "qwen3-8b+rl": (55.5, 36.0, 35.0, 41.0, 41.88, 53.62, 36.0, 44.81, 85.0, 60.0, 72.5),
}
"""Model → scores in the order of `_GROUPS`; `+sft`, then `+rl`, are trained on EnvScaler."""

MODELS = tuple(_TABLE)


def reference(benchmark: str, model: str) -> Reference:
    """Return what the paper reports of a model on a benchmark."""
    names = [(owner, group) for owner, groups in _GROUPS.items() for group in groups]
    pairs = zip(names, _TABLE[model], strict=True)
    return Reference(model, {group: score for (owner, group), score in pairs if owner == benchmark})


def references(benchmark: str, models: tuple[str, ...]) -> tuple[Reference, ...]:
    """Return what the paper reports of some models."""
    return tuple(reference(benchmark, model) for model in models)
