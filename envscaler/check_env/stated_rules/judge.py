"""Which calls break the rules that were read, and which of that can be told."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from envscaler.check_env.stated_rules.rule import StatedRule, Step
from envscaler.check_env.stated_rules.tables import Tables
from envscaler.inputs.session import CallRecord
from envscaler.records import JsonObject

MOST_BREAK = 2
"""Tools that may break a rule; where more do, the sentence was misread, or is no rule."""


@dataclass
class Judgement:
    """What calls did to one rule."""

    rule: StatedRule
    broke: dict[str, list[CallRecord]] = field(default_factory=dict[str, list[CallRecord]])
    kept: Counter[str] = field(default_factory=Counter[str])
    """Tool → changes of what the rule is about that kept it."""

    @property
    def convinces(self) -> bool:
        """Say whether the reading can be right: others keep the rule, or it is about one tool."""
        if self.rule.condition is not None:
            return bool(self.kept[self.rule.condition.tool])
        keepers = self.kept.keys() - self.broke.keys()
        return len(self.broke) <= max(1, min(MOST_BREAK, len(keepers)))


class Views:
    """States as tables, each read once.

    Args:
        words: Names that may be fields.
    """

    def __init__(self, words: frozenset[str]) -> None:
        self.words = words
        self._known: dict[int, tuple[JsonObject, Tables]] = {}

    def of(self, state: JsonObject) -> Tables:
        """Return the tables of a state."""
        known = self._known.get(id(state))
        if known is None:
            known = self._known[id(state)] = (state, Tables(state, self.words))
        return known[1]

    def step(self, seen: CallRecord) -> Step:
        """Return a call as rules see it."""
        return Step(self.of(seen.before), self.of(seen.after), seen)


def judge(
    rules: Sequence[StatedRule], calls: Sequence[CallRecord], views: Views
) -> Iterator[Judgement]:
    """Hold the rules against changes."""
    steps = [(views.step(seen), _roots(seen)) for seen in calls]
    for rule in rules:
        found = Judgement(rule)
        for step in _about(rule, steps):
            tool = step.seen.call.tool
            if rule.broken_by(step):
                found.broke.setdefault(tool, []).append(step.seen)
            elif rule.condition is None or _named(rule, step):
                found.kept[tool] += 1
        yield found


def _about(rule: StatedRule, steps: Sequence[tuple[Step, set[str]]]) -> list[Step]:
    """Return the steps that a rule is about: calls of its tool, or changes of its tables."""
    if rule.condition is not None:
        return [step for step, _ in steps if step.seen.call.tool == rule.condition.tool]
    roots = {path.split(".")[0] for path in rule.paths}
    return [step for step, touched in steps if touched & roots]


def _roots(seen: CallRecord) -> set[str]:
    """Name the attributes that a call changed."""
    return {
        name
        for name in {*seen.before, *seen.after}
        if seen.before.get(name) is not seen.after.get(name)
        and seen.before.get(name) != seen.after.get(name)
    }


def _named(rule: StatedRule, step: Step) -> bool:
    """Say whether a call names a record that a condition is about."""
    return rule.condition is not None and any(
        rule.condition.rows(step.before, step.seen.call.arguments)
    )
