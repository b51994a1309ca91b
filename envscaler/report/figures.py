"""The statistics of a run as SVG and PNG files, drawn by matplotlib (extra `[report]`)."""

import math
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from envscaler.errors import ArtifactError, ConfigError
from envscaler.records import JsonObject

_COLOUR = "#2b5fd9"
_COLUMNS = 3
_WIDTH, _HEIGHT = 4.2, 3.0
_FORMATS = ("svg", "png")
_NAMED = 30
"""Characters of a name on a figure."""


class Axes(Protocol):
    """What is used of matplotlib's axes."""

    def hist(self, x: Sequence[float], *, bins: Sequence[float], color: str, rwidth: float) -> None:
        """Draw a histogram."""

    def barh(self, y: Sequence[str], width: Sequence[float], *, color: str) -> None:
        """Draw horizontal bars."""

    def scatter(self, x: Sequence[float], y: Sequence[float], *, color: str) -> None:
        """Draw points."""

    def annotate(self, text: str, xy: tuple[float, float], **more: object) -> None:
        """Write beside a point."""

    def set_title(self, label: str, *, fontsize: int) -> None:
        """Name the figure."""

    def set_ylabel(self, ylabel: str, *, fontsize: int) -> None:
        """Name the axis."""

    def invert_yaxis(self) -> None:
        """Put the first bar on top."""

    def margins(self, x: float, y: float) -> None:
        """Leave room around what is drawn."""

    def set_axis_off(self) -> None:
        """Draw nothing but what is in it."""


class Canvas(Protocol):
    """What is used of a matplotlib figure."""

    def subplots(self, rows: int, columns: int, *, squeeze: bool) -> Sequence[Sequence[Axes]]:
        """Divide it."""
        ...

    def savefig(self, path: Path, *, dpi: int, metadata: dict[str, None]) -> None:
        """Write it."""


def write_figures(statistics: JsonObject, folder: Path) -> list[Path]:
    """Write a figure for each group of statistics, and the map of environments.

    Args:
        statistics: As `write_report` returns them.
        folder: Made when it does not exist.

    Raises:
        ConfigError: matplotlib is not installed.
        ArtifactError: A file cannot be written.
    """
    check_matplotlib()
    groups = cast("dict[str, list[JsonObject]]", statistics["groups"])
    points = cast("list[JsonObject]", cast("JsonObject", statistics["map"])["points"])
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for title, figures in groups.items():
            written += _save(_group(figures), folder / title.lower())
        if len(points) > 1:
            written += _save(_map(points), folder / "map")
    except OSError as error:
        raise ArtifactError(f"{folder} cannot be written: {error.strerror}") from error
    return written


def check_matplotlib(library: str = "matplotlib") -> None:
    """Make sure that figures can be drawn.

    Raises:
        ConfigError: They cannot.
    """
    try:
        # Without hash salt and dates the same figures are the same bytes.
        import_module(library).rcParams["svg.hashsalt"] = "envscaler"
    except ImportError as error:
        raise ConfigError(
            "--figures draws with matplotlib: pip install 'envscaler[report]'"
        ) from error


def _canvas(width: float, height: float) -> Canvas:
    # Made without pyplot, which would look for a screen.
    made = import_module("matplotlib.figure").Figure(figsize=(width, height), layout="constrained")
    return cast("Canvas", made)


def _save(canvas: Canvas, stem: Path) -> list[Path]:
    paths = [stem.with_suffix(f".{kind}") for kind in _FORMATS]
    for path in paths:
        metadata: dict[str, None] = {"Date": None} if path.suffix == ".svg" else {}
        canvas.savefig(path, dpi=144, metadata=metadata)
    return paths


def _group(figures: Sequence[JsonObject]) -> Canvas:
    rows = math.ceil(len(figures) / _COLUMNS)
    canvas = _canvas(_WIDTH * _COLUMNS, _HEIGHT * rows)
    places = [axes for line in canvas.subplots(rows, _COLUMNS, squeeze=False) for axes in line]
    for axes, figure in zip(places, figures, strict=False):
        _draw(axes, figure)
    for axes in places[len(figures) :]:
        axes.set_axis_off()
    return canvas


def _draw(axes: Axes, figure: JsonObject) -> None:
    axes.set_title(_text(figure["title"]), fontsize=11)
    if "bars" in figure:
        bars = cast("list[tuple[str, int]]", figure["bars"])[:12]
        axes.barh([_text(name) for name, _ in bars], [count for _, count in bars], color=_COLOUR)
        axes.invert_yaxis()
        return
    values = cast("list[float]", figure["values"])
    if values:
        axes.hist(values, bins=bin_edges(values), color=_COLOUR, rwidth=0.9)
    axes.set_ylabel(_text(figure["unit"]), fontsize=9)


def bin_edges(values: Sequence[float], most: int = 12) -> list[float]:
    """Return where the bars of a histogram begin and end; whole numbers stand in the middle."""
    low, high = min(values), max(values)
    if all(float(value).is_integer() for value in values):
        step = max(1, math.ceil((high - low + 1) / most))
        count = math.floor((high - low) / step) + 1
        return [low - 0.5 + step * place for place in range(count + 1)]
    step = (high - low) / most
    if step == 0:
        return [low - 0.5, high + 0.5]
    return [low + step * place for place in range(most)] + [high]


def _map(points: Sequence[JsonObject]) -> Canvas:
    canvas = _canvas(9, 6)
    axes = canvas.subplots(1, 1, squeeze=False)[0][0]
    places = [(cast("float", each["x"]), cast("float", each["y"])) for each in points]
    axes.scatter([x for x, _ in places], [y for _, y in places], color=_COLOUR)
    for each, place in zip(points, places, strict=True):
        axes.annotate(
            _text(each["name"]), place, xytext=(0, 7), textcoords="offset points", ha="center"
        )
    axes.set_title("What environments are about", fontsize=11)
    axes.margins(0.2, 0.1)
    axes.set_axis_off()
    return canvas


def _text(value: object) -> str:
    """Write a name; in matplotlib a dollar sign begins a formula, and names are no formulas."""
    text = " ".join(str(value).split())
    text = text if len(text) <= _NAMED else f"{text[: _NAMED - 1]}…"
    return text.replace("$", r"\$")
