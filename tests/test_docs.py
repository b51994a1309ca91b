"""The README and the pages in docs: their commands exist, their links lead somewhere."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import typer
from typer.core import TyperGroup

from envscaler.cli.app import app
from envscaler.config import load_settings
from envscaler.jsonl import read_objects
from envscaler.resources import CONFIGS
from tests import docs_artifacts
from tests.docs_settings import PAGE, page

CHECKOUT = Path(__file__).parents[1]
README, CHINESE = CHECKOUT / "README.md", CHECKOUT / "README_ZH.md"
PAGES = [README, CHINESE, *sorted((CHECKOUT / "docs").glob("*.md"))]
GROUP = typer.main.get_command(app)


def commands() -> Iterator[tuple[str, str]]:
    """Yield each line of a shell block that runs envscaler, with its page."""
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for block in re.findall(r"```(?:bash|sh|console)\n(.*?)```", text, re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                if found := re.match(r"\$? *(envscaler [a-z].*)", line):
                    yield path.name, found[1]


COMMANDS = sorted(set(commands()))


def test_the_pages_have_commands() -> None:
    assert len(COMMANDS) > 20


@pytest.mark.parametrize(("page_name", "line"), COMMANDS)
def test_a_command_of_a_page_is_taken(page_name: str, line: str) -> None:
    words = shlex.split(line.split(" && ")[0], comments=True)[1:]
    command = GROUP
    while isinstance(command, TyperGroup):
        assert words[0] in command.commands, page_name
        command = command.commands[words.pop(0)]

    parsed = command.make_context(page_name, words)

    overrides = cast("list[str] | None", parsed.params.get("overrides"))
    load_settings(None, overrides or ())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(#[^)]*)?\)", path.read_text(encoding="utf-8"))
    local = [link for link, _ in links if "://" not in link and not link.startswith("mailto:")]

    assert [link for link in local if not (path.parent / link).exists()] == []


def test_the_readme_is_short() -> None:
    assert len((CHECKOUT / "README.md").read_text(encoding="utf-8").split()) <= 900


def test_every_page_is_reached_from_the_readme() -> None:
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")

    assert [path.name for path in PAGES[2:] if f"docs/{path.name}" not in text] == []


def test_the_page_of_settings_is_that_of_the_defaults() -> None:
    yaml = (CONFIGS / "default.yaml").read_text(encoding="utf-8")

    assert page(yaml) == PAGE.read_text(encoding="utf-8")


def test_the_page_of_artifacts_is_that_of_the_records() -> None:
    assert docs_artifacts.page() == docs_artifacts.PAGE.read_text(encoding="utf-8")


def test_every_file_of_the_example_is_on_the_page_of_artifacts() -> None:
    rows = {path.name for path in (CHECKOUT / "data/example").glob("*.jsonl")}

    assert rows - set(docs_artifacts.FILES) == set()


def test_every_field_of_a_row_in_the_example_has_a_line_on_the_page() -> None:
    for path in (CHECKOUT / "data/example").glob("*.jsonl"):
        row = next(iter(read_objects(path)))
        _, kind = docs_artifacts.FILES[path.name]
        assert set(row) - set(docs_artifacts.fields(kind)) == set(), path.name


def shell_lines(page: Path) -> list[str]:
    """Return what the shell blocks of a page type, without the comments."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    return [line.partition(" #")[0].rstrip() for block in blocks for line in block.splitlines()]


def test_the_chinese_readme_types_what_the_english_one_types() -> None:
    assert shell_lines(CHINESE) == shell_lines(README)


def test_both_readmes_lead_to_the_same_pages() -> None:
    english, chinese = (
        set(re.findall(r"\((docs/\w+\.\w+|prompts/README\.md)\)", page.read_text("utf-8")))
        for page in (README, CHINESE)
    )

    assert chinese == english
