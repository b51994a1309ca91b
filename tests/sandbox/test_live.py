"""Calls, states and snapshots of a live environment."""

import asyncio

import pytest

from envscaler.errors import GuestError, SandboxError
from envscaler.records import JsonValue, ObservationKind
from envscaler.sandbox import Sandbox, Start
from envscaler.sandbox.live import Isolation
from tests.sandbox.conftest import Box
from tests.sandbox.guests import COUNTER, guest, settings, tool

MISBEHAVING = guest(
    """
    def __init__(self):
        self.count = 0

    def add(self):
        self.count += 1
        return self.count

    def fail(self):
        self.count += 10
        raise KeyError("order")

    def loop(self):
        self.count += 100
        while True:
            pass

    def swallow(self):
        self.count += 100
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass

    def fill(self):
        self.count += 100
        data = []
        while True:
            data.append(bytes(1 << 20))

    def strange(self):
        return object()

    def large(self):
        return "x" * (1 << 21)

    def speak(self):
        print("hello")
        return self.count

    def flood(self):
        print("x" * 1_000_000)

    def secret(self):
        return self._hidden()

    def _hidden(self):
        return "hidden"
""",
    *("add", "fail", "loop", "swallow", "fill", "strange", "large", "speak", "flood", "secret"),
)


@pytest.mark.parametrize(
    ("method", "kind", "text", "count_after"),
    [
        ("fail", "exception", "KeyError: 'order'", 11),
        ("loop", "timeout", "no result after 0.3 s", 1),
        ("swallow", "killed", "hard deadline", 1),
        ("fill", "memory", "512 MiB", 1),
        ("strange", "unserialisable", "object", 1),
        ("large", "oversized", "1048576 are allowed", 1),
    ],
)
def test_a_call_that_goes_wrong_is_an_observation_and_the_environment_lives_on(
    box: Box, isolation: Isolation, method: str, kind: str, text: str, count_after: int
) -> None:
    environment = box.open(MISBEHAVING, isolation=isolation)
    box.call(environment, "add")

    observation = box.call(environment, method)

    assert (observation.kind, isinstance(observation.value, dict)) == (kind, True)
    assert text in str(observation.value)
    assert box.run(environment.state()) == {"count": count_after}
    assert box.call(environment, "add").value == count_after + 1


@pytest.mark.parametrize("method", ["loop", "swallow"])
def test_a_call_that_was_stopped_is_marked_in_the_journal(box: Box, method: str) -> None:
    environment = box.open(MISBEHAVING)

    box.call(environment, method)
    box.call(environment, "add")

    calls = environment.journal.calls
    assert [(call.name, call.undone) for call in calls] == [(method, True), ("add", False)]


@pytest.mark.parametrize("name", ["nothing", "_hidden", "__init__", "__class__", "count", ""])
def test_only_tools_of_the_schema_can_be_called(box: Box, name: str) -> None:
    environment = box.open(MISBEHAVING)

    observation = box.call(environment, name)

    assert observation.kind is ObservationKind.REFUSED
    assert environment.journal.calls == ()


def test_arguments_are_checked_before_anything_runs(box: Box) -> None:
    environment = box.open(COUNTER)

    observation = box.call(environment, "add", amount="three")

    assert observation.kind is ObservationKind.REFUSED
    assert "integer" in str(observation.value)
    assert box.run(environment.state()) == {"count": 0}


def test_a_null_for_an_optional_argument_counts_as_absent(box: Box) -> None:
    environment = box.open(COUNTER)

    observation = box.call(environment, "add", amount=None)

    assert observation.value == {"success": True, "count": 1, "totals": [1]}


def test_half_a_surrogate_pair_goes_in_but_not_out(box: Box) -> None:
    echo = guest("    def echo(self, text: str):\n        return text", tool("echo", text="string"))
    environment = box.open(echo)

    observation = box.call(environment, "echo", text="\ud800")

    assert observation.kind is ObservationKind.UNSERIALISABLE


def test_integers_of_any_size_pass_both_ways(box: Box) -> None:
    double = guest(
        "    def double(self, n: int):\n        return n * 2", tool("double", n="integer")
    )
    environment = box.open(double)

    observation = box.call(environment, "double", n=10**30)

    assert observation.value == {"$int": str(2 * 10**30)}


def test_output_is_captured_and_capped(box: Box) -> None:
    environment = box.open(MISBEHAVING)

    spoken, flooded = box.call(environment, "speak"), box.call(environment, "flood")

    assert (spoken.value, spoken.output) == (0, "hello\n")
    assert len(flooded.output) == 65536


def test_class_state_does_not_leak_between_episodes(box: Box, isolation: Isolation) -> None:
    first = box.open(COUNTER, isolation=isolation)
    box.call(first, "add")

    second = box.open(COUNTER, isolation=isolation)

    assert box.call(second, "add").value == {"success": True, "count": 1, "totals": [1]}


def test_environments_in_one_worker_do_not_meet(box: Box) -> None:
    one, two = (box.open(COUNTER, isolation="shared") for _ in range(2))

    box.call(one, "add", amount=5)

    assert box.run(two.state()) == {"count": 0}


def test_a_snapshot_brings_everything_back(box: Box, isolation: Isolation) -> None:
    environment = box.open(COUNTER, isolation=isolation)
    box.call(environment, "add")
    before = box.run(environment.snapshot())
    box.call(environment, "add")

    box.run(environment.restore(before))

    assert before.copy is not None
    assert len(environment.journal.calls) == 1
    again = box.call(environment, "add")
    assert again.value == {"success": True, "count": 2, "totals": [1, 2]}


def test_a_snapshot_of_what_cannot_be_copied_is_replayed(box: Box) -> None:
    generator = guest(
        """
    def __init__(self):
        self.count = 0
        World.count_up = (n for n in range(100))

    def next(self):
        self.count = next(World.count_up)
        return self.count
""",
        "next",
    )
    environment = box.open(generator)
    box.call(environment, "next")
    before = box.run(environment.snapshot())
    box.call(environment, "next")

    box.run(environment.restore(before))

    assert before.copy is None
    assert box.call(environment, "next").value == 1


DRAWING = """
    def __init__(self):
        self.drawn = []
        self._random = random.Random(7)

    def draw(self):
        self.drawn.append(self._random.randint(1, 1000))
        return self.drawn[-1]
"""


def test_a_generator_of_its_own_is_no_part_of_the_state_and_comes_back(box: Box) -> None:
    lottery = guest(DRAWING, "draw", head="import random")
    environment = box.open(lottery)
    first = box.call(environment, "draw").value
    before = box.run(environment.snapshot())
    second = box.call(environment, "draw").value

    box.run(environment.restore(before))

    assert box.run(environment.state()) == {"drawn": [first]}
    assert first != second
    assert box.call(environment, "draw").value == second


LOADING = """
    def __init__(self):
        self._other = random.Random(8)
        self._force = 0

    def load_state(self, given):
        self._random = random.Random(7)
        self.speed = given.get("speed", 0)
        self._force = given.get("force", 0.0)

    def press(self):
        self._force = 9
        return self._random.randint(1, 6)
"""


def test_a_state_of_a_class_that_loads_and_draws_comes_back_as_it_was(box: Box) -> None:
    car = guest(LOADING, "press", head="import random")
    environment = box.open(car, {"speed": 5})
    box.call(environment, "press")
    pressed = box.run(environment.state())

    assert pressed == {"_force": 9, "speed": 5}
    again = box.open(car, pressed)
    assert box.run(again.state()) == pressed
    assert box.call(again, "press").kind is ObservationKind.OK


@pytest.mark.parametrize(
    "keeps", ["self._random = type('Own', (random.Random,), {})(7)", "self._random.secret = {}"]
)
def test_a_generator_that_can_keep_more_hides_nothing_from_a_state(box: Box, keeps: str) -> None:
    line = "        self._random = random.Random(7)\n"
    body = DRAWING.replace(line, f"{line}        {keeps}\n")

    with pytest.raises(GuestError, match="_random is a"):
        box.run(box.open(guest(body, "draw", head="import random")).state())


def test_a_snapshot_works_in_another_environment_of_the_same_start(box: Box) -> None:
    one, two = box.open(COUNTER), box.open(COUNTER, isolation="shared")
    box.call(one, "add", amount=3)

    box.run(two.restore(box.run(one.snapshot())))

    assert box.run(two.state()) == {"count": 3}


def test_a_snapshot_of_another_start_is_refused(box: Box) -> None:
    one, two = box.open(COUNTER), box.open(COUNTER, {"count": 5})

    with pytest.raises(SandboxError, match="another environment or start"):
        box.run(two.restore(box.run(one.snapshot())))


def test_a_journal_rebuilds_the_environment(box: Box) -> None:
    environment = box.open(MISBEHAVING)
    for method in ("add", "loop", "fail", "add"):
        box.call(environment, method)

    rebuilt = box.run(box.sandbox.rebuild(MISBEHAVING, environment.journal))

    assert box.run(rebuilt.state()) == box.run(environment.state()) == {"count": 12}
    assert rebuilt.journal == environment.journal


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("    def __init__(self:", "does not compile: SyntaxError"),
        ("    1 / 0", r"ZeroDivisionError: division by zero \(line 3: 1 / 0\)"),
        ("    import numpy", "No module named 'numpy'"),
        ("    def __init__(self, c):\n        c['users']", r"KeyError: 'users' \(line 4: c\["),
        ("    import os; os._exit(0)", "does not survive its start"),
        ("    count = property(lambda self: 1)", "AttributeError"),
    ],
)
def test_a_class_that_does_not_start_is_an_error_for_its_author(
    box: Box, body: str, message: str
) -> None:
    with pytest.raises(GuestError, match=message):
        box.open(guest(body), {"count": 1})


def test_a_missing_class_is_an_error_for_its_author(box: Box) -> None:
    other = COUNTER.model_copy(update={"class_name": "Elsewhere"})

    with pytest.raises(GuestError, match="Elsewhere"):
        box.open(other)


@pytest.mark.parametrize("behind", ["", "NAMES = sorted(('b', 'a'))\n"], ids=["defines", "does"])
def test_a_module_may_begin_with_an_import_from_the_future(box: Box, behind: str) -> None:
    body = "    def __init__(self, unknown: Unknown = None):\n        self.count = 3"

    environment = box.open(guest(body, head=f"from __future__ import annotations\n{behind}"))

    assert box.run(environment.state()) == {"count": 3}


@pytest.mark.parametrize(
    "signature",
    ["self", "self, config=None", "self, init_config: dict", "self, count=0, other=None"],
)
def test_every_form_of_constructor_is_served(box: Box, signature: str) -> None:
    body = f"    def __init__({signature}):\n        self.count = 0"

    environment = box.open(guest(body), {"count": 4, "names": ["a"]})

    assert box.run(environment.state()) == {"count": 4, "names": ["a"]}


def test_constructor_and_attributes_get_a_copy_each(box: Box) -> None:
    body = (
        "    def __init__(self, config):\n        config['names'].append('x'); self.kept = config\n"
        "    def read(self):\n        return self.kept"
    )

    environment = box.open(guest(body), {"names": ["a"]})

    assert box.run(environment.state()) == {"names": ["a"], "kept": {"names": ["a", "x"]}}


def test_a_closed_environment_says_so(box: Box) -> None:
    environment = box.open(COUNTER)
    box.run(environment.close())

    with pytest.raises(SandboxError, match="closed"):
        box.call(environment, "read")


def test_calls_of_one_environment_wait_for_each_other(box: Box) -> None:
    environment = box.open(COUNTER)

    async def together() -> None:
        await asyncio.gather(*(environment.call("add", {}) for _ in range(50)))

    box.run(together())

    assert box.run(environment.state()) == {"count": 50}


def test_a_cancelled_call_leaves_no_trace() -> None:
    async def scene() -> JsonValue:
        # A limit that no busy machine reaches before the call is cancelled.
        async with Sandbox.start(settings(call_soft=60, call_hard=120)) as sandbox:
            environment = await sandbox.open(MISBEHAVING, Start(initial_state={}))
            await environment.call("add", {})
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(environment.call("loop", {}), 0.05)
            return (await environment.call("add", {})).value

    assert asyncio.run(scene()) == 2


def test_the_seed_of_open_replaces_the_start_s(box: Box) -> None:
    start = Start(initial_state={}, seed=1)

    environment = box.run(box.sandbox.open(COUNTER, start, seed=2))

    assert environment.journal.seed == 2
