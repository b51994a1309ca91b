"""What an examination saw: calls by their outcome, and what looked wrong with them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from envscaler.check_env.anomalies import Anomaly
from envscaler.inputs.session import CallRecord, Stage
from envscaler.records import CallStats, FindingKind, trusted

Name = tuple[FindingKind, str, str]
_NAMES = re.compile(r"'[^']*'|\"[^\"]*\"|[\w.-]*\d[\w.:-]*")
_LONGEST_REASON = 300
_LOOKS, _MANY = 2, 4
"""Tools that only look, and tools in all, by which a value is kept for the caller."""
_MOST_CHANGES = 12
"""Changes of a tool that are looked at for that."""
_MOST_KEPT = 60
"""Calls of each tool and outcome that are remembered for the experiments."""


@dataclass
class Ledger:
    """Everything that was seen, as far as it matters later."""

    anomalies: dict[Name, list[Anomaly]] = field(default_factory=dict[Name, list[Anomaly]])
    """The shortest sequences for each name, at most three."""
    changing: dict[str, list[CallRecord]] = field(default_factory=dict[str, list[CallRecord]])
    """Successes that changed the state."""
    idle: dict[str, list[CallRecord]] = field(default_factory=dict[str, list[CallRecord]])
    """Successes that did not."""
    refused: dict[str, list[CallRecord]] = field(default_factory=dict[str, list[CallRecord]])
    call_stats: dict[str, CallStats] = field(default_factory=dict[str, CallStats])
    reasons: dict[str, dict[str, CallRecord]] = field(
        default_factory=dict[str, dict[str, CallRecord]]
    )
    """Tool → why it was refused, numbers and names aside → the first call that was."""

    def successes(self, tool: str) -> list[CallRecord]:
        """Return the successes of a tool, those that changed something first."""
        return [*self.changing.get(tool, ()), *self.idle.get(tool, ())]

    def answers(self, tool: str) -> list[CallRecord]:
        """Return the successes of a tool that changed nothing, first in their state."""
        return [one for one in self.idle.get(tool, ()) if not one.history]

    def changes(self, tool: str) -> list[CallRecord]:
        """Return the successes of a tool that changed something, first in their state."""
        return [one for one in self.changing.get(tool, ()) if not one.history]

    def shortest_changes(self, most: int) -> list[CallRecord]:
        """Return successes of all tools that changed something, the shortest sequences first."""
        every = (one for kept in self.changing.values() for one in kept)
        return sorted(every, key=lambda seen: len(seen.history))[:most]

    def kept_by_many(self) -> frozenset[str]:
        """Name what looks and changes alike leave behind, such as the reason of the last refusal.

        It is one value, and all that these calls change; a fault is seldom made in so many tools.
        """
        looked = {name[1] for name in self.anomalies if name[0] is FindingKind.QUERY_CHANGES_STATE}
        if len(looked) < _LOOKS:
            return frozenset()
        tools = self._alone_in()
        return frozenset(
            name
            for name, used in tools.items()
            if len(used) >= _MANY and len(used & looked) >= _LOOKS
        )

    def _alone_in(self) -> dict[str, set[str]]:
        """Return the tools of which calls change one attribute and nothing else, by its name."""
        tools: dict[str, set[str]] = {}
        suspects = (one.seen for kept in self.anomalies.values() for one in kept)
        changes = (seen for kept in self.changing.values() for seen in kept[:_MOST_CHANGES])
        for seen in chain(suspects, changes):
            paths = seen.changed_paths
            if len(paths) == 1 and paths[0].isidentifier():
                tools.setdefault(paths[0], set()).add(seen.call.tool)
        return tools

    def suspect(self, found: Iterable[Anomaly], stage: Stage) -> None:
        """Keep what begins in the most certain state and has the shortest history."""
        for one in found:
            kept = self.anomalies.setdefault(one.name, [])
            kept.append(one)
            kept.sort(key=lambda it: (stage.is_guess(it.seen.start), len(it.seen.history)))
            del kept[3:]

    def note(self, seen: CallRecord, *, counted: bool = True) -> None:
        """Remember a call, and count it unless it belongs to an experiment."""
        if counted:
            self._count(seen)
        tool = seen.call.tool
        if seen.returned or seen.refused:
            kind = self.refused if seen.refused else self.changing if seen.changed else self.idle
            kept = kind.setdefault(tool, [])
            if len(kept) < _MOST_KEPT:
                kept.append(seen)
        if seen.refused:
            self.reasons.setdefault(tool, {}).setdefault(self.reason_of(seen), seen)

    def _count(self, seen: CallRecord) -> None:
        tool = seen.call.tool
        call_stats = self.call_stats.get(tool, CallStats())
        self.call_stats[tool] = trusted(
            CallStats,
            calls=call_stats.calls + 1,
            succeeded=call_stats.succeeded + seen.succeeded,
            changed=call_stats.changed + seen.changed,
            raised=call_stats.raised
            + (not seen.returned and not seen.refused and not seen.invalid),
            invalid=call_stats.invalid + seen.invalid,
            lines=0,
            lines_reached=0,
        )

    @staticmethod
    def reason_of(seen: CallRecord) -> str:
        """Return why a call was refused, numbers and names aside."""
        value = seen.value
        said = value.get("error", value.get("message")) if isinstance(value, dict) else value
        # A message may repeat a whole argument, and such a pattern is slow on a long text.
        return _without_names(str(said)[:_LONGEST_REASON])


@lru_cache(4096)
def _without_names(text: str) -> str:
    return _NAMES.sub("", text)
