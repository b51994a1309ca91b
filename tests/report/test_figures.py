"""Statistics as files, and the numbers behind them."""

from collections import Counter
from pathlib import Path
from typing import cast

import pytest

from envscaler.config import Settings
from envscaler.errors import ConfigError
from envscaler.records import JsonObject, JsonValue
from envscaler.report.figures import bin_edges, check_matplotlib, write_figures
from envscaler.report.statistics import counts, distribution, neighbourhood
from envscaler.report.write import write_report
from tests.interact.fakes import make_environment
from tests.report.hostile import EXAMPLE


def drawn(folder: Path, statistics: JsonObject) -> dict[str, bytes]:
    pytest.importorskip("matplotlib", reason="the extra [report] is not installed")
    return {path.name: path.read_bytes() for path in write_figures(statistics, folder)}


def test_figures_are_written_as_svg_and_png_the_same_each_time(
    tmp_path: Path, settings: Settings
) -> None:
    written = write_report(EXAMPLE, tmp_path / "r.html", settings, replay=False)
    groups = cast("dict[str, list[JsonValue]]", written.statistics["groups"])
    # The last of each group is enough, histograms and bars; each takes its time to draw.
    few = {**written.statistics}
    few["groups"] = {name: [held[-1]] for name, held in groups.items()}

    one, two = drawn(tmp_path / "one", few), drawn(tmp_path / "two", few)

    names = ("environments", "scenarios", "trajectories", "map")
    assert set(one) == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}
    assert one == two
    assert one["map.png"].startswith(b"\x89PNG")
    assert b"<svg" in one["map.svg"]


def test_names_are_no_formulas(tmp_path: Path) -> None:
    figure = counts("Tools", "calls", Counter({r"$\frac{1}{": 2, "plain": 1}))

    assert drawn(tmp_path, {"groups": {"Tools": [figure]}, "map": {"points": []}})


def test_without_matplotlib_the_extra_is_named() -> None:
    with pytest.raises(ConfigError, match=r"pip install 'envscaler\[report\]'"):
        check_matplotlib("no_such_library")


def test_whole_numbers_stand_in_the_middle_of_their_bars() -> None:
    assert bin_edges([3, 4, 5]) == [2.5, 3.5, 4.5, 5.5]
    assert bin_edges([0.25, 0.25]) == [-0.25, 0.75]
    assert bin_edges([0.0, 0.5, 1.2])[-1] == 1.2


def test_every_value_falls_into_a_bar() -> None:
    for values in ([1, 100], [0.1, 0.7, 0.9], [7], [0, 1000, 13]):
        edges = bin_edges(values)
        assert edges[0] <= min(values)
        assert max(values) <= edges[-1]


def test_rows_without_a_value_are_left_out() -> None:
    assert distribution("Score", "trajectories", [0.5, None, 1.0])["values"] == [0.5, 1.0]


def test_what_is_alike_lies_close_and_is_named() -> None:
    base = make_environment()
    texts = {
        "env-a": ("Library", "Readers borrow books and novels from the shelves of a library."),
        "env-b": ("Library desk", "Readers borrow novels and books from shelves of the library."),
        "env-c": ("Garage", "Mechanics repair engines, brakes and gearboxes of cars."),
    }
    rows = [
        base.model_copy(update={"id": name, "summary": summary, "introduction": introduction})
        for name, (summary, introduction) in texts.items()
    ]

    found = neighbourhood(rows)

    points = {str(each["id"]): each for each in cast("list[JsonObject]", found["points"])}
    (pair,) = cast("list[JsonObject]", found["alike"])
    assert (pair["one"], pair["other"]) == ("env-a", "env-b")
    places = [(cast("float", each["x"]), cast("float", each["y"])) for each in points.values()]
    near, far = _distance(places[0], places[1]), _distance(places[0], places[2])
    assert 2 * near < far


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
