"""Values for property tests of the state encoding."""

from collections import Counter, OrderedDict, defaultdict, deque
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from envscaler.environment.state.encoding import GuestDataclass, GuestEnum
from envscaler.records import JsonValue

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
KEYS = TEXT | st.integers(-3, 3) | st.tuples(st.integers(0, 3), TEXT)

_ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False)
    | TEXT
    | st.binary(max_size=4)
    | st.datetimes().map(lambda at: at.replace(fold=0))
    | st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0))
    | st.dates()
    | st.times().map(lambda at: at.replace(fold=0))
    | st.timedeltas(timedelta(-9999), timedelta(9999))
    | st.decimals(allow_nan=False)
    | st.uuids()
    | st.builds(GuestEnum, st.just("Status"), st.just("OPEN"), TEXT)
)
_HASHABLE = st.booleans() | st.integers() | TEXT | st.dates() | st.tuples(st.integers(), TEXT)


def _containers(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXT, inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.tuples(inner, inner)
        | st.lists(inner, max_size=3).map(deque)
        | st.dictionaries(TEXT, inner, max_size=3).map(OrderedDict)
        | st.dictionaries(TEXT, st.integers(0, 9), max_size=3).map(Counter)
        | st.dictionaries(TEXT, inner, max_size=3).map(lambda pairs: defaultdict(list, pairs))
        | st.dictionaries(st.just("total"), inner).map(lambda pairs: GuestDataclass("Bill", pairs))
    )


def _sets(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return (
        _containers(inner) | st.sets(_HASHABLE, max_size=4) | st.frozensets(_HASHABLE, max_size=4)
    )


PYTHON: st.SearchStrategy[object] = st.recursive(_ATOMS, _sets, max_leaves=12)
"""Anything that a state may hold."""

ORDERED: st.SearchStrategy[object] = st.recursive(_ATOMS, _containers, max_leaves=12)
"""The same without sets: they are written in an order that equal sets need not share."""

JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)

EXAMPLES: list[tuple[object, JsonValue]] = [
    ({"a": 1}, {"a": 1}),
    ({1: "a"}, {"$dict": [[1, "a"]]}),
    ({"$set": 1}, {"$dict": [["$set", 1]]}),
    ({3, 1, 2}, {"$set": [1, 2, 3]}),
    (frozenset({"b", "a"}), {"$frozenset": ["a", "b"]}),
    ((1, (2,)), {"$tuple": [1, {"$tuple": [2]}]}),
    (deque([1]), {"$deque": [1]}),
    (Counter(a=2), {"$counter": [["a", 2]]}),
    (OrderedDict(a=1), {"$ordereddict": [["a", 1]]}),
    (defaultdict(list, a=[]), {"$defaultdict": ["list", [["a", []]]]}),
    (defaultdict(None, a=1), {"$defaultdict": [None, [["a", 1]]]}),
    (datetime(2025, 1, 2, 3, tzinfo=UTC), {"$datetime": "2025-01-02T03:00:00+00:00"}),
    (date(2025, 1, 2), {"$date": "2025-01-02"}),
    (time(3, 4), {"$time": "03:04:00"}),
    (timedelta(minutes=1), {"$timedelta": 60.0}),
    (Decimal("1.20"), {"$decimal": "1.20"}),
    (b"\x01\xff", {"$bytes": "01ff"}),
    (float("inf"), {"$float": "inf"}),
    (2**64, {"$int": "18446744073709551616"}),
    (GuestEnum("Status", "OPEN", "open"), {"$enum": ["Status", "OPEN", "open"]}),
    (GuestDataclass("Bill", {"total": 1}), {"$dataclass": ["Bill", {"total": 1}]}),
]
"""Python values and what they are written as."""
