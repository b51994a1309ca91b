"""One state of an environment, and what was learned about it."""

from dataclasses import dataclass, field

from envscaler.records import Clock
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.answers import Answers
from envscaler.scen_generator.solution_first.intentions.lists import Row
from envscaler.scen_generator.solution_first.intentions.literals import Literals
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.phrasing import Phrasing
from envscaler.scen_generator.solution_first.intentions.requests import Drawer, Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import Reason
from envscaler.scen_generator.solution_first.intentions.thread import Place

_MOST_OUTCOMES = 20_000
Outcomes = dict[tuple[str, str, str], tuple[bool, bool]]
"""Point, tool and arguments of a request → whether it succeeded, and whether it changed nothing."""
Timely = dict[tuple[str, Place | None], bool]
"""Request as text, and whom a message is about → whether it fits how things stand."""


@dataclass
class Knowledge:
    """Words, relations and requests of a state; the answers that were seen in it."""

    context: SearchContext
    nouns: Nouns
    phrasing: Phrasing
    drawer: Drawer
    world: World
    today: str
    """As `2025-01-31`."""
    answers: Answers = field(default_factory=Answers)
    outcomes: Outcomes = field(default_factory=dict[tuple[str, str, str], tuple[bool, bool]])
    rows: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])
    """Noun → ways to tell several of its records one by one."""

    rounds: dict[str, list[Drawn]] = field(default_factory=dict[str, list[Drawn]])
    """Noun → what can be asked for with one of its records or another."""
    matters: dict[str, int] = field(default_factory=dict[str, int])
    """Noun → tools, each with its reasons, in the same."""
    reasons: dict[str, Reason | None] = field(default_factory=dict[str, Reason | None])
    """Request as text → why it is asked for."""
    timely: Timely = field(default_factory=dict[tuple[str, Place | None], bool])

    def keep_outcome(self, key: tuple[str, str, str], found: tuple[bool, bool]) -> None:
        """Remember what a request came to; after many, all are forgotten."""
        if len(self.outcomes) >= _MOST_OUTCOMES:
            self.outcomes.clear()
        self.outcomes[key] = found


def knowledge_of(context: SearchContext, clock: Clock) -> Knowledge:
    """Find out what can be asked for in a state, and how."""
    nouns = Nouns(context.collections)
    drawer = Drawer(context, nouns, Literals(context, nouns, clock))
    world = World(context.collections)
    today = clock.start.date().isoformat()
    return Knowledge(context, nouns, Phrasing(context, nouns), drawer, world, today)
