"""Scenarios played and builds watched in a real browser."""

import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from envscaler.jsonl import read_rows, write_rows
from envscaler.llm.models import STORE
from envscaler.llm.recordings import import_store
from envscaler.llm.store import Store
from envscaler.records import Check, Tool, Trajectory
from envscaler.resources import DEMO
from tests.browser import chromium
from tests.face import write_desk
from tests.interact.fakes import make_environment, make_scenario
from tests.report.hostile import ATTACK, EXAMPLE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
pytest.importorskip("gradio", reason="the extra [app] is not installed")
REWARD = "document.querySelector('#reward textarea, #reward input')?.value"
SHOWS = "[...document.querySelectorAll('textarea')].some((box) => box.value.includes('{}'))"
PATIENCE = 120_000


@pytest.fixture(scope="module")
def browser() -> Generator["Browser"]:
    with chromium() as started:
        yield started


@contextmanager
def serving(run: Path, *options: str) -> Generator[str]:
    """Run the command, and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "envscaler", "app", str(run), "--port", str(port), *options]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                try:
                    urlopen(address).close()
                    break
                except URLError:
                    assert process.poll() is None
                    time.sleep(0.2)
            yield address
        finally:
            process.terminate()


def opened(browser: "Browser", address: str) -> tuple["Page", list[str]]:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.click("button:text-is('Open')", timeout=PATIENCE)
    page.wait_for_function(f"{REWARD} === '0.0000'", timeout=PATIENCE)
    return page, asked


def example_with_a_desk(folder: Path) -> Path:
    for path in EXAMPLE.glob("*.jsonl"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_the_reference_and_a_form_lead_to_the_full_reward(
    browser: "Browser", tmp_path: Path
) -> None:
    run = example_with_a_desk(tmp_path)
    before = len([*read_rows(run / "trajectories.jsonl", Trajectory)])
    with serving(run) as address:
        page, asked = opened(browser, address)
        page.get_by_label("name (optional)").fill("nowhere at all")
        page.click("button:text-is('Call')")
        page.wait_for_function(
            "[...document.querySelectorAll('textarea')].some((box) =>"
            " box.value.includes('nowhere at all'))",
            timeout=PATIENCE,
        )
        page.click("button:text-is('Play the reference to the end')")
        page.wait_for_function(f"{REWARD} === '1.0000'", timeout=PATIENCE)
        page.click("button:text-is('Finish and save')")
        page.wait_for_function(
            "[...document.querySelectorAll('textarea')].some((box) =>"
            " box.value.includes('Kept as traj-'))",
            timeout=PATIENCE,
        )

    rows = [*read_rows(run / "trajectories.jsonl", Trajectory)]
    assert len(rows) == before + 1
    assert rows[-1].reward is not None
    assert rows[-1].reward.score == 1.0
    assert {url.partition("//")[2].partition(":")[0] for url in asked} == {"127.0.0.1"}


def test_a_recorded_model_acts_and_a_recorded_user_answers(
    browser: "Browser", tmp_path: Path
) -> None:
    run = example_with_a_desk(tmp_path)
    with Store(run / STORE) as store:
        import_store(DEMO / "replies.jsonl", store)
    with serving(run, "-c", "demo") as address:
        page, _ = opened(browser, address)
        page.click("button:text-is('A model as the user')")
        page.wait_for_function(SHOWS.format("user: "), timeout=PATIENCE)
        page.click("button:text-is('Model: next step')")
        page.wait_for_function(SHOWS.format("(the state did not change)"), timeout=PATIENCE)
        page.click("button:text-is('Model: to the end')")
        page.wait_for_function(SHOWS.format("(it is over)"), timeout=PATIENCE)
        page.wait_for_function(f"{REWARD} === '1.0000'", timeout=PATIENCE)


def test_a_hostile_environment_cannot_touch_the_page(browser: "Browser", tmp_path: Path) -> None:
    plain, scenario = make_environment(), make_scenario()
    odd = Tool(
        name="odd",
        description=ATTACK,
        parameters={
            "type": "object",
            "properties": {"x": {"enum": [ATTACK], "description": ATTACK}},
        },
    )
    environment = plain.model_copy(
        update={
            "summary": ATTACK,
            "introduction": ATTACK,
            "rules": (ATTACK,),
            "tools": (odd, *plain.tools),
        }
    )
    check = Check(
        item=ATTACK,
        source=scenario.checks[0].source,
        initially_true=False,
    )
    hostile = scenario.model_copy(
        update={
            "task": ATTACK,
            "initial_state": {"loans": {ATTACK: ATTACK}},
            "checks": (check,),
        }
    )
    run = write_desk(tmp_path, environment)
    write_rows(run / "scenarios.jsonl", [hostile])
    with serving(run) as address:
        page, _ = opened(browser, address)
        page.click("button:text-is('Call')", timeout=PATIENCE)
        page.wait_for_function(SHOWS.format("odd {"), timeout=PATIENCE)
        page.click("text=State")
        page.wait_for_timeout(500)

        assert page.evaluate("window.owned") is None
        assert page.locator("[onerror], [onload*=owned]").count() == 0


def test_a_build_is_watched_and_cancelled(browser: "Browser", tmp_path: Path) -> None:
    run = write_desk(tmp_path / "desk")
    with serving(run) as address:
        page = browser.new_page()
        page.goto(address)
        page.click("button[role=tab]:text-is('Build')", timeout=PATIENCE)
        page.click("#build")
        page.wait_for_function(
            "[...document.querySelectorAll('textarea')].some((box) =>"
            " box.value.includes('Bike-share fleet maintenance'))",
            timeout=PATIENCE,
        )
        page.click("button:text-is('Cancel')")
        page.wait_for_function(
            "[...document.querySelectorAll('textarea')].some((box) =>"
            " box.value.includes('(ended with'))",
            timeout=PATIENCE,
        )

    assert (tmp_path / "built" / "candidates.jsonl").is_file()
