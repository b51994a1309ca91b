"""`export-sft`: from a run folder to files."""

import json
from pathlib import Path

import pytest

from envscaler.config import Settings
from envscaler.errors import ArtifactError, ConfigError, RejectedError
from envscaler.jsonl import write_rows
from envscaler.records import JsonObject, Trajectory
from envscaler.train.export import ExportReport
from envscaler.train.sft import FORMATS, export_sft
from tests.train.factory import every_reply, make_trajectory, says, user, with_share, write_run

TRAIN, VALIDATION = "env-3", "env-2"
"""Where they fall with half of the environments in validation."""
NO_GOOD_REPLY = make_trajectory(user("Go."), says(""), env_id=TRAIN)


def export_both(run: Path, settings: Settings, name: str = "messages") -> ExportReport:
    write_run(run, trajectories=(every_reply(TRAIN), every_reply(VALIDATION)))
    return export_sft(run, with_share(settings, 0.5), name)


def rows_in(path: Path) -> list[JsonObject]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_an_environment_is_in_one_split_only(tmp_path: Path, settings: Settings) -> None:
    report = export_both(tmp_path, settings)

    train, validation = (
        {str(row["env_id"]) for row in rows_in(report.folder / f"{split}.jsonl")}
        for split in ("train", "validation")
    )
    assert (train, validation) == ({TRAIN}, {VALIDATION})


def test_the_report_counts_what_was_written(tmp_path: Path, settings: Settings) -> None:
    report = export_both(tmp_path, settings, "messages-per-turn")

    assert report == ExportReport(
        format="messages-per-turn",
        folder=tmp_path / "exports/messages-per-turn",
        files=("dataset_card.md", "train.jsonl", "validation.jsonl"),
        rows={"train": 3, "validation": 3},
        environments={"train": 1, "validation": 1},
        skipped={},
        notes=(),
    )


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_the_folder_of_its_name(
    tmp_path: Path, settings: Settings, name: str
) -> None:
    report = export_both(tmp_path, settings, name)

    assert report.folder == tmp_path / "exports" / name
    assert set(report.files) == {file.name for file in report.folder.iterdir()}


def test_an_unknown_format_is_answered_with_the_known_ones(
    tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(ConfigError, match="messages, messages-per-turn, llamafactory"):
        export_sft(tmp_path, settings, "lamafactory")


def test_a_run_without_trajectories_is_told_how_to_make_them(
    tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(ArtifactError, match="envscaler rollout"):
        export_sft(tmp_path, settings, "messages")


def test_an_empty_file_of_trajectories_points_to_the_drops(
    tmp_path: Path, settings: Settings
) -> None:
    write_run(tmp_path)

    with pytest.raises(ArtifactError, match=r"nothing to export; see its dropped\.jsonl"):
        export_sft(tmp_path, settings, "messages")


def test_trajectories_that_cannot_be_learnt_are_counted_by_reason(
    tmp_path: Path, settings: Settings
) -> None:
    write_run(tmp_path, trajectories=(NO_GOOD_REPLY, every_reply(TRAIN)))

    report = export_sft(tmp_path, with_share(settings, 0), "messages")

    assert report.skipped == {"no_good_reply": 1}
    assert report.notes == ("Left out: no_good_reply: 1.",)


def test_an_export_of_nothing_says_why(tmp_path: Path, settings: Settings) -> None:
    write_run(tmp_path, trajectories=(NO_GOOD_REPLY,))

    with pytest.raises(ArtifactError, match=r"nothing to export \(no_good_reply: 1\)"):
        export_sft(tmp_path, settings, "messages")


def test_a_failed_export_leaves_the_earlier_one(tmp_path: Path, settings: Settings) -> None:
    report = export_both(tmp_path, settings)
    before = {file: file.read_bytes() for file in report.folder.iterdir()}
    with (tmp_path / "trajectories.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "tor')

    with pytest.raises(ArtifactError, match=r"trajectories\.jsonl:3 is torn"):
        export_sft(tmp_path, with_share(settings, 0.5), "messages")

    assert {file: file.read_bytes() for file in report.folder.iterdir()} == before
    assert [entry.name for entry in (tmp_path / "exports").iterdir()] == ["messages"]


def test_a_split_that_has_no_rows_any_more_leaves_no_file(
    tmp_path: Path, settings: Settings
) -> None:
    export_both(tmp_path, settings)

    report = export_sft(tmp_path, with_share(settings, 0), "messages")

    assert not (report.folder / "validation.jsonl").exists()
    assert report.rows == {"train": 2, "validation": 0}
    assert report.notes == ()


def test_an_empty_split_that_was_asked_for_is_noted(tmp_path: Path, settings: Settings) -> None:
    write_run(tmp_path, trajectories=(every_reply(TRAIN),))

    report = export_sft(tmp_path, with_share(settings, 0.5), "messages")

    assert ["validation.jsonl" in note for note in report.notes] == [True]


def test_files_of_others_in_the_folder_stay(tmp_path: Path, settings: Settings) -> None:
    trained = tmp_path / "exports/llamafactory/trained/model.bin"
    trained.parent.mkdir(parents=True)
    trained.touch()

    export_both(tmp_path, settings, "llamafactory")

    assert trained.exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "exports").touch()

    with pytest.raises(ArtifactError, match="exports/messages cannot be written"):
        export_both(tmp_path, settings)


def test_rollouts_that_nobody_has_filtered_are_filtered_and_exported(
    tmp_path: Path, settings: Settings
) -> None:
    other = every_reply(TRAIN).model_copy(update={"id": "traj-other"})
    write_rows(tmp_path / "rollouts.jsonl", [every_reply(TRAIN), other])

    def keep(trajectory: Trajectory) -> None:
        if trajectory.id == other.id:
            raise RejectedError("turns", "It has too few turns")

    report = export_sft(tmp_path, with_share(settings, 0), "messages", keep)

    assert (report.rows["train"], report.skipped) == (1, {"turns": 1})


def test_trajectories_are_not_filtered_a_second_time(tmp_path: Path, settings: Settings) -> None:
    write_run(tmp_path, trajectories=(every_reply(TRAIN),))

    def keep(_: Trajectory) -> None:
        raise RejectedError("turns", "It has too few turns")

    assert export_sft(tmp_path, with_share(settings, 0), "messages", keep).rows["train"] == 1


@pytest.mark.parametrize("name", ["exports", "exports/messages", "exports/.messages.part"])
def test_an_export_is_not_written_through_a_link(
    tmp_path: Path, settings: Settings, name: str
) -> None:
    run, other = tmp_path / "run", tmp_path / "other"
    other.mkdir()
    write_run(run, trajectories=(every_reply(TRAIN),))
    (run / name).parent.mkdir(parents=True, exist_ok=True)
    (run / name).symlink_to(other)

    with pytest.raises(ArtifactError, match="symbolic link"):
        export_sft(run, with_share(settings, 0), "messages")

    assert not list(other.iterdir())
