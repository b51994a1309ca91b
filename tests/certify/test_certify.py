"""`certify` passes a sound set and finds what is planted into one."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

import pytest

from envscaler.certify.alone import Part, rewards_elsewhere
from envscaler.certify.chance import unsteady
from envscaler.certify.outcomes import Certificate, Criterion, Outcome
from envscaler.certify.page import page
from envscaler.certify.run import certify
from envscaler.config import load_settings
from envscaler.errors import ArtifactError
from envscaler.jsonl import read_objects
from envscaler.records import Call, JsonObject, JsonValue
from tests.adapters.example import EXAMPLE

SCENARIO = "scen-cbf8b6e8f761"
SMALL = ("runner.workers=2",)
_IDS = ("id", "env_id", "scenario_id")


class Files:
    """The rows of one scenario, to plant faults into.

    Args:
        scenario: Its id in the example.
        copy: Stands behind all ids, so that a run may have several of them.
    """

    def __init__(self, scenario: str = SCENARIO, copy: str = "") -> None:
        self.scenario = _row("scenarios.jsonl", "id", scenario)
        self.environment = _row("envs.jsonl", "id", self.scenario["env_id"])
        self.episodes = [
            row
            for row in read_objects(EXAMPLE / "rollouts.jsonl")
            if row["scenario_id"] == scenario
        ]
        for row in (self.scenario, self.environment, *self.episodes):
            row |= {key: f"{row[key]}{copy}" for key in _IDS if key in row}

    @property
    def checks(self) -> list[JsonObject]:
        return cast("list[JsonObject]", self.scenario["checks"])

    @property
    def reference(self) -> list[JsonObject]:
        proof = cast("dict[str, list[JsonObject]]", self.scenario["proof"])
        return proof["reference"]

    def write(self, folder: Path, *others: "Files") -> Path:
        """Write a run, of several scenarios where there are others."""
        every = (self, *others)
        _write(folder / "scenarios.jsonl", [each.scenario for each in every])
        _write(folder / "envs.jsonl", [each.environment for each in every])
        _write(folder / "rollouts.jsonl", [row for each in every for row in each.episodes])
        return folder


def _row(name: str, key: str, value: JsonValue) -> JsonObject:
    return next(row for row in read_objects(EXAMPLE / name) if row[key] == value)


def _write(path: Path, rows: Iterable[JsonObject]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def certified(folder: Path, *settings: str) -> Certificate:
    return certify(folder, load_settings(None, (*SMALL, *settings)))


def check(source: str, *, initially_true: bool | None) -> JsonObject:
    return {"item": "planted", "source": source, "initially_true": initially_true}


def test_a_sound_set_passes_and_its_certificate_does_not_depend_on_where_it_is_made(
    tmp_path: Path,
) -> None:
    one = certified(Files().write(tmp_path / "one"))
    two = certified(Files().write(tmp_path / "two"))

    assert list(one.failures()) == []
    assert {outcome.criterion for outcome in one.outcomes} == set(Criterion)
    assert one == two
    written = [(tmp_path / name / "certificate.json").read_bytes() for name in ("one", "two")]
    assert written[0] == written[1]
    assert "1 scenarios under the reward `goal`: passed" in page(one)


def leak_into_the_task(files: Files) -> None:
    arguments = json.dumps(files.reference[-1]["arguments"])
    files.scenario["task"] = f"{files.scenario['task']} Use {arguments}."


def leak_the_steps(files: Files) -> None:
    files.scenario["task"] = (
        "Use find_plots, find_members, record_fee_payment and leave_waiting_list."
    )


def leak_into_the_tools(files: Files) -> None:
    tools = cast("list[JsonObject]", files.environment["tools"])
    line = max((str(one["source"]) for one in files.checks), key=len).strip().splitlines()[-1]
    tools[0]["description"] = f"Finds plots. {line}"


def leak_into_the_state(files: Files) -> None:
    state = cast("dict[str, dict[str, JsonObject]]", files.scenario["initial_state"])
    first = next(iter(state["members"].values()))
    line = str(files.checks[0]["source"]).strip().splitlines()[-1]
    first["name"] = f"{first['name']} {line}"


def cut_the_reference(files: Files) -> None:
    del files.reference[-1]


def forget_the_reference(files: Files) -> None:
    files.scenario["proof"] = None


def throw_dice(files: Files) -> None:
    source = "import random\ndef check_func(final_state):\n    return random.random() < 2\n"
    files.checks.append(check(source, initially_true=True))


def look_at_the_clock_unseen(files: Files) -> None:
    source = (
        "import datetime\ndef check_func(final_state):\n"
        "    read = getattr(datetime.datetime, 'n' + 'ow')\n"
        "    return read().second % 2 == 0 or not final_state\n"
    )
    files.checks.append(check(source, initially_true=True))


def always_pass(files: Files) -> None:
    source = "def check_func(final_state):\n    return isinstance(final_state, dict)\n"
    files.checks.append(check(source, initially_true=True))


def pay_for_nothing(files: Files) -> None:
    source = "def check_func(final_state):\n    return len(final_state) > 0\n"
    files.checks.append(check(source, initially_true=False))


def pay_for_words(files: Files) -> None:
    source = "def check_func(final_state):\n    return 'The task is done.' in str(final_state)\n"
    files.scenario["checks"] = [cast("JsonValue", check(source, initially_true=False))]


def answer_at_length(files: Files) -> None:
    source = str(files.environment["source"])
    found = re.search(r"    def find_plots\(.*?\) -> [^\n]*:\n", source, re.DOTALL)
    assert found is not None
    body = '        return {"success": True, "data": "x" * 2_000_000}\n'
    files.environment["source"] = source[: found.end()] + body + source[found.end() :]


def alter_an_episode(files: Files) -> None:
    played = next(row for row in files.episodes if row["steps"])
    step = cast("list[JsonObject]", played["steps"])[0]
    cast("JsonObject", step["observation"])["value"] = {"success": True, "data": []}


def praise_an_episode(files: Files) -> None:
    played = next(row for row in files.episodes if cast("JsonObject", row["reward"])["score"] != 1)
    cast("JsonObject", played["reward"])["score"] = 1.0


PLANTED: tuple[dict[Callable[[Files], None], Criterion], ...] = (
    # Faults that are found by different criteria share a scenario.
    {
        leak_into_the_task: Criterion.NO_SOLUTION_LEAKAGE,
        throw_dice: Criterion.VERIFIER_DETERMINISM,
        alter_an_episode: Criterion.REPLAYABILITY,
        always_pass: Criterion.CHECKS_CAN_FAIL,
    },
    {
        leak_into_the_tools: Criterion.NO_SOLUTION_LEAKAGE,
        look_at_the_clock_unseen: Criterion.VERIFIER_DETERMINISM,
        cut_the_reference: Criterion.ORACLE_MAX,
        answer_at_length: Criterion.RESOURCE_ENVELOPE,
    },
    {
        leak_the_steps: Criterion.NO_SOLUTION_LEAKAGE,
        pay_for_nothing: Criterion.FLOOR_GAP,
        praise_an_episode: Criterion.REPLAYABILITY,
    },
    {
        leak_into_the_state: Criterion.NO_SOLUTION_LEAKAGE,
        forget_the_reference: Criterion.ORACLE_MAX,
    },
)
REPAIRS = "scen-612095e0fc5b"
"""Its repair orders have descriptions."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The certificate of a run in which each scenario has faults of its own."""
    files = [Files(copy=f"-{number}") for number in range(len(PLANTED))]
    for each, faults in zip(files, PLANTED, strict=True):
        for plant in faults:
            plant(each)
    wordy = Files(REPAIRS)
    pay_for_words(wordy)
    return certified(wordy.write(tmp_path_factory.mktemp("planted"), *files))


def outcome_of(certificate: Certificate, scenario: str, criterion: Criterion) -> Outcome:
    (outcome,) = (each for each in certificate.of(criterion) if each.scenario_id == scenario)
    return outcome


@pytest.mark.parametrize("number", range(len(PLANTED)))
def test_planted_faults_are_found(found: Certificate, number: int) -> None:
    scenario = f"{SCENARIO}-{number}"

    for criterion in PLANTED[number].values():
        assert not outcome_of(found, scenario, criterion).passed, criterion
        assert f"`{scenario}`, `{criterion.value}`: `" in page(found)


def test_a_check_that_pays_for_words_is_found(found: Certificate) -> None:
    outcome = outcome_of(found, REPAIRS, Criterion.CANARY_FLOOR)

    assert outcome.evidence == ("canaries scores 1.0",)


def test_a_reference_longer_than_an_episode_is_found(tmp_path: Path) -> None:
    certificate = certified(Files().write(tmp_path / "run"), "interact.max_steps=2")

    (outcome,) = certificate.of(Criterion.RESOURCE_ENVELOPE)
    assert outcome.evidence == ("the reference has 4 calls, and an episode 2 steps",)


def test_a_row_that_lost_something_is_worth_something_else_elsewhere() -> None:
    whole = exported(SCENARIO)
    lost: JsonObject = whole | {"initial_state": "{}"}
    reference = tuple(
        Call.model_validate({"name": call["name"], "arguments": call["arguments"]})
        for call in Files().reference
    )

    rewards = rewards_elsewhere([Part(row=row, plays=((), reference)) for row in (whole, lost)])

    assert rewards[0] == (0.0, 1.0)
    assert rewards[1][1] != 1.0


def exported(scenario: str) -> JsonObject:
    folder = EXAMPLE / "exports" / "rl"
    environments = {row["env_id"]: row for row in read_objects(folder / "environments.jsonl")}
    rows = (row for path in folder.glob("*n.jsonl") for row in read_objects(path))
    row = next(row for row in rows if row.get("scenario_id") == scenario)
    return environments[row["env_id"]] | row


def test_a_run_without_checks_is_refused_in_one_line(tmp_path: Path) -> None:
    files = Files()
    files.scenario["checks"] = []

    with pytest.raises(ArtifactError, match="no scenario with checks to certify"):
        certified(files.write(tmp_path / "run"))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import random", ["random"]),
        ("from time import time", ["time"]),
        ("import os.path", ["os.path"]),
        ("from datetime import datetime\nx = datetime.now()", ["now()"]),
        ("from datetime import datetime\nx = datetime.fromisoformat('2025-01-01')", []),
        ("x = id(3) + hash('a')", ["hash()", "id()"]),
        ("def check_func(final_state):\n    return final_state['id'] == 1", []),
        ("this is no Python", []),
    ],
)
def test_names_through_which_a_check_could_change_its_mind(source: str, names: list[str]) -> None:
    assert unsteady(source) == names
