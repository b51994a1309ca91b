"""Time that stands still: `time` and `datetime` tell what the host set, and `sleep` moves it.

Installed before any class is loaded, so `from datetime import datetime` binds the virtual one.
"""

import calendar
import datetime as real
import time
from collections.abc import Callable

from .replace import Replacements

_DateTime, _Date = real.datetime, real.date
_localtime, _gmtime, _strftime, _asctime = time.localtime, time.gmtime, time.strftime, time.asctime

EPOCH = 1735689600.0
"""2025-01-01T00:00:00Z, until a host sets another time."""


class _Now:
    """The one clock of this process, in seconds since 1970 (UTC)."""

    start = EPOCH
    slept = 0.0


def set_time(start: float, slept: float = 0.0) -> None:
    """Set the clock.

    Args:
        start: Seconds since 1970, without what was slept.
        slept: Seconds that `sleep` has added so far.
    """
    _Now.start, _Now.slept = start, slept


def slept() -> float:
    """Return how many seconds `sleep` has added."""
    return _Now.slept


def now() -> float:
    """Return the virtual time in seconds since 1970."""
    return _Now.start + _Now.slept


def _now_ns() -> int:
    return int(now() * 1_000_000) * 1000


def _sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    _Now.slept += float(seconds)


class _LikeDate(type):
    """Makes `isinstance` and `issubclass` accept the real type as well."""

    def __instancecheck__(cls, instance: object) -> bool:
        if cls is VirtualDate:
            return isinstance(instance, _Date)
        return super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        if cls is VirtualDate:
            return issubclass(subclass, _Date)
        return super().__subclasscheck__(subclass)


class _LikeDateTime(type):
    def __instancecheck__(cls, instance: object) -> bool:
        if cls is VirtualDateTime:
            return isinstance(instance, _DateTime)
        return super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        if cls is VirtualDateTime:
            return issubclass(subclass, _DateTime)
        return super().__subclasscheck__(subclass)


class VirtualDate(_Date, metaclass=_LikeDate):
    """`datetime.date` with a virtual today."""

    __slots__ = ()

    @classmethod
    def today(cls) -> "VirtualDate":
        return cls.fromtimestamp(now())

    def __repr__(self) -> str:
        return f"datetime.date({self.year}, {self.month}, {self.day})"


class VirtualDateTime(_DateTime, metaclass=_LikeDateTime):
    """`datetime.datetime` with a virtual now."""

    __slots__ = ()

    @classmethod
    def now(cls, tz: real.tzinfo | None = None) -> "VirtualDateTime":
        return cls.fromtimestamp(now(), tz)

    @classmethod
    def utcnow(cls) -> "VirtualDateTime":
        return cls.fromtimestamp(now(), real.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> "VirtualDateTime":
        return cls.fromtimestamp(now())

    def date(self) -> VirtualDate:
        return VirtualDate(self.year, self.month, self.day)

    def __repr__(self) -> str:
        name, _, rest = _DateTime.__repr__(self).partition("(")
        return f"datetime.datetime({rest}" if name else name


def _as_named(kind: type, name: str) -> None:
    """Make a virtual type answer to the real one's name, in `repr` and in pickles."""
    kind.__module__, kind.__name__, kind.__qualname__ = "datetime", name, name


def _or_now(function: Callable[[float], object]) -> Callable[[float | None], object]:
    def at(seconds: float | None = None) -> object:
        return function(now() if seconds is None else seconds)

    return at


def _format(form: str, at: time.struct_time | None = None) -> str:
    return _strftime(form, at or _localtime(now()))


def _text(at: time.struct_time | None = None) -> str:
    return _asctime(at or _localtime(now()))


def _clock_time(_clock: int) -> float:
    return now()


def _clock_time_ns(_clock: int) -> int:
    return _now_ns()


def _virtual_time() -> dict[str, object]:
    """Return the names of `time` that must not tell the real time."""
    clocks = ("time", "monotonic", "perf_counter", "process_time", "thread_time")
    functions: dict[str, object] = dict.fromkeys(clocks, now)
    functions |= {f"{name}_ns": _now_ns for name in clocks}
    functions |= {
        "sleep": _sleep,
        "clock_gettime": _clock_time,
        "clock_gettime_ns": _clock_time_ns,
        "localtime": _or_now(_localtime),
        "gmtime": _or_now(_gmtime),
        "ctime": _or_now(lambda seconds: _asctime(_localtime(seconds))),
        "strftime": _format,
        "asctime": _text,
    }
    return functions


def install() -> Replacements:
    """Prepare the virtual clock.

    Returns:
        The real functions and types, and what takes their places wherever a module keeps them.
    """
    _as_named(VirtualDate, "date")
    _as_named(VirtualDateTime, "datetime")
    for kind, virtual in ((_Date, VirtualDate), (_DateTime, VirtualDateTime)):
        for name in ("min", "max"):
            bound = getattr(kind, name)
            setattr(virtual, name, virtual.fromisoformat(bound.isoformat()))
    real_functions = time.__dict__
    found = [(real_functions[name], new) for name, new in _virtual_time().items()]
    return [*found, (_Date, VirtualDate), (_DateTime, VirtualDateTime)]


def seconds_of(iso: str) -> float:
    """Turn an ISO time into seconds since 1970; without an offset it is taken as UTC."""
    at = _DateTime.fromisoformat(iso)
    return calendar.timegm(at.utctimetuple()) + at.microsecond / 1_000_000
