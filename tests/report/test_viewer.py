"""A report in a real browser, which has no network."""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from envscaler.config import Settings
from envscaler.jsonl import read_rows
from envscaler.records import Dropped
from envscaler.report.write import write_report
from tests.browser import Watched, chromium
from tests.report.hostile import EXAMPLE, write_hostile_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
LISTS = ("environments", "scenarios", "trajectories", "candidates")
PAGES = ("overview", "environments", "scenarios", "trajectories", "rejected", "statistics", "tasks")
EVERY_ROW = """
Object.entries({environments: 'environment', scenarios: 'scenario', trajectories: 'trajectory',
  candidates: 'task'}).flatMap(([list, page]) => run.index[list].map((row) => `${page}/${row.id}`))
"""
UNFOLD = """
for (let round = 0; round < 4; round += 1) {
  for (const each of document.querySelectorAll('details:not([open])')) each.open = true;
}
"""


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Path:
    out = tmp_path_factory.mktemp("viewer") / "example.html"
    write_report(EXAMPLE, out, settings)
    return out


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Path:
    folder = write_hostile_run(tmp_path_factory.mktemp("hostile"))
    write_report(folder, folder / "report.html", settings, replay=False)
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser(example: Path, hostile: Path) -> Generator["Browser"]:
    """A browser, started when the reports are there: what drives it keeps a loop running."""
    assert example.is_file()
    assert hostile.is_file()
    with chromium() as started:
        yield started


@pytest.mark.parametrize("width", [1280, 390])
def test_every_row_is_drawn_without_a_complaint_and_without_a_network(
    browser: "Browser", example: Path, width: int
) -> None:
    watched = Watched(browser, width=width)
    page = watched.open(example)

    for route in (*PAGES, *page.evaluate(EVERY_ROW)):
        watched.go(route)
        page.evaluate(UNFOLD)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{route} is {wide} pixels too wide"

    assert watched.complaints == []
    assert watched.asked == [example.as_uri()]


def test_script_tags_in_every_field_stay_text(browser: "Browser", hostile: Path) -> None:
    watched = Watched(browser)
    page = watched.open(hostile)

    for route in (*PAGES, *page.evaluate(EVERY_ROW)):
        watched.go(route)
        page.evaluate(UNFOLD)
        assert page.locator("#app script, #app img, #app iframe, #app [onerror]").count() == 0
        assert "window.owned" in page.inner_text("main") or route == "statistics"

    assert page.evaluate("window.owned") is None
    assert watched.complaints == []
    assert watched.asked == [hostile.as_uri()]


def test_the_reason_of_a_rejected_environment_is_two_clicks_away(
    browser: "Browser", example: Path
) -> None:
    page = Watched(browser).open(example)
    reason = next(
        row.reason
        for row in read_rows(EXAMPLE / "dropped.jsonl", Dropped)
        if row.kind == "findings" and "Parcel locker" in row.reason
    )

    page.click("nav >> text=Rejected")
    page.click("text=Parcel locker management >> nth=0")

    page.wait_for_selector(f"text={reason.partition(', 0 may')[0]}")
    page.wait_for_selector("article.card.serious >> text=store_parcel")


def test_a_deep_link_opens_a_row_and_a_filter(browser: "Browser", example: Path) -> None:
    watched = Watched(browser)
    page = watched.open(example)
    watched.go("trajectories?fate=rejected&score=in+part")

    rows = page.locator("table.rows tbody tr").count()

    expected = page.evaluate(
        "run.index.trajectories.filter((row) => row.fate === 'rejected' && row.score > 0"
        " && row.score < 1).length"
    )
    assert rows == expected
    assert page.locator("select[aria-label='Any fate']").input_value() == "rejected"


def test_a_filter_is_kept_in_the_address(browser: "Browser", example: Path) -> None:
    watched = Watched(browser)
    page = watched.open(example)
    watched.go("trajectories")

    page.select_option("select[aria-label='Any fate']", "rejected")

    assert page.evaluate("location.hash") == "#/trajectories?fate=rejected"
    assert page.locator("table.rows tbody tr").count() == 2


def test_the_search_finds_text_inside_of_rows(browser: "Browser", example: Path) -> None:
    watched = Watched(browser)
    page = watched.open(example)
    watched.go("trajectories")
    needle = "Nils Faber"
    page.fill("#search", needle)
    assert page.locator("table.rows tbody tr").count() == 0

    page.press("#search", "Enter")

    page.wait_for_selector("text=Searched all text")
    assert page.locator("table.rows tbody tr").count() > 0


def test_keys_lead_through_a_report(browser: "Browser", example: Path) -> None:
    page = Watched(browser).open(example)

    page.keyboard.press("4")
    page.wait_for_selector("h1:text('Trajectories')")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Conversation")
    first = page.evaluate("location.hash")
    page.keyboard.press("j")
    page.wait_for_function("first => location.hash !== first", arg=first)
    page.wait_for_selector("main[data-ready*='trajectory']")
    page.keyboard.press("u")
    page.wait_for_selector("h1:text('Trajectories')")


def test_reasoning_is_folded_until_it_is_asked_for(browser: "Browser", example: Path) -> None:
    watched = Watched(browser)
    page = watched.open(example)
    row = page.evaluate("run.index.trajectories[0].id")
    watched.go(f"trajectory/{row}")
    folds = ".reasoning > details"
    assert page.locator(f"{folds}[open]").count() == 0

    page.keyboard.press("e")

    assert page.locator(f"{folds}[open]").count() == page.locator(folds).count() > 0


def test_the_page_is_dark_where_the_system_is_and_turns(browser: "Browser", example: Path) -> None:
    page = Watched(browser, scheme="dark").open(example)
    colour = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(colour)

    page.keyboard.press("t")

    assert dark == "rgb(20, 23, 28)"
    assert page.evaluate(colour) == "rgb(247, 247, 245)"


def test_a_printed_page_has_no_navigation_and_all_reasoning(
    browser: "Browser", example: Path
) -> None:
    watched = Watched(browser)
    page = watched.open(example)
    watched.go(f"trajectory/{page.evaluate('run.index.trajectories[0].id')}")

    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert not page.is_visible("aside")
    assert page.locator(".reasoning > details:not([open])").count() == 0
