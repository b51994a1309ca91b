"""Exports as the `datasets` library reads them; skipped where it is not installed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

import pytest

from envscaler.config import Settings
from envscaler.records import JsonObject, Trajectory
from envscaler.train.rl import export_rl
from envscaler.train.sft import FORMATS, export_sft
from tests.train.factory import (
    call,
    calls,
    every_reply,
    make_environment,
    make_scenario,
    make_trajectory,
    result,
    says,
    user,
    with_share,
    write_run,
)
from tests.train.test_parquet import known, with_parquet


class DatasetsLibrary(Protocol):
    """What is used of `datasets`."""

    def load_dataset(
        self, path: str, name: str | None = None, *, data_files: str | None = None, cache_dir: str
    ) -> Mapping[str, list[JsonObject]]: ...


@pytest.fixture(scope="module")
def datasets() -> DatasetsLibrary:
    return cast("DatasetsLibrary", pytest.importorskip("datasets", reason="datasets is absent"))


def loaded_and_written(
    library: DatasetsLibrary, file: Path
) -> tuple[list[JsonObject], list[JsonObject]]:
    cache = file.parent / "cache"
    loaded = library.load_dataset("json", data_files=str(file), cache_dir=str(cache))["train"]
    return list(loaded), written_in(file)


def written_in(file: Path) -> list[JsonObject]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def dates_and_mixed_types() -> Trajectory:
    """Build one whose arguments readers like to take for something else."""
    return make_trajectory(
        user("2025-01-01"),
        calls(call(0, "switch", room="hall", on="2025-01-01T00:00:00Z")),
        result(0, "2025-01-01"),
        calls(call(1, "switch", room=3, on=None)),
        result(1, "{}"),
        says("Done."),
        env_id="env-2",
    )


@pytest.mark.parametrize("name", FORMATS)
def test_sft_rows_are_read_as_they_were_written(
    tmp_path: Path, settings: Settings, datasets: DatasetsLibrary, name: str
) -> None:
    write_run(tmp_path, trajectories=(every_reply(), dates_and_mixed_types()))

    report = export_sft(tmp_path, with_share(settings, 0), name)

    loaded, written = loaded_and_written(datasets, report.folder / "train.jsonl")
    assert loaded == written


def test_rl_rows_are_read_as_they_were_written(
    tmp_path: Path, settings: Settings, datasets: DatasetsLibrary
) -> None:
    write_run(
        tmp_path,
        environments=(make_environment("env-1"), make_environment("env-2")),
        scenarios=(
            make_scenario("env-1", state={"lamps": {"hall": True}}),
            make_scenario("env-2", state={"lamps": [], "since": {"$date": "2025-01-01"}}),
        ),
    )

    report = export_rl(tmp_path, with_share(settings, 0))

    loaded, written = loaded_and_written(datasets, report.folder / "train.jsonl")
    assert loaded == written


@pytest.mark.parametrize("name", FORMATS)
def test_the_folder_of_an_sft_export_loads_as_it_is(
    tmp_path: Path, settings: Settings, datasets: DatasetsLibrary, name: str
) -> None:
    write_run(tmp_path, trajectories=(every_reply("env-2"), every_reply("env-3")))

    report = export_sft(tmp_path, with_share(settings, 0.5), name)

    splits = datasets.load_dataset(str(report.folder), cache_dir=str(tmp_path / "cache"))
    assert {split: list(rows) for split, rows in splits.items()} == {
        split: written_in(report.folder / f"{split}.jsonl") for split in ("train", "validation")
    }


def test_rows_and_environments_of_an_rl_export_load_apart(
    tmp_path: Path, settings: Settings, datasets: DatasetsLibrary
) -> None:
    write_run(tmp_path, environments=(make_environment(),), scenarios=(make_scenario(),))

    folder = export_rl(tmp_path, with_share(settings, 0)).folder

    cache = str(tmp_path / "cache")
    rows = datasets.load_dataset(str(folder), cache_dir=cache)
    environments = datasets.load_dataset(str(folder), "environments", cache_dir=cache)
    assert {split: list(found) for split, found in rows.items()} == {
        "train": written_in(folder / "train.jsonl")
    }
    assert list(environments["train"]) == written_in(folder / "environments.jsonl")


@pytest.mark.parametrize("name", FORMATS)
def test_parquet_beside_the_rows_loads_without_damage(
    tmp_path: Path, settings: Settings, datasets: DatasetsLibrary, name: str
) -> None:
    write_run(tmp_path, trajectories=(every_reply("env-2"), every_reply("env-3")))

    folder = export_sft(tmp_path, with_parquet(settings), name).folder

    found = datasets.load_dataset(
        "parquet", data_files=str(folder / "train.parquet"), cache_dir=str(tmp_path / "cache")
    )
    # A field that a row has not got is null in a column.
    assert known([*found["train"]]) == known([*written_in(folder / "train.jsonl")])
