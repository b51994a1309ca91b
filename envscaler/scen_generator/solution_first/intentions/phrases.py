"""The words in which a person asks for a tool, from its name and those of its parameters."""

import re
from collections.abc import Iterator, Sequence

from envscaler.environment.state.collections import stem_of
from envscaler.environment.state.plurals import singular
from envscaler.scen_generator.solution_first.intentions.details import (
    APART,
    apart,
    described,
    listed,
)
from envscaler.scen_generator.solution_first.intentions.docstring_words import (
    MONEY,
)
from envscaler.scen_generator.solution_first.intentions.labels import (
    label_of,
    with_article,
    words,
)
from envscaler.scen_generator.solution_first.intentions.nouns import is_status
from envscaler.scen_generator.solution_first.intentions.places import Target
from envscaler.scen_generator.solution_first.intentions.roles import on_behalf_of
from envscaler.scen_generator.solution_first.intentions.things import one_more, plainly
from envscaler.scen_generator.solution_first.intentions.tool_names import ToolName
from envscaler.scen_generator.solution_first.intentions.verb_words import (
    ACTOR,
    HUMAN_DOES,
    LIGHT,
    MADE,
    MARKED,
    MOVING,
    PAID,
    RESERVED,
    SYNONYMS,
    TAKEN,
    TAKES_PART,
    UPDATE,
    VAGUE,
)

_COUNTED = re.compile(r"the ([\w -]+) of (\{\w+\})")
_ODD_LABEL = re.compile(r" |visibility|availability")
"""Names of fields that nobody says: availability status."""
_SITE = re.compile(r"(^|current )(location|place|station|site|ward)$")
"""Where a thing is; to change that is to move it."""
_PLACED = re.compile(r"(\{(?:\w+_)?(?:location|place|site|area|room)(?:_id)?\}) to (\{\w+\})")
_WHEN = re.compile(r"date \w+ed$")
_HOLLOW = frozenset(("left", "to", "on", "until", "what", "new", "choice"))
"""Names of parameters that do not say what is changed."""


class Phrase(ToolName):
    """The words for a tool with certain parameters, by its name."""

    def patterns(self) -> Iterator[str]:
        """Yield patterns with slots for the parameters; none where the name makes no sense."""
        if self._switches or not self._is_verb() or any(map(self._is_unsaid, self._plain)):
            return
        if self._makes:
            yield from self._make(self._first, self._head)
        elif not self._head:
            yield from self._do()
        elif self._verb in UPDATE:
            yield from self._update(self._first, self._head)
        elif self._first is None and self._verb in LIGHT:
            yield from self._of_money(self._head)
        elif not self._is_scattered():
            yield from self._act(self._first, self._head)

    def _do(self) -> Iterator[str]:
        """Word a verb that says all of it: `cancel {job}`, `move {vehicle} to {lane}`."""
        if self._takes_part() or self._is_plain():
            yield from self._act((self._targets[self._left[0]], ""), ())

    def _make(self, first: "tuple[Target, str] | None", head: Sequence[str]) -> Iterator[str]:
        """Word that there is something new: on its own, for a record, or as what is done to one."""
        if first is None or first[0].is_new:
            yield from self._create(head)
        elif first[1]:
            yield from self._add_to(first)
        elif head:
            yield from self._act(first, head)

    def _update(self, first: "tuple[Target, str] | None", head: Sequence[str]) -> Iterator[str]:
        """`change the status of {room} to {new status}`, one thing after the other."""
        if not self._left:
            return
        if first is None:
            # The rest of the name says what is set: it is that of the first record.
            first = (self._targets[self._left[0]], words("_".join(head)))
        target, attribute = first
        changed, actors = self._parted(target.parameter, attribute)
        acting = on_behalf_of(actors)
        if not changed and attribute and attribute not in VAGUE:
            for verb in self._verbs():
                yield f"{verb} the {attribute} of {{{target.parameter}}}{acting}"
        elif changed and not any(label_of(name).endswith(" by") for name in changed):
            yield from self._change(target.parameter, attribute, changed, acting)

    def _parted(self, target: str, attribute: str) -> tuple[list[str], list[str]]:
        """Part the other parameters: what is set, and the ids of those who set it."""
        others = [name for name in (*self._left, *self._plain) if name != target]
        changed = [name for name in others if not self._acts(name, attribute)]
        return changed, [name for name in self._left if name != target and name not in changed]

    def _change(
        self, target: str, attribute: str, changed: Sequence[str], acting: str
    ) -> Iterator[str]:
        """Word what of a record changes: `the status of {room} to {status}`."""
        labels = [self._label(name, attribute if len(changed) == 1 else "") for name in changed]
        pairs = [_with_unit(*each) for each in zip(changed, labels, strict=True)]
        labels = [label for label, _ in pairs]
        rest = "".join(f" and the {label} to {slot}" for label, slot in pairs[1:])
        end = f"{pairs[0][1]}{rest}{acting}"
        if labels[0] in ("change", "delta", "adjustment") and attribute:
            yield f"increase the {attribute} of {{{target}}} by {end}"
            yield f"raise the {attribute} of {{{target}}} by {end}"
        else:
            yield from self._set(target, labels[0], end, changed)

    def _set(self, target: str, label: str, end: str, changed: Sequence[str]) -> Iterator[str]:
        """Word to what something is set, or that it is moved."""
        brought = [*_brought(target, label, end, changed)]
        yield from brought
        is_site = bool(brought) and not is_status(changed[0])
        if not is_site and (not brought or not _ODD_LABEL.search(label)):
            yield from self._each(f" the {label} of {{{target}}} to {end}")

    def _each(self, rest: str) -> Iterator[str]:
        return (f"{verb}{rest}" for verb in self._verbs())

    def _acts(self, name: str, attribute: str) -> bool:
        return bool(ACTOR.match(name)) or self._is_actor(name, attribute)

    def _is_actor(self, name: str, attribute: str) -> bool:
        """Tell whether an id says who does it rather than what is set."""
        if name not in self._left or name.startswith("new_") or name not in self._required:
            return False
        stem = words(stem_of(name) or name)
        return not (attribute and (stem in attribute or attribute in stem))

    def _label(self, name: str, attribute: str) -> str:
        label = self._short(label_of(name))
        if _WHEN.match(label) and self._verb in UPDATE:  # the date consumed of a meal
            label = "time" if name.endswith(("_at", "_time", "_timestamp")) else "date"
        is_vague = bool(set(attribute.split()) & VAGUE)
        is_what = label in _HOLLOW or (label in ("value", "amount", "level") and not is_vague)
        is_part = attribute.endswith(f" {label}") and " and " not in attribute
        return attribute if attribute and (is_what or is_part) else label

    def _short(self, label: str) -> str:
        """Return a label without the kind of record that it is of: the `text` of a review."""
        for target in self._targets.values():
            short = label.removeprefix(f"{words(target.noun)} ")
            if short != label and short not in ("id", "name", "number", "type"):
                return short
        return label

    def _add_to(self, first: "tuple[Target, str]") -> Iterator[str]:
        """`add an allergy for {patient} with entry value {entry value}`."""
        target, attribute = first
        left = [name for name in self._left if name != target.parameter]
        said, left = self._prepositions(left)
        actors = [name for name in left if ACTOR.match(name)]
        places = self._placed.said([name for name in left if name not in actors])
        noun = f"{with_article(attribute)} for {{{target.parameter}}}{said}{places}"
        for end in self._endings("", actors):
            yield from self._each(f" {noun}{end}")

    def _endings(self, new_id: str, actors: Sequence[str], whose: str = "it") -> Iterator[str]:
        """Yield the words for what is given of something new, and for who makes it."""
        yield f"{self._details(new_id)}{on_behalf_of(actors)}"
        names = [name for name in self._plain if not ACTOR.match(name)]
        acting = on_behalf_of([name for name in self._plain if name not in names])
        is_person = self._is_person([new_id] if new_id else [])
        called, rest = apart(names, self._schemas, new_id, whose=whose, is_person=is_person)
        if rest:
            yield f"{called}{acting}{on_behalf_of(actors)}{APART}{rest}"

    def _details(self, new_id: str = "") -> str:
        names = [name for name in self._plain if not ACTOR.match(name)]
        acting = [name for name in self._plain if name not in names]
        return described(names, self._schemas, new_id) + on_behalf_of(acting)

    def _create(self, head: Sequence[str]) -> Iterator[str]:
        """`create a booking for {guest} with check-in date {check in date}`."""
        if not head:
            return
        made = plainly("_".join([*head[:-1], singular(head[-1])]))
        noun = self._so_many(words(made), head[-1]) + self._amount(made)
        fresh = [name for name in self._left if self._targets[name].is_new]
        places = [name for name in self._left if name not in fresh]
        said, places = self._prepositions(places)
        actors = [name for name in places if ACTOR.match(name)]
        places = [name for name in places if name not in actors]
        taken, places = self._taken(made, places)
        ends = said + taken + self._placed.said(places)
        whose = self._whose(made, ends, fresh)
        for end in self._endings(fresh[0] if fresh else "", actors, whose):
            for verb in self._making(made):
                yield _booked(f"{verb} {noun}{ends}{end}", made, taken)

    def _whose(self, made: str, ends: str, fresh: Sequence[str]) -> str:
        """Say what gets an id: the charge, where an invoice is named as well."""
        is_said = any(name.startswith(made) and name.endswith("number") for name in fresh)
        is_named = self._is_person(fresh) or (bool(ends) and not is_said)
        return f"the {words(made)}" if is_named else "it"

    def _is_person(self, fresh: Sequence[str]) -> bool:
        """Tell whether what is made is the record of a person."""
        return any(self._targets[name].is_human for name in fresh)

    def _making(self, made: str) -> tuple[str, ...]:
        """Return the verbs for something new: one makes a booking, and files a claim."""
        if self._verb not in ("create", "add", "log"):
            return self._verbs()
        return MADE.get(made.split("_")[-1], self._verbs())

    def _so_many(self, made: str, many: str) -> str:
        """Word how many are made, where a value says so: `{hours} hours`; one otherwise."""
        kind = self._schemas.get(many, {}).get("type")
        if many not in self._plain or kind not in ("integer", "number") or many == singular(many):
            return with_article(made)
        self._plain = [name for name in self._plain if name != many]
        return f"{{{many}}} {words(many)}"

    def _amount(self, made: str) -> str:
        """Word the amount of a payment at once: `a payment of {amount}`."""
        given = next((name for name in self._plain if name == "amount" or name in MONEY), "")
        if made.split("_")[-1] not in PAID or not given:
            return ""
        self._plain = [name for name in self._plain if name != given]
        return f" of {{{given}}}" + (f" {given}" if given in MONEY else "")

    def _taken(self, made: str, places: list[str]) -> tuple[str, list[str]]:
        """Word what is taken: `a booking of {room}` for somebody."""
        things = [name for name in places if not self._targets[name].is_human]
        if (
            (made.split("_")[-1] not in TAKEN or made.endswith("_order"))
            or len(things) != 1
            or not self._placed.is_plain(things[0])
        ):
            return "", places
        return f" of {{{things[0]}}}", [name for name in places if name != things[0]]

    def _of_money(self, head: Sequence[str]) -> Iterator[str]:
        """`take a payment of {amount} from {patient}`."""
        if len(self._left) == 1 and self._verb == "take" and (paid := self._amount(head[-1])):
            noun = with_article(words("_".join(head)))
            yield f"take {noun}{paid} from {{{self._left[0]}}}{self._details()}"

    def _act(self, first: "tuple[Target, str] | None", head: Sequence[str]) -> Iterator[str]:
        """`transfer {employee} to {department}`, `revoke the access of {user} for {document}`."""
        left = [name for name in self._left if first is None or name != first[0].parameter]
        if first is None and not left:
            return
        said, left = self._prepositions(left)
        actors = self._who_acts(first, left)
        left = [name for name in left if name not in actors]
        thing, left = self._thing(first, words("_".join(head)), left)
        if self._verb in TAKES_PART and [self._targets[name].is_human for name in left] == [True]:
            before, after = TAKES_PART[self._verb]
            yield f"{before} {{{left[0]}}} {after} {thing}{said}{self._details()}"
            return
        details = self._details()
        rest = f"{said}{self._placed.said(left)}{details}{on_behalf_of(actors)}"
        for before, after in self._around(thing):
            yield f"{before}{after}{rest}"

    def _around(self, thing: str) -> Iterator[tuple[str, str]]:
        """Yield the words for a verb with what it is done to, in two parts."""
        counted = _COUNTED.fullmatch(thing)
        if self._verb in MARKED and thing.startswith("{"):
            yield f"mark {thing}", f" as {MARKED[self._verb]}"
        elif self._verb == "increment" and counted:
            yield from one_more(counted[1], counted[2])
        elif self._verb == "assign" and (placed := _PLACED.fullmatch(thing)):
            yield f"move {placed[2]}", f" to {placed[1]}"
        else:
            yield from ((f"{verb} ", thing) for verb in self._verbs())

    def _who_acts(self, first: "tuple[Target, str] | None", left: Sequence[str]) -> list[str]:
        """Name the parameters that say who does it; a person, with a verb that people do."""
        actors = [name for name in left if ACTOR.match(name)]
        does = self._verb in HUMAN_DOES and not actors
        if does and first is not None and not first[0].is_human:
            return [name for name in left if self._targets[name].is_human][:1]
        return actors

    def _thing(
        self, first: "tuple[Target, str] | None", spoken: str, left: list[str]
    ) -> tuple[str, list[str]]:
        """Word what something is done to, and name the parameters that this leaves unsaid."""
        if first is None:
            return self._of_the_first(spoken, left)
        target, attribute = first
        slot = f"{{{target.parameter}}}"
        if not attribute:
            return slot, left
        given = next((name for name in left if self._is_called(name, attribute)), None)
        if given is not None:
            return f"{{{given}}} to {slot}", [name for name in left if name != given]
        if self._verb == "mark":
            return f"{slot} as {attribute}", left
        return (slot if attribute in VAGUE else f"the {attribute} of {slot}"), left

    def _of_the_first(self, spoken: str, left: list[str]) -> tuple[str, list[str]]:
        """Word something of the first record: `the status of {room}`, `the flaw {flaw} of ...`."""
        if not left:
            return f"the {spoken}", left
        if self._verb in MOVING:
            return f"the {spoken} of {{{left[0]}}}", left[1:]
        named = next((name for name in self._plain if label_of(name) == spoken), "")
        self._plain = [name for name in self._plain if name != named]
        return f"the {spoken}{f' {{{named}}}' if named else ''} of {{{left[0]}}}", left[1:]

    def _prepositions(self, left: list[str]) -> tuple[str, list[str]]:
        """Word what the name says after its prepositions: `to {department}`, `as returned`."""
        said = ""
        for preposition, group in self._behind:
            spoken = "_".join(group)
            found = next((name for name in left if self._is_called(name, spoken)), None)
            plain = next((name for name in self._plain if name.endswith(spoken)), None)
            if found is not None:
                said += f" {preposition} {{{found}}}"
                left = [name for name in left if name != found]
            elif plain is not None:
                said += f" {preposition} {{{plain}}}"
                self._plain = [name for name in self._plain if name != plain]
            else:
                whose = "its " if preposition == "from" and self._left else ""
                said += f" {preposition} {whose}{words(spoken)}"
        return said, left

    @staticmethod
    def _actors(names: Sequence[str]) -> str:
        """Word who does it: one at most, the others only take part."""
        said = f" on behalf of {{{names[0]}}}" if names else ""
        others = [f"{{{name}}} as the {label_of(name)}" for name in names[1:]]
        return said + (f", with {listed(others)}" if others else "")

    def _verbs(self) -> tuple[str, ...]:
        is_kept = self._verb == "clear" and not self._deletes
        return (self._verb,) if is_kept else SYNONYMS.get(self._verb, (self._verb,))


def _with_unit(name: str, label: str) -> tuple[str, str]:
    """Return what is changed, and the slot for it with its unit: `rate` and `{rate} cents`."""
    what, _, unit = label.partition(" in ")
    return what, f"{{{name}}} {unit}".rstrip()


def _booked(said: str, made: str, taken: str) -> str:
    """Return a request that books a room, where it would make a booking of it."""
    if not taken or made.split("_")[-1] not in RESERVED:
        return said
    before, _, after = said.partition(taken)
    rest = before.split(words(made), 1)[-1]
    return f"book {taken.removeprefix(' of ')}{rest}{after}"


def _brought(target: str, label: str, end: str, changed: Sequence[str]) -> Iterator[str]:
    """Yield the words for what is brought somewhere, or into another state, and nothing else."""
    if len(changed) == 1 and _SITE.search(label):
        yield f"move {{{target}}} to {end}"
    elif len(changed) == 1 and is_status(changed[0]):
        yield f"set {{{target}}} to {end}"
        yield f"mark {{{target}}} as {end}"
