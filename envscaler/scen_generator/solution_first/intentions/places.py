"""Words for the records that a request mentions besides the one that something is done to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from envscaler.environment.state.collections import stem_of
from envscaler.inputs.word_lists import CLIENTS
from envscaler.scen_generator.solution_first.intentions.details import listed
from envscaler.scen_generator.solution_first.intentions.roles import as_roles
from envscaler.scen_generator.solution_first.intentions.verb_words import (
    BESIDE,
    CREATE,
    MOVING,
    ROLES,
    SERVING,
)

_KEY = re.compile(r"_?(?:ids?|no|nr|num|numbers?|codes?|keys?|ref)$")
_NAMING = frozenset(("name", "email", "tag", "code", "bib", "pid", "sku"))
"""Parameters that only say by what a record is told."""


@dataclass(frozen=True, slots=True)
class Target:
    """A parameter that takes the id of a record."""

    parameter: str
    noun: str
    """The word for such a record, in the form of names: `medical_record`."""
    is_new: bool = False
    """The id is one that nobody has yet: of what is to be made."""
    is_human: bool = False
    """Such a record is a person; people come first."""


def stem_of_role(name: str) -> str:
    """Return what a parameter that takes an id calls its record: `policy` for `policy_no`.

    Empty where it only says by what the record is told, as `no` and `email` do.
    """
    return "" if name in _NAMING else _KEY.sub("", name.removeprefix("new_"))


def _is_role(name: str) -> bool:
    """Tell whether a parameter says what somebody or something is to a request: the sender."""
    last = name.split("_")[-1]
    return last in ROLES or name in ROLES or last in SERVING or last in CLIENTS or "_" in name


class Places:
    """Words the parameters of a tool that take ids, by what these records are to the request.

    Args:
        targets: Parameter → what it takes the id of.
        verb: The first word of the tool's name.
    """

    def __init__(self, targets: Mapping[str, Target], verb: str) -> None:
        self._targets = targets
        self._verb = verb

    def said(self, names: Sequence[str]) -> str:
        """`for {guest} at {location}`, `to {department}`, `for {patient} with {doctor}`."""
        plain = [name for name in names if self.is_plain(name)]
        plain.sort(key=lambda name: not self._targets[name].is_human)
        roles = [name for name in names if name not in plain]
        beside = {name: word for name in plain if (word := self._beside(name, plain))}
        plain = [name for name in plain if name not in beside]
        after = "".join(f" {word} {{{name}}}" for name, word in beside.items())
        said = self._toward(plain) + after.replace(" ,", ",")
        if self._verb in CREATE and (served := self._served(roles)):
            return f"{said} for {{{served[0]}}} with {{{served[1]}}}"
        return said + as_roles(roles)

    def _toward(self, names: Sequence[str]) -> str:
        if not names:
            return ""
        toward = "to" if self._verb in MOVING else "for"
        return f" {toward} {listed([f'{{{name}}}' for name in names])}"

    def is_plain(self, name: str) -> bool:
        """Tell whether a parameter is named after the kind of record alone, not after a role."""
        stem, noun = stem_of_role(name), self._targets[name].noun
        if stem == name and not _is_role(name):
            return True
        return stem in ("", noun, noun.split("_")[-1]) or stem.endswith(noun)

    def _beside(self, name: str, plain: Sequence[str]) -> str:
        """Return what stands before a record that something is made for besides a person."""
        noun = self._targets[name].noun
        if (stem_of(name) or name).startswith("assigned_"):
            return ", assigned to"
        if self._verb not in CREATE:
            return ""
        if noun in SERVING or noun.split("_")[-1] in SERVING:
            return "by" if len(plain) > 1 else ""
        return BESIDE.get(noun, BESIDE.get(noun.split("_")[-1], ""))

    def _served(self, roles: Sequence[str]) -> tuple[str, str] | None:
        """Return who is served and who serves, where these are all: a patient and a doctor."""
        stems = {(stem_of(name) or name).split("_")[-1]: name for name in roles}
        served = [name for stem, name in stems.items() if stem in CLIENTS]
        serving = [name for stem, name in stems.items() if stem in SERVING]
        is_all = len(roles) == 2 and len(served) == len(serving) == 1
        return (served[0], serving[0]) if is_all else None
