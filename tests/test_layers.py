"""Who may import whom: imports point down only, and stages never meet but in records and files."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import envscaler

ROOT = Path(envscaler.__file__).parent
PICTURE = Path(__file__).parents[1] / "AGENTS.md"
MODULES = sorted(path for path in ROOT.rglob("*.py") if "_data" not in path.parts)


def layers(page: str) -> Iterator[list[str]]:
    """Yield the layers that AGENTS.md draws, from the top down."""
    section = page.partition("## Layers")[2].partition("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("    "):
            yield line[4:].partition("  ")[0].split()


LAYERS = list(layers(PICTURE.read_text(encoding="utf-8")))
PLACES = {part: -depth for depth, layer in enumerate(LAYERS) for part in layer}


def part_of(module: str) -> str:
    """Return the part of the package that a module such as `envscaler.llm.store` belongs to."""
    return module.removeprefix("envscaler.").partition(".")[0]


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

    assert parts == PLACES.keys()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path: Path) -> None:
    here = part_of(name_of(path))
    if here == "__init__":
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
    text = path.read_text(encoding="utf-8")
    written = {name for name in ("os.environ", "os.getenv") if name in text}
    nodes = ast.walk(ast.parse(text)) if written else ()  # a comment may name them
    reads = written.intersection(
        ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)
    )

    assert not reads or name_of(path) == "envscaler.config.environment"
