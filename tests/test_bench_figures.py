"""What benchmarks keep, compare and publish."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from envscaler.records import Check, JsonObject
from tests.bench import bench_episodes
from tests.bench.bare_processes import sample
from tests.bench.bare_work import Began, Event, Work
from tests.bench.figures import Figure, keep, moved, publish, ratios_of, read_kept
from tests.bench.real_classes import Episode
from tests.sandbox.guests import Guest, Scene, tool

STEP = Figure("step", 0.1, published=0.6, bound=0.02)


def test_a_figure_has_the_ratios_to_what_was_measured_beside_it() -> None:
    figures = [STEP, Figure("alone", 3.0), Figure("half", 1.0, bound=0.5)]

    assert ratios_of(figures) == {"step": {"faster": 6.0, "bound": 5.0}, "half": {"bound": 2.0}}


def test_what_moved_by_more_than_a_third_is_said() -> None:
    before = {"step": {"faster": 6.0, "bound": 5.0}, "open": {"faster": 4.0}}
    now = {"step": {"faster": 4.4, "bound": 5.5}, "open": {"faster": 5.4}, "new": {"faster": 1.0}}

    assert moved(before, now) == ["step, faster: 6× → 4.4×", "open, faster: 4× → 5.4×"]


def test_ratios_that_were_not_measured_this_time_stay(tmp_path: Path) -> None:
    path = tmp_path / "ratios.json"

    keep({"step": {"faster": 6.0}}, path)
    keep({"open": {"faster": 4.0}}, path)

    assert read_kept(path) == {"step": {"faster": 6.0}, "open": {"faster": 4.0}}


def test_tables_replace_those_of_the_last_run(tmp_path: Path) -> None:
    page = tmp_path / "figures.md"
    page.write_text("head\n<!-- begin: python -m tests.bench --keep -->\n<!-- end -->\ntail\n")

    publish("first\n", page)
    publish("\nsecond\n\n", page)

    text = page.read_text(encoding="utf-8")
    assert "first" not in text
    assert text.startswith("head\n<!-- begin")
    assert text.endswith("<!-- end -->\ntail\n")


def test_a_page_without_a_place_for_tables_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "figures.md"
    page.write_text("head\n")

    with pytest.raises(ValueError, match="has no <!-- begin"):
        publish("text", page)


def test_the_bounds_that_are_measured_beside_us_can_be_measured() -> None:
    assert min(bench_episodes.round_trips()) > 0
    assert min(bench_episodes.forks()) > 0


def test_a_bare_process_plays_an_episode_and_judges_it() -> None:
    source = "class Counter:\n    def add(self):\n        self.n += 1\n        return self.n\n"
    guest = Guest(class_name="Counter", source=source, tools=(tool("add"),))
    check = Check(item="?", source="def check_func(final_state):\n    return final_state['n'] == 1")
    scene = Scene(env_id="counter", initial_state={"n": 0}, checks=(check,))

    episode = Episode(guest=guest, scene=scene, calls=(("add", {}),))
    times = bench_episodes.bare_processes([episode], 2)

    assert {name: len(seconds) for name, seconds in times.items()} == {
        "open": 2,
        "step": 2,
        "score": 2,
        "episode": 2,
    }


@pytest.mark.parametrize("way", ["bare_work", "bare_worker", "bare_processes"])
def test_what_was_written_down_is_done_again_bare(way: str, tmp_path: Path) -> None:
    source = "class Counter:\n    def add(self):\n        self.n += 1\n        return self.n\n"
    names = ("open", "snapshot", "restore", "watch", "restore", "closely", "state", "call")
    events: list[Event] = [(name, 0, "add", {}) for name in names]
    work = Work((source,), (Began(0, "Counter", '{"n": 0}', alone=False),), tuple(events))
    path = tmp_path / "work"
    path.write_bytes(pickle.dumps(work))

    command = [sys.executable, "-m", f"tests.bench.{way}", str(path)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=30).stdout)

    assert told.pop("seconds") >= 0
    assert told.pop("lost", 0) == 0
    assert told.pop("sampled", 4) == 4
    assert told == {"forks": 0, "restore": 2, **dict.fromkeys(set(names) - {"restore"}, 1)}


def test_a_sample_has_whole_environments_and_about_so_many_forks() -> None:
    done = ("open", "watch", "restore", "closely")
    events = [(what, number, "add", JsonObject()) for number in range(100) for what in done]
    start = Began(0, "Counter", "{}", alone=False)

    some = sample(Work(("",), (start,) * 100, tuple(events)), 30)

    numbers = {event[1] for event in some.events}
    assert len(numbers) == 10
    assert some.events == tuple([event for event in events if event[1] in numbers])
