"""Rules in words come from a text or from JSON."""

import json
from pathlib import Path

import pytest

from envscaler.errors import ArtifactError
from envscaler.published.read_rules import read_rules


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rules.txt", "- One at a time.\n\n2. Never below zero.\n"),
        ("rules.json", json.dumps(["One at a time.", "Never below zero."])),
        ("rules.json", json.dumps({"desk": ["One at a time.", "Never below zero."], "x": ["No"]})),
    ],
)
def test_rules_are_read_from_lines_and_lists(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")

    assert read_rules(file, "desk") == ("One at a time.", "Never below zero.")


@pytest.mark.parametrize("text", ["{", '{"a": 1}', "[1]"])
def test_anything_else_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rules.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ArtifactError, match="no list of rules"):
        read_rules(file, "desk")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"nowhere\.txt does not exist"):
        read_rules(tmp_path / "nowhere.txt", "desk")
