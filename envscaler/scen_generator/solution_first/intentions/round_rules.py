"""Which steps make one round of work: each is for a record of its own, none against another."""

import re
from collections.abc import Sequence

from envscaler.scen_generator.solution_first.intentions.meaning import Reader
from envscaler.scen_generator.solution_first.intentions.planner import Planner
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.round_sense import belongs, goes_with
from envscaler.scen_generator.solution_first.intentions.sayings import (
    BROUGHT_BACK,
    LONGER,
    PARTED,
    PLANS,
    TAKEN_OVER,
    WRONG,
)
from envscaler.scen_generator.solution_first.intentions.thread import Place, owners_of
from envscaler.scen_generator.solution_first.intentions.together import takes_down

_OF_SOMEBODY = (PLANS, PARTED, LONGER, BROUGHT_BACK, TAKEN_OVER)
"""Reasons that say something of a person."""
_MOST_OF_TOOL = 4
"""Steps with one tool, each for another reason."""
_MOST_UNEXPLAINED = 3
"""The same of steps that go without saying."""
_MOST_ALIKE = 2
"""Steps that put the same right of other records."""
_CODE = re.compile(r"\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOST_DOWN = 2
"""Steps that take something out of use."""


class RoundRules(Planner):
    """What goes with the steps of a round so far."""

    def _reader(self) -> Reader:
        """Return a reader that knows of no other step: each is told by itself."""
        return Reader(self._world)

    def _goes_on(self, drawn: Drawn, *, closely: bool) -> bool:
        """Tell whether a request is for a record of its own, and for another matter."""
        del closely
        reason, steps = self._reason(drawn), self._thread.steps
        if not belongs(drawn, reason, self._nouns):
            return False
        if self._may_contradict(drawn) or self._is_too_much(drawn):
            return False
        if not goes_with(drawn, reason, [(e, self._reason(e)) for e in steps], self._nouns):
            return False
        matters = {repr(each.values) for each in steps if each.tool == drawn.tool}
        most = _MOST_OF_TOOL if self._has_reason(drawn) else _MOST_UNEXPLAINED
        return len(matters) < most and repr(drawn.values) not in matters

    def _is_too_much(self, drawn: Drawn) -> bool:
        """Tell whether a record is in two steps, or too much is made, stopped, or put right alike.

        Nothing is made in the first step.
        """
        steps = self._thread.steps
        if any(self._share(drawn, each) for each in steps):
            return True
        if self._reason(drawn) is WRONG and is_worn(steps, drawn):
            return True
        if takes_down(drawn) and sum(map(takes_down, steps)) >= _MOST_DOWN:
            return True
        return drawn.is_creating and (not steps or any(each.is_creating for each in steps))

    def _share(self, one: Drawn, other: Drawn) -> bool:
        """Tell whether what one of two requests is done to is in the other one as well."""
        subjects = {*self._thread.subjects(one)}, {*self._thread.subjects(other)}
        about = (self._thread.about, self._thread.actors.get(self._thread.about))
        records = {*one.main} - {about}, {*other.main} - {about}
        return not (subjects[0].isdisjoint(records[1]) and subjects[1].isdisjoint(records[0]))

    def _may_contradict(self, drawn: Drawn) -> bool:
        """Tell whether a request concerns somebody whose plans have changed, or gives a code again.

        Nobody whose record is changed is spoken of twice either.
        """
        codes, people = _codes(drawn), self._people(drawn)
        return any(
            not codes.isdisjoint(_codes(each))
            or (
                (self._is_personal(drawn) or self._is_personal(each))
                and not people.isdisjoint(self._people(each))
            )
            for each in self._thread.steps
        )

    def _people(self, drawn: Drawn) -> set[Place]:
        """Return the people whom a request concerns."""
        places = drawn.main
        owners = (each for place in places for each in owners_of(place, self._world, self._nouns))
        return {each for each in (*places, *owners) if self._nouns.is_human(each[0])}

    def _is_personal(self, drawn: Drawn) -> bool:
        """Tell whether a request changes the record of a person, or says something of one."""
        subject = self._thread.subjects(drawn)[0]
        is_of_person = self._nouns.is_human(subject[0]) and subject[0] != self._thread.about
        return is_of_person or self._reason(drawn) in _OF_SOMEBODY

    def _has_other_reasons(self, drawn: Drawn) -> bool:
        """Tell whether the same reason was given before: each step says its own."""
        why = self._reason(drawn)
        given = (self._reason(each) for each in self._thread.steps)
        if why is None or why is WRONG:
            return False
        return any(each is not None and each.one == why.one for each in given)

    def _is_amending(self) -> bool:
        """Tell whether several mistakes are put right, which the beginning says then."""
        steps = self._thread.steps
        return sum(self._reason(each) is WRONG for each in steps) > 1

    def _are_asked_together(self, drawn: Sequence[Drawn]) -> bool:
        """Tell whether the same is asked for with so many records; other steps are others."""
        return self._are_alike(drawn, ())


def is_worn(steps: Sequence[Drawn], drawn: Drawn) -> bool:
    """Tell whether a sentence would be said too often: the date of this one, of that, and so on.

    Args:
        steps: What was asked for before.
        drawn: What would be asked for as well.
    """
    alike = [each for each in steps if each.tool.name == drawn.tool.name]
    return sum({*each.values} == {*drawn.values} for each in alike) >= _MOST_ALIKE


def _codes(drawn: Drawn) -> set[str]:
    """Return what a request gives that no two records have: a number, an address."""
    given = map(str, drawn.values.values())
    return {each for each in given if _CODE.search(each) and not _DAY.match(each)}
