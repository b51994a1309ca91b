"""The least that an episode of its own process can take, as a program of its own.

Classes and checks are compiled and defined beforehand. For an episode the process forks; the child
makes the object, answers calls over a bare socket, tells its state, judges its own checks, and
ends. Nothing is validated, limited, written down or kept apart. What this takes above the calls
alone is the price of a process each: the fork, the pages that Python writes in a fresh process, the
way there and back. The package on `argv[1]` gives the wall, because the code is other people's.
"""

import copy
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

Row = dict[str, Any]
Play = tuple[type, Row, list[tuple[str, Row]], list[Any]]
now = time.perf_counter


def prepare(row: Row) -> Play:
    """Define the class of an episode and compile its checks."""
    module = ModuleType("environment")
    exec(row["guest"]["source"], module.__dict__)  # noqa: S102  this process is locked
    checks = [compile(each["source"], "check", "exec") for each in row["scene"]["checks"]]
    kind = module.__dict__[row["guest"]["class_name"]]
    return kind, row["scene"]["initial_state"], row["calls"], checks


def make(kind: type, initial: Row) -> Any:  # noqa: ANN401
    """Make the object in its initial state."""
    try:
        made = kind(copy.deepcopy(initial))
    except TypeError:
        made = kind()
    for name, value in copy.deepcopy(initial).items():
        setattr(made, name, value)
    return made


def live(end: socket.socket, play: Play) -> None:
    """Be an episode: answer until the checks have been judged."""
    kind, initial, _, checks = play
    made = make(kind, initial)
    end.send(b"{}")
    while request := end.recv(1 << 20):
        name, given = json.loads(request)
        if name == "":
            end.send(json.dumps(judge(made, initial, checks)).encode())
            return
        try:
            result = getattr(made, name)(**given)
        except Exception as error:  # noqa: BLE001  other people's code
            result = str(error)
        end.send(json.dumps(result, default=str).encode())


def judge(made: object, initial: Row, checks: list[Any]) -> list[object]:
    """Run the checks over the final state."""
    verdicts: list[object] = []
    for code in checks:
        names: Row = {"initial_state": copy.deepcopy(initial)}
        exec(code, names)  # noqa: S102
        try:
            verdicts.append(names["check_func"](vars(made)) is True)
        except Exception as error:  # noqa: BLE001  other people's code
            verdicts.append(str(error))
    return verdicts


def episode(times: dict[str, list[float]], play: Play) -> None:
    """Play one, and note what its parts took."""
    started = now()
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        live(theirs, play)
        os._exit(0)
    theirs.close()
    ours.recv(1 << 20)
    times.setdefault("open", []).append(now() - started)
    for call in play[2]:
        timed(times, "step", lambda call=call: ask(ours, call))
    timed(times, "score", lambda: ask(ours, ("", {})))
    ours.close()
    os.waitpid(child, 0)
    times.setdefault("episode", []).append(now() - started)


def ask(end: socket.socket, call: tuple[str, Row]) -> None:
    """Make a call and wait for what it gives."""
    end.send(json.dumps(call).encode())
    end.recv(1 << 20)


def timed(times: dict[str, list[float]], name: str, work: Callable[[], None]) -> None:
    """Do some work and note how long it took."""
    started = now()
    work()
    times.setdefault(name, []).append(now() - started)


def main() -> None:
    """Play what comes in, and write the times."""
    sys.path.append(sys.argv[1])
    lockdown = import_module("guest.lockdown")
    rounds, rows = json.loads(sys.stdin.read())
    plays = [prepare(row) for row in rows]
    lockdown.give_up_privileges()
    lockdown.landlock()
    times: dict[str, list[float]] = {}
    for turn in range(rounds + 1):
        for play in plays:
            episode(times if turn else {}, play)
    sys.stdout.write(json.dumps(times))


if __name__ == "__main__":
    main()
