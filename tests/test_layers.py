"""Who may import whom: imports point down only, and stages never meet but in records and files."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import envscaler

ROOT = Path(envscaler.__file__).parent
LAYERS = (
    {"errors", "resources", "vectors"},
    {"records"},
    {"llm.types"},
    {"jsonl", "replies", "prompts", "config"},
    {"environment"},
    {"llm", "sandbox"},
    {"progress", "run_settings"},
    {"ledger"},
    {"pipeline", "explore"},
    {"run"},
    {"skel_builder", "scen_generator", "interact", "train"},
    {"summary", "pictures", "environments"},
    {"show"},
    {"cli"},
    {"__main__"},
)
"""From the bottom up. What is in one layer does not import what stands beside it."""
PLACES = {part: number for number, layer in enumerate(LAYERS) for part in layer}
MODULES = sorted(path for path in ROOT.rglob("*.py") if "_data" not in path.parts)


def part_of(module: str) -> str:
    """Return the part of the package that a module such as `envscaler.llm.store` belongs to."""
    inner = module.removeprefix("envscaler.")
    return "llm.types" if inner == "llm.types" else inner.partition(".")[0]


def name_of(path: Path) -> str:
    return ".".join(("envscaler", *path.relative_to(ROOT).with_suffix("").parts))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_every_module_has_its_layer() -> None:
    parts = {part_of(name_of(path)) for path in MODULES} - {"__init__"}

    assert parts <= PLACES.keys()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path: Path) -> None:
    here = part_of(name_of(path))
    if here == "__init__":
        assert not list(imported(path))
        return

    others = {part_of(name) for name in imported(path) if name.startswith("envscaler.")} - {here}

    assert {other for other in others if PLACES[other] >= PLACES[here]} == set()


@pytest.mark.parametrize("path", [*(ROOT / "environment").rglob("*.py")], ids=name_of)
def test_environment_is_pure(path: Path) -> None:
    busy = {"os", "pathlib", "asyncio", "subprocess", "socket", "threading", "time", "random"}

    assert busy.isdisjoint(imported(path))


HOST = [path for path in MODULES if "guest" not in path.parts]
"""The guest side of the sandbox is a process of its own, which empties its environment."""


@pytest.mark.parametrize("path", HOST, ids=name_of)
def test_only_config_reads_the_environment(path: Path) -> None:
    reads = {"os.environ", "os.getenv"}.intersection(
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    )

    assert not reads or name_of(path) == "envscaler.config"
