"""`export-sft`: from a run folder to files."""

import json
import sys
from pathlib import Path

import pytest

from envscaler.config import Settings
from envscaler.errors import ArtifactError, ConfigError, RejectedError
from envscaler.jsonl import write_rows
from envscaler.records import JsonObject, Trajectory
from envscaler.train.export import ExportReport
from envscaler.train.sft import FORMATS, export_sft
from envscaler.train.tools import tools_column
from tests.train.factory import every_reply, make_trajectory, says, user, with_share, write_run
from tests.train.hard import hard_set

HARD = hard_set()
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
        files=("README.md", "train.jsonl", "validation.jsonl"),
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

    assert not (tmp_path / "exports").exists()


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(ArtifactError, match=r"none/trajectories\.jsonl does not exist"):
        export_sft(tmp_path / "none", settings, "messages")

    assert list(tmp_path.iterdir()) == []


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


def with_train(settings: Settings, **values: object) -> Settings:
    train = settings.train.model_copy(update=values)
    return with_share(settings.model_copy(update={"train": train}), 0)


def test_the_card_counts_replies_not_trajectories(tmp_path: Path, settings: Settings) -> None:
    write_run(tmp_path, trajectories=(HARD["without-reasoning"], HARD["nulls"]))

    report = export_sft(tmp_path, with_train(settings), "messages")

    card = (report.folder / "README.md").read_text(encoding="utf-8")
    assert "- replies: with reasoning (3), without reasoning (2)" in card
    assert [note.split(";")[0] for note in report.notes] == ["2 of 5 replies have no reasoning"]


@pytest.mark.parametrize("name", ["messages-per-turn", "llamafactory"])
def test_a_masked_reply_has_no_row_of_its_own(
    tmp_path: Path, settings: Settings, name: str
) -> None:
    write_run(tmp_path, trajectories=(HARD["without-reasoning"],))

    report = export_sft(tmp_path, with_train(settings, without_reasoning="mask"), name)

    [row] = rows_in(report.folder / "train.jsonl")
    assert "Only now." in str(row)
    assert "<tool_call>" in str(row) or "tool_calls" in str(row)


def test_a_format_that_cannot_mask_a_reply_says_which_can(
    tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(ConfigError, match=r"cannot mask one reply.*messages-per-turn"):
        export_sft(tmp_path, with_train(settings, without_reasoning="mask"), "messages")


def test_dropped_trajectories_are_counted(tmp_path: Path, settings: Settings) -> None:
    write_run(tmp_path, trajectories=tuple(HARD.values()))

    report = export_sft(tmp_path, with_train(settings, without_reasoning="drop"), "messages")

    assert report.skipped == {"without_reasoning": 2}
    assert report.rows["train"] == len(HARD) - 2


def test_a_tokenizer_needs_its_extra(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)

    with pytest.raises(ConfigError, match=r"pip install 'envscaler\[tokenizer\]'"):
        export_sft(tmp_path, with_train(settings, tokenizer="tiny"), "messages")


def test_a_template_puts_the_tools_into_a_column_for_the_trainer_to_write(
    tmp_path: Path, settings: Settings
) -> None:
    write_run(tmp_path, trajectories=tuple(HARD.values()))

    report = export_sft(tmp_path, with_train(settings, template="qwen3_nothink"), "llamafactory")

    text = (report.folder / "train.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.split("\n") if line]
    assert all("<tools>" not in row["system"] for row in rows)
    offered = {row["tools"] for row in rows}
    assert offered == {tools_column(one.tools) for one in HARD.values()}
    info, training = (
        (report.folder / name).read_text(encoding="utf-8")
        for name in ("dataset_info.json", "train.yaml")
    )
    assert json.loads(info)["envscaler_train"]["columns"]["tools"] == "tools"
    assert "template: qwen3_nothink\n" in training


def test_a_template_for_another_format_is_refused(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(
        ConfigError, match=r"train\.template is for llamafactory and text; with messages"
    ):
        export_sft(tmp_path, with_train(settings, template="qwen3"), "messages")
