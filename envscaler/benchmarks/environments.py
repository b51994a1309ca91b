"""The classes of BFCL and ACEBench as environments of a run, their tasks as scenarios with a proof.

`envscaler import bench:bfcl,acebench=FOLDER` makes them. The instances of a task share nothing, so
a task becomes a scenario for each of its classes in which the published solution calls something:
that class alone, in the task's state, with its part of the calls. Checks follow from the calls, as
for any scenario with a solution; so `verify`, its floor panel and `check-env` say of others' tasks
what they say of ours. `envscaler eval` is what plays and scores them officially.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from envscaler.benchmarks.acebench.tasks import AceTask, class_file, open_checkout
from envscaler.benchmarks.acebench.tasks import read_tasks as read_ace
from envscaler.benchmarks.benchmark import Choice
from envscaler.benchmarks.bfcl.install import CLASSES, find_install
from envscaler.benchmarks.bfcl.tasks import BfclTask
from envscaler.benchmarks.bfcl.tasks import read_tasks as read_bfcl
from envscaler.benchmarks.named import each_named
from envscaler.errors import ReplyError
from envscaler.published.import_module import ImportReport, add_rows, environment_of, state_row
from envscaler.published.module import read_module
from envscaler.published.solutions import GivenSolutions
from envscaler.records import Call, Environment, JsonObject, Scenario, named_by_content


@dataclass(frozen=True, slots=True)
class Share:
    """What a task has for one of its classes."""

    task_id: str
    class_name: str
    file: Path
    """The module of the class."""
    state: JsonObject
    text: str
    calls: tuple[Call, ...]
    """All calls of the published solution, in order."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came into the run, and how its scenarios are solved."""

    report: ImportReport
    solutions: list[GivenSolutions]


def import_benchmarks(named: str, folder: Path) -> Imported:
    """Take classes, states and tasks of benchmarks into a run.

    Args:
        named: Names, with commas between them and perhaps `=FOLDER` behind them.
        folder: The run. States go to `states`, which `check-env --scenarios` takes.

    Raises:
        ConfigError: There is no such benchmark, or it is not installed.
        ArtifactError: A class of it, or a file of the run, cannot be read.
    """
    shares = [
        share for name, data in each_named(named, _SHARES) for share in _SHARES[name](Choice(data))
    ]
    return _Import(folder).take(shares)


def _bfcl(choice: Choice) -> Iterator[Share]:
    install = find_install(choice.data)
    for task in read_bfcl(install, choice.groups or ("base",)):
        for name in task.classes:
            yield _share(task, name, install.module_file(CLASSES[name][0]), task.config.get(name))


def _acebench(choice: Choice) -> Iterator[Share]:
    checkout = open_checkout(choice.data)
    for task in read_ace(checkout, Choice(choice.data, corrected=True)):
        for name in task.classes:
            both = _object(task.config.get(name)) | _object(task.config.get("BaseApi"))
            yield _share(task, name, class_file(checkout, name), both)


_SHARES: Mapping[str, Callable[[Choice], Iterator[Share]]] = {"bfcl": _bfcl, "acebench": _acebench}


def _share(task: BfclTask | AceTask, name: str, file: Path, state: object) -> Share:
    calls = tuple(
        Call(name=call.name, arguments=call.arguments)
        for turn in task.solution
        for call in turn.calls
    )
    return Share(task.id, name, file, _object(state), task.text, calls)


def _object(value: object) -> JsonObject:
    return cast("JsonObject", value) if isinstance(value, dict) else {}


class _Import:
    """Writes the rows of one import.

    Args:
        folder: The run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environments: dict[str, Environment] = {}
        self._unread: dict[str, str] = {}
        """Class → why it is none of ours."""

    def take(self, shares: Sequence[Share]) -> Imported:
        """Write classes, states and scenarios."""
        known = [(share, row) for share in shares if (row := self._environment(share)) is not None]
        states = {
            row.id: row
            for share, environment in known
            for row in [state_row(environment, 0, share.state)]
        }
        solved = {row.id: (row, how) for row, how in _solved(known)}
        environments = [*self._environments.values()]
        scenarios = [row for row, _ in solved.values()]
        rows = {
            "envs": add_rows(self._folder / "envs.jsonl", Environment, environments),
            "states": add_rows(self._folder / "states.jsonl", Scenario, [*states.values()]),
            "scenarios": add_rows(self._folder / "scenarios.jsonl", Scenario, scenarios),
        }
        report = ImportReport(
            written={name: count for name, count in rows.items() if count},
            skipped=len(environments) + len(states) + len(scenarios) - sum(rows.values()),
            dropped=len(self._unread),
            reasons=dict.fromkeys(self._unread.values(), 1),
            examples={reason: reason for reason in self._unread.values()},
        )
        return Imported(report, [how for _, how in solved.values()])

    def _environment(self, share: Share) -> Environment | None:
        name = share.class_name
        if name not in self._environments and name not in self._unread:
            try:
                self._environments[name] = environment_of(read_module(share.file, name))
            except ReplyError as error:
                self._unread[name] = f"{name}: {error}"
        return self._environments.get(name)


def _solved(
    known: Sequence[tuple[Share, Environment]],
) -> Iterator[tuple[Scenario, GivenSolutions]]:
    """Yield each scenario in which something is called, with its part of the solution."""
    counts: Counter[str] = Counter()
    for share, environment in known:
        names = {tool.name for tool in environment.tools}
        calls = tuple(call for call in share.calls if call.name in names)
        if calls:
            row = _scenario(share, environment, counts[environment.id])
            counts[environment.id] += 1
            yield row, GivenSolutions(scenario_id=row.id, solutions=(calls,))


def _scenario(share: Share, environment: Environment, index: int) -> Scenario:
    return named_by_content(
        Scenario(
            id="",
            env_id=environment.id,
            kind="rl",
            index=index,
            initial_state=share.state,
            task=share.text,
        )
    )
