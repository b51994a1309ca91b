"""Words for those who take part in what is done: who does it, and who is there as what."""

from collections.abc import Sequence

from envscaler.environment.state.collections import stem_of
from envscaler.scen_generator.solution_first.intentions.details import listed
from envscaler.scen_generator.solution_first.intentions.labels import label_of, words
from envscaler.scen_generator.solution_first.intentions.verb_words import ROLES


def on_behalf_of(names: Sequence[str]) -> str:
    """Word who does it: one at most, the others only take part.

    Args:
        names: Of parameters.
    """
    said = f" on behalf of {{{names[0]}}}" if names else ""
    others = [f"{{{name}}} as the {label_of(name)}" for name in names[1:]]
    return said + (f", with {listed(others)}" if others else "")


def as_roles(names: Sequence[str]) -> str:
    """Word who takes part, by what each is there: `by {author} with {guide} as the guide`.

    Args:
        names: Of parameters.
    """
    stems = {name: stem_of(name) or name for name in names}
    known = {name: _role_word(stem) for name, stem in stems.items()}
    said = "".join(f" {word} {{{name}}}" for name, word in known.items() if word)
    others = [name for name, word in known.items() if not word]
    parts = [f"{{{name}}} as the {words(stems[name])}" for name in others]
    return said + (f" with {listed(parts)}" if parts else "")


def _role_word(stem: str) -> str:
    """Return what stands before somebody who has a part in what is made; empty for `as the ...`."""
    return "under" if stem.startswith("responsible_") else ROLES.get(stem, "")
