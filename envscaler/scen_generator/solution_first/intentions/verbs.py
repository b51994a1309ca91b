"""From the name of a tool and its parameters to the words in which a person asks for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from envscaler.records import Tool
from envscaler.scen_generator.solution_first.context import parameters_of
from envscaler.scen_generator.solution_first.intentions.docstring_words import words_of
from envscaler.scen_generator.solution_first.intentions.docstrings import only_asks, told
from envscaler.scen_generator.solution_first.intentions.labels import (
    participle_of,
)
from envscaler.scen_generator.solution_first.intentions.nouns import is_status
from envscaler.scen_generator.solution_first.intentions.phrases import Phrase
from envscaler.scen_generator.solution_first.intentions.places import Target
from envscaler.scen_generator.solution_first.intentions.tool_names import words_of_verb
from envscaler.scen_generator.solution_first.intentions.verb_words import (
    CREATE,
    ENDING,
    MOVING,
    ODD,
    PREPOSITIONS,
    UPDATE,
)

_UNSAID = frozenset(("bulk", "the", "all"))
"""Words in names of tools that are not done for a record."""
_FOUND = frozenset(("lost", "stolen", "missing", "broken", "damaged"))
"""What is reported of something that is there."""
_MOST_OPTIONS = 2
"""Optional parameters that one request speaks of."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Patterns for one tool with some of its parameters."""

    parameters: tuple[str, ...]
    patterns: tuple[str, ...]
    said: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Switches of which the words themselves say how they are."""


def wordings(tool: Tool, targets: Sequence[Target]) -> Iterator[Wording]:
    """Yield the ways to ask for a tool; none where a person would not ask for it.

    Args:
        tool: The tool.
        targets: Those of its parameters that take ids.
    """
    name = words_of(tool.name)
    is_odd = name[0] in ODD or bool(_UNSAID & {*name}) or only_asks(tool.description)
    if is_odd or any(map(_is_no_noun, targets)):
        return
    required, optional = parameters_of(tool)
    for chosen in _parameter_sets(tool):
        lacks = len(chosen) == len(required) and _lacks_values(tool, targets, name[0], optional)
        if not _lacks_target(name, targets, chosen):
            yield from _of_some(name, tool, targets, chosen, lacks=lacks)


def _of_some(
    name: Sequence[str],
    tool: Tool,
    targets: Sequence[Target],
    chosen: Sequence[str],
    *,
    lacks: bool,
) -> Iterator[Wording]:
    """Yield the ways to ask for a tool with some parameters; with too few only by its docstring."""
    known = [each for each in targets if each.parameter in chosen]
    phrase = Phrase(name, known, chosen, tool, makes=is_creating(tool))
    patterns = () if lacks else tuple(dict.fromkeys(phrase.patterns()))
    by_docstring = [*told(tool, known, chosen)] if phrase.is_odd else []
    if patterns and not (by_docstring and phrase.is_wanting):
        yield Wording(tuple(chosen), patterns)
    for each in by_docstring:
        yield Wording(tuple(chosen), (each.pattern,), each.said)


def _lacks_values(
    tool: Tool, targets: Sequence[Target], verb: str, optional: Sequence[str]
) -> bool:
    """Tell whether a change without its options would change nothing."""
    ids = {each.parameter for each in targets}
    return verb in UPDATE and bool(optional) and set(tool.required) <= ids


def _lacks_target(name: Sequence[str], targets: Sequence[Target], chosen: Sequence[str]) -> bool:
    """Tell whether it is left unsaid who or what is assigned that the name speaks of."""
    unsaid = {each.noun for each in targets if each.parameter not in chosen}
    return name[0] in MOVING and name[-1] in unsaid


def is_creating(tool: Tool) -> bool:
    """Tell by its name whether a tool makes something new.

    What takes nothing but the id of what it is named after is done to what is there: to publish a
    document, to start a request.
    """
    verb, *words = words_of(tool.name)
    if verb == "report" and words[-1:] and words[-1] in _FOUND:
        return False  # a key is reported lost, which is there
    if verb not in CREATE or not words or words_of_verb(words_of(tool.name)) > 1:
        return False
    taken = [*tool.properties]
    return taken != [f"{words[-1]}_id"]


def is_ending(tool: str) -> bool:
    """Tell by its name whether a tool puts an end to a record."""
    return words_of(tool)[0] in ENDING


def _parameter_sets(tool: Tool) -> Iterator[list[str]]:
    required, optional = parameters_of(tool)
    optional = [name for name in optional if not name.startswith("action_")]  # for a log
    if is_creating(tool):
        optional = [name for name in optional if not _goes_without_saying(name)]
    names = list(tool.properties)
    for size in range(min(_MOST_OPTIONS, len(optional)) + 1):
        for some in combinations(optional, size):
            yield [name for name in names if name in required or name in some]


def _goes_without_saying(name: str) -> bool:
    """Tell whether something new has it without being told: a first status, or now as its date."""
    return is_status(name) or name in ("timestamp", "datetime") or participle_of(name) is not None


def _is_no_noun(target: Target) -> bool:
    """Tell whether records are called after how they are kept: `by_number`."""
    return target.noun.strip("_").split("_")[0] in PREPOSITIONS
