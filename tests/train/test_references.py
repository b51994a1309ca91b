"""Reference solutions as SFT rows."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from envscaler.config import Settings
from envscaler.errors import ArtifactError
from envscaler.jsonl import read_rows
from envscaler.records import JsonObject, Scenario
from envscaler.train.export import ExportReport
from envscaler.train.rl import export_rl
from envscaler.train.sft import FORMATS, export_sft
from tests.train.factory import make_environment, make_scenario, with_share, write_run

EXAMPLE = Path(__file__).parents[2] / "data/example"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The proven scenarios of the example, and nothing that an agent did."""
    for name in ("envs.jsonl", "scenarios.jsonl"):
        (tmp_path / name).write_bytes((EXAMPLE / name).read_bytes())
    return tmp_path


def rows_in(report: ExportReport) -> list[JsonObject]:
    text = (report.folder / "train.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_each_proven_scenario_gives_its_calls_and_their_results(
    run: Path, settings: Settings
) -> None:
    report = export_sft(run, with_share(settings, 0), "messages", origin="references")

    proofs = {row.id: row.proof for row in read_rows(run / "scenarios.jsonl", Scenario)}
    rows = rows_in(report)
    assert report.rows["train"] == len(proofs)
    for row in rows:
        proof = proofs[str(row["scenario_id"])]
        assert proof is not None
        messages = json.loads(json.dumps(row["messages"]))
        made = [one["tool_calls"][0]["function"] for one in messages if "tool_calls" in one]
        assert made == [{"name": one.name, "arguments": one.arguments} for one in proof.reference]
        heard = [json.loads(one["content"]) for one in messages if one["role"] == "tool"]
        assert heard == [one.observation.value for one in proof.reference]
        assert [one["role"] for one in (messages[0], messages[1], messages[-1])] == [
            "system", "user", "assistant",
        ]  # fmt: skip
        assert (row["source"], row["score"]) == ("reference", proof.score)


def _references(run: Path, settings: Settings) -> ExportReport:
    return export_sft(run, settings, "messages", origin="references")


@pytest.mark.parametrize("write", [export_rl, _references])
def test_rows_open_with_the_users_own_prompt(
    run: Path, settings: Settings, write: Callable[[Path, Settings], ExportReport]
) -> None:
    own = run / "own/interact/agent_native.md"
    own.parent.mkdir(parents=True)
    own.write_text("<!-- system -->\nBe quick.\n", encoding="utf-8")
    chosen = with_share(settings, 0).model_copy(update={"prompts": run / "own"})

    rows = rows_in(write(run, chosen))

    opened = [json.loads(json.dumps(row.get("messages") or row["prompt"])) for row in rows]
    assert {one[0]["content"] for one in opened} == {"Be quick."}


def test_the_set_is_marked_as_such(run: Path, settings: Settings) -> None:
    report = export_sft(run, with_share(settings, 0), "messages", origin="references")

    card = (report.folder / "README.md").read_text(encoding="utf-8")
    assert report.folder.name == "messages-references"
    assert "**reference solutions**" in card
    assert "- source: reference (6)" in card
    assert "- replies: without reasoning" in card


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_them(run: Path, settings: Settings, name: str) -> None:
    report = export_sft(run, with_share(settings, 0), name, origin="references")

    assert report.folder == run / "exports" / f"{name}-references"
    assert report.rows["train"] >= 6


def test_a_scenario_without_proof_is_left_out(tmp_path: Path, settings: Settings) -> None:
    write_run(tmp_path, environments=(make_environment(),), scenarios=(make_scenario(),))

    with pytest.raises(ArtifactError, match=r"not_proven: 1\); make scenarios that are proven"):
        export_sft(tmp_path, with_share(settings, 0), "messages", origin="references")


def test_a_scenario_without_environment_is_an_error(tmp_path: Path, settings: Settings) -> None:
    write_run(tmp_path, scenarios=(make_scenario(),))

    with pytest.raises(ArtifactError, match="has no environment env-1"):
        export_sft(tmp_path, with_share(settings, 0), "messages", origin="references")


def test_a_solution_with_a_call_that_failed_is_left_out(run: Path, settings: Settings) -> None:
    path = run / "scenarios.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    first = json.loads(lines[0])
    first["proof"]["reference"][0]["succeeded"] = False
    path.write_text("\n".join([json.dumps(first), *lines[1:]]) + "\n", encoding="utf-8")

    report = export_sft(run, with_share(settings, 0), "messages", origin="references")

    assert report.skipped == {"failed_call": 1}
