"""States cross the border and come back: exact types, nothing else."""

import string
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from uuid import UUID

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from envscaler.environment.state.encoding import canonical, tag, untag
from envscaler.errors import GuestError
from envscaler.records import JsonObject
from envscaler.sandbox.guest.export import ExportError, encode_plain, to_json
from envscaler.sandbox.guest.last_export import LastExport
from envscaler.sandbox.guest.load import from_json
from envscaler.sandbox.guest.making import differ
from envscaler.sandbox.live import Isolation
from tests.sandbox.conftest import Box
from tests.sandbox.guests import guest

_text = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)
_keys = _text | st.sampled_from(["$set", "$dict", "$", "a.b"])
_hashable = st.one_of(
    _text,
    st.integers(min_value=-(2**70), max_value=2**70),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False),
    st.binary(max_size=4),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.uuids(),
    st.decimals(allow_nan=False),
    st.timedeltas(min_value=timedelta(days=-10), max_value=timedelta(days=10)),
)


def _containers(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    lists = st.lists(inner, max_size=3)
    return st.one_of(
        lists,
        lists.map(tuple),
        lists.map(deque),
        st.sets(_hashable, max_size=3),
        st.frozensets(_hashable, max_size=3),
        st.dictionaries(_keys, inner, max_size=3),
        st.dictionaries(_hashable, inner, max_size=3),
        st.dictionaries(_text, inner, max_size=3).map(OrderedDict),
        st.dictionaries(_text, inner, max_size=3).map(lambda d: defaultdict(list, d)),
        st.dictionaries(_text, st.integers(0, 9), max_size=3).map(Counter),
    )


values = st.recursive(_hashable, _containers, max_leaves=12)


@given(values)
@settings(max_examples=300, deadline=None)
def test_what_a_worker_writes_it_can_read(value: object) -> None:
    again = from_json(to_json(value).decode())

    assert again == value
    assert type(again) is type(value)


@given(values)
@example({-1.0, -6.103515625e-05})
@settings(max_examples=300, deadline=None)
def test_worker_and_host_write_the_same(value: object) -> None:
    written = orjson.loads(to_json(value))

    assert canonical(written) == canonical(tag(value))
    assert untag(written) == value


class Color(Enum):
    """An Enum."""

    RED = "red"


class Level(IntEnum):
    """An Enum that is an integer as well."""

    HIGH = 3


class Word(str):
    """A string of its own type."""

    __slots__ = ()


@dataclass
class Item:
    """A dataclass with a value that needs a tag."""

    name: str
    tags: set[str]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({2, 1}, {"$set": [1, 2]}),
        ((1, [2]), {"$tuple": [1, [2]]}),
        ({1: "one"}, {"$dict": [[1, "one"]]}),
        ({"$set": 1}, {"$dict": [["$set", 1]]}),
        (datetime(2025, 1, 2, 3, 4), {"$datetime": "2025-01-02T03:04:00"}),  # noqa: DTZ001
        (date(2025, 1, 2), {"$date": "2025-01-02"}),
        (time(3, 4), {"$time": "03:04:00"}),
        (timedelta(minutes=2), {"$timedelta": 120.0}),
        (Decimal("1.20"), {"$decimal": "1.20"}),
        (b"\x01", {"$bytes": "01"}),
        (UUID(int=1), {"$uuid": "00000000-0000-0000-0000-000000000001"}),
        (float("nan"), {"$float": "nan"}),
        (float("-inf"), {"$float": "-inf"}),
        (2**63, {"$int": "9223372036854775808"}),
        (2**63 - 1, 2**63 - 1),
        (Color.RED, {"$enum": ["Color", "RED", "red"]}),
        ([Level.HIGH], [{"$enum": ["Level", "HIGH", 3]}]),
        (Word("w"), "w"),
        (Item("a", {"x"}), {"$dataclass": ["Item", {"name": "a", "tags": {"$set": ["x"]}}]}),
        (defaultdict(list, {"a": [1]}), {"$defaultdict": ["list", [["a", [1]]]]}),
        (True, True),
        ("text with 12345678901234567890 digits", "text with 12345678901234567890 digits"),
    ],
)
def test_every_type_has_its_tag(value: object, written: object) -> None:
    assert orjson.loads(to_json(value)) == written


def _cycle() -> object:
    loop: list[object] = []
    loop.append({"again": loop})
    return {"loop": loop}


def _deep() -> object:
    value: object = 1
    for _ in range(500):
        value = (value,)
    return value


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_cycle, r"loop\[0\]\.again contains itself"),
        (_deep, "nested more than 40 deep"),
        (lambda: {"f": [print]}, r"f\[0\] is a builtin_function_or_method"),
        (object, "object, which JSON cannot hold"),
        (lambda: "a\udc00", r"\\udc00"),
        (lambda: 1 << 20_000, "20001 bits"),
    ],
)
def test_what_json_cannot_hold_is_refused_with_a_message(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(ExportError, match=message):
        to_json(make())


def test_a_subclass_is_written_by_what_its_base_holds() -> None:
    class Liar(dict[str, int]):
        items = keys = values = __iter__ = __len__ = __getitem__ = None  # pyright: ignore[reportAssignmentType]

    assert orjson.loads(to_json({"x": Liar(a=1)})) == {"x": {"a": 1}}


KEEPER = guest(
    """
    def kinds(self):
        return sorted(f"{k}: {type(v).__name__}" for k, v in vars(self).items())
""",
    "kinds",
    head="""
from dataclasses import dataclass
from enum import Enum

class Color(Enum):
    RED = "red"

@dataclass(frozen=True)
class Item:
    n: int
""",
)
STATE: JsonObject = {
    "keys": {"$dict": [[1, "one"], [{"$tuple": [1, 2]}, "pair"]]},
    "set": {"$set": ["a", "b"]},
    "at": {"$datetime": "2025-01-01T00:00:00+02:00"},
    "day": {"$date": "2025-01-01"},
    "price": {"$decimal": "1.20"},
    "color": {"$enum": ["Color", "RED", "red"]},
    "item": {"$dataclass": ["Item", {"n": 1}]},
    "odd": {"$float": "inf"},
    "plain": {"a": [1, 2.5, None, True, "é"]},
}


def test_a_state_comes_back_as_it_went_in(box: Box, isolation: Isolation) -> None:
    environment = box.open(KEEPER, STATE, isolation)

    state = box.run(environment.state())

    assert canonical(state) == canonical(STATE)


def test_a_state_is_loaded_into_real_types(box: Box) -> None:
    environment = box.open(KEEPER, STATE)

    kinds = box.call(environment, "kinds").value

    assert kinds == [
        "at: datetime", "color: Color", "day: date", "item: Item", "keys: dict", "odd: float",
        "plain: dict", "price: Decimal", "set: set",
    ]  # fmt: skip


@given(st.dictionaries(st.text(string.ascii_lowercase, min_size=1), values, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_state_survives_load_and_export(box: Box, state: dict[str, object]) -> None:
    tagged: JsonObject = {f"x_{key}": tag(value) for key, value in state.items()}
    environment = box.open(KEEPER, tagged)

    again = box.run(environment.state())

    assert canonical(again) == canonical(tagged)
    box.run(environment.close())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("self.me = self", "me is a World, which JSON cannot hold"),
        ("self.rows = [1]; self.rows.append(self.rows)", r"rows\[1\] contains itself"),
        ("self.run = lambda: 1", "run is a function"),
        ("self.big = 'x' * (17 << 20)", "16777216 are allowed"),
    ],
)
def test_a_state_that_cannot_be_read_is_an_error_for_the_author(
    box: Box, body: str, message: str
) -> None:
    environment = box.open(guest(f"    def __init__(self):\n        {body}"))

    with pytest.raises(GuestError, match=message):
        box.run(environment.state())


class Exporter:
    """Exports a value, and counts how often."""

    def __init__(self, value: object) -> None:
        self._value = value
        self.times = 0

    def __call__(self) -> bytes:
        self.times += 1
        return to_json(self._value)


def test_what_is_as_it_was_is_not_exported_again() -> None:
    state = {"orders": {"O1": {"price": 9.5, "tags": ["a"]}}}
    export, last = Exporter(state), LastExport()

    first = last.of(state, export)
    again = last.of(state, export)

    assert first == again == to_json(state)
    assert export.times == 1


@given(values, values)
@settings(max_examples=300, deadline=None)
def test_the_last_export_is_given_for_nothing_else(before: object, after: object) -> None:
    last = LastExport()
    last.of(before, Exporter(before))

    found = last.of(after, Exporter(after))

    assert found == to_json(after)


@given(values, values)
@settings(max_examples=200, deadline=None)
def test_what_differs_at_a_glance_is_exported_otherwise(one: object, other: object) -> None:
    if differ(one, other, 1):
        assert to_json(one) != to_json(other)
    assert not differ(one, one, 1)


def test_the_whole_of_a_state_differs_from_a_part_of_it_at_a_glance() -> None:
    state: dict[str, object] = {"users": {"U1": {"name": "Ada"}}, "orders": {}}

    assert differ(state["users"], state, 1)


def test_a_text_that_begins_with_a_dollar_sign_needs_no_tag() -> None:
    prices: dict[str, object] = {"hash": "$2b$12$x", "prices": [{"price": "$9.99"}]}

    assert encode_plain(prices) is not None
    assert from_json(to_json(prices).decode()) == prices
    assert encode_plain({"$set": [1]}) is None
    assert encode_plain({"a": 1, "$set": [1]}) is None
