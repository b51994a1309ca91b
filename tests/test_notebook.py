"""The notebook of the docs, executed as far as its cells go."""

import contextlib
import io
import json
import shutil
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
NOTEBOOK = json.loads((CHECKOUT / "docs" / "tour.ipynb").read_text("utf-8"))
CODE = ["".join(each["source"]) for each in NOTEBOOK["cells"] if each["cell_type"] == "code"]


def test_every_cell_runs_and_the_reference_scores_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(CHECKOUT / "data" / "example", tmp_path / "runs" / "demo")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for source in CODE:
            exec(compile(source, "tour.ipynb", "exec"), names)  # noqa: S102 (our own cells)

    lines = printed.getvalue().splitlines()
    assert "a no-op: 0.0" in lines
    assert "the reference:  1.0" in lines
    assert lines[-1].startswith("rl ")


def test_the_notebook_is_kept_without_outputs() -> None:
    code = [each for each in NOTEBOOK["cells"] if each["cell_type"] == "code"]

    assert [each["outputs"] for each in code] == [[]] * len(code)
    assert NOTEBOOK["nbformat"] == 4
