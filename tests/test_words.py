"""Words that were coined here once and have a word of the field now stay away.

Each pattern is the coined sense alone: a road in a street's name, a seat in a cinema or harm that
is not done are English. The changelog may name what was.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
RETIRED = {
    r"(?<![A-Za-z])roads?(?![A-Za-z])": "strategy",
    r"way to talk|[\"'`]talk[\"'`]|\btalk:|\.talk\b": "dialogue",
    r"\bways? of calling\b|\bway to call\b|[\"'`]calling[\"'`]|\bcalling:|\bCalling\b(?=[(:])": (
        "tool_format"
    ),
    r"--wording|[\"'`]wordings?[\"'`]|\bwording:|\.wording\b|_wordings?(?![a-z])": "phrasing",
    r"idle_score|[Dd]oing[ _]nothing(?! else)": "noop_score, no-op",
    r"\bat_start\b": "initially_true",
    r"\bHARMS?\b|(?<![a-z])[Hh]arms(?![a-z])|(?<!without)_harm\b|\"harm\"|\bharm:": "extra_call",
    r"(?<![a-z])unfit|(?<![a-z])unreached|\"violated\"|VIOLATED": "invalid, unmet, broken",
    r"\.starts\b|\"starts\"|class Starts|Starts\(": "initial_states",
    r"\.tried\b|\"tried\"|\btried:": "call_stats",
    r"drafts\.jsonl|\"drafts\"": "scenario_candidates",
    r"\bMende[rd]\b|\bRetrial|\bclinic\.mend|class (?:Health|Patient)\b|_health\b": (
        "TestReport, Candidate, repair loop, repaired"
    ),
    r"\bBrief\b(?=[(\[:])|\bbrief_|_briefs?(?![a-z])": "ScenarioSpec",
    r"(?<![A-Za-z])[Ss]teers?(?![a-z])": "Diversifier",
    r"(?<![A-Za-z])[Gg]round(?![a-z]|[ _-]truth)|GROUND(?!_TRUTH)": "SearchContext",
    r"[Rr]un_chain|chain_tries|no_chain|\bchains? of (?:calls|writes)": "sequence",
    r"[Ww]orkshop|class (?:Maker|Posed|Meaning)\b|meaning_of|(?<![a-z])posed(?![a-z])": (
        "SolutionFinder, ScenarioMaker, TaskInState, ExpectedChanges"
    ),
    r"(?<![a-z_])[Ll]ookups(?![a-z])|(?<![a-z])[Tt]raits?(?![a-z])": "grounding, fields",
    r"(?<![a-z])[Tt]wins?(?![a-z])": "second_run",
    r"\bWorlds\b|FakeWorld|_worlds\b": "EnvironmentSession, EnvironmentHost",
    r"\bclass Seat\b|\bSeat\(|\.seat\b|\.sit\(|\b(?:lull|practise|glance)\b": "Slot, warm_up",
    r"(?<![a-z])[Ss]uspicions?(?![a-z])|class (?:Shows|Seen|Claim)\b": "anomaly, CallRecord",
}
FIELDS = r"\"(?:talk|calling|road|wording|idle_score|at_start|starts|tried|unreached|health)\":"
"""In rows there is also what models wrote: only names of fields count."""
PLACES = ("envscaler", "tests", "docs", "prompts", "configs", "README.md", "AGENTS.md")
TEXT = (".py", ".md", ".yaml", ".toml", ".txt", ".tsv")


def texts(*places: str) -> Iterator[Path]:
    """Yield the files that a person reads, but this one."""
    for path in (CHECKOUT / place for place in places):
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        yield from (each for each in found if each.suffix in TEXT and each != Path(__file__))


def uses(pattern: str, paths: Iterable[Path]) -> list[str]:
    """Say where a pattern is found: file, line and text."""
    return [
        f"{path.relative_to(CHECKOUT)}:{number}: {line.strip()[:120]}"
        for path in paths
        if re.search(pattern, text_of(path))
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if re.search(pattern, line)
    ]


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("pattern", RETIRED, ids=RETIRED.values())
def test_a_retired_word_is_not_used(pattern: str) -> None:
    assert uses(pattern, texts(*PLACES)) == []


def test_no_row_has_a_retired_field() -> None:
    rows = [*(CHECKOUT / "data").rglob("*.jsonl"), *(CHECKOUT / "tests").rglob("*.jsonl")]

    assert rows != []
    assert uses(FIELDS, rows) == []


@pytest.mark.parametrize(
    "line", ["--road solution_first", '"idle_score": 0.1', "way to talk: single_turn", "run_chain("]
)
def test_a_coined_word_is_noticed(line: str) -> None:
    assert any(re.search(pattern, line) for pattern in RETIRED)
