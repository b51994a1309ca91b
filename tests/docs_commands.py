"""The shell commands of the pages, and a folder in which each of them can be run offline."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from envscaler.jsonl import read_objects, write_objects
from envscaler.llm.recordings import import_store
from envscaler.llm.store import Store
from envscaler.records import JsonObject
from envscaler.resources import DEMO
from tests.face import write_desk
from tests.interact.fakes import SOURCE
from tests.train.published_example import environment, scenario, write_json

CHECKOUT = Path(__file__).parents[1]
EXAMPLE = CHECKOUT / "data/example"
READMES = [CHECKOUT / "README.md", CHECKOUT / "README_ZH.md"]
PAGES = [*READMES, *sorted((CHECKOUT / "docs").glob("*.md"))]
RUNS = ("runs/one", "runs/two", "runs/demo", "RUN")
NOT_STATEFUL = '```json\n{"reasoning": "nothing is kept", "stateful": false}\n```'
"""What the endpoint of the test says to every request: a judgement, and an agent's last word."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a command is run in the test."""

    reason: str = ""
    """Why it is not run at all; empty when it is."""
    run: str = "example"
    """What lies in each run folder: the finished `example`, its `first` environment and scenario
    with the recorded replies, the `desk` (a tiny environment), the desk in `runs/one` alone, or
    `nothing`.
    """
    adds: str = ""
    """What is typed besides, to answer from the recording."""
    before: tuple[str, ...] = ()
    """What has to be typed first."""
    types: str = ""
    """What a person types while it runs."""
    codes: tuple[int, ...] = (0,)
    """How it may end: a command that looks for faults ends with 1 where it finds some."""


def shell_blocks(path: Path) -> Iterator[list[str]]:
    """Yield what each shell block of a page types, without the comments."""
    for block in re.findall(
        r"```(?:bash|sh|console)\n(.*?)```", path.read_text("utf-8"), re.DOTALL
    ):
        lines = block.replace("\\\n", " ").splitlines()
        typed = [re.sub(r"(^|\s)#.*", "", line.removeprefix("$ ")) for line in lines]
        yield [" ".join(line.split()) for line in typed if line.strip()]


def shell_commands() -> dict[str, str]:
    """Return each command of the pages once, and the page that has it first."""
    found: dict[str, str] = {}
    for path in PAGES:
        for line in (line for block in shell_blocks(path) for line in block):
            for command in line.split(" && "):
                found.setdefault(command, path.name)
    return found


def write_files(folder: Path, way: Way) -> None:
    """Write the files that the pages name, and the run folders."""
    tasks = [*read_objects(DEMO / "tasks.jsonl")][:2]
    write_objects(folder / "tasks.jsonl", tasks)
    write_objects(folder / "responses.jsonl", [{"custom_id": "0" * 64, "content": "yes"}])
    questions = "".join(f'"{row["task"]}"\n' for row in tasks)
    (folder / "questions.csv").write_text(f"question\n{questions}", encoding="utf-8")
    (folder / "shop.py").write_text(SOURCE.replace("LendingDesk", "Shop"), encoding="utf-8")
    write_json(folder / "states.json", [{"loans": {"B1": "Ada"}}])
    (folder / "prices.yaml").write_text("demo-model: {input: 2.0, output: 8.0}\n", encoding="utf-8")
    (folder / "benchmark.txt").write_text("Book me a flight to Lisbon.\n", encoding="utf-8")
    shutil.copy(DEMO / "replies.jsonl", folder / "recording.jsonl")
    write_json(folder / "environments.json", [environment()])
    write_json(folder / "envs.json", [environment()])
    write_json(folder / "scenarios.json", [scenario()])
    write_json(folder / "calls.json", [])
    shutil.copy(write_desk(folder / "desk") / "envs.jsonl", folder / "envs.jsonl")
    (folder / "dist").mkdir()
    (folder / "dist/envscaler-0.1.0-py3-none-any.whl").write_bytes(b"")
    first, *others = ["runs/one"] if way.run == "alone" else RUNS
    write_run(folder / first, way.run)
    for name in others if (folder / first).is_dir() else ():
        shutil.copytree(folder / first, folder / name, dirs_exist_ok=True)


def write_run(folder: Path, kind: str) -> None:
    """Write a run folder, or none."""
    if kind in ("desk", "alone"):
        write_desk(folder)
    elif kind == "example":
        shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    elif kind == "first":
        write_first(folder)


def write_first(folder: Path) -> None:
    """Write the first environment and scenario of the example, with all recorded replies."""
    for name in ("envs.jsonl", "scenarios.jsonl"):
        write_objects(folder / name, [_first(EXAMPLE / name)])
    with Store(folder / "store.sqlite") as store:
        import_store(DEMO / "replies.jsonl", store)


def _first(path: Path) -> JsonObject:
    return next(iter(read_objects(path)))
