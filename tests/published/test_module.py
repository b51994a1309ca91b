"""Environments that somebody wrote as a module, and states in a JSON file."""

import json
from pathlib import Path

import pytest

from envscaler.errors import ArtifactError
from envscaler.jsonl import read_rows
from envscaler.published.import_module import import_files, import_module
from envscaler.published.module import read_module, states_of
from envscaler.records import Environment, Scenario

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


LATIN = "# -*- coding: latin-1 -*-\n" + SOURCE.replace("from .stock import AMOUNT", "AMOUNT = 'é'")


def test_a_module_is_read_in_the_encoding_that_it_names(tmp_path: Path) -> None:
    file = tmp_path / "shop.py"
    file.write_bytes(LATIN.encode("latin-1"))

    assert "AMOUNT = 'é'" in read_module(file, "Shop").source


@pytest.mark.parametrize("first", ["", "# -*- coding: no-such-code -*-\n"])
def test_bytes_that_are_no_text_are_an_error_that_names_the_remedy(
    tmp_path: Path, first: str
) -> None:
    file = tmp_path / "shop.py"
    file.write_bytes(first.encode() + LATIN.partition("\n")[2].encode("latin-1"))

    with pytest.raises(ArtifactError, match="save it as UTF-8"):
        read_module(file, "Shop")


def test_a_module_is_imported_with_its_states_for_the_pipeline(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "stock.py").write_text("AMOUNT = 7\n", encoding="utf-8")
    (tmp_path / "states.json").write_text('[{"items": {"a": 1}}, {"items": {}}]', encoding="utf-8")
    run = tmp_path / "run"

    first = import_module(tmp_path / "shop.py", run, tmp_path / "states.json", "Shop")
    again = import_module(tmp_path / "shop.py", run, tmp_path / "states.json", "Shop")

    [row] = read_rows(run / "envs.jsonl", Environment)
    assert row.class_name == "Shop"
    assert {tool.name for tool in row.tools} == {"count"}
    states = [one.initial_state for one in read_rows(run / "states.jsonl", Scenario)]
    assert states == [{"items": {"a": 1}}, {"items": {}}]
    assert (first.written, again.written, again.skipped) == ({"envs": 1, "states": 2}, {}, 3)


def test_all_states_of_a_file_are_imported(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "stock.py").write_text("AMOUNT = 7\n", encoding="utf-8")
    given = [{"items": {"a": amount}} for amount in range(9)]
    (tmp_path / "states.json").write_text(json.dumps(given), encoding="utf-8")

    import_module(tmp_path / "shop.py", tmp_path / "run", tmp_path / "states.json", "Shop")

    states = [one.initial_state for one in read_rows(tmp_path / "run/states.jsonl", Scenario)]
    assert states == given


def test_states_of_published_files_are_refused_rather_than_forgotten(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"go with a \.py"):
        import_files([tmp_path / "envs.json"], tmp_path / "run", states=tmp_path / "states.json")


def test_what_the_sandbox_lacks_and_nothing_uses_is_not_imported(tmp_path: Path) -> None:
    source = SOURCE.replace(
        "from .stock import AMOUNT", "import subprocess\nimport json\nAMOUNT = 1"
    )
    (tmp_path / "shop.py").write_text(source, encoding="utf-8")

    row = read_module(tmp_path / "shop.py", "Shop")

    assert "subprocess" not in row.source
    assert "import json" in row.source


def test_what_is_used_stays_imported(tmp_path: Path) -> None:
    source = SOURCE.replace("from .stock import AMOUNT", "import subprocess\nAMOUNT = subprocess")
    (tmp_path / "shop.py").write_text(source, encoding="utf-8")

    assert "import subprocess" in read_module(tmp_path / "shop.py", "Shop").source
