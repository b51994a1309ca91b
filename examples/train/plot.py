"""Draw curves as SVG: `python plot.py curve.svg goal=models/grpo/curve.jsonl:reward …`."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

WIDTH, HEIGHT, MARGIN = 640, 300, 48
COLOURS = ("#1f6feb", "#d29922", "#8250df", "#1a7f37", "#cf222e")
Curve = Sequence[tuple[int, float]]


def read_curve(path: Path, key: str) -> Curve:
    """Return step and value of each line that has the value."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row["step"], row[key]) for row in rows if key in row]


def smoothed(curve: Curve, window: int) -> Curve:
    """Return for each step the mean of the last so many."""
    values = [value for _, value in curve]
    spans = [values[max(0, at + 1 - window) : at + 1] for at in range(len(values))]
    return [(step, sum(span) / len(span)) for (step, _), span in zip(curve, spans, strict=True)]


def drawing(curves: Mapping[str, Curve], title: str, window: int) -> str:
    """Draw curves between 0 and 1: each step as a dot, and the mean of the last steps as a line."""
    last = max(step for curve in curves.values() for step, _ in curve)
    parts = [_frame(title, last)]
    for number, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        places = " ".join(_place(step, value, last) for step, value in smoothed(curve, window))
        parts.append(
            f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        for step, value in curve:
            x, y = _place(step, value, last).split(",")
            parts.append(f'<circle cx="{x}" cy="{y}" r="2" fill="{colour}" opacity="0.4"/>')
        parts.append(_text(MARGIN + 140 * number, HEIGHT - 16, name, "start", colour))
    return "\n".join([*parts, "</svg>\n"])


def _place(step: int, value: float, last: int) -> str:
    x = MARGIN + (WIDTH - 2 * MARGIN) * step / last
    y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * value
    return f"{x:.1f},{y:.1f}"


def _frame(title: str, last: int) -> str:
    bottom = HEIGHT - MARGIN
    marks = [(0, "0"), (0.5, "0.5"), (1, "1")]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(MARGIN, 24, title, "start", "#24292f"),
        _text(WIDTH - MARGIN, bottom + 16, f"step {last}", "end", "#57606a"),
    ]
    for value, name in marks:
        y = bottom - (HEIGHT - 2 * MARGIN) * value
        lines.append(f'<path d="M{MARGIN} {y:.1f}H{WIDTH - MARGIN}" stroke="#d0d7de"/>')
        lines.append(_text(MARGIN - 8, y + 4, name, "end", "#57606a"))
    return "\n".join(lines)


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    words = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def main() -> None:
    """Draw the curves of files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("curves", nargs="+", metavar="NAME=FILE:KEY")
    parser.add_argument("--title", default="Reward of a step, and the mean of the last steps")
    parser.add_argument("--window", type=int, default=5, help="steps that a line is the mean of")
    args = parser.parse_args()
    curves = {}
    for name, _, source in (one.partition("=") for one in args.curves):
        file, _, key = source.rpartition(":")
        curves[name] = read_curve(Path(file), key)
    args.out.write_text(drawing(curves, args.title, args.window), encoding="utf-8")


if __name__ == "__main__":
    main()
