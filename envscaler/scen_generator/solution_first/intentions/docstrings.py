"""What a tool does in the words of its docstring: `put the brake of {set} on`.

Whoever names a tool `sign_off` or `fly` says in its first sentence what it is done to. That
sentence is a request, once the records and values of a call stand in it: `Send a pilot to a job`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.details import described, is_counted
from envscaler.scen_generator.solution_first.intentions.docstring_words import (
    ASKING,
    BEFORE,
    BEHIND,
    COUNTS,
    GIVERS,
    LIES,
    MADE_NEW,
    MASSES,
    MEASURES,
    MONEY,
    NO_ADJECTIVE,
    TAKERS,
    UNITS,
    imperative,
    is_alike,
    may_be_verb,
)
from envscaler.scen_generator.solution_first.intentions.labels import label_of, words
from envscaler.scen_generator.solution_first.intentions.nouns import is_human
from envscaler.scen_generator.solution_first.intentions.places import Target, stem_of_role
from envscaler.scen_generator.solution_first.intentions.roles import on_behalf_of
from envscaler.scen_generator.solution_first.intentions.verb_words import ACTOR

_BRACKETS = re.compile(r"\s*\([^)]*\)")
_END = re.compile(r"[;:]|\.(?:\s|$)|\n\s*\n|, (?:which|who|since|so|but|even|unless|at |in any)\b")
_ONE = r"\b(?:an?|the|another|one|some|this|any|that) "
_ADJECTIVES = rf"(?:(?!(?:{NO_ADJECTIVE})\b)[\w'-]+,? (?:or |and )?){{0,5}}?"
_PLAIN_ADJECTIVES = _ADJECTIVES.replace("'", "")
_NEXT = (
    r"(?= (?:to|from|into|onto|on|off|back|out|in|at|as|up|down|away|for|of|with|by)\b| and |,|$)"
)
"""What may follow on a whole noun."""
_STANDS = r"(?:is|are|was|were|has been|have been) (?:not )?(?:(?:for|in|on|at) )?\w+"
_RELATIVE = re.compile(rf"(?<=\}}) (?:that|which|who|whose) (?:{_STANDS}|[^,{{]*?){_NEXT}")
_TAIL = re.compile(
    r",| (?:and|or|if|while|because|since|so|even|wherever|whatever|whether|unless|of any|in any"
    r"|by its|by their|as the last|as its last|before|after|until|that|which|who|between) "
)
_OPEN = re.compile(r" (?:or|and|on|in|to|for|from|of|at|by|with)$")
"""What is left of `on which nothing is paid`."""
_STATE = re.compile(r"(^|_)(stage|state|status|level|phase)$")
_LAST = re.compile(r",? as (?:the|its) last\b")
_PUT_OFF = ("put off", "move", "extend", "prolong")
_NAMELESS = frozenset(("place", "mark", "code"))
"""Values that nobody names with what they are."""
_MOVES = ("put ", "move ", "shift ", "extend ", "make ", "delay ", "prolong ", "postpone ")
"""With what begins what is for so long, or by so much."""
_STANDING = re.compile(r"(?<=\}) (?:on|in) the \w+(?= (?:to|into|onto|out|off|back)\b)")
"""Where something is with which something is done: an order on the bench."""
_LEFT = re.compile(
    r"(?<!for )\b(?:an?|another) (?!second|time|while|stage|point|\w+ of #)"
    r"|\bone (?!stage|step|point|second|time)",
    re.IGNORECASE,
)
"""What is named as if nobody knew which: it has got no slot. But `a copy of the part`."""
_MOST_BEHIND = 7
"""Words behind the last slot that somebody repeats who asks for it."""
_ODD = re.compile(
    r"[`’\"_<>=*\[\]]|\d|\b(?:None|True|False|data|returns?|ids?|upsert|is|are|the one|or)\b"
)
_PAYS = re.compile(r"(book|books|take|enter|record|note) (?:money|an? payment)\b.*")
"""That somebody has paid."""
_MASS = re.compile(
    r"(take|give|draw|add|put|pour|fill) (?!the |an? |its |\{)(\w+)(?= (?:from|to|into|in)\b)"
)
"""What there is so much of."""
_NOTED = re.compile(r"\w+ an? (?:[\w-]+ ){0,2}\w+$")
"""What is written down of something."""
_TO_VALUE = r"(?<= {0} )(?!the |an? )\w+(?:, \w+)*(?: or \w+)?"
_RANGE = re.compile(r"\b(?:\d[\d,]* to \d[\d,]*|so many|a number of|some|whole) (\w+)")
_SLOT = re.compile(r"\{\w+\}")
_DUE = re.compile(r"(new_)?(due|until|last|end)(_date|_day|_on)?$")
_TOGETHER = re.compile(r"^\w+(?: in| out| up| off| back)? (\w+s)\b")


@dataclass(frozen=True, slots=True)
class Told:
    """One way to ask for a tool."""

    pattern: str
    said: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Switches of which the words themselves say how they are."""


def told(tool: Tool, targets: Sequence[Target], chosen: Sequence[str]) -> Iterator[Told]:
    """Yield what the first sentence of a docstring says, with slots for some parameters.

    Args:
        tool: The tool.
        targets: Those of the chosen parameters that take ids.
        chosen: The parameters that a request speaks of.
    """
    clause = first_clause(tool.description)
    if not clause:
        return
    switches = [name for name, each in tool.properties.items() if each.get("type") == "boolean"]
    for text, said in _switched(clause, switches, chosen, tool.properties):
        named = [name for name in chosen if name not in said]
        pattern = _Sentence(text, targets, tool.properties).with_slots(named)
        if pattern:
            yield Told(pattern, {name: value for name, value in said.items() if name in chosen})


def first_clause(description: str) -> str:
    """Return what a docstring asks for at first, as a request; empty where it asks for nothing."""
    text = _BRACKETS.sub("", description.strip()).replace("`", "")
    text = " ".join(_END.split(text, maxsplit=1)[0].split())
    first, _, rest = text.partition(" ")
    verb = imperative(first)
    return f"{verb} {rest}" if verb and rest and not _is_asked(verb, rest) else ""


def only_asks(description: str) -> bool:
    """Tell whether a docstring says that somebody only wants to know something."""
    first, _, rest = description.strip().partition(" ")
    verb = imperative(first)
    return verb == "give" and _is_asked(verb, rest)


def _is_asked(verb: str, rest: str) -> bool:
    is_answer = re.match(r"(?:the|how|what|whether|an? \w+'s) ", rest) is not None
    return verb in ASKING or (verb == "give" and is_answer)


def _switched(
    clause: str, switches: Sequence[str], chosen: Sequence[str], schemas: Mapping[str, JsonObject]
) -> Iterator[tuple[str, dict[str, bool]]]:
    """Yield a clause for each way in which the switches of a tool may stand."""
    found: list[tuple[str, dict[str, bool]]] = [(clause, {})]
    for name in switches:
        default = schemas[name].get("default")
        choices = [(text, said, way) for text, said in found for way in _ways(text, name)]
        if choices:
            found = [
                (text, {**said, name: value})
                for _, said, (text, value) in choices
                if (value == default) != (name in chosen) or (name in chosen and default is None)
            ]
        elif name in chosen:
            return
    yield from found


def _ways(clause: str, name: str) -> Iterator[tuple[str, bool]]:
    """Yield what a clause says for yes and for no: `on or off`, `open or close`, `or open it`."""
    for found in re.finditer(r"\b(\w+) or (\w+)\b(?! it\b)", clause):
        one, other = found.groups()
        if is_alike(one, name) or is_alike(other, name):
            for word in (one, other):
                text = f"{clause[: found.start()]}{word}{clause[found.end() :]}"
                yield text, (word == one) == is_alike(one, name)
            return
    first, _, other = re.sub(r" with \w+ (?:true|false)$", "", clause).partition(" or ")
    first, verb = first.rstrip(","), other.partition(" ")[0]
    if re.match(r"\w+ (?:it|them)\b", other) and (
        is_alike(first.split()[0], name) or is_alike(verb, name)
    ):
        noun = re.match(rf"\w+ ({_ONE}[\w-]+(?: [\w-]+){{0,2}}?)(?= for\b| in\b| on\b|,|$)", first)
        if noun is not None:
            yield first, is_alike(first.split()[0], name)
            yield re.sub(r"\b(?:it|them)\b", noun[1].strip(), other), is_alike(verb, name)


class _Sentence:
    """A clause in which slots are put, one after the other."""

    def __init__(
        self, text: str, targets: Sequence[Target], schemas: Mapping[str, JsonObject]
    ) -> None:
        self._text = text
        self._targets = {each.parameter: each for each in targets}
        self._schemas = schemas
        self._counted = ""
        """What is counted, with the slot for how many."""

    def with_slots(self, names: Sequence[str]) -> str:
        """Return the clause with a slot for each parameter; empty where one has no place in it."""
        left = [name for name in names if not self._place_target(name)]
        left = [name for name in left if name in self._targets or not self._place_value(name)]
        left = [name for name in left if f"{{{name}}}" not in self._text]
        left = [name for name in left if not self._only_object(name, left)]
        left = [name for name in left if not self._place_counted(name)]
        self._cut()
        if any(name in self._targets for name in left):
            return self._noted(names)
        return "" if self._is_odd() else self._ended(left)

    def _noted(self, names: Sequence[str]) -> str:
        """Say what is written down of a record: `note a germination test for {accession}`."""
        rest = [name for name in names if name not in self._targets]
        is_whole = bool(rest) and len(rest) + 1 == len(names) and len(self._targets) == 1
        is_noted = self._text.partition(" ")[0] in MADE_NEW and _NOTED.fullmatch(self._text)
        is_plain = is_whole and is_noted and not _ODD.search(self._text)
        if not is_plain or not all(map(self._is_counted, rest)):
            return ""
        return f"{self._text} for {{{next(iter(self._targets))}}}{described(rest, self._schemas)}"

    def _is_counted(self, name: str) -> bool:
        return self._schemas[name].get("type") == "integer" and is_counted(name)

    def _put(self, found: "re.Match[str] | None", said: str) -> bool:
        if found is None:
            return False
        self._text = f"{self._text[: found.start()]}{said}{self._text[found.end() :]}"
        return True

    def _place_target(self, name: str) -> bool:
        """Put the slot of a record where its noun stands: `a lying wheel`."""
        target = self._targets.get(name)
        if target is None:
            return False
        twice = [each for each in self._targets.values() if each.noun == target.noun]
        if len(twice) > 1:
            return self._place_both(words(target.noun))
        noun = words(target.noun)
        for each in dict.fromkeys((noun, words(stem_of_role(name)), noun.split()[-1])):
            if each and self._put(self._noun(each), f"{{{name}}}"):
                return True
        what = rf"((?:\w+ ){{0,2}}?\w+){_NEXT}"
        owned = re.search(rf"{_ONE}{_ADJECTIVES}{noun}'s {what}", self._text)
        return owned is not None and self._put(owned, f"the {owned[1]} of {{{name}}}")

    def _place_both(self, noun: str) -> bool:
        """Put the slots of two records between which something goes: `from one to another`."""
        names = [name for name in self._targets if name.startswith(("from_", "to_"))]
        if len(names) != 2 or all(f"{{{name}}}" in self._text for name in names):
            return len(names) == 2
        first, second = sorted(names)
        pattern = rf"from (?:one|an?) {noun} to another(?: {noun})?"
        return self._put(re.search(pattern, self._text), f"from {{{first}}} to {{{second}}}")

    def _noun(self, noun: str, behind: str = "") -> "re.Match[str] | None":
        return re.search(rf"{_ONE}{_ADJECTIVES}{re.escape(noun)}\b(?!'s|-){behind}", self._text)

    def _only_object(self, name: str, left: Sequence[str]) -> bool:
        """Put the slot of the one record left where it is called otherwise: `a lot`."""
        if [each for each in left if each in self._targets] != [name]:
            return False
        found = re.search(rf"\b(?:an?|another) {_PLAIN_ADJECTIVES}(\w+){_NEXT}", self._text)
        if found is None or self._is_made(found) or self._text[: found.start()].endswith("} "):
            return False
        labels = {label_of(each) for each in self._schemas if each != name}
        is_other = found[1] not in labels and may_be_verb(found[1])
        return is_other and self._put(found, f"{{{name}}}")

    def _is_made(self, found: re.Match[str]) -> bool:
        """Tell whether words are for something that is not there yet."""
        verb, _, before = self._text[: found.start()].partition(" ")
        return " new " in found[0] or (verb in MADE_NEW and not before)

    def _place_value(self, name: str) -> bool:
        """Put the slot of a value where its word stands: `to a requester`, `13,200 seeds`."""
        label, slot = label_of(name), f"{{{name}}}"
        if self._schemas[name].get("type") in ("integer", "number"):
            return self._place_number(name, label, slot)
        is_state = bool(_STATE.search(name))
        if name.startswith(("to_", "from_")) or is_state:
            before = name.partition("_")[0] if "_" in name else "to"
            found = re.search(_TO_VALUE.format(before), self._text)
            if found is not None and (" or " in found[0] or not is_state):
                return self._put(found, slot)
        return label not in _NAMELESS and self._put(self._noun(label, _NEXT), _named(label, slot))

    def _place_number(self, name: str, label: str, slot: str) -> bool:
        """Put the slot of a number before what is counted: `13,200 seeds`, `2 bricks`."""
        if self._place_money(label, slot) or self._place_mass(label, slot):
            return True
        if (counted := self._counted_by(name, label)) is not None:
            place, what = counted
            self._counted = f"{slot} {what}"
            self._text = self._text[: place[0]] + self._counted + self._text[place[1] :]
            return True
        if label not in MEASURES:
            return False
        one = re.search(rf"\ban? {re.escape(label)}{_NEXT}", self._text)
        return one is not None and self._put(one, f"{one[0]} of {slot}")

    def _counted_by(self, name: str, label: str) -> tuple[tuple[int, int], str] | None:
        """Return where what a number counts is named, and how; None where it is not."""
        ranged = _RANGE.search(self._text)
        if ranged is not None and is_alike(ranged[1], label):
            return ranged.span(), ranged[1]
        some = rf"(?<!the )(?<!its )(?<!their )\b((?:paid|free|\w+ed) )?{re.escape(label)}\b"
        bare = re.search(some, self._text)
        if bare is not None and label.endswith("s"):
            return bare.span(), bare[0]  # 45 paid minutes
        many = _TOGETHER.match(self._text) if name in COUNTS else None
        return None if many is None else (many.span(1), many[1])

    def _place_money(self, label: str, slot: str) -> bool:
        """Say what somebody has paid: `book a payment of 900 cents from {customer}`."""
        if label in MONEY and self._text.startswith("pay {"):
            self._text = f"pay {slot} {label} on{self._text[3:]}"
            return True
        found = _PAYS.fullmatch(self._text)
        if found is None or label not in {*MONEY, "amount"} or len(self._targets) != 1:
            return False
        name, target = next(iter(self._targets.items()))
        unit = f" {label}" if label in MONEY else ""
        word = "from" if target.is_human else "for"
        self._text = f"{found[1]} a payment of {slot}{unit} {word} {{{name}}}"
        return True

    def _place_mass(self, label: str, slot: str) -> bool:
        """Say how much there is of something: `take 12 kg of honey from {hive}`."""
        found = _MASS.match(self._text) if label in MASSES else None
        if found is None:
            return False
        return self._put(found, f"{found[1]} {slot} {label} of {found[2]}")

    def _place_counted(self, name: str) -> bool:
        """Say of what so many are, or for whom: `give 4 seeds of {packet} to somebody`."""
        if name not in self._targets or not self._counted:
            return False
        word = "for" if f" of {self._counted}" in self._text else "of"
        self._text = self._text.replace(self._counted, f"{self._counted} {word} {{{name}}}", 1)
        return True

    def _cut(self) -> None:
        """Leave out what the sentence says of the records, and how it goes on."""
        self._text = _LAST.sub("", _STANDING.sub("", _RELATIVE.sub("", self._text)))
        ends = [found.end() for found in _SLOT.finditer(self._text)]
        last = ends[-1] if ends else 0
        kept, *rest = re.split(_TAIL, self._text[last:], maxsplit=1)
        self._text = self._text[:last] + (_OPEN.sub("", kept) if rest else kept)

    def _is_odd(self) -> bool:
        """Tell whether nobody would say so: there is no record in it, or there are odd words."""
        plain = _SLOT.sub("#", self._text)
        behind = _SLOT.split(self._text)[-1].split()
        is_empty = not any(f"{{{name}}}" in self._text for name in self._targets)
        is_odd = bool(_ODD.search(plain) or _LEFT.search(plain))
        return is_empty or is_odd or len(behind) > _MOST_BEHIND

    def _ended(self, left: Sequence[str]) -> str:
        """Say what is left; empty where there are no words for it."""
        actors = [name for name in left if ACTOR.match(name)]
        toward = [name for name in left if label_of(name) in TAKERS | GIVERS]
        rest = [name for name in left if name not in actors and name not in toward]
        said = [self._behind(name) for name in rest]
        if not all(said):
            return ""
        for name in toward:
            self._place_person(name, "to" if label_of(name) in TAKERS else "from")
        return self._text + "".join(said) + on_behalf_of(actors)

    def _place_person(self, name: str, word: str) -> None:
        """Say behind the record to whom it goes, or behind the particle: `give it away to ...`."""
        found = next(each for each in _SLOT.finditer(self._text) if each[0][1:-1] in self._targets)
        rest = self._text[found.end() :]
        before = self._text if len(rest.split()) == 1 else self._text[: found.end()]
        self._text = f"{before} {word} {{{name}}}{self._text[len(before) :]}"

    def _behind(self, name: str) -> str:
        """Return what is said of a value at the end; empty where it is only a field."""
        label, slot = label_of(name), f"{{{name}}}"
        if self._schemas[name].get("type") in ("integer", "number"):
            is_free = label in UNITS and label not in self._text and self._text.startswith(_MOVES)
            return f" by {slot} {label}" if is_free else ""
        if label in LIES:
            return f" {LIES[label]} {label} {slot}"
        if to := self._toward(name, label):
            return to
        word = BEHIND.get(label, "")
        return f" {word} {slot}" if word else ""

    def _toward(self, name: str, label: str) -> str:
        """Return whereto something is moved, or to what day; empty where it is not."""
        is_day = _DUE.match(name) and self._text.startswith(_PUT_OFF)
        if is_day or (label in BEFORE and self._text.startswith("move ")):
            return f" to {_named(label, f'{{{name}}}') if not is_day else f'{{{name}}}'}"
        return ""


def _named(label: str, slot: str) -> str:
    """Return what a value is called: `the upper side`, `the drawer N1`, and a person by name."""
    if label in BEFORE:
        return f"the {slot} {label}"
    return slot if _is_person(label) else f"the {label} {slot}"


def _is_person(label: str) -> bool:
    return is_human(label) or label in TAKERS | GIVERS
