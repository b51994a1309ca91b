"""`check-env --model`: a model writes what an environment states as predicates first."""

from pathlib import Path

import pytest

from envscaler.check_env.stage import Examined
from envscaler.jsonl import read_rows, write_rows
from envscaler.records import FindingKind
from tests.interact.fakes import make_environment
from tests.sharding import call, call_shards, kill_once_written
from tests.stub_server import Behaviour, StubServer

RULE = "At most five books are lent."
RULE_AS_CODE = """\
```python
def rule_1(state):
    return True if len(state["loans"]) <= 5 else "more than five books are lent"
```
"""
NOTHING = "```python\n# nothing\n```"
NO_CALLS = '```json\n{"probes": []}\n```'
FAULT = '```python\nVERDICTS = {1: "fault"}\n```'
FAULTS = """\
```json
{"verdicts": [
    {"number": 1, "reason": "nobody says so", "verdict": "fault"},
    {"number": 2, "reason": "nor that", "verdict": "fault"}
]}
```
"""
MODEL = Behaviour(
    contents=(
        ("functions now: rule_1", RULE_AS_CODE),
        ("functions now:", NOTHING),
        ("Propose sequences now", NO_CALLS),
        ("finds fault with", FAULT),
        ("## Claim 1", FAULTS),
    )
)
ASKED = 12
"""For each of two: the function of its rule, those of its tools, calls for both, a ruling on it,
and one on what is found without it."""
IN_FLIGHT = 5


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    """Two environments that state a rule."""
    one = make_environment().model_copy(update={"rules": (RULE,)})
    rows = [one.model_copy(update={"id": f"env-{number}"}) for number in range(2)]
    write_rows(tmp_path / "envs.jsonl", rows)
    return tmp_path / "envs.jsonl"


def test_what_a_model_wrote_is_held_against_the_state(tmp_path: Path, classes: Path) -> None:
    run = tmp_path / "run"
    with StubServer(MODEL) as stub:
        where = ("--set", f"models.default.base_url={stub.url}")
        call("check-env", classes, "--model", "--run", run, *where, code=1)

        assert len(stub.requests) == ASKED
    for row in read_rows(run / "examined.jsonl", Examined):
        assert row.examination is not None
        kinds = {finding.kind for finding in row.examination.findings}
        assert FindingKind.BROKEN_INVARIANT in kinds


def test_shards_ask_for_their_own_rules_only(tmp_path: Path, classes: Path) -> None:
    one, run = tmp_path / "one", tmp_path / "run"
    with StubServer(MODEL) as stub:
        where = ("--set", f"models.default.base_url={stub.url}")
        call("check-env", classes, "--model", "--run", one, *where, code=1)

        call_shards(2, "check-env", classes, "--model", "--run", run, *where)

        assert len(stub.requests) == 2 * ASKED
    call("merge", run, code=1)
    assert (run / "examined.jsonl").read_bytes() == (one / "examined.jsonl").read_bytes()


def test_what_was_answered_before_it_was_killed_is_not_asked_again(
    tmp_path: Path, classes: Path
) -> None:
    one, run = tmp_path / "one", tmp_path / "run"
    with StubServer(MODEL) as stub:
        where = ("--set", f"models.default.base_url={stub.url}")
        call("check-env", classes, "--model", "--run", one, *where, code=1)
        command = ("check-env", classes, "--model", "--run", run, *where)

        assert kill_once_written(run / "examined.jsonl", 1, *command)
        call(*command, code=1)

        assert len(stub.requests) <= 2 * ASKED + IN_FLIGHT
    assert (run / "examined.jsonl").read_bytes() == (one / "examined.jsonl").read_bytes()
