"""Time stands still and chance repeats, whatever a class uses and whoever runs beside it."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from envscaler.records import Clock, JsonValue
from envscaler.sandbox import Sandbox, Start
from envscaler.sandbox.live import Isolation
from tests.sandbox.conftest import Box
from tests.sandbox.guests import COUNTER, guest, settings, tool

DRAWS = {
    "random.random()": "import random",
    "random.choice(list(range(1000)))": "import random",
    "random.Random().random()": "import random",
    "random.SystemRandom().random()": "import random",
    "random.randbytes(8).hex()": "import random",
    "str(uuid.uuid4())": "import uuid",
    "str(uuid.uuid1())": "import uuid",
    "secrets.token_hex(8)": "import secrets",
    "secrets.randbelow(10**9)": "import secrets",
    "secrets.choice(range(10**6))": "import secrets",
    "os.urandom(8).hex()": "import os",
}
SAME = {
    "time.time()": "import time",
    "time.monotonic()": "import time",
    "time.perf_counter_ns()": "import time",
    "datetime.now().isoformat()": "from datetime import datetime",
    "datetime.now(timezone.utc).isoformat()": "from datetime import datetime, timezone",
    "datetime.datetime.utcnow().isoformat()": "import datetime",
    "date.today().isoformat()": "from datetime import date",
    "time.strftime('%H:%M:%S')": "import time",
    "time.ctime()": "import time",
    "list(time.localtime())": "import time",
    "hash('text')": "",
    "list({'b', 'a', 'c', 'd'})": "",
    "os.getpid()": "import os",
}


def drawing(expression: str, head: str) -> list[str]:
    """Write the body of a class with a tool `draw`."""
    return [f"    def draw(self):\n        return {expression}", "draw", head]


def draw(
    box: Box, expression: str, head: str, isolation: Isolation, seed: int = 1
) -> list[JsonValue]:
    """Draw three times from a new environment."""
    body, name, head = drawing(expression, head)
    start = Start(initial_state={}, seed=seed)
    environment = box.run(
        box.sandbox.open(guest(body, name, head=head), start, isolation=isolation)
    )
    values = [box.call(environment, name).value for _ in range(3)]
    assert not any(isinstance(value, dict) for value in values), values
    return values


@pytest.mark.parametrize("expression", DRAWS)
def test_chance_repeats_with_the_seed_and_differs_without(
    box: Box, expression: str, isolation: Isolation
) -> None:
    one, two, other = (
        draw(box, expression, DRAWS[expression], isolation, seed) for seed in (1, 1, 2)
    )

    assert one == two
    assert one != other
    assert len(set(map(str, one))) == 3


@pytest.mark.parametrize("expression", SAME)
def test_time_and_order_are_the_same_in_every_worker(box: Box, expression: str) -> None:
    one = draw(box, expression, SAME[expression], "process")
    two = draw(box, expression, SAME[expression], "shared")

    assert one == two


@pytest.mark.parametrize(
    ("expression", "head", "expected"),
    [
        ("datetime.now().isoformat()", "from datetime import datetime", "2025-01-01T00:00:0{}"),
        ("int(time.time()) - 1735689600", "import time", "{}"),
    ],
)
def test_the_clock_starts_where_it_should_and_moves_by_calls(
    box: Box, expression: str, head: str, expected: str, isolation: Isolation
) -> None:
    values = draw(box, expression, head, isolation)

    assert [str(value) for value in values] == [expected.format(n) for n in range(3)]


def test_start_and_step_come_from_the_scenario(box: Box) -> None:
    body, name, head = drawing("datetime.now().isoformat()", "from datetime import datetime")
    clock = Clock(start=datetime(1999, 12, 31, 23, 59, 30, tzinfo=UTC), step=30)
    start = Start(initial_state={}, clock=clock)
    environment = box.run(box.sandbox.open(guest(body, name, head=head), start))

    values = [box.call(environment, name).value for _ in range(2)]

    assert values == ["1999-12-31T23:59:30", "2000-01-01T00:00:00"]


def test_sleep_moves_the_clock_for_good(box: Box, isolation: Isolation) -> None:
    body = "    def nap(self):\n        time.sleep(3600)\n        return time.time() - 1735689600"
    environment = box.open(guest(body, "nap", head="import time"), isolation=isolation)

    values = [box.call(environment, "nap").value for _ in range(2)]

    assert values == [3600, 7201]


def test_time_stands_still_within_a_call(box: Box) -> None:
    values = draw(
        box, "time.time() == (sum(range(10**5)), time.time())[1]", "import time", "process"
    )

    assert values == [True, True, True]


@pytest.mark.parametrize(
    "truth",
    [
        "isinstance(datetime.now(), datetime)",
        "isinstance(datetime.now(), date)",
        "isinstance(datetime.now().date(), date)",
        "not isinstance(date.today(), datetime)",
        "type(datetime.now()) is datetime",
        "type(datetime.now() + timedelta(days=1)) is datetime",
        "isinstance(datetime.strptime('2024-02-03', '%Y-%m-%d'), datetime)",
        "isinstance(datetime.fromisoformat('2024-02-03'), datetime)",
        "(datetime.now() - datetime(2024, 12, 31)).days == 1",
        "datetime.min < datetime.now() < datetime.max",
        "issubclass(datetime, date)",
        "repr(datetime(2024, 2, 3, 4, 5)) == 'datetime.datetime(2024, 2, 3, 4, 5)'",
        "repr(date(2024, 2, 3)) == 'datetime.date(2024, 2, 3)'",
        "copy.deepcopy(datetime.now()) == datetime.now()",
        "datetime.now(timezone.utc).tzinfo is timezone.utc",
        "not isinstance(date(2024, 1, 1), type('Day', (date,), {}))",
        "calendar.monthrange(2024, 2)[1] == 29",
        "f'{datetime.now():%Y-%m-%d}' == '2025-01-01'",
    ],
)
def test_virtual_dates_behave_like_dates(box: Box, truth: str) -> None:
    head = "import calendar, copy\nfrom datetime import date, datetime, timedelta, timezone"

    assert draw(box, truth, head, "process") == [True, True, True]


IDENTITY = (
    "repr(object())",
    "repr(self)",
    "id(self)",
    "str(self.look)",
    "hash(self)",
    "repr({Thing(n) for n in range(9)})",
    "[one.n for one in {Thing(n) for n in range(20)}]",
    "module('timeit').timeit('1+1', number=10)",
    "module('timeit').default_timer()",
    "module('_datetime').datetime.now().isoformat()",
    "module('_datetime').date.today().isoformat()",
    "module('datetime').datetime.now().astimezone().isoformat()",
    "module('_random').Random().random()",
    "module('_random').Random(None).random()",
    "module('random').Random().random()",
    "module('random').SystemRandom().random()",
    "module('uuid').uuid1().hex",
    "module('uuid').uuid4().hex",
    "module('uuid').getnode()",
    "module('secrets').token_hex(4)",
    "module('os').times()",
    "module('os').getrandom(4).hex()",
    "module('posix').urandom(4).hex()",
    "module('posix').getpid()",
    "module('os').getppid()",
    "module('os').getpgrp()",
    "module('os').getuid()",
    "module('os').cpu_count()",
    "module('os').getloadavg()",
    "module('threading').get_ident()",
    "module('threading').get_native_id()",
    "module('threading').current_thread()",
    "module('_thread').get_ident()",
    "module('resource').getrusage(0)",
    "module('time').process_time()",
    "module('time').clock_gettime(1)",
    "module('time').monotonic_ns()",
    "vars(module('logging').LogRecord('a', 1, 'b', 1, 'c', (), None))",
    "module('zoneinfo').ZoneInfo('Europe/Berlin').utcoffset(module('datetime').datetime.now())",
    "sorted(module('zoneinfo').available_timezones())[:3]",
    "module('sys').argv + module('sys').path + module('sys').orig_argv",
    "module('sys').executable + module('sys').prefix",
    "module('json').__file__ + module('json').__spec__.origin",
    "sorted(module('sys').modules)",
    "module('weakref').ref(self)",
    "module('gc').get_count()",
    "module('sys').getrefcount(None)",
    "module('sys').getallocatedblocks()",
)
"""What looks at the process, the machine or an address."""
LOOKER = guest(
    """
    def look(self, expression: str):
        import importlib
        names = {"self": self, "module": importlib.import_module, "Thing": Thing}
        return repr(eval(expression, names))
""",
    tool("look", expression="string"),
    head="class Thing:\n    def __init__(self, n):\n        self.n = n\n",
)


async def look(before: int, isolation: Isolation) -> dict[str, JsonValue]:
    """Evaluate everything in a sandbox that has opened so many environments before."""
    async with Sandbox.start(settings()) as sandbox:
        for _ in range(before):
            await (await sandbox.open(COUNTER, Start(initial_state={}))).close()
        environment = await sandbox.open(LOOKER, Start(initial_state={}), isolation=isolation)
        return {
            one: (await environment.call("look", {"expression": one})).value for one in IDENTITY
        }


@pytest.fixture(scope="module")
def looks() -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    """What is seen in two sandboxes with another past, one of them in a host with much open."""
    first = asyncio.run(look(0, "process"))
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(150)]
    try:
        return first, asyncio.run(look(3, "process"))
    finally:
        for descriptor in held:
            os.close(descriptor)


@pytest.mark.parametrize("expression", IDENTITY)
def test_nothing_tells_two_processes_apart(
    looks: tuple[dict[str, JsonValue], dict[str, JsonValue]], expression: str
) -> None:
    one, two = (found[expression] for found in looks)

    assert isinstance(one, str), one
    assert one == two


def test_no_path_of_the_host_is_shown(
    looks: tuple[dict[str, JsonValue], dict[str, JsonValue]],
) -> None:
    text = str(looks[0].values())

    assert sys.base_prefix not in text
    assert str(Path(__file__).parents[2]) not in text


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Berlin", "2025-07-01T00:00:00+02:00"),
        ("Mars/Base", "ZoneInfoNotFoundError: 'No time zone found with key Mars/Base'"),
        ("../../etc/passwd", "ValueError"),
    ],
)
def test_a_time_zone_works_or_fails_without_a_word_of_the_host(
    box: Box, zone: str, expected: str
) -> None:
    body = (
        "    def at(self, zone: str):\n"
        "        return datetime.datetime(2025, 7, 1, tzinfo=zoneinfo.ZoneInfo(zone)).isoformat()"
    )
    one = guest(body, tool("at", zone="string"), head="import datetime, zoneinfo")

    observation = box.call(box.open(one), "at", zone=zone)

    assert expected in str(observation.value)
    shown = [part for part in ("/usr", "/lib", sys.base_prefix) if part in str(observation.value)]
    assert shown == []
