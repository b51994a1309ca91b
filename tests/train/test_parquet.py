"""Parquet beside JSONL holds the same rows, and goes when its split goes."""

import sys
from pathlib import Path

import pytest

from envscaler.config import Settings
from envscaler.errors import ArtifactError, ConfigError
from envscaler.jsonl import read_objects, write_objects
from envscaler.records import JsonObject, JsonValue
from envscaler.train import parquet as module
from envscaler.train.parquet import write_parquet
from envscaler.train.rl import export_rl
from envscaler.train.sft import export_sft
from tests.train.factory import (
    every_reply,
    make_environment,
    make_scenario,
    with_share,
    write_run,
)

FORMATS = ("messages", "messages-per-turn", "llamafactory", "ms-swift", "text")


def with_parquet(settings: Settings) -> Settings:
    settings = with_share(settings, 0)
    train = settings.train.model_copy(update={"parquet": True})
    return settings.model_copy(update={"train": train})


def read_back(path: Path) -> list[JsonObject]:
    return (
        pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
        .read_table(path)
        .to_pylist()
    )


def known(value: JsonValue) -> JsonValue:
    """Leave out what is null: a field that a row has not got is null in a column."""
    if isinstance(value, dict):
        return {name: known(each) for name, each in value.items() if each is not None}
    return [*map(known, value)] if isinstance(value, list) else value


def same(folder: Path, name: str) -> bool:
    written: list[JsonValue] = [*read_objects(folder / f"{name}.jsonl")]
    read: list[JsonValue] = [*read_back(folder / f"{name}.parquet")]
    return known(read) == known(written)


@pytest.fixture
def arrow() -> None:
    pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")


@pytest.mark.usefixtures("arrow")
@pytest.mark.parametrize("name", FORMATS)
def test_sft_rows_are_the_same(tmp_path: Path, settings: Settings, name: str) -> None:
    write_run(tmp_path, trajectories=(every_reply("env-2"), every_reply("env-3")))

    folder = export_sft(tmp_path, with_parquet(settings), name).folder

    assert same(folder, "train")


@pytest.mark.usefixtures("arrow")
def test_rl_rows_and_their_environments_are_the_same(tmp_path: Path, settings: Settings) -> None:
    write_run(tmp_path, environments=(make_environment(),), scenarios=(make_scenario(),))

    folder = export_rl(tmp_path, with_parquet(settings)).folder

    assert same(folder, "train")
    assert same(folder, "environments")


@pytest.mark.usefixtures("arrow")
def test_a_field_that_comes_late_is_null_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BATCH", 2)
    write_objects(tmp_path / "rows.jsonl", [{"a": 1}, {"a": 2}, {"a": 3, "b": "late"}])

    assert read_back(write_parquet(tmp_path / "rows.jsonl")) == [
        {"a": 1, "b": None},
        {"a": 2, "b": None},
        {"a": 3, "b": "late"},
    ]


@pytest.mark.usefixtures("arrow")
def test_types_that_no_column_can_hold_are_one_line(tmp_path: Path) -> None:
    write_objects(tmp_path / "rows.jsonl", [{"a": 1}, {"a": {"b": 1}}])

    with pytest.raises(ArtifactError, match=r"rows\.jsonl cannot be written as parquet"):
        write_parquet(tmp_path / "rows.jsonl")


@pytest.mark.usefixtures("arrow")
def test_an_export_without_parquet_takes_the_old_one_away(
    tmp_path: Path, settings: Settings
) -> None:
    write_run(tmp_path, trajectories=(every_reply("env-2"),))
    folder = export_sft(tmp_path, with_parquet(settings), "messages").folder
    assert (folder / "train.parquet").is_file()

    export_sft(tmp_path, with_share(settings, 0), "messages")

    assert not (folder / "train.parquet").exists()


def test_without_pyarrow_nothing_is_written(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    write_run(tmp_path, trajectories=(every_reply("env-2"),))

    with pytest.raises(ConfigError, match="pip install pyarrow"):
        export_sft(tmp_path, with_parquet(settings), "messages")

    assert not (tmp_path / "exports").exists()
