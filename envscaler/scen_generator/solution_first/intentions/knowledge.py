"""One state of an environment, and what was learned about it."""

from dataclasses import dataclass, field

from envscaler.records import Clock
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.answers import Answer, Answers
from envscaler.scen_generator.solution_first.intentions.literals import Literals
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.phrasing import Phrasing
from envscaler.scen_generator.solution_first.intentions.requests import Drawer


@dataclass
class Knowledge:
    """Words, relations and requests of a state; the answers that were seen in it."""

    context: SearchContext
    nouns: Nouns
    phrasing: Phrasing
    drawer: Drawer
    answers: Answers = field(default_factory=dict[tuple[str, bytes], Answer])


def knowledge_of(context: SearchContext, clock: Clock) -> Knowledge:
    """Find out what can be asked for in a state, and how."""
    nouns = Nouns(context.collections)
    drawer = Drawer(context, nouns, Literals(context, nouns, clock))
    return Knowledge(context, nouns, Phrasing(context, nouns), drawer)
