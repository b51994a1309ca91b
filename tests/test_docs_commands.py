"""Every command of the pages is run as a reader types it, or is listed here with the reason."""

import os
import re
import shlex
from collections.abc import Generator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envscaler.cli.app import app
from envscaler.load import load_export, load_run
from tests.docs_commands import (
    CHECKOUT,
    NOT_STATEFUL,
    Way,
    shell_blocks,
    shell_commands,
    write_files,
    write_first,
)
from tests.stub_server import Behaviour, StubServer

TUTORIAL = CHECKOUT / "docs/tutorial.md"
COMMANDS = shell_commands()
PLAY = ":reference\n:score\n:done It is done.\n"
IMPORT_OWN = "envscaler import shop.py --states states.json --run runs/own"
PREVIEW = "envscaler build-skel --tasks tasks.jsonl --run runs/one --preview 50"
WAYS = {
    # What is not run, and why.
    r"(pip|python\S*|\S+/pip) (install|wheel|-m venv)": Way("changes an installation"),
    r"git clone|hf upload|curl": Way("needs the network, or a server"),
    r"export \w+=": Way("tells of an endpoint; the test has its own"),
    r"pytest": Way("is this test"),
    r"vf-eval|inspect|harbor|openenv|server|tau2-env/": Way("is of another package; see .ci/doors"),
    r"cd |llamafactory-cli|swift|torchrun|axolotl|uv run|mkdir examples/|cp |python examples/": Way(
        "trains; see .ci/doors"
    ),
    r"envscaler .*--parquet": Way("needs pyarrow; tests/train/test_parquet.py"),
    r"envscaler demo": Way("is compared byte for byte by tests/test_demo.py"),
    r"envscaler app": Way("serves until it is stopped; tests/app/test_browser.py opens it"),
    r"envscaler serve": Way("serves until it is stopped; see tests/adapters"),
    r"envscaler eval|.*(bench:|runs/bench)": Way(
        "needs a benchmark that is not ours; see tests/benchmarks"
    ),
    r"envscaler .*--executor ray": Way("needs the extra ray; tests/pipeline/test_ray.py"),
    r"envscaler report .*--figures": Way("needs matplotlib; tests/report/test_figures.py"),
    r"envscaler gen-scen .*--kind sft": Way(
        "asks for texts that nobody recorded; see tests/scen_generator"
    ),
    r"after\(\) |job=|envscaler \"\$@\"": Way("is of Slurm; see tests/test_scale_page.py"),
    r"envscaler merge": Way("needs every shard: test_the_commands_for_shards_work_in_their_order"),
    # What is run in another way than on a whole run.
    r"envscaler play": Way(run="first", types=f"1\n{PLAY}"),
    r"envscaler build-skel": Way(run="nothing"),
    r"envscaler gen-scen --run runs/own": Way(
        run="nothing", before=(IMPORT_OWN,), adds="--tiers 1 --per-tier 1"
    ),
    r"envscaler gen-scen .*(--phrasing|--tiers)": Way(run="desk", adds="--tiers 1 --per-tier 1"),
    r"envscaler gen-scen": Way(run="first", adds="-c demo"),
    r"envscaler (rollout|harden) .*--from runs/one": Way(run="alone"),
    r"envscaler check-env .*--executor": Way(run="desk", adds="--processes 1", codes=(1,)),
    r"envscaler rollout .*--executor": Way(run="desk", adds="--processes 1"),
    r"envscaler rollout": Way(run="desk"),
    r"envscaler (verify|certify)": Way(run="first"),
    r"envscaler check-env .*--shard": Way(run="desk"),
    r"envscaler check-env": Way(run="desk", codes=(1,)),
    r"envscaler (store|batch|report) ": Way(run="first"),
    r"envscaler .*runs/theirs|envscaler .*runs/own": Way(run="nothing"),
    r"envscaler estimate .*--from runs/one/preview": Way(run="nothing", before=(PREVIEW,)),
    r"envscaler export-rl .*train.bands": Way(
        before=("envscaler calibrate --run runs/one",), adds="--set train.bands=[easy]"
    ),
    r"envscaler ": Way(),
}
"""The first that fits says how a command is run."""


def way_of(command: str) -> Way:
    return next(way for pattern, way in WAYS.items() if re.match(pattern, command))


RUN = [each for each, page in COMMANDS.items() if page != TUTORIAL.name and not way_of(each).reason]
"""Without those that stand in the tutorial alone: they are run there, one after the other."""


@pytest.fixture(scope="module")
def endpoint() -> Generator[str]:
    """An endpoint that says the same to everybody."""
    with StubServer(Behaviour(content=NOT_STATEFUL)) as stub:
        yield stub.url


@pytest.fixture(autouse=True)
def shell(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a reader has set before."""
    names = {"RUN": "RUN"}
    for name, value in (names | {"OPENAI_BASE_URL": endpoint, "OPENAI_API_KEY": "none"}).items():
        monkeypatch.setenv(name, value)


def type_in(command: str, way: Way) -> None:
    """Run a command in the current folder; the test fails where it does not end as it should."""
    words = shlex.split(f"{os.path.expandvars(command)} {way.adds}")[1:]
    done = CliRunner().invoke(app, words, input=way.types)

    assert done.exit_code in way.codes, f"{command}\n{done.output}\n{done.exception!r}"
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception


@pytest.mark.parametrize("command", RUN)
def test_a_command_of_a_page_does_its_work(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = way_of(command)
    write_files(tmp_path, way)
    monkeypatch.chdir(tmp_path)
    for first in way.before:
        type_in(first, Way())

    type_in(command, way)


@pytest.mark.slow
def test_the_tutorial_can_be_followed_from_its_first_command_to_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").symlink_to(CHECKOUT / "data")
    monkeypatch.chdir(tmp_path)

    for command in (line for block in shell_blocks(TUTORIAL) for line in block):
        if not way_of(command).reason:
            type_in(command, Way(types=PLAY))

    run = load_run(tmp_path / "runs/bikes")
    assert [row.proof is not None and row.proof.proven for row in run.scenarios] == [True, True]
    assert len(run.trajectories) == 9  # eight of the agent, and one by hand
    assert len(load_export(tmp_path / "runs/bikes")) == 2
    assert (tmp_path / "runs/both.html").is_file()


@pytest.mark.slow
def test_the_commands_for_shards_work_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = shell_blocks(CHECKOUT / "docs/scale.md")
    (block,) = [
        each for each in blocks if "build-skel" in each[0] and "envscaler merge RUN" in each
    ]
    write_files(tmp_path, Way(run="nothing"))
    monkeypatch.chdir(tmp_path)

    for command in block[:4]:
        type_every_shard(command, Way())
    write_first(tmp_path / "RUN")  # the endpoint has found no task worth an environment
    for command in block[4:]:
        type_every_shard(command, Way(adds="" if "merge" in command else "-c demo"))

    assert len(load_run(tmp_path / "RUN").trajectories) == 8


def type_every_shard(command: str, way: Way) -> None:
    """Run a command, and where it is for the first shard of three, for the others too."""
    for number in range(3 if "--shard 0/3" in command else 1):
        type_in(command.replace("--shard 0/3", f"--shard {number}/3"), way)


def test_each_reason_is_that_of_a_command() -> None:
    used = {next(p for p in WAYS if re.match(p, command)) for command in COMMANDS}

    assert [pattern for pattern in WAYS if pattern not in used] == []
