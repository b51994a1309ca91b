"""Whole exports, byte for byte; `python -m tests.train.make_golden` writes them anew."""

from pathlib import Path

from envscaler.config import Settings
from tests.train.make_golden import GOLDEN, export_all


def test_exports_are_what_they_were(tmp_path: Path, settings: Settings) -> None:
    assert _texts(export_all(tmp_path, settings)) == _texts(GOLDEN)


def _texts(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
