"""Verdicts: exactly True or False, everything else told apart, nothing carried over."""

import asyncio
import time
from datetime import UTC, datetime

import pytest

from envscaler.records import Check, Clock, JsonObject, Verdict, VerdictKind
from tests.sandbox.conftest import Box
from tests.sandbox.guests import Scene


def check(body: str, item: str = "?") -> Check:
    """Make a check from the indented body of its function."""
    return Check(item=item, source=f"def check_func(final_state):\n    {body}\n")


def judge(
    box: Box, *checks: Check, initial: JsonObject | None = None, final: JsonObject | None = None
) -> tuple[Verdict, ...]:
    """Run checks."""
    return box.run(box.sandbox.run_checks(checks, initial or {}, final or {}, Clock()))


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ("return True", "passed", ""),
        ("return False", "failed", ""),
        ("return 1", "wrong_type", "int"),
        ("return None", "wrong_type", "NoneType"),
        ("return [True]", "wrong_type", "list"),
        ("return final_state['missing']", "error", "KeyError: 'missing' (line 2: return"),
        ("while True: pass", "timeout", "0.3 s"),
        ("import os; os._exit(0)", "error", "died"),
        ("raise SystemExit", "error", "SystemExit"),
        ("return bytearray(1 << 40)", "error", "memory"),
        ("return (", "error", "does not compile"),
        ("return open('/etc/passwd').read() != ''", "error", "PermissionError"),
        ("return all(x == final_state for x in [final_state])", "passed", ""),
    ],
)
def test_every_way_to_end_has_a_verdict_of_its_own(
    box: Box, body: str, kind: str, message: str
) -> None:
    [verdict] = judge(box, check(body))

    assert verdict.kind == kind
    assert message in verdict.message


def test_a_check_that_swallows_its_time_limit_is_late_and_the_next_ones_run(box: Box) -> None:
    swallow = check("\n    while True:\n        try:\n            while True: pass\n"
                    "        except BaseException: pass")  # fmt: skip

    verdicts = judge(box, check("return True"), swallow, check("return True"))

    assert [verdict.kind for verdict in verdicts] == ["passed", "timeout", "passed"]


def test_a_source_without_check_func_is_an_error(box: Box) -> None:
    [verdict] = judge(box, Check(item="?", source="x = 1"))

    assert (verdict.kind, verdict.message) == ("error", "it defines no check_func")


def test_checks_see_the_initial_state_of_the_scenario(box: Box) -> None:
    same = check("return initial_state == {'n': 1} and final_state == {'n': 2}")

    [verdict] = judge(box, same, initial={"n": 1}, final={"n": 2})

    assert verdict.kind is VerdictKind.PASSED


@pytest.mark.parametrize(
    "crime",
    [
        "final_state['n'] = 2",
        "initial_state['n'] = 2",
        "global shared; shared = 1",
        "import builtins; builtins.len = lambda x: 7",
        "import builtins; builtins.isinstance = lambda *a: False",
        "import builtins; builtins.extra = 1",
        "import builtins; del builtins.dict",
        "import time; time.sleep(100)",
        "import random; random.seed(3)",
    ],
)
def test_what_one_check_does_does_not_reach_the_next(box: Box, crime: str) -> None:
    innocent = check(
        "import builtins, time, random\n"
        "    drawn = random.random()\n"
        "    return (final_state == initial_state == {'n': 1} and 'shared' not in globals()\n"
        "        and len([]) == 0 and isinstance(1, int) and not hasattr(builtins, 'extra')\n"
        "        and dict() == {} and time.time() == 1735689600.0 and str(drawn) == DRAWN)"
    )
    [alone] = judge(box, check("import random\n    return str(random.random())"))
    drawn = box.run(_drawn(box))
    innocent = innocent.model_copy(update={"source": innocent.source.replace("DRAWN", repr(drawn))})

    verdicts = judge(
        box, check(f"{crime}\n    return True"), innocent, initial={"n": 1}, final={"n": 1}
    )

    assert alone.kind is VerdictKind.WRONG_TYPE
    assert [verdict.kind for verdict in verdicts] == ["passed", "passed"], verdicts


async def _drawn(box: Box) -> str:
    """Return the first random number that a check draws."""
    source = check("import random\n    raise ValueError(random.random())")
    [verdict] = await box.sandbox.run_checks((source,), {}, {}, Clock())
    return verdict.message.removeprefix("ValueError: ").partition(" ")[0]


def test_what_one_scenario_s_checks_do_does_not_reach_another(box: Box) -> None:
    spoil = check(
        "import json, datetime\n    json.loads = datetime.datetime = None\n    return True"
    )
    use = check(
        "import json, datetime\n"
        "    return json.loads('[1]') == [1] and datetime.datetime.now().year == 2025"
    )

    judge(box, spoil)
    [verdict] = judge(box, use)

    assert verdict.kind is VerdictKind.PASSED


def test_checks_get_python_values_without_tags(box: Box) -> None:
    final: JsonObject = {
        "set": {"$set": [1, 2]},
        "tuple": {"$tuple": [1, "a"]},
        "keys": {"$dict": [[1, "one"]]},
        "at": {"$datetime": "2025-01-02T03:04:05"},
        "enum": {"$enum": ["Color", "RED", "red"]},
        "item": {"$dataclass": ["Item", {"n": 1}]},
    }
    body = (
        "from datetime import datetime\n"
        "    return final_state == {'set': {1, 2}, 'tuple': (1, 'a'), 'keys': {1: 'one'},\n"
        "        'at': datetime(2025, 1, 2, 3, 4, 5), 'enum': 'red', 'item': {'n': 1}}"
    )

    [verdict] = judge(box, check(body), final=final)

    assert verdict.kind is VerdictKind.PASSED, verdict.message


def test_the_clock_of_checks_is_the_scenario_s_and_stands_still(box: Box) -> None:
    clock = Clock(start=datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC))
    body = "import time\n    from datetime import datetime\n    a = time.time()\n"
    body += "    return datetime.now() == datetime(2031, 5, 6, 7, 8, 9) and a == time.time()"

    [verdict] = box.run(box.sandbox.run_checks((check(body),), {}, {}, clock))

    assert verdict.kind is VerdictKind.PASSED, verdict.message


def test_the_published_score_is_the_share_of_checks_that_passed(box: Box) -> None:
    checks = (check("return True"), check("return False"), check("return True"))
    scene = Scene(env_id="e", initial_state={}, checks=checks)

    reward = box.run(box.sandbox.score(scene, {}, definition="fraction"))

    assert (reward.score, reward.isolation) == (0.6667, box.sandbox.level)


def test_what_is_a_goal_is_seen_at_the_start_where_nobody_said_it(box: Box) -> None:
    checks = (check("return final_state['n'] == 2"), check("return 'n' in final_state"))
    scene = Scene(env_id="e", initial_state={}, checks=checks)

    done = box.run(box.sandbox.score(scene, {"n": 2}, start={"n": 1}))
    nothing = box.run(box.sandbox.score(scene, {"n": 1}, start={"n": 1}))
    harm = box.run(box.sandbox.score(scene, {}, start={"n": 1}))

    assert (done.score, nothing.score) == (1.0, 0.0)
    assert harm.score is None


def test_the_start_of_a_scenario_is_judged_once_and_another_start_anew(box: Box) -> None:
    checks = (check("return final_state['n'] == 2"), check("return 'n' in final_state"))
    scene = Scene(env_id="once", initial_state={"n": 0}, checks=checks)

    async def score() -> list[float | None]:
        starts: list[JsonObject] = [{"n": 1}, {"n": 1}, {"n": 2}, {"n": 1}]
        rewards = [await box.sandbox.score(scene, {"n": 2}, start=one) for one in starts]
        return [reward.score for reward in rewards]

    assert box.run(score()) == [1.0, 1.0, None, 1.0]


def test_a_check_that_a_worker_knows_already_is_run_on_the_new_state(box: Box) -> None:
    padding = " ".join(f"'{number:0100}'," for number in range(900))
    large = check(f"names = [{padding}]\n    return len(names) == 900 and final_state['n'] == 1")

    async def judge_twice() -> list[str]:
        found = [await box.sandbox.run_checks((large,), {}, {"n": n}, Clock()) for n in (1, 2, 1)]
        return [verdict.kind for [verdict] in found]

    assert box.run(judge_twice()) == ["passed", "failed", "passed"]


def test_a_dataclass_instance_is_read_by_attributes_and_by_keys(box: Box) -> None:
    entry: JsonObject = {"$dataclass": ["Entry", {"action": "open", "items": [1]}]}
    body = """entry = final_state['log'][0]
    return entry.action == entry['action'] == 'open' and entry.items == [1] and 'items' in entry"""

    [verdict] = box.run(box.sandbox.run_checks((check(body),), {}, {"log": [entry]}, Clock()))

    assert verdict.kind is VerdictKind.PASSED, verdict.message


def test_frozen_dataclass_instances_are_members_of_sets(box: Box) -> None:
    receipts: JsonObject = {"$set": [{"$dataclass": ["Receipt", {"tag": "T1", "owner": "Bea"}]}]}
    body = "return any(receipt.owner == 'Bea' for receipt in final_state['receipts'])"

    [verdict] = box.run(box.sandbox.run_checks((check(body),), {}, {"receipts": receipts}, Clock()))

    assert verdict.kind is VerdictKind.PASSED, verdict.message


def test_a_broken_check_leaves_no_score_but_counts_as_failed_when_published(box: Box) -> None:
    scene = Scene(env_id="e", initial_state={}, checks=(check("return True"), check("return 1")))

    ours = box.run(box.sandbox.score(scene, {}))
    published = box.run(box.sandbox.score(scene, {}, published=True))

    assert (ours.score, published.score) == (None, 0.5)


def test_many_scenarios_are_scored_at_once(box: Box) -> None:
    slow = check("n = 0\n    while n < 10**5: n += 1\n    return final_state['k'] == n % 7")

    async def together() -> list[tuple[Verdict, ...]]:
        works = [box.sandbox.run_checks((slow,), {}, {"k": k}, Clock()) for k in range(20)]
        return await asyncio.gather(*works)

    started = time.monotonic()
    verdicts = box.run(together())

    assert [v[0].kind for v in verdicts].count(VerdictKind.PASSED) == 1
    assert time.monotonic() - started < 20
