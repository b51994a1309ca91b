"""The checks of one scenario, compiled once: a scenario is scored again and again."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Protocol

from pydantic import JsonValue

from envscaler.errors import GuestError
from envscaler.records import Verdict, VerdictKind, trusted
from envscaler.sandbox.compiler import Compiled, Compiler
from envscaler.sandbox.decode import explain
from envscaler.sandbox.guest import wire

_SETS = 1024
_KINDS = frozenset(VerdictKind)
_PASSED: JsonValue = [wire.OK, ["passed", ""]]
_FAILED: JsonValue = [wire.OK, ["failed", ""]]


class CheckLike(Protocol):
    """What it takes to run a check."""

    @property
    def item(self) -> str: ...
    @property
    def source(self) -> str: ...


class Batch:
    """Confined checks that a worker is sent in one request.

    Args:
        codes: Compiled, in order.
    """

    __slots__ = ("_codes", "_heads", "_known", "numbers")

    def __init__(self, codes: Sequence[Compiled]) -> None:
        self._codes = [(one.number, one.code) for one in codes]
        self._heads = [(one.number, one.kind) for one in codes]
        self._known = wire.pack_heads(self._heads, [b""] * len(codes))
        self.numbers = frozenset(one.number for one in codes)

    def request(self, scene: bytes, known: Collection[int]) -> bytes:
        """Write the request; the code of what the worker knows is left out."""
        if self.numbers.issubset(known):
            return wire.pack(scene, self._known)
        codes = [b"" if number in known else code for number, code in self._codes]
        return wire.pack(scene, wire.pack_heads(self._heads, codes))


class CheckSet:
    """Checks that are run together.

    Args:
        checks: Item and source of each.
        codes: For each what it was compiled to, or why it was not.
    """

    __slots__ = ("_settled", "batch", "checks", "codes", "confined")

    def __init__(self, checks: Sequence[CheckLike], codes: Sequence[Compiled | Verdict]) -> None:
        self.checks = tuple(checks)
        self.codes = tuple(codes)
        self.confined = {
            place: code
            for place, code in enumerate(codes)
            if isinstance(code, Compiled) and code.is_confined
        }
        """Place → those that can touch nothing but their own variables."""
        self.batch = Batch([*self.confined.values()])
        self._settled = [
            tuple(
                trusted(Verdict, item=check.item, kind=kind, message="")
                for kind in (VerdictKind.PASSED, VerdictKind.FAILED)
            )
            for check in checks
        ]

    def verdict(self, place: int, told: JsonValue) -> Verdict:
        """Read what was told of a check among others."""
        if told == _PASSED:
            return self._settled[place][0]
        if told == _FAILED:
            return self._settled[place][1]
        match told:
            case [int(status), content]:
                return read_verdict(self.checks[place], status, content)
            case _:
                return read_verdict(self.checks[place], wire.OK, None)


class CheckSets:
    """Checks → what they are run as; those of one scenario only once.

    Args:
        compiler: Compiles them.
    """

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self._sets: OrderedDict[tuple[tuple[str, str], ...], CheckSet] = OrderedDict()

    async def of(self, checks: Sequence[CheckLike]) -> CheckSet:
        """Return checks, compiled; one that does not compile has its verdict already.

        Raises:
            SandboxError: The machinery failed.
        """
        key = tuple([(check.item, check.source) for check in checks])
        found = self._sets.get(key)
        if found is not None:
            self._sets.move_to_end(key)
            return found
        codes = [await self._compile(check) for check in checks]
        found = CheckSet(checks, codes)
        if not any(isinstance(code, Verdict) for code in codes):  # which may have been bad luck
            self._sets[key] = found
            if len(self._sets) > _SETS:
                self._sets.popitem(last=False)
        return found

    async def _compile(self, check: CheckLike) -> Compiled | Verdict:
        try:
            return await self._compiler.compile(check.source, "The check")
        except GuestError as error:
            return Verdict(item=check.item, kind=VerdictKind.ERROR, message=str(error))


def read_verdict(check: CheckLike, status: int, content: JsonValue) -> Verdict:
    """Turn the answer to a check into its verdict."""
    if status != wire.OK:
        kind = VerdictKind.TIMEOUT if status == wire.TIMEOUT else VerdictKind.ERROR
        return Verdict(item=check.item, kind=kind, message=explain(content, check.source))
    match content:
        case [str(kind), str(message)] if kind in _KINDS:
            return trusted(Verdict, item=check.item, kind=VerdictKind(kind), message=message)
        case _:
            message = "Its worker answered with what is no verdict"
            return Verdict(item=check.item, kind=VerdictKind.ERROR, message=message)
