"""What the name of a tool says of its parameters, and what it leaves unsaid."""

import re
from collections.abc import Sequence

from envscaler.environment.state.collections import stem_of
from envscaler.environment.state.plurals import singular
from envscaler.records import Tool
from envscaler.scen_generator.solution_first.context import parameters_of
from envscaler.scen_generator.solution_first.intentions.details import (
    is_counted,
)
from envscaler.scen_generator.solution_first.intentions.docstring_words import (
    ASKING,
    may_be_verb,
)
from envscaler.scen_generator.solution_first.intentions.docstrings import first_clause
from envscaler.scen_generator.solution_first.intentions.labels import (
    label_of,
    words,
)
from envscaler.scen_generator.solution_first.intentions.nouns import is_human
from envscaler.scen_generator.solution_first.intentions.places import Places, Target
from envscaler.scen_generator.solution_first.intentions.verb_words import (
    ACTOR,
    ALL_VERBS,
    ENDING,
    HUMAN_DOES,
    MOVING,
    PARTICLES,
    STATE_VERBS,
    TAKES_PART,
    UPDATE,
    split_at_prepositions,
)

_NUMBERED = frozenset(
    ("login", "start", "end", "begin", "first", "last", "slot", "day", "night", "unit")
)
"""What is kept as a number, and said otherwise: an hour, a day."""
_DELETES = re.compile(r"delet|remov|eras|purg", re.IGNORECASE)
"""What says of a tool that clears something that it is gone then."""
_DOES = re.compile(
    r"(?:record|note|enter) that an? (?:[\w-]+ )?(\w+) (?:has|is|was|leaves|comes)\b"
)
"""What says that something does itself what a tool is called after: a boat moors."""
_AT_THE_END = frozenset(("reason", "note", "notes", "by"))
"""What may be told with whatever is done."""
_BARE = frozenset(("want", "login", "username", "who", "code", "key", "name", "mark", "at"))
"""Fields that nobody names."""


def words_of_verb(name: Sequence[str]) -> int:
    """Return how many words of a name are its verb: `sign off`, `hand over`, and `check in`."""
    is_two = len(name) > 1 and (name[1] in PARTICLES or name[1:] in (["in"], ["on"], ["over"]))
    return 2 if is_two else 1


class ToolName:
    """The name of a tool, held against some of its parameters.

    Args:
        name: Words of its name.
        targets: Those of the parameters that take ids.
        chosen: The parameters that are spoken of.
        tool: The tool.
        makes: It makes something new.
    """

    def __init__(
        self,
        name: Sequence[str],
        targets: Sequence[Target],
        chosen: Sequence[str],
        tool: Tool,
        *,
        makes: bool,
    ) -> None:
        self._required = frozenset(parameters_of(tool)[0])
        self._makes = makes
        self._schemas = tool.properties
        size = words_of_verb(name)
        self._verb = " ".join(name[:size])
        self._pieces = split_at_prepositions(name[size:])
        if self._verb == "associate":
            self._verb = "attach"
            self._pieces = [("to" if word == "with" else word, of) for word, of in self._pieces]
        self._deletes = bool(_DELETES.search(tool.description))
        self._told = first_clause(tool.description)
        self._targets = {each.parameter: each for each in targets}
        self._placed = Places(self._targets, self._verb)
        self._plain = [each for each in chosen if each not in self._targets]
        self._left = [each for each in chosen if each in self._targets]
        self._first = self._match(self._head)
        self._switches = [name for name in chosen if self._schemas[name].get("type") == "boolean"]
        self._has_switch = any(each.get("type") == "boolean" for each in self._schemas.values())

    @property
    def _head(self) -> tuple[str, ...]:
        is_first = bool(self._pieces) and not self._pieces[0][0]
        return self._pieces[0][1] if is_first else ()

    @property
    def _behind(self) -> "Sequence[tuple[str, tuple[str, ...]]]":
        """What the name says after its prepositions."""
        return self._pieces[1:] if self._head else self._pieces

    @property
    def is_odd(self) -> bool:
        """Tell whether the name of the tool leaves something unsaid that the docstring may say."""
        if self._has_switch:
            return True
        if self._verb in UPDATE or self._makes:
            return False
        return self.is_wanting or not self._head

    @property
    def is_wanting(self) -> bool:
        """Tell whether the name does not say what belongs together, and with what."""
        if self._behind:
            return not self._head
        if self._plain or (len(self._left) > 1 and not (self._verb in MOVING and self._head)):
            return True
        is_clear = self._verb in ENDING | STATE_VERBS or self._verb.startswith("check ")
        return self._first is None and bool(self._head) and not is_clear

    def _takes_part(self) -> bool:
        """Tell whether somebody takes part in something: a student is enrolled in a course."""
        are_human = [self._targets[name].is_human for name in self._left]
        if self._verb not in TAKES_PART or sorted(are_human) != [False, True] or self._plain:
            return False
        self._left.sort(key=lambda name: self._targets[name].is_human)
        return True

    def _is_scattered(self) -> bool:
        """Tell whether it is not clear what records and values have to do with each other."""
        if any(map(self._is_bare, self._plain)):
            return True
        nouns = [self._targets[each].noun for each in self._left if not ACTOR.match(each)]
        is_twice = len({*nouns}) < len(nouns)
        is_open = self._first is None and self._verb not in MOVING
        return len(nouns) > 1 and not self._behind and (is_open or is_twice)

    def _is_unsaid(self, name: str) -> bool:
        """Tell whether a value is a number of which its name does not say what it counts."""
        is_key = stem_of(name) is not None or name.endswith(("_no", "_nr")) or name in _NUMBERED
        return is_key and self._schemas[name].get("type") != "string"

    def _is_bare(self, name: str) -> bool:
        """Tell whether a value could be told by the name of its field alone."""
        if self._schemas[name].get("type") in ("integer", "number"):
            return self._first is None or not is_counted(name)
        return not ACTOR.match(name) and label_of(name) in _BARE

    def _is_plain(self) -> bool:
        """Tell whether all that is told is one record, and why."""
        is_first = bool(self._left) and next(iter(self._schemas)) == self._left[0]
        if not is_first or self._is_of_another(words(self._targets[self._left[0]].noun)):
            return False
        ends = tuple("_".join(group) for _, group in self._behind)
        doing = [name for name in self._left[1:] if self._targets[name].is_human]
        does = doing[:1] if self._verb in HUMAN_DOES else []
        said = {*_AT_THE_END, *does, self._left[0]}
        others = [name for name in (*self._left, *self._plain) if name not in said]
        return all(name.endswith(ends) or self._is_one_of(name, ends) for name in others)

    def _is_of_another(self, noun: str) -> bool:
        """Tell whether something is done to what is not there yet, or to what a record has."""
        if f" new {noun}" in self._told or f" {noun}'s " in self._told:
            return True
        does = _DOES.match(self._told)
        return does is not None and does[1] not in noun.split() and not is_human(does[1])

    def _is_one_of(self, name: str, ends: Sequence[str]) -> bool:
        """Tell whether the name of the tool speaks of a record behind its prepositions."""
        return name in self._targets and any(self._is_called(name, spoken) for spoken in ends)

    def _is_verb(self) -> bool:
        """Tell whether the name begins with a verb; alone it is one that is known, or used."""
        verb = self._verb.split()[0]
        if verb in ASKING:
            return False
        if verb in ALL_VERBS or verb == self._told.partition(" ")[0]:
            return True
        if self._first is None:
            return " " in self._verb and may_be_verb(verb)
        nouns = {word for each in self._targets.values() for word in each.noun.split("_")}
        return bool(self._head) and may_be_verb(verb) and verb not in nouns | {*self._schemas}

    def _match(self, group: Sequence[str]) -> "tuple[Target, str] | None":
        """Find the target that words speak of, and what of it."""
        said = "_".join(group)
        for name in self._left:
            target = self._targets[name]
            stem = stem_of(name) or name
            nouns = (target.noun, stem, target.noun.split("_")[-1])
            for noun in dict.fromkeys(filter(None, nouns)):
                if noun in (said, singular(said)):
                    return target, ""
                if said.startswith(f"{noun}_"):
                    return target, words(said[len(noun) + 1 :])
                if said.endswith(f"_{noun}") and not self._makes:
                    return target, ""  # a deleted claim is a claim
        return None

    def _is_called(self, name: str, spoken: str) -> bool:
        noun = self._targets[name].noun
        stem = stem_of(name) or name
        return spoken in (noun, stem, noun.split("_")[-1]) or stem.endswith(spoken)
