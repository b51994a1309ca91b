"""Environments that somebody wrote as a module, and states in a JSON file."""

import json
from pathlib import Path

import pytest

from envscaler.errors import ArtifactError
from envscaler.published.module import read_module, states_of

SOURCE = '''
from .stock import AMOUNT


class Note:
    pass


class Shop:
    def __init__(self):
        self.items = {}

    def count(self) -> dict:
        """Count."""
        return {"success": True, "data": AMOUNT}
'''


def test_a_sibling_module_is_put_in(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "stock.py").write_text("AMOUNT = 7\n", encoding="utf-8")

    row = read_module(tmp_path / "shop.py", "Shop")

    assert "AMOUNT = 7" in row.source
    assert row.class_name == "Shop"


def test_a_sibling_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(SOURCE, encoding="utf-8")

    with pytest.raises(ArtifactError, match=r"stock\.py is not beside it"):
        read_module(tmp_path / "shop.py", "Shop")


@pytest.mark.parametrize("name", ["init_config", "initial_state", "state"])
def test_states_are_taken_from_rows(tmp_path: Path, name: str) -> None:
    file = tmp_path / "states.json"
    file.write_text(json.dumps([{name: {"items": {"a": 1}}}]), encoding="utf-8")

    assert states_of(file) == ({"items": {"a": 1}},)


def test_a_bare_state_is_one(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text('{"items": {}}', encoding="utf-8")

    assert states_of(file) == ({"items": {}},)


def test_a_file_of_states_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="does not exist"):
        states_of(tmp_path / "none.json")
