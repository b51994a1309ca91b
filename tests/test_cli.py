"""The command line, run as a user runs it."""

import io
import logging
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envscaler import __version__
from envscaler.cli.app import app, main
from envscaler.jsonl import read_objects, write_objects, write_rows
from envscaler.records import Task
from tests.stub_server import Behaviour, StubServer

COMMANDS = (
    "build-skel",
    "gen-scen",
    "rollout",
    "check-env",
    "verify",
    "calibrate",
    "eval",
    "export-sft",
    "export-rl",
    "compare",
    "report",
    "play",
    "app",
    "serve",
    "export-verifiers",
    "export-openenv",
    "export-harbor",
    "import",
    "demo",
    "merge",
    "show",
    "why",
    "doctor",
    "batch",
    "store",
)
HEAVY = ("pydantic", "openai", "sklearn", "aiohttp", "yaml", "jinja2", "tqdm", "rich")


def start_cli(*args: str | Path, folder: Path) -> subprocess.Popen[str]:
    """Start the command in `folder`, without keys and without a `.env`."""
    return subprocess.Popen(
        [sys.executable, "-m", "envscaler", *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if "OPENAI" not in name},
    )


def run_process(*args: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    with start_cli(*args, folder=folder) as process:
        out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def run_cli(*args: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Do the same within this process: one that starts costs more than what most commands do."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    logger = logging.getLogger("envscaler")
    handlers, level = [*logger.handlers], logger.level
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["envscaler", *map(str, args)])
        for name in [name for name in os.environ if "OPENAI" in name]:
            patch.delenv(name)
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            logger.handlers[:] = handlers
            logger.setLevel(level)
    return subprocess.CompletedProcess(
        ["envscaler", *map(str, args)], code, out.getvalue(), err.getvalue()
    )


def help_of(*command: str) -> str:
    return CliRunner().invoke(app, [*command, "--help"]).stdout


def test_help_names_every_command() -> None:
    text = help_of()

    assert [command for command in COMMANDS if f"  {command} " not in text] == []


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['envscaler', '--help']\n"
        "from envscaler.cli import main\n"
        "try: main()\n"
        f"finally: sys.stderr.write(' '.join(set({HEAVY}) & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )

    assert done.stderr == ""


def test_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"{__version__}\n"


@pytest.mark.parametrize("command", ["build-skel", "gen-scen", "rollout"])
def test_a_stage_shows_few_options_first_then_those_on_speed_and_on_cost(command: str) -> None:
    parts = re.split(r"^(\w[\w ]+):$", help_of(command), flags=re.MULTILINE)
    groups = dict(zip(parts[1::2], parts[2::2], strict=True))

    assert [*groups] == ["Options", "How rows are made", "Models and cost"]
    assert groups["Options"].count("\n  -") <= 12
    for option in ("--policy", "--max-cost", "--max-tokens"):
        assert re.search(rf"^  {option} <.*> +\w", groups["Models and cost"], re.MULTILINE)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (
            ("gen-scen", "--run", "one"),
            "one/envs.jsonl does not exist; make it first with `envscaler build-skel`",
        ),
        (
            ("rollout", "--run", "one", "--set", "interact.atempts=2"),
            "--set interact.atempts=2: unknown setting interact.atempts; "
            "did you mean interact.attempts?",
        ),
        (
            ("rollout", "--run", "one", "--workers", "2", "--config", "nowhere.yaml"),
            "No settings file nowhere.yaml; give a path, or one of the shipped: "
            "default, demo, paper",
        ),
        (
            ("export-sft", "--run", "one"),
            "one/trajectories.jsonl does not exist; make it first with `envscaler rollout`",
        ),
        (
            ("show", "one/envs.jsonl"),
            "one/envs.jsonl does not exist; give the path of a JSONL or JSON file",
        ),
    ],
    ids=["no input", "unknown setting", "no such config", "no trajectories", "no file"],
)
def test_a_known_error_is_one_line_and_exit_code_1(
    tmp_path: Path, command: tuple[str, ...], message: str
) -> None:
    done = run_cli(*command, folder=tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"envscaler: {message}\n")


def test_a_process_ends_as_the_command_says(tmp_path: Path) -> None:
    known = run_process("gen-scen", "--run", "one", folder=tmp_path)
    unknown = run_process("nonsense", folder=tmp_path)

    assert [known.returncode, unknown.returncode] == [1, 2]
    assert (known.stdout, known.stderr.count("\n")) == ("", 1)
    assert "Traceback" not in unknown.stderr


def test_a_missing_input_leaves_no_artifact(tmp_path: Path) -> None:
    run_cli("gen-scen", "--run", "one", folder=tmp_path)

    assert [path.name for path in tmp_path.glob("one/*.jsonl")] == ["log.jsonl"]


@pytest.mark.parametrize(
    "command",
    [
        ("nonsense",),
        ("rollout",),
        ("rollout", "--run", "one", "--workers", "0"),
        ("rollout", "--run", "one", "--policy", "guess"),
        ("build-skel", "--run", "one"),
        ("build-skel", "--run", "one", "--task", "a", "--tasks", "b"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_exit_code_2(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = run_cli(*command, folder=tmp_path)

    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "Error: " in done.stderr


def test_show_prints_rows(tmp_path: Path) -> None:
    write_rows(tmp_path / "tasks.jsonl", [Task(id="task-1", text="Renew my loan", source="test")])

    done = run_cli("show", "tasks.jsonl", folder=tmp_path)

    assert (done.returncode, done.stdout) == (0, "task-1  Renew my loan\n")


def test_doctor_says_how_code_is_isolated_and_who_answers(tmp_path: Path) -> None:
    url = "http://me:pass-word@localhost:8000/v1"
    chosen = ("--set", "models.agent.model=qwen3", "--set", f"models.user.base_url={url}")
    done = run_cli("doctor", *chosen, folder=tmp_path)

    assert re.search(r"^agent +qwen3 at OpenAI, without a key", done.stdout, re.MULTILINE)
    assert re.search(r"^sandbox +\S", done.stdout, re.MULTILINE)
    assert "at http://localhost:8000/v1" in done.stdout
    assert "pass-word" not in done.stdout


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """A corpus of two tasks."""
    texts = ("Renew my loan of Dune and tell me when it is due", "Lock dock 4 at Harbour Square")
    path = tmp_path / "tasks.jsonl"
    write_objects(path, [{"task": text} for text in texts])
    return path


def test_batch_requests_are_counted_with_the_way_on(tmp_path: Path, tasks: Path) -> None:
    done = run_cli(
        "build-skel", "--tasks", tasks, "--run", "one", "--policy", "batch", folder=tmp_path
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^mine +0 +0 +0 +2  one/candidates.jsonl$", done.stdout, re.MULTILINE)
    assert done.stdout.endswith(
        "2 requests are waiting in one/requests.jsonl; answer them with a batch service or "
        "`vllm run-batch`, then `envscaler batch import RESPONSES.jsonl … --run one`, "
        "then run the same command again\n"
    )


def test_replay_names_the_prompt_that_is_not_recorded(tmp_path: Path, tasks: Path) -> None:
    done = run_cli(
        "build-skel", "--tasks", tasks, "--run", "one", "--policy", "replay", folder=tmp_path
    )

    assert "skel_builder/judge" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_says_how_to_continue(
    tmp_path: Path, tasks: Path, number: signal.Signals, code: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        process = start_cli(
            *("build-skel", "--tasks", tasks, "--run", "one", "--set", "runner.grace=0.1"),
            *("--set", f"models.default.base_url={url}"),
            folder=tmp_path,
        )
        server.settimeout(60)
        server.accept()[0].close()  # the first request is on its way

        process.send_signal(number)
        out, err = process.communicate(timeout=60)

    assert process.returncode == code
    assert err.endswith("envscaler: mine was stopped; the same command continues it\n")
    assert "Traceback" not in err
    assert "mine " in out


def test_a_stage_that_loses_every_row_is_exit_code_1(tmp_path: Path, tasks: Path) -> None:
    with StubServer(Behaviour(faults=("500",) * 9)) as stub:
        done = run_cli(
            *("build-skel", "--tasks", tasks, "--run", "one", "--set", "llm.transient_tries=1"),
            *("--set", f"models.default.base_url={stub.url}"),
            folder=tmp_path,
        )

    assert done.returncode == 1
    assert "envscaler: mine made nothing: all " in done.stderr
    assert "500: oops" in done.stderr


def test_a_batch_run_goes_on_with_the_answers(tmp_path: Path, tasks: Path) -> None:
    command = ("build-skel", "--tasks", tasks, "--run", "one", "--policy", "batch")
    run_cli(*command, folder=tmp_path)
    answer = '```json\n{"reasoning": "nothing is kept", "stateful": false}\n```'
    requests = read_objects(tmp_path / "one/requests.jsonl")
    write_objects(
        tmp_path / "responses.jsonl",
        [{"custom_id": request["custom_id"], "content": answer} for request in requests],
    )

    taken = run_cli("batch", "import", "responses.jsonl", "--run", "one", folder=tmp_path)
    done = run_cli(*command, folder=tmp_path)

    assert taken.stdout == "responses.jsonl: 2 replies taken, 0 known already\n"
    assert re.search(r"^mine +2 +0 +0 +0 ", done.stdout, re.MULTILINE)
    assert not (tmp_path / "one/requests.jsonl").exists()


def test_recorded_replies_move_to_another_run(tmp_path: Path, tasks: Path) -> None:
    run_cli("build-skel", "--tasks", tasks, "--run", "one", "--policy", "batch", folder=tmp_path)
    requests = read_objects(tmp_path / "one/requests.jsonl")
    answers = [{"custom_id": request["custom_id"], "content": "yes"} for request in requests]
    write_objects(tmp_path / "responses.jsonl", answers)
    run_cli("batch", "import", "responses.jsonl", "--run", "one", folder=tmp_path)

    out = run_cli("store", "export", "replies.jsonl", "--run", "one", folder=tmp_path)
    into = run_cli("store", "import", "replies.jsonl", "--run", "two", folder=tmp_path)

    assert out.stdout == "2 replies written to replies.jsonl\n"
    assert into.stdout == "replies.jsonl: 2 replies taken, 0 known already\n"


def test_published_data_becomes_a_run(tmp_path: Path, shared_data: Path) -> None:
    names = ("env_metadata_dev.json.gz", "scenarios_dev.json.gz")
    files = [shared_data / "envscaler" / name for name in names]

    done = run_cli("import", *files, "--run", "one", folder=tmp_path)

    assert "one/scenarios.jsonl: 43 rows" in done.stdout
