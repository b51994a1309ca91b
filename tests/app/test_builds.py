"""A build in a process of its own."""

from pathlib import Path

from envscaler.app.builds import Build
from envscaler.jsonl import read_objects
from envscaler.resources import DEMO


def test_a_recorded_build_prints_what_happens(tmp_path: Path) -> None:
    task = str(next(read_objects(DEMO / "tasks.jsonl"))["task"])
    build = Build(tmp_path, task, recorded=True)
    shown = ""

    for shown in build.watch():
        if "Bike-share fleet maintenance" in shown:
            build.stop()

    assert "replies taken" in shown
    assert "Bike-share fleet maintenance" in shown
    assert "(ended with" in shown


def test_a_build_that_was_stopped_before_it_began_does_nothing(tmp_path: Path) -> None:
    build = Build(tmp_path / "run", "Renew my loan.", recorded=True)
    build.stop()

    assert [*build.watch()] == []
    assert not (tmp_path / "run").exists()
