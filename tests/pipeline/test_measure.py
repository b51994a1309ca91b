"""Commands that ask no model: interrupted they go on, finished begin anew, alone in a folder."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from envscaler.config import Settings
from envscaler.errors import ArtifactError, ConfigError, RejectedError, StopRunError
from envscaler.interact.calibrate import calibrate
from envscaler.jsonl import read_rows, write_rows
from envscaler.pipeline.lock import only_one
from envscaler.pipeline.measure import Measured, measure
from envscaler.pipeline.run import Run
from envscaler.records import Dropped, Trajectory
from envscaler.scen_generator.proof.verify import verify
from envscaler.train.sft import export_sft
from tests.measuring import measuring


class Length(Measured):
    """How long a word is."""

    length: int


class Ruler:
    """Measures words, notes which, and fails on demand.

    Args:
        trouble: What is raised for a word.
    """

    def __init__(self, trouble: dict[str, Exception] | None = None) -> None:
        self.seen: list[str] = []
        self._trouble = trouble or {}

    async def look(self, word: str) -> Length:
        if word in self._trouble:
            raise self._trouble[word]
        self.seen.append(word)
        return Length(id=word[0], length=len(word))

    def measure(self, folder: Path, settings: Settings, *words: str) -> list[Length]:
        """Do what a command does."""
        one = settings.runner.model_copy(update={"workers": 1})

        async def work(run: Run) -> list[Length]:
            found = await measure(
                run,
                words,
                self.look,
                name="measure",
                out="lengths",
                kind=Length,
                id_of=lambda word: word[0],
                basis=lambda word: [word],
            )
            return list(found)

        alone = settings.model_copy(update={"runner": one})
        return asyncio.run(measuring(folder, alone, work))


def test_rows_come_in_the_order_given(tmp_path: Path, settings: Settings) -> None:
    found = Ruler().measure(tmp_path, settings, "to", "be", "or")

    assert [(row.id, row.length) for row in found] == [("t", 2), ("b", 2), ("o", 2)]


def test_an_interrupted_measurement_goes_on(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(StopRunError):
        Ruler({"or": StopRunError("stop")}).measure(tmp_path, settings, "to", "be", "or", "not")
    again = Ruler()

    found = again.measure(tmp_path, settings, "to", "be", "or", "not")

    assert again.seen == ["or", "not"]
    assert [row.id for row in found] == ["t", "b", "o", "n"]


def test_a_finished_measurement_begins_anew(tmp_path: Path, settings: Settings) -> None:
    Ruler().measure(tmp_path, settings, "to", "be")
    again = Ruler()

    again.measure(tmp_path, settings, "to", "be")

    assert again.seen == ["to", "be"]


def test_what_has_changed_since_is_measured_again(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(StopRunError):
        Ruler({"or": StopRunError("stop")}).measure(tmp_path, settings, "to", "be", "or")
    again = Ruler()

    found = again.measure(tmp_path, settings, "to", "bees", "or")

    assert again.seen == ["bees", "or"]
    assert {row.id: row.length for row in found} == {"t": 2, "b": 4, "o": 2}


def test_a_lost_row_is_named_and_tried_again(tmp_path: Path, settings: Settings) -> None:
    lost = Ruler({"be": RejectedError("odd", "too short")})
    assert [row.id for row in lost.measure(tmp_path, settings, "to", "be")] == ["t"]
    [dropped] = read_rows(tmp_path / "dropped.jsonl", Dropped)
    again = Ruler()

    again.measure(tmp_path, settings, "to", "be")

    assert (dropped.id, dropped.stage, dropped.kind) == ("b", "measure", "odd")
    assert again.seen == ["be"]
    assert not list(read_rows(tmp_path / "dropped.jsonl", Dropped))


def _verify(folder: Path, settings: Settings) -> object:
    return asyncio.run(measuring(folder, settings, verify))


def _calibrate(folder: Path, settings: Settings) -> object:
    return calibrate(folder, settings.calibrate)


def _measure(folder: Path, settings: Settings) -> object:
    return Ruler().measure(folder, settings, "to")


def _export(folder: Path, settings: Settings) -> object:
    return export_sft(folder, settings, "messages")


@pytest.mark.parametrize(("command", "made_by"), [(_verify, "build-skel"), (_calibrate, "rollout")])
def test_where_there_is_no_folder_none_is_made(
    tmp_path: Path,
    settings: Settings,
    command: Callable[[Path, Settings], object],
    made_by: str,
) -> None:
    with pytest.raises(ArtifactError, match=f"does not exist; make it first with .*{made_by}"):
        command(tmp_path / "typo", settings)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [_measure, _calibrate, _export])
def test_nothing_works_in_a_folder_that_another_process_holds(
    tmp_path: Path, settings: Settings, command: Callable[[Path, Settings], object]
) -> None:
    write_rows(tmp_path / "rollouts.jsonl", list[Trajectory]())
    with only_one(tmp_path), pytest.raises(ConfigError, match="Another envscaler works in"):
        command(tmp_path, settings)

    assert not (tmp_path / "calibration.jsonl").exists()
