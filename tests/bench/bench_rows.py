"""How much memory commands take that read artifacts, against the number of rows.

python -m tests.bench.bench_rows [ROWS …] [COMMAND …]

Rows are small, at the lending desk of the tests: as many scenarios, and as many rollouts, 8 of
a scenario, as are asked for (10,000 and 100,000 when no number is given). Each command runs in a
process of its own, whose peak of resident memory is printed, with the seconds. `verify` plays
what it reads, which takes milliseconds each, and is left out above 10,000 unless it is named.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from envscaler.jsonl import write_rows
from envscaler.records import (
    Message,
    Observation,
    ObservationKind,
    Reward,
    Scenario,
    Step,
    StopReason,
    ToolCall,
    Trajectory,
)
from tests.bench.bench_scale import say
from tests.interact.fakes import make_environment, make_scenario

ENVIRONMENTS = 40
_SEEN = Observation(
    kind=ObservationKind.OK, value={"success": True, "message": "B2 is lent to Ada"}
)
COUNTS = (10_000, 100_000)
ATTEMPTS = 8
COMMANDS: dict[str, tuple[str, ...]] = {
    "show FILE": ("show", "{run}/rollouts.jsonl"),
    "show RUN ID": ("show", "{run}", "traj-0000000", "--only", "stop_reason"),
    "show RUN": ("show", "{run}"),
    "calibrate": ("calibrate", "--run", "{run}"),
    "export-sft": ("export-sft", "--run", "{run}"),
    "export-rl": ("export-rl", "--run", "{run}"),
    "report": ("report", "{run}", "--no-replay"),
    "verify": ("verify", "--run", "{run}"),
}
_MOST_VERIFIED = 10_000
"""Scenarios that are proven again; each takes a few milliseconds, whatever the number."""


def write_run(folder: Path, count: int) -> None:
    """Write a run of so many scenarios and so many rollouts, all at the lending desk."""
    environments = [
        make_environment().model_copy(update={"id": f"env-{number}"})
        for number in range(ENVIRONMENTS)
    ]
    write_rows(folder / "envs.jsonl", environments)
    write_rows(folder / "scenarios.jsonl", map(_scenario, range(count)))
    for name in ("rollouts", "trajectories"):
        write_rows(folder / f"{name}.jsonl", map(_rollout, range(count)))


def _scenario(number: int) -> Scenario:
    named = {"id": f"scen-{number:07}", "env_id": _environment(number), "index": number}
    return make_scenario().model_copy(update={**named, "task": _task(number)})


def _rollout(number: int) -> Trajectory:
    scenario = number // ATTEMPTS
    call = ToolCall(id="call_0", name="lend", arguments={"book_id": "B2", "reader": "Ada"})
    passed = float(number % 3 == 0)
    return Trajectory(
        id=f"traj-{number:07}",
        env_id=_environment(scenario),
        scenario_id=f"scen-{scenario:07}",
        attempt=number % ATTEMPTS,
        dialogue="single_turn",
        tool_format="native",
        tools=make_environment().tools,
        messages=(
            Message(role="user", content=_task(scenario)),
            Message(role="assistant", content="", tool_calls=(call,)),
            Message(role="tool", content="B2 is lent to Ada", tool_call_id="call_0"),
            Message(role="assistant", content="Done."),
        ),
        steps=(Step(call=call, observation=_SEEN),),
        stop_reason=StopReason.FINISHED,
        reward=Reward(score=passed, verdicts=(), isolation="none"),
        seed=0,
    )


def _task(number: int) -> str:
    """Word a task that is like no other, as its letters go."""
    return f"Lend book B2 to Ada, as {sha256(str(number).encode()).hexdigest()} asks."


def _environment(number: int) -> str:
    return f"env-{number % ENVIRONMENTS}"


def measured(command: tuple[str, ...]) -> tuple[float, float, int]:
    """Run a command; return its peak of memory in MB, its seconds and its exit code."""
    began, peak = time.perf_counter(), 0
    line = [sys.executable, "-m", "envscaler", *command]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, _peak(process.pid))
            time.sleep(0.02)
    return peak / 1024, time.perf_counter() - began, process.returncode


def _peak(pid: int) -> int:
    """Return the peak of resident memory of a process so far in KB; 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def chosen(words: list[str]) -> Iterator[str]:
    return (name for name in COMMANDS if not words or name in words)


def main(counts: list[int], words: list[str]) -> None:
    """Print a line for each command and number of rows."""
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            run = Path(name)
            write_run(run, count)
            size = sum(path.stat().st_size for path in run.glob("*.jsonl")) / 2**20
            say(f"{count:,} scenarios and rollouts, {size:,.0f} MB")
            for command in chosen(words):
                if command == "verify" and count > _MOST_VERIFIED and command not in words:
                    continue
                parts = tuple(part.format(run=run) for part in COMMANDS[command])
                memory, seconds, code = measured(parts)
                say(f"  {command:<12} {memory:6.0f} MB {seconds:7.1f} s, exit code {code}")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    numbers = [int(each) for each in arguments if each.isdecimal()]
    main(numbers or list(COUNTS), [each for each in arguments if not each.isdecimal()])
