"""The head of a card."""

import json
from pathlib import Path
from typing import cast

import pytest
import yaml

from envscaler.config import Settings, load_settings
from envscaler.errors import ConfigError
from envscaler.records import JsonObject
from envscaler.train.front_matter import front_matter
from envscaler.train.rl import export_rl
from envscaler.train.sft import export_sft
from tests.train.factory import (
    every_reply,
    make_environment,
    make_scenario,
    with_share,
    write_run,
)


def head_of(card: str) -> JsonObject:
    before, head, _ = card.split("---\n", 2)
    assert before == ""
    return cast("JsonObject", yaml.safe_load(head))


def with_words(settings: Settings, **words: object) -> Settings:
    return settings.model_copy(update={"train": settings.train.model_copy(update=words)})


def test_license_and_languages_are_those_of_the_settings(settings: Settings) -> None:
    chosen = with_words(settings, license="cc-by-4.0", languages=("de", "fr"))

    head = head_of(front_matter("messages", {"train": 1}, {}, chosen))

    assert (head["license"], head["language"]) == ("cc-by-4.0", ["de", "fr"])


@pytest.mark.parametrize("name", ["", "no\n---\nconfigs: []", "Apache 2.0", "mit\n"])
def test_a_license_is_one_word(name: str) -> None:
    with pytest.raises(ConfigError, match="license"):
        load_settings(None, (f"train.license={json.dumps(name)}",))


def test_a_split_without_rows_has_no_file(settings: Settings) -> None:
    head = head_of(front_matter("messages", {"train": 5, "validation": 0}, {}, settings))

    files = [{"split": "train", "path": "train.jsonl"}]
    assert head["configs"] == [{"config_name": "default", "data_files": files}]


def test_the_size_is_that_of_all_splits(settings: Settings) -> None:
    heads = [
        head_of(front_matter("messages", {"train": rows, "validation": 1}, {}, settings))
        for rows in (998, 999, 2_000_000)
    ]

    assert [head["size_categories"] for head in heads] == [["n<1K"], ["1K<n<10K"], ["n>1M"]]


def test_every_file_that_the_head_names_is_there(tmp_path: Path, settings: Settings) -> None:
    write_run(
        tmp_path,
        trajectories=(every_reply(),),
        environments=(make_environment(),),
        scenarios=(make_scenario(),),
    )
    chosen = with_share(settings, 0)
    reports = [export_sft(tmp_path, chosen, "messages"), export_rl(tmp_path, chosen)]

    for report in reports:
        head = head_of((report.folder / "README.md").read_text(encoding="utf-8"))
        configs = cast("list[dict[str, list[dict[str, str]]]]", head["configs"])
        named = {file["path"] for config in configs for file in config["data_files"]}
        assert named == {name for name in report.files if name.endswith(".jsonl")}
