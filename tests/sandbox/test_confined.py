"""Which checks may share a worker with other scenarios: those that cannot touch anything."""

import ast

import pytest

from envscaler.records import Check, Clock, JsonObject, Verdict
from envscaler.sandbox.guest.confined import is_confined, only_reads
from tests.sandbox.conftest import Box
from tests.sandbox.guests import SHARED, published_scenes

CONFINED = [
    "return final_state.get('orders', {}).get('O1', {}).get('status') == 'sent'",
    "return any(o['n'] > 1 for o in final_state['orders'].values() if isinstance(o, dict))",
    "orders = sorted(final_state['orders'], key=lambda o: o.lower()); return len(orders) == 2",
    "return final_state != initial_state",
    "n = 0\n    for k, v in final_state.items():\n        n += len(v)\n    return n > 3",
    "from datetime import date\n    return date.fromisoformat(final_state['at']).year == 2025",
    "import re\n    return bool(re.match('a', final_state['name'])) is True",
    "return type(final_state['n']) is int and 3 == final_state['n']",
    "import math\n    return math.gcd(final_state['n'], ord('a')) == 1 and 'a'.isascii()",
    "import re\n    return [one.end() for one in re.compile('a').finditer('aa')] == [1, 2]",
    "from fractions import Fraction\n    return Fraction(1, 3) * 3 == final_state['n']",
    "try:\n        return final_state['a'] > 1\n    except KeyError:\n        return False",
    "from datetime import datetime, timezone\n    at = datetime.fromisoformat(final_state['at'])\n"
    "    return at.astimezone(timezone.utc).microsecond == 0 and at.weekday() < 7",
    "return f\"{final_state['n']:>5}\".strip() == '3'",
    "if repr(final_state) == 'x':\n        raise RuntimeError('changed')\n    return True",
]
CHANGING = [
    "final_state['items'].append(3)\n    return True",
    "items = final_state['items']\n    items += [3]\n    return True",
    "items = final_state['items']\n    items += 'ab'\n    return True",
    "items = final_state['items']\n    items *= 2\n    return True",
    "final_state['items'] = []\n    return True",
    "final_state['items'][0] += 1\n    return True",
    "for final_state['name'] in (1, 2):\n        pass\n    return True",
    "[final_state['items'], x] = 1, 2\n    return True",
    "name = final_state['name']\n    name |= {'b': 2}\n    return True",
    "return list(map(dict.pop, [final_state], ['items'])) == [[1, 2]]",
    "return final_state.setdefault('x', 1) == 1",
]
FREE = [
    "return type(*['X', (Exception,), {}]) is int",
    "t = type(final_state)\n    return t is dict",
    "return type('X', (Exception,), {}) is int",
    "import os\n    return True",
    "import builtins\n    return True",
    "import json\n    json.loads = None\n    return True",
    "import re\n    return re.enum.sys is None",
    "import re\n    re.purge()\n    return True",
    "from re import enum\n    return True",
    "import datetime as __builtins__\n    return True",
    "return ().__class__ is None",
    "return final_state.__class__.__init__ is None",
    "return (x for x in ()).gi_frame is None",
    "return '{0.__class__}'.format(1) == ''",
    "return '{x.__class__}'.format_map(final_state) == ''",
    "return getattr(final_state, 'clear')() is None",
    "setattr(final_state, 'x', 1)\n    return True",
    "return globals() == {}",
    "return eval('1') == 1",
    "exec('x = 1')\n    return True",
    "return __import__('os') is None",
    "return __builtins__ is None",
    "open = len\n    return open('/etc/passwd') == 1",
    "check_func.x = 1\n    return True",
    "global y\n    y = 1\n    return True",
    "class A: pass\n    return True",
    "type('A', (), {})\n    return True",
    "try:\n        pass\n    except:\n        pass\n    return True",
    "try:\n        pass\n    except BaseException:\n        pass\n    return True",
    "raise SystemExit",
    "match final_state:\n        case dict(clear=c): return True",
    "with final_state as x: return True",
    "yield 1",
    "del final_state.x\n    return True",
    "object.x = 1\n    return True",
    "return vars(len) == {}",
    "return breakpoint()",
]


def write(body: str) -> str:
    return f"def check_func(final_state):\n    {body}\n"


@pytest.mark.parametrize("body", CONFINED)
def test_a_check_that_only_reads_is_confined(body: str) -> None:
    assert is_confined(ast.parse(write(body)))


@pytest.mark.parametrize("body", FREE)
def test_a_check_that_could_reach_further_is_not(body: str) -> None:
    assert not is_confined(ast.parse(write(body)))


@pytest.mark.parametrize("head", ["@len\n", "async ", "def f(open=1): pass\n", "import sys\n"])
def test_what_stands_around_the_check_counts_as_well(head: str) -> None:
    assert not is_confined(ast.parse(head + write("return True")))


@pytest.mark.parametrize("body", [body for body in CONFINED if "+=" not in body])
def test_a_check_that_changes_nothing_only_reads(body: str) -> None:
    assert only_reads(ast.parse(write(body)))


@pytest.mark.parametrize("body", CHANGING)
def test_a_check_that_may_change_a_state_does_not_only_read(body: str) -> None:
    tree = ast.parse(write(body))

    assert is_confined(tree)
    assert not only_reads(tree)


@pytest.mark.parametrize("body", CHANGING)
def test_what_a_check_changes_the_next_ones_do_not_see(box: Box, body: str) -> None:
    state: JsonObject = {"items": [1, 2], "name": {"a": 1}}
    same = "return final_state == {'items': [1, 2], 'name': {'a': 1}}"

    verdicts = judge(box, same, body, same, state=state)

    assert [verdict.kind for verdict in verdicts][::2] == ["passed", "passed"]


def test_a_default_that_reading_adds_the_next_check_does_not_see(box: Box) -> None:
    state: JsonObject = {"seen": {"$defaultdict": ["int", [["a", 1]]]}}
    reads, counts = "return final_state['seen']['b'] == 0", "return len(final_state['seen']) == 1"

    verdicts = judge(box, reads, counts, state=state)

    assert [verdict.kind for verdict in verdicts] == ["passed", "passed"]


def test_most_published_checks_are_confined() -> None:
    if not SHARED.is_dir():
        pytest.skip("the third-party data in ../shared/data is absent")
    checks = [check for scene in published_scenes() for check in scene.checks]

    confined = sum(is_confined(ast.parse(check.source)) for check in checks)

    assert confined >= 0.99 * len(checks)


def judge(box: Box, *bodies: str, state: JsonObject | None = None) -> tuple[Verdict, ...]:
    checks = [Check(item=body, source=write(body)) for body in bodies]
    return box.run(box.sandbox.run_checks(checks, state or {"n": 1}, state or {"n": 1}, Clock()))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("while True: pass", "timeout"),
        ("return [0] * 10**10 == []", "error"),
        ("return final_state['x'] == 1", "error"),
        ("return 9 ** 9 ** 9 == 1", "timeout"),
        ("return len(final_state)", "wrong_type"),
    ],
)
def test_a_confined_check_that_goes_wrong_is_told_apart_from_its_neighbours(
    box: Box, body: str, kind: str
) -> None:
    assert is_confined(ast.parse(write(body)))

    verdicts = judge(box, "return True", body, "return False")

    assert [verdict.kind for verdict in verdicts] == ["passed", kind, "failed"]


def test_confined_checks_get_a_copy_each(box: Box) -> None:
    spoil = "final_state.update({'n': 2}); initial_state.update({'n': 2}); return True"
    look = "return final_state == initial_state and final_state['n'] == 1"

    verdicts = judge(box, spoil, look, spoil, look)

    assert [verdict.kind for verdict in verdicts] == ["passed"] * 4


def test_a_line_of_the_check_is_named_in_the_message(box: Box) -> None:
    [verdict] = judge(box, "return final_state['x'] == 1")

    assert verdict.message == "KeyError: 'x' (line 2: return final_state['x'] == 1)"
