"""YAML of other people."""

from pathlib import Path

import pytest

from envscaler.config import load_settings
from envscaler.errors import ConfigError
from envscaler.llm.usage import load_prices
from envscaler.yaml_files import parse_yaml, read_yaml

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


def test_a_few_lines_that_stand_for_billions_of_values_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bomb.yaml").write_text(BOMB, encoding="utf-8")

    path = tmp_path / "bomb.yaml"

    with pytest.raises(ConfigError, match=r"bomb\.yaml stands for more than 100000 values"):
        read_yaml(path)
    with pytest.raises(ConfigError, match=r"bomb\.yaml .*more than 100000 values"):
        load_prices(path)
    with pytest.raises(ConfigError, match=r"bomb\.yaml .*more than 100000 values"):
        load_settings(path, ())


@pytest.mark.parametrize("text", ["&a [*a]", "&a {b: *a}"])
def test_a_value_that_contains_itself_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="here stands for more than"):
        parse_yaml(text, "here")


def test_a_value_that_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(ConfigError, match="here is nested too deep"):
        parse_yaml("[" * 1000, "here")


def test_aliases_that_save_writing_are_read() -> None:
    assert parse_yaml("one: &m {model: x}\ntwo: *m", "here") == {
        "one": {"model": "x"},
        "two": {"model": "x"},
    }


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("name: Jos\xe9".encode("latin-1"))

    with pytest.raises(ConfigError, match=r"latin\.yaml is not YAML"):
        read_yaml(tmp_path / "latin.yaml")
