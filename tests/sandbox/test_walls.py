"""What stands between generated code and the machine, and what is said when nothing does."""

import ast
import asyncio
from pathlib import Path

import pytest

import envscaler
from envscaler.errors import IsolationError
from envscaler.sandbox.doctor import report
from envscaler.sandbox.guest import seccomp
from envscaler.sandbox.guest.escape_attempts import ATTEMPTS
from envscaler.sandbox.host import limits_of, try_to_escape
from envscaler.sandbox.launch import UnlockedLauncher
from envscaler.sandbox.pool import Workers
from tests.sandbox.conftest import as_nobody
from tests.sandbox.guests import settings

PACKAGE = Path(envscaler.__file__).parent
FORBIDDEN_CALLS = {"exec", "eval", "compile", "__import__"}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "runpy", "dill", "cloudpickle", "code", "imp"}

WORKERS = PACKAGE / "pipeline" / "executors" / "processes.py"
"""Pickles what two processes of ours tell each other; no guest has their socket, as
tests/pipeline/test_executors.py shows."""


def host_files() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if "guest" not in path.parts]


def forbidden(tree: ast.AST) -> list[str]:
    """Return what in a module could run or unpickle something generated."""
    found: list[str] = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                found.append(f"{name}() in line {node.lineno}")
            case ast.Import(names=names):
                found += [n.name for n in names if n.name.split(".")[0] in FORBIDDEN_MODULES]
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in FORBIDDEN_MODULES:
                found.append(module)
            case ast.Attribute(attr="import_module" | "exec_module" | "run_path"):
                found.append(f"{node.attr} in line {node.lineno}")
            case _:
                pass
    return found


@pytest.mark.parametrize("path", host_files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_host_runs_and_unpickles_nothing(path: Path) -> None:
    expected = ["pickle"] if path == WORKERS else []

    assert forbidden(ast.parse(path.read_text(encoding="utf-8"))) == expected


def test_the_search_for_such_code_finds_it() -> None:
    text = "import pickle\nfrom marshal import loads\nexec('x')\nimportlib.import_module('y')"

    assert len(forbidden(ast.parse(text))) == 4


def test_the_host_imports_only_the_wire_and_the_names_of_the_probes_from_the_guest() -> None:
    imported = {
        node.module
        for path in host_files()
        if "sandbox.guest" in (text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and node.module and ".sandbox.guest" in node.module
    }

    allowed = ("", ".wire", ".escape_attempts")
    assert imported <= {f"envscaler.sandbox.guest{name}" for name in allowed}


def test_the_cage_of_this_machine_holds() -> None:
    found = asyncio.run(report(settings()))

    assert found.level in {"seccomp", "seccomp+landlock"}
    assert (found.stopped, found.problem) == (tuple(ATTEMPTS), "")


def test_the_cage_of_an_ordinary_user_holds() -> None:
    code = (
        "import asyncio\n"
        "from envscaler.sandbox.doctor import report\n"
        "from tests.sandbox.guests import settings\n"
        "print(asyncio.run(report(settings())).level)"
    )

    result = as_nobody("-c", code)

    assert result.stdout.strip() in {"seccomp", "seccomp+landlock"}, result.stderr


def test_an_ordinary_user_opens_many_environments_at_once() -> None:
    code = (
        "import asyncio\n"
        "from envscaler.sandbox import Sandbox\n"
        "from tests.sandbox.guests import COUNTER, settings, start\n"
        "async def main():\n"
        "    async with Sandbox.start(settings()) as sandbox:\n"
        "        every = [sandbox.open(COUNTER, start()) for _ in range(150)]\n"
        "        return len(await asyncio.gather(*every))\n"
        "print(asyncio.run(main()))"
    )

    result = as_nobody("-c", code)

    assert result.stdout.strip() == "150", result.stderr


def test_the_self_test_refuses_a_cage_with_a_hole() -> None:
    async def scene() -> None:
        chosen = settings()
        launcher = UnlockedLauncher(limits_of(chosen))

        async def again() -> UnlockedLauncher:
            return launcher

        workers = Workers(chosen, launcher, again)
        try:
            await try_to_escape(workers)
        finally:
            await workers.close()

    with pytest.raises(IsolationError, match=r"from inside, this worked.*open a file"):
        asyncio.run(scene())


def test_doctor_says_why_generated_code_may_not_run_and_what_to_do() -> None:
    found = asyncio.run(report(settings(), python="/nonexistent/python"))

    assert (found.level, found.stopped) == ("", ())
    assert "--sandbox weak" in found.problem


def test_a_filter_allows_what_is_listed_and_refuses_the_rest() -> None:
    machine = seccomp.MACHINE
    assert machine is not None
    code = seccomp.program(machine, ["read", "mmap"])

    assert run_filter(code, machine, "read") == "allow"
    assert run_filter(code, machine, "write") == "refuse"
    assert run_filter(code, machine, "mmap", (0, 0, 3)) == "allow"
    assert run_filter(code, machine, "mmap", (0, 0, 7)) == "refuse"


def test_another_architecture_is_killed() -> None:
    machine = seccomp.MACHINE
    assert machine is not None
    code = seccomp.program(machine, ["read"])
    foreign = seccomp.Machine(0x40000003, machine.calls)

    assert run_filter(code, foreign, "read") == "kill"


def run_filter(
    code: list[seccomp.Instruction],
    machine: seccomp.Machine,
    call: str,
    arguments: tuple[int, ...] = (),
) -> str:
    """Interpret a filter as the kernel does."""
    words = {0: machine.calls[call], 4: machine.audit}
    words |= {16 + 8 * place: value for place, value in enumerate(arguments)}
    loaded, place = 0, 0
    while True:
        operation, yes, no, operand = code[place]
        if operation == 0x06:
            return {0x7FFF0000: "allow", 0x80000000: "kill"}.get(operand, "refuse")
        if operation == 0x20:
            loaded = words.get(operand, 0)
        else:
            holds = {
                0x15: loaded == operand,
                0x35: loaded >= operand,
                0x45: bool(loaded & operand),
            }[operation]
            place += yes if holds else no
        place += 1
