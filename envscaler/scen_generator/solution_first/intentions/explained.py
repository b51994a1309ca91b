"""Why each step of a round of work is asked for, said behind it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from envscaler.environment.state.collections import Scalar
from envscaler.errors import RejectedError
from envscaler.scen_generator.solution_first.intentions.intention import (
    Intention,
    Plan,
    Request,
    Step,
)
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge
from envscaler.scen_generator.solution_first.intentions.meaning import Act, Reader, noun_of
from envscaler.scen_generator.solution_first.intentions.reasons import (
    goes_without_saying,
    reason_for,
)
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import (
    BY_AUTHORS,
    Reason,
)
from envscaler.scen_generator.solution_first.intentions.thread import owners_of, subjects_of
from envscaler.scen_generator.solution_first.intentions.together import are_of_one
from envscaler.scen_generator.solution_first.intentions.whose import as_they, is_told_already, named


def explained(intention: Intention, knowledge: Knowledge, *, is_own: bool = False) -> Intention:
    """Return a round of work whose steps say why, where that does not go without saying.

    Any other intention is returned as it is.

    Args:
        intention: The round.
        knowledge: The state.
        is_own: Whether somebody sees to what is their own.

    Raises:
        RejectedError: A step has several reasons, or one that an earlier step has.
    """
    if not intention.kinds:
        return intention
    reader, found = Reader(knowledge.world), list[tuple[Step, str | None]]()
    given = set[str]()
    if intention.about is not None:
        reader.introduce(intention.about)
    for step in intention.steps:
        acts = reader.follow(step)
        why = None if intention.is_amending else _why(step, acts, knowledge, is_own=is_own)
        if why is not None and why in given:
            raise RejectedError("not_worded", "it says the same reason twice")
        given |= {why} if why else set()
        found.append((step, why))
    return replace(intention, plan=_plan(found))


def _plan(steps: Sequence[tuple[Step, str | None]]) -> Plan:
    (step, why), *rest = steps
    return Plan(step, _plan(rest) if rest else None, why)


def _why(step: Step, acts: Sequence[Act], knowledge: Knowledge, *, is_own: bool) -> str | None:
    """Return the sentence that says why a step is asked for; None where none has to."""
    drawn = [as_drawn(act, knowledge) for act in acts]
    found = {reason_for(each, knowledge.world, knowledge.nouns) for each in drawn}
    if len(found) != 1 or not isinstance(step, Request):
        raise RejectedError("not_worded", "it does not say why")
    (reason,) = found
    if reason is None:
        return None
    said = knowledge.phrasing.example(step)
    told = _of_whom(reason, drawn, said, knowledge)
    if goes_without_saying(told, said):
        return None
    why = _form(told, is_many=len(acts) > 1, is_own=is_own)
    return as_they(why) if is_told_already(why, said) else why


def _says_codes(said: str, drawn: Sequence[Drawn], knowledge: Knowledge) -> bool:
    """Tell whether those to whom records belong are told by their ids."""
    owners = {
        str(key)
        for each in drawn
        for place in subjects_of(each, knowledge.nouns)[:1]
        for _, key in owners_of(place, knowledge.world, knowledge.nouns)
    }
    return any(re.search(rf"\b{re.escape(key)}\b", said) for key in owners)


def _form(reason: Reason, *, is_many: bool, is_own: bool) -> str:
    """Return a reason as it is said of one or of several records, and by whom."""
    if is_own and reason.own != reason.one:
        return (reason.owns if is_many else "") or reason.own
    return reason.many if is_many else reason.one


def _of_whom(reason: Reason, drawn: Sequence[Drawn], said: str, knowledge: Knowledge) -> Reason:
    """Return a reason that says of whom it is."""
    if reason in BY_AUTHORS and are_of_one(drawn, knowledge.world, knowledge.nouns):
        return Reason(reason.one, reason.one, reason.own, reason.owns)
    told = named(reason, drawn, knowledge.world, knowledge.nouns)
    if told is not reason and _says_codes(said, drawn, knowledge):
        raise RejectedError("not_worded", "it tells somebody by a code and by a name")
    return told


def is_of_others(intention: Intention, knowledge: Knowledge) -> bool:
    """Tell whether what is done on a round is done to what belongs to others as well.

    A doctor does not call the allergies of patients theirs.

    Args:
        intention: Says who goes through the records.
        knowledge: The state.
    """
    if intention.about is None:
        return False
    reader, world, nouns = Reader(knowledge.world), knowledge.world, knowledge.nouns
    reader.introduce(intention.about)
    person = (noun_of(intention.about), reader.find(intention.about))
    drawn = [
        as_drawn(act, knowledge) for step in intention.steps for act in reader.follow(step) or ()
    ]
    owners = (
        owner
        for each in drawn
        for place in subjects_of(each, nouns)[:1]
        for owner in owners_of(place, world, nouns)
    )
    return any(owner != person for owner in owners)


def as_drawn(act: Act, knowledge: Knowledge) -> Drawn:
    """Return a call as a request for records."""
    tool = knowledge.context.tools[act.tool]
    targets, given = knowledge.drawer.targets(tool), dict(act.arguments)
    known = {
        name: (noun, key)
        for name, noun in targets.items()
        if isinstance(key := given.get(name), str | int) and knowledge.world.has(noun, key)
    }
    values = {
        name: value
        for name, value in given.items()
        if name not in known and isinstance(value, Scalar)
    }
    return Drawn(tool, known, values)
