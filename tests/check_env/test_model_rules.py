"""`check-env --model`: a model writes what an environment states as predicates first."""

from pathlib import Path

import pytest

from envscaler.check_env.stage import Examined
from envscaler.jsonl import read_rows, write_rows
from envscaler.records import FindingKind
from tests.interact.fakes import make_environment
from tests.sharding import call, call_shards
from tests.stub_server import Behaviour, StubServer

RULE = "At most five books are lent."
RULE_AS_CODE = """\
```python
def rule_1(state):
    return True if len(state["loans"]) <= 5 else "more than five books are lent"
```
"""
NOTHING = "```python\n# nothing\n```"
FAULT = '```python\nVERDICTS = {1: "fault"}\n```'
MODEL = Behaviour(
    contents=(
        ("functions now: rule_1", RULE_AS_CODE),
        ("functions now:", NOTHING),
        ("finds fault with", FAULT),
    )
)
ASKED = 6
"""For each of two environments: the function of its rule, those of its tools, and a ruling."""


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
