"""What a worker answers is a stranger's: it is read whatever it is, at a bounded price."""

import struct
import time
from itertools import islice

import pytest

from envscaler.errors import GuestError, SandboxError
from envscaler.records import Check, Clock, Observation, ObservationKind
from envscaler.sandbox.decode import MAX_DEPTH, MAX_VALUES, load, observe
from envscaler.sandbox.guest import wire
from envscaler.sandbox.watched import ProbeResult
from tests.sandbox.conftest import Box
from tests.sandbox.fuzz import answers, read
from tests.sandbox.guests import COUNTER, guest, tool

FORGER = guest(
    """
    def __init__(self):
        self.items = {"a": 1}

    def forge(self, status: int, body: str):
        import os, struct, sys
        number, frame = 0, sys._getframe()
        while frame:
            number = frame.f_locals.get("number", number)
            frame = frame.f_back
        answer = bytes.fromhex(body)
        os.write(3, struct.pack("<IBI", len(answer), status, number) + answer)
        while True:
            pass

    def replace_export(self):
        import sys
        instance = sys.modules["guest.instance"]
        instance.export.state_to_json = lambda *_: b"[" * 1000 + b"]" * 1000
""",
    tool("forge", status="integer", body="string"),
    "replace_export",
)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize("seed", [1, 2])
def test_forged_answers_are_read_whatever_they_are(seed: int) -> None:
    for status, body in islice(answers(seed, 2000), 2000):
        observation, watched = read(status, body)

        assert isinstance(observation, Observation)
        assert isinstance(watched, ProbeResult)
        # A record of it can be written and read again.
        again = Observation.model_validate_json(observation.model_dump_json())
        assert again.kind == observation.kind


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (wire.PRINTED, b"x"),
        (wire.PRINTED, b""),
        (wire.PRINTED, struct.pack("<I", 2**32 - 1) + b"x"),
        (wire.EXCEPTION, b'{"error": ' + nested(1000) + b"}"),
        (wire.OK, nested(1000)),
        (wire.OK, b""),
        (0, b""),
    ],
)
def test_a_worker_that_forges_its_answer_ends_its_own_call_only(
    box: Box, status: int, body: bytes
) -> None:
    environment, beside = box.open(FORGER), box.open(COUNTER)

    observation = box.call(environment, "forge", status=status, body=body.hex())

    assert observation.kind in {ObservationKind.UNSERIALISABLE, ObservationKind.EXCEPTION}
    assert box.call(beside, "add").kind is ObservationKind.OK
    # What it says next answers nobody, and when it is rebuilt it forges the answer to that.
    with pytest.raises((GuestError, SandboxError), match=r"nobody had asked|is no answer"):
        box.run(environment.state())


def test_a_forged_state_is_no_state(box: Box) -> None:
    environment = box.open(FORGER)
    box.call(environment, "replace_export")

    with pytest.raises(GuestError, match="cannot be read"):
        box.run(environment.state())


def test_a_value_as_deep_as_allowed_is_read_and_a_deeper_one_is_not() -> None:
    assert load(nested(MAX_DEPTH)) is not None
    assert load(nested(MAX_DEPTH + 1)) is None
    assert load(b'{"a": ' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH) is not None


def test_brackets_in_texts_do_not_count() -> None:
    assert load(b'["' + b"[{" * 1000 + b'"]') == ["[{" * 1000]
    assert load(b'["' + b"," * (MAX_VALUES + 1) + b'"]') == ["," * (MAX_VALUES + 1)]
    assert load(b'["\\"' + b"," * (MAX_VALUES + 1) + b'"]') == ['"' + "," * (MAX_VALUES + 1)]


LARGE = 16 << 20
COSTLY: dict[str, bytes] = {
    "lists": b"[" + b"[]," * (LARGE // 3) + b"[]]",
    "dicts": b"[" + b"{}," * (LARGE // 3) + b"{}]",
    "numbers": b"[" + b"1," * (LARGE // 2) + b"1]",
    "levels": b"[" + b",".join([nested(60)] * (LARGE // 121)) + b"]",
    "digits": b"1" * LARGE,
    "quotes": b'"' * LARGE,
    "escapes": b'"' + b"\\\\" * (LARGE // 2),
    "half a text with commas": b'["' + b"," * LARGE,
}


@pytest.mark.parametrize("name", COSTLY)
def test_a_forged_answer_of_any_size_costs_little_for_each_byte(name: str) -> None:
    started = time.process_time()

    value = load(COSTLY[name])

    assert value is None
    # Honest ones cost some 50 ns a byte. This is processor time, and ten times as much.
    assert time.process_time() - started < LARGE * 500e-9


def test_a_state_of_the_largest_size_is_read() -> None:
    record = b'{"id": "ORD-0001", "status": "open", "items": [1, 2, 3], "note": "%s"}' % (
        b"x" * 100
    )
    body = b'{"orders": [' + b",".join([record] * (LARGE // 200)) + b"]}"

    value = load(body)

    assert isinstance(value, dict)


def test_a_result_that_is_too_much_says_so() -> None:
    observation = observe(wire.OK, b"[" + b"1," * MAX_VALUES + b"1]")

    assert observation.kind is ObservationKind.UNSERIALISABLE
    assert str(MAX_VALUES) in str(observation.value)


_HEAD = "import collections"
_DEEP = """
    def deep(self, n: int):
        value = 1
        for _ in range(n):
            value = %s
        return value
"""
DEEP = tool("deep", n="integer")


@pytest.mark.parametrize(
    "expression", ["[[1]]", "{0: {2: (1,)}}", "collections.defaultdict(list, a=[1])"]
)
def test_what_a_worker_writes_at_its_own_limit_is_read_and_kept(box: Box, expression: str) -> None:
    environment = box.open(guest(_DEEP % expression.replace("1", "value"), DEEP, head=_HEAD))

    seen = [box.call(environment, "deep", n=number) for number in range(1, 60)]

    kinds = [one.kind for one in seen]
    assert set(kinds) == {ObservationKind.OK, ObservationKind.UNSERIALISABLE}
    assert kinds.index(ObservationKind.UNSERIALISABLE) > 5
    for one in seen:
        assert Observation.model_validate_json(one.model_dump_json()).kind == one.kind


WARNED = {
    "is with a literal": "self.count is 1",
    "an escape that is none": r"bool(__import__('re').match('\d', '1'))",
}


@pytest.mark.parametrize("name", WARNED)
def test_code_that_a_compiler_warns_of_is_run(box: Box, name: str) -> None:
    body = f"    count = 1\n\n    def look(self):\n        return {WARNED[name]}"

    observation = box.call(box.open(guest(body, "look")), "look")

    assert (observation.value, observation.output) == (True, "")


def test_a_check_that_a_compiler_warns_of_is_run(box: Box) -> None:
    source = (
        "import re\ndef check_func(state):\n"
        "    return state['a'] is 1 and re.match('\\d', '1') is not None\n"
    )
    check = Check(item="?", source=source)

    [verdict] = box.run(box.sandbox.run_checks((check,), {}, {"a": 1}, Clock()))

    assert (verdict.kind, verdict.message) == ("passed", "")
