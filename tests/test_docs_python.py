"""The Python of the README and of the page on it, run as it stands."""

import re
from pathlib import Path

import pytest

import envscaler
from tests.docs_commands import CHECKOUT, Way, write_files

PAGE = CHECKOUT / "docs/python.md"


def blocks(path: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", path.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize(
    "path", [PAGE, CHECKOUT / "README.md", CHECKOUT / "README_ZH.md"], ids=lambda path: path.name
)
def test_the_python_of_a_page_runs(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_files(tmp_path, Way())
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}

    for source in blocks(path):
        exec(compile(source, path.name, "exec"), names)  # noqa: S102 (our own page)

    assert capsys.readouterr().out


def test_the_page_names_all_that_the_package_offers() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert [name for name in envscaler.__all__ if not re.search(rf"\b{name}\b", text)] == []
